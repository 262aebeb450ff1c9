package guideline

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/multaqa/multaqa/pkg/corpus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
)

func TestNaughtyStringsAreKeptOrRefusedByField(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(corpus.Dir(t, "naughty-strings.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Strings []struct {
			Input string `json:"input"`
		} `json:"strings"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		v := w.create(t, salma, New{})
		kept := 0
		for _, c := range list.Strings {
			s := c.Input
			tags := []string{s}
			got, err := w.Update(t.Context(), salma, v.Guideline.ID, Patch{Title: &locale.Text{Ar: s, En: s}, Summary: &s, Tags: &tags})
			if err == nil {
				kept++
				again, err := w.Get(t.Context(), salma, v.Guideline.ID)
				if err != nil || again.Guideline.Title.Ar != s || again.Guideline.Summary != s || !slices.Equal(again.Guideline.Tags, tags) || got.Guideline.Title.En != s {
					t.Errorf("%q became %+v (%v)", s, again.Guideline, err)
				}
			} else if f := fault.Of(err); f == nil || len(f.Fields) == 0 {
				t.Errorf("%q: %v", s, err)
			}
			if _, err := w.List(t.Context(), salma, Filter{Query: s}); err != nil {
				t.Errorf("query %q: %v", s, err)
			}
			_, err = w.Do(t.Context(), salma, v.Edition.ID, Submit, Request{ChangeNote: s})
			if f := fault.Of(err); err != nil && (f == nil || f.Fields["change_note"] == "") {
				t.Errorf("change note %q: %v", s, err)
			} else if err == nil {
				w.step(t, noura, v.Edition.ID, RequestAmendments, Request{Reason: "ن"})
			}
		}
		if kept < len(list.Strings)/2 {
			t.Errorf("only %d of %d were kept", kept, len(list.Strings))
		}
	})
}
