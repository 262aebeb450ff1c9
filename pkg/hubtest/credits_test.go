package hubtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/transfer"
)

// TestAnAcceptedTextKeepsTheCreditOfItsAuthor: on the published page, and in the credits of an export, by person and agency (row 14 and 15).
func TestAnAcceptedTextKeepsTheCreditOfItsAuthor(t *testing.T) {
	w := NewWorld(t)
	ctx := context.Background()
	lead := w.Actors["own-lead"]
	view, err := w.Hub.Guidelines.Create(ctx, lead, guideline.New{Title: words("credited"), Summary: "summary", Language: "ar", Kind: "agency", Agency: lead.Agency, Template: "free", Text: "نص لا يُعرف من كتبه.\n"})
	w.ok(err)
	_, err = w.Hub.Guidelines.SetVisibility(ctx, lead, view.Guideline.ID, policy.ToPublic, nil)
	w.ok(err)
	id := view.Edition.Draft
	_, err = w.Hub.Drafts.Edit(ctx, lead, id, func(_ context.Context, _ *db.Tx, now draft.Now) ([]draft.Part, error) {
		c, err := changeset.Replace(now.Text.Len(), 0, 0, "كلمتان منا. ")
		return []draft.Part{{Credit: draft.CreditOf(lead), Change: c}}, err
	})
	w.ok(err)
	suggested := w.must(t, "other-rep", "POST", "/drafts/"+id+"/suggestions", obj{"key": "", "version": 1, "parts": []obj{{"from": 0, "to": 0, "insert": "خمس كلمات من جهة أخرى. "}}})
	w.must(t, "own-lead", "POST", "/suggestions/"+suggested["id"].(string)+"/accept", obj{})

	dir := filepath.Join(t.TempDir(), "out")
	export := func(dir string) []transfer.Credits {
		t.Helper()
		_, err := (&transfer.Exporter{DB: w.Hub.DB, Guidelines: w.Hub.Guidelines, History: w.Hub.History, DataDir: w.Hub.Config.Data}).Run(ctx, dir)
		w.ok(err)
		b, err := os.ReadFile(filepath.Join(dir, transfer.CreditsFile))
		w.ok(err)
		var all []transfer.Credits
		w.ok(json.Unmarshal(b, &all))
		return all
	}
	all := export(dir)
	if len(all) != 1 {
		t.Fatalf("credits of %d pages, want those of the one that somebody is known to have written: %+v", len(all), all)
	}
	if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(all[0].Path))); err != nil {
		t.Errorf("the credited page is not there: %v", err)
	}
	names, err := w.Hub.Guidelines.Names(ctx, w.Actors["other-rep"].Person, lead.Person)
	w.ok(err)
	want := []transfer.Writer{
		{Person: names.Persons[w.Actors["other-rep"].Person], Agency: names.Agencies[w.Actors["other-rep"].Agency].Name, Words: 5},
		{Person: names.Persons[lead.Person], Agency: names.Agencies[lead.Agency].Name, Words: 2},
	}
	if fmt.Sprint(all[0].Writers) != fmt.Sprint(want) || all[0].Edition != "1.0" {
		t.Errorf("credited %+v\nwant %+v", all[0], want)
	}

	_, err = w.Hub.Guidelines.Do(ctx, w.Actors["secretariat"], view.Edition.ID, guideline.ForcePublish, guideline.Request{Reason: "اختبار النشر العاجل للدليل", ReviewBy: db.At(time.Now().AddDate(1, 0, 0))})
	w.ok(err)
	credits, err := w.Hub.History.Credits(ctx, view.Edition.ID)
	w.ok(err)
	if len(credits) != 2 || credits[0].Agency != w.Actors["other-rep"].Agency || credits[0].Words != 5 || credits[1].Agency != lead.Agency || credits[1].Words != 2 {
		t.Errorf("credits of the edition: %+v", credits)
	}
	a := w.Call("anonymous", "GET", "/guides/"+view.Guideline.ID+"/e/1.0", "")
	if a.Status != http.StatusOK || !strings.Contains(a.Body, want[0].Agency.Ar) || !strings.Contains(a.Body, want[1].Agency.Ar) {
		t.Errorf("the published page names not both agencies: %d", a.Status)
	}
}
