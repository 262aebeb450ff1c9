package glossary

import (
	"context"
	"sync"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

var (
	sec    = policy.Actor{Person: "pe_sec", Agency: "ag_sec", Roles: []policy.Role{policy.SecretariatAdmin}}
	rep    = policy.Actor{Person: "pe_rep", Agency: "ag_a", Roles: []policy.Role{policy.Representative}}
	other  = policy.Actor{Person: "pe_other", Agency: "ag_b", Roles: []policy.Role{policy.Representative}}
	reader = policy.Actor{Person: "pe_reader", Agency: "ag_a", Roles: []policy.Role{policy.Reader}}
)

func input(ar, en string, no ...string) Input {
	in := Input{Words: locale.Text{Ar: ar, En: en}, Definition: locale.Text{Ar: "تعريف"}}
	for _, n := range no {
		in.Discouraged = append(in.Discouraged, Discouraged{"ar", n})
	}
	return in
}

func wantFault(t *testing.T, err error, code, field, problem string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Code != code || (field != "" && f.Fields[field] != problem) {
		t.Errorf("got %v, want %s %s=%s", err, code, field, problem)
	}
}

func TestATermFromProposalToRetirement(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, ctx := New(d), context.Background()
		p, err := s.Propose(ctx, rep, input("مدّة الانتظار", "waiting time", "زمن الانتظار"))
		if err != nil || p.State != Proposed || p.Edition != 0 {
			t.Fatalf("%+v %v", p, err)
		}
		if terms, edition, err := s.List(ctx, reader, ""); err != nil || len(terms) != 0 || edition != 0 {
			t.Errorf("a reader sees %v of edition %d: %v", terms, edition, err)
		}
		_, err = s.Move(ctx, rep, p.ID, p.Version, Approved, "")
		wantFault(t, err, "policy.forbidden", "", "")
		_, err = s.Move(ctx, reader, p.ID, p.Version, Approved, "")
		wantFault(t, err, "term.not_found", "", "")
		p, err = s.Move(ctx, sec, p.ID, p.Version, Approved, "")
		for _, reader := range []policy.Actor{{}, rep} {
			if told, edition, err := s.Approved(ctx, reader); err != nil || edition != 1 || len(told) != 1 || told[0].Words != p.Words || told[0].Person+told[0].Agency+told[0].Note != "" {
				t.Errorf("what explains a published text to a reader: %v, edition %d, %v", told, edition, err)
			}
		}
		if err != nil || p.State != Approved || p.Edition != 1 {
			t.Fatalf("approve: %+v %v", p, err)
		}
		_, err = s.Change(ctx, rep, p.ID, p.Version, input("أخرى", "other"))
		wantFault(t, err, "policy.forbidden", "", "")
		_, err = s.Change(ctx, sec, p.ID, p.Version-1, input("أخرى", "other"))
		wantFault(t, err, "glossary.stale", "", "")
		// The same word with other marks, another alef and the article is the same word.
		_, err = s.Propose(ctx, sec, input("الزَمن الإنتظار", "delay"))
		wantFault(t, err, "glossary.taken", "ar", "taken")
		_, err = s.Move(ctx, sec, p.ID, p.Version, Retired, " ")
		wantFault(t, err, "glossary.invalid", "note", "required")
		_, err = s.Move(ctx, sec, p.ID, p.Version, Rejected, "لا")
		wantFault(t, err, "glossary.illegal_move", "", "")
		p, err = s.Move(ctx, sec, p.ID, p.Version, Retired, "حلّ محلّه غيره")
		if err != nil || p.Edition != 2 {
			t.Fatalf("retire: %+v %v", p, err)
		}
		if _, err = s.Propose(ctx, sec, input("زَمن الإنتظار", "delay")); err != nil {
			t.Errorf("a retired term still holds its words: %v", err)
		}
		if terms, edition, err := s.List(ctx, reader, ""); err != nil || len(terms) != 1 || edition != 3 {
			t.Errorf("a reader sees %v of edition %d: %v", terms, edition, err)
		}
	})
}

func TestWhoProposedChangesItWhileItWaits(t *testing.T) {
	s, ctx := New(dbtest.Open(t)), context.Background()
	p, err := s.Propose(ctx, rep, input("قناة", "channel"))
	if err != nil {
		t.Fatal(err)
	}
	if p, err = s.Change(ctx, rep, p.ID, p.Version, input("قناة الخدمة", "service channel")); err != nil || p.Words.En != "service channel" {
		t.Errorf("%+v %v", p, err)
	}
	_, err = s.Change(ctx, other, p.ID, p.Version, input("منفذ", "outlet"))
	wantFault(t, err, "policy.forbidden", "", "")
}

func TestWhatATermNeeds(t *testing.T) {
	s, ctx := New(dbtest.Open(t)), context.Background()
	for _, c := range []struct {
		in             Input
		field, problem string
	}{
		{input("", "x"), "ar", "required"},
		{input("كلمة", "a\nb"), "en", "line_break"},
		{input("؟!", "x"), "ar", "invisible"},
		{Input{Words: locale.Text{Ar: "ك", En: "k"}}, "definition_ar", "required"},
		{input("كلمة", "word", "كَلمة"), "discouraged", "duplicate"},
		{Input{Words: locale.Text{Ar: "ك", En: "k"}, Definition: locale.Text{Ar: "ت"}, Discouraged: []Discouraged{{"fr", "mot"}}}, "discouraged", "unknown_language"},
		{Input{Words: locale.Text{Ar: "ك", En: "k"}, Definition: locale.Text{Ar: "ت\x00"}}, "definition_ar", "control_character"},
	} {
		_, err := s.Propose(ctx, rep, c.in)
		wantFault(t, err, "glossary.invalid", c.field, c.problem)
	}
	_, err := s.Propose(ctx, reader, input("كلمة", "word"))
	wantFault(t, err, "policy.forbidden", "", "")
	_, err = s.Propose(ctx, policy.Actor{}, input("كلمة", "word"))
	wantFault(t, err, "policy.unauthenticated", "", "")
}

func TestOfTwoApprovalsAtOnceOneHasTheWord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, ctx := New(d), context.Background()
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() { _, errs[i] = s.Propose(ctx, sec, input("متعامل", "customer")) })
		}
		wg.Wait()
		taken := 0
		for _, err := range errs {
			if fault.Is(err, "glossary.taken") {
				taken++
			} else if err != nil {
				t.Error(err)
			}
		}
		if terms, _, err := s.List(ctx, sec, Approved); err != nil || len(terms) != 1 || taken != len(errs)-1 {
			t.Errorf("%d terms, %d refused, %v", len(terms), taken, err)
		}
	})
}
