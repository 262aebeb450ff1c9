package guideline

import (
	"fmt"
	"slices"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

func TestListShowsWhatThePolicyShows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var all []string
		for _, vis := range []policy.Visibility{policy.ToAgency, policy.ToAgencies, policy.ToNetwork, policy.ToPublic} {
			for _, end := range []State{Draft, FactCheck, Published, Unpublished, Discarded} {
				for _, hidden := range []bool{false, true} {
					v := w.create(t, salma, New{Visibility: vis, Title: locale.Text{Ar: fmt.Sprint(vis, end, hidden)}})
					if vis == policy.ToAgencies {
						if _, err := w.SetVisibility(t.Context(), omar, v.Guideline.ID, vis, []string{"hea"}); err != nil {
							t.Fatal(err)
						}
					}
					switch end {
					case FactCheck: // by a person and, in other hands, by an agency
						asked := expert.Person
						if hidden || vis == policy.ToPublic {
							asked = khalid.Agency
						}
						err := d.Transact(t.Context(), func(tx *db.Tx) error {
							_, err := tx.Exec(t.Context(), `update edition set state = 'fact_check', experts = $2 where id = $1`, v.Edition.ID, `["`+asked+`","x"]`)
							return err
						})
						if err != nil {
							t.Fatal(err)
						}
					case Discarded:
						w.step(t, salma, v.Edition.ID, Discard, Request{Reason: "x"})
					case Published, Unpublished:
						w.publish(t, v)
						if end == Unpublished {
							w.step(t, omar, v.Edition.ID, Unpublish, Request{Reason: "x"})
						}
					}
					if hidden {
						err := d.Transact(t.Context(), func(tx *db.Tx) error {
							return w.SetHidden(t.Context(), tx, policy.SystemActor(), v.Guideline.ID, true)
						})
						if err != nil {
							t.Fatal(err)
						}
					}
					all = append(all, v.Guideline.ID)
				}
			}
		}
		for _, a := range []policy.Actor{salma, omar, khalid, huda, staff, other, maha, majid, expert, guest, anon} {
			listed := map[string]bool{}
			cursor := ""
			for {
				page, next, err := w.listFor(t, a, Filter{Cursor: cursor, Limit: 7})
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range page {
					listed[s.Guideline.ID] = true
				}
				if cursor = next; cursor == "" {
					break
				}
			}
			for _, gl := range all {
				sum, err := w.Get(t.Context(), a, gl)
				if seen := err == nil; seen != listed[gl] {
					g, _ := w.Get(t.Context(), policy.SystemActor(), gl)
					t.Errorf("%s: %s listed %v, read %v", a.Person, g.Guideline.Title.Ar, listed[gl], seen)
				} else if seen && len(sum.Editions) == 0 {
					t.Errorf("%s sees a guideline without any edition", a.Person)
				}
			}
		}
	})
}

// listFor lists as the library does for those who may not list everything.
func (w *world) listFor(t *testing.T, a policy.Actor, f Filter) ([]Summary, string, error) {
	t.Helper()
	if a.Anonymous() {
		f.Readable = true
	}
	page, err := w.List(t.Context(), a, f)
	return page.Items, page.Next, err
}

func TestVisibilityPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t))
	v := w.create(t, salma, New{Workspace: "ws_joint"})
	if v.Guideline.Visibility != policy.ToAgencies || !slices.Equal(v.Guideline.Writers, []string{"hea"}) {
		t.Fatalf("%+v", v.Guideline)
	}
	got, err := w.PreviewVisibility(t.Context(), omar, v.Guideline.ID, policy.ToNetwork, nil)
	if err != nil || !slices.Equal(got.Gains, []string{"sec", "tra"}) || len(got.Loses) != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	if _, err := w.PreviewVisibility(t.Context(), huda, v.Guideline.ID, policy.ToNetwork, nil); !fault.Is(err, "guideline.not_found") {
		t.Fatal(err)
	}
	if _, err := w.SetVisibility(t.Context(), omar, v.Guideline.ID, policy.ToAgencies, []string{"nobody"}); !fault.Is(err, "guideline.invalid") {
		t.Fatal(err)
	}
	if _, err := w.SetVisibility(t.Context(), salma, v.Guideline.ID, policy.ToPublic, nil); !fault.Is(err, "policy.forbidden") {
		t.Fatal(err)
	}
	if _, err := w.SetVisibility(t.Context(), omar, v.Guideline.ID, policy.ToPublic, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Edition(t.Context(), anon, v.Edition.ID); !fault.Is(err, "edition.not_found") {
		t.Fatalf("a public draft is read by nobody outside: %v", err)
	}
	if _, err := w.Edition(t.Context(), huda, v.Edition.ID); err != nil {
		t.Fatalf("a public draft is read by the network's members: %v", err)
	}
}

func TestWritingRightsOfADraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t))
	v := w.create(t, salma, New{Workspace: "ws_joint"})
	facts := func() (f policy.Facts) {
		t.Helper()
		err := w.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			f, err = w.Facts(t.Context(), tx, v.Edition.Draft)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for _, c := range []struct {
		a    policy.Actor
		want bool
	}{{salma, true}, {khalid, true}, {maha, true}, {huda, false}, {staff, false}, {expert, false}, {anon, false}, {majid, false}} {
		if got := policy.WritesText(c.a, facts()); got != c.want {
			t.Errorf("%s writes: %v", c.a.Person, got)
		}
	}
	w.step(t, salma, v.Edition.ID, Submit, Request{})
	if policy.WritesText(salma, facts()) {
		t.Error("a text in review is written")
	}
}
