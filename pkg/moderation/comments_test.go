package moderation

import (
	"context"
	"log/slog"
	"testing"

	"github.com/multaqa/multaqa/pkg/comment"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/suggestion"
)

// living is package draft as guideline wants it.
type living struct{}

func (living) Create(ctx context.Context, tx *db.Tx, edition, text string) (string, error) {
	return draft.Create(ctx, tx, edition, text)
}

func (l living) Read(ctx context.Context, tx *db.Tx, d string) (guideline.Revision, error) {
	return l.Freeze(ctx, tx, d)
}

func (living) Freeze(ctx context.Context, tx *db.Tx, d string) (guideline.Revision, error) {
	r, err := draft.Freeze(ctx, tx, d)
	return guideline.Revision{Hash: r.TextHash, Version: r.Version, Text: r.Text}, err
}

func (living) Authors(ctx context.Context, tx *db.Tx, d string) ([]string, error) {
	return draft.Authors(ctx, tx, d)
}

func (living) WrittenBy(ctx context.Context, tx *db.Tx, person string, ids ...string) (map[string]bool, error) {
	return draft.WrittenBy(ctx, tx, person, ids...)
}

func TestACommentIsFlaggedHiddenAndRestored(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		guidelines := &guideline.Service{DB: d, Drafts: living{}, Threads: comment.Counts{}}
		comments := comment.New(d, guidelines, slog.New(slog.DiscardHandler))
		s := New(d)
		for _, prefix := range []string{"th", "co"} {
			s.Register(prefix, Comments{guidelines})
		}
		v, err := guidelines.Create(ctx, ali, guideline.New{Title: locale.Text{Ar: "دليل"}, Language: "ar", Template: "free", Text: "كلمة للنقاش\n", Visibility: policy.ToNetwork})
		if err != nil {
			t.Fatal(err)
		}
		th, err := comments.Open(ctx, badr, v.Edition.Draft, comment.NewThread{From: 0, To: 4, Body: "رقم الهوية ٧٨٤", Blocking: true})
		if err != nil {
			t.Fatal(err)
		}
		co := th.Comments[0].ID
		if _, err := s.Flag(ctx, chams, co, Spam, ""); !fault.Is(err, "moderation.object_not_found") {
			t.Fatalf("a reader flags what stands beside a draft: %v", err)
		}
		body := func() string {
			t.Helper()
			list, err := comments.List(ctx, ali, v.Edition.Draft, 0)
			if err != nil || len(list.Threads) != 1 {
				t.Fatal(list, err)
			}
			return list.Threads[0].Comments[0].Body
		}
		if _, err := s.Flag(ctx, ali, co, PersonalData, ""); err != nil || body() != "" {
			t.Fatalf("not hidden: %q %v", body(), err)
		}
		it := queue(t, s)[0]
		if it.Text != "رقم الهوية ٧٨٤" || it.Author != "badr" || it.URL == "" {
			t.Fatalf("%+v", it)
		}
		if _, err := s.Decide(ctx, majid, it.ID, it.Version, Restore, "لا هوية فيه"); err != nil || body() != "رقم الهوية ٧٨٤" {
			t.Fatalf("not restored: %v", err)
		}
		// The thread blocks approval while it is open.
		if _, err := guidelines.Do(ctx, ali, v.Edition.ID, guideline.Submit, guideline.Request{}); err != nil {
			t.Fatal(err)
		}
		if _, err := guidelines.Do(ctx, maha, v.Edition.ID, guideline.Approve, guideline.Request{}); !fault.Is(err, "guideline.illegal_step") {
			t.Fatal(err)
		}
	})
}

func TestWhatAHiddenThreadProposesIsHiddenWithIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, log := t.Context(), slog.New(slog.DiscardHandler)
		guidelines := &guideline.Service{DB: d, Drafts: living{}, Threads: comment.Counts{}}
		comments := comment.New(d, guidelines, log)
		suggests := suggestion.New(d, nil, guidelines, log)
		comments.Propose(suggests)
		s := New(d)
		s.Register("th", Comments{guidelines})
		v, err := guidelines.Create(ctx, ali, guideline.New{Title: locale.Text{Ar: "دليل"}, Language: "ar", Template: "free", Text: "كلمة للنقاش\n", Visibility: policy.ToNetwork})
		if err != nil {
			t.Fatal(err)
		}
		wording := "رقم الهوية ٧٨٤"
		th, err := comments.Open(ctx, badr, v.Edition.Draft, comment.NewThread{From: 0, To: 4, Body: "صياغة", Proposal: &wording})
		if err != nil {
			t.Fatal(err)
		}
		seen := func(by policy.Actor) []suggestion.Suggestion {
			t.Helper()
			all, _, err := suggests.List(ctx, by, v.Edition.Draft)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		if len(seen(ali)) != 1 {
			t.Fatal("the wording is not there to begin with")
		}
		if _, err := s.Flag(ctx, ali, th.ID, PersonalData, ""); err != nil {
			t.Fatal(err)
		}
		if got := seen(ali); len(got) != 0 {
			t.Errorf("the words of a hidden thread are shown: %+v", got)
		}
		if own := seen(badr); len(own) != 1 || own[0].Abilities["suggestion.accept"] || own[0].Abilities["suggestion.reject"] {
			t.Errorf("its author is shown %+v", own)
		}
		it := queue(t, s)[0]
		if _, err := s.Decide(ctx, majid, it.ID, it.Version, Restore, "لا هوية فيه"); err != nil || len(seen(ali)) != 1 {
			t.Errorf("not restored: %v", err)
		}
	})
}
