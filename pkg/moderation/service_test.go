package moderation

import (
	"context"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/policy"
)

// note is a kind of content for the tests: one object, kept in memory.
type note struct {
	object string
	about  Object
	hidden bool
}

func (n *note) About(_ context.Context, _ *db.Tx, object string) (Object, error) {
	if object != n.object {
		return Object{}, policy.NotFound("note")
	}
	return n.about, nil
}

func (n *note) SetHidden(_ context.Context, _ *db.Tx, _ policy.Actor, _ string, hidden bool) error {
	n.hidden = hidden
	return nil
}

func who(person, agency string, roles ...policy.Role) policy.Actor {
	return policy.Actor{Person: person, Agency: agency, Roles: roles}
}

var (
	ali    = who("ali", "a", policy.Representative)
	badr   = who("badr", "b", policy.Representative)
	chams  = who("chams", "c", policy.Reader)
	majid  = who("majid", "m", policy.Moderator)
	munira = who("munira", "n", policy.Moderator)
	party  = who("party", "a", policy.Moderator)
	maha   = who("maha", "s", policy.SecretariatAdmin)
)

func newHub(t *testing.T, d *db.DB) (*Service, *note) {
	t.Helper()
	s := New(d)
	n := &note{object: id.New("nt"), about: Object{Facts: policy.Facts{Kind: "note", Agency: "a", Visibility: policy.ToNetwork},
		Read: policy.ReadAgency, Author: "ali", AuthorAgency: "a", Agency: "a", Text: "نصّ <b>مثير</b>", Revision: "1", URL: "/x"}}
	s.Register("nt", n)
	return s, n
}

func flag(t *testing.T, s *Service, a policy.Actor, n *note, r Reason) Flagged {
	t.Helper()
	f, err := s.Flag(t.Context(), a, n.object, r, "لأنه كذا")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func queue(t *testing.T, s *Service) []Item {
	t.Helper()
	page, err := s.Queue(t.Context(), majid, Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func TestFlagClaimHideRestore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, n := newHub(t, d)
		flag(t, s, badr, n, Offensive)
		if _, err := s.Flag(t.Context(), badr, n.object, Spam, ""); !fault.Is(err, "moderation.already_flagged") {
			t.Fatalf("a second flag: %v", err)
		}
		n.about.Revision = "2"
		flag(t, s, badr, n, Spam) // after an edit it is a fresh one
		items := queue(t, s)
		if len(items) != 1 || len(items[0].Flags) != 2 || items[0].Version != 2 || items[0].Reason != Offensive {
			t.Fatalf("%+v", items)
		}
		it := items[0]
		for _, a := range []policy.Actor{ali, badr, maha, {}} {
			if _, err := s.Queue(t.Context(), a, Filter{}); err == nil {
				t.Fatalf("%s sees the queue", a.Person)
			}
			if _, err := s.Decide(t.Context(), a, it.ID, it.Version, Hide, "x"); err == nil {
				t.Fatalf("%s decides", a.Person)
			}
		}
		if _, err := s.Decide(t.Context(), party, it.ID, it.Version, Hide, "x"); !fault.Is(err, "moderation.own_dispute") {
			t.Fatal(err)
		}
		claimed, err := s.Claim(t.Context(), majid, it.ID, it.Version)
		if err != nil || claimed.Version != 3 {
			t.Fatal(claimed.Version, err)
		}
		if _, err := s.Decide(t.Context(), majid, it.ID, it.Version, Hide, "x"); !fault.Is(err, "moderation.stale") {
			t.Fatalf("stale: %v", err)
		}
		if _, err := s.Decide(t.Context(), munira, it.ID, 3, Hide, "x"); !fault.Is(err, "moderation.claimed") {
			t.Fatalf("claimed: %v", err)
		}
		if _, err := s.Decide(t.Context(), majid, it.ID, 3, Hide, ""); !fault.Is(err, "moderation.invalid") {
			t.Fatalf("without a reason: %v", err)
		}
		done, err := s.Decide(t.Context(), majid, it.ID, 3, Hide, "مخالف لقواعد النقاش")
		if err != nil || done.State != Upheld || !n.hidden {
			t.Fatalf("%+v %v", done, err)
		}
		if _, err := s.Decide(t.Context(), majid, it.ID, 4, Keep, "x"); !fault.Is(err, "moderation.decided") {
			t.Fatal(err)
		}
		back, err := s.Decide(t.Context(), munira, it.ID, 4, Restore, "عُدّل")
		if err != nil || back.Hidden || n.hidden || back.State != Rejected {
			t.Fatalf("%+v %v", back, err)
		}
		if _, err := s.Decide(t.Context(), munira, it.ID, 5, Restore, "x"); !fault.Is(err, "moderation.nothing_to_undo") {
			t.Fatal(err)
		}
		page, err := s.Log(t.Context(), majid, nil, "")
		full := page.Items
		if err != nil || len(full) != 2 || full[0].Action != Restore || full[0].Person != "munira" {
			t.Fatalf("%+v %v", full, err)
		}
		page, err = s.Log(t.Context(), ali, nil, "")
		plain := page.Items
		if err != nil || len(plain) != 2 || plain[1].Action != Hide || plain[1].Person != "" || plain[1].Object != "" || plain[1].Note != "" || plain[1].Item != "" {
			t.Fatalf("%+v %v", plain, err)
		}
	})
}

func TestThreeAgenciesHideUntilAModeratorDecides(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, n := newHub(t, d)
		flag(t, s, ali, n, Spam) // who wrote it
		flag(t, s, badr, n, Spam)
		flag(t, s, chams, n, OffTopic)
		if n.hidden {
			t.Fatal("two agencies and the author hid it")
		}
		told := func(a policy.Actor, want ...Notice) {
			t.Helper()
			got, err := s.Told(t.Context(), a, db.At(time.Now().Add(-time.Hour)))
			if err != nil || len(got) != len(want) {
				t.Fatalf("%s is told %+v %v", a.Person, got, err)
			}
			for i, w := range want {
				if g := got[i]; g.State != w.State || g.Hidden != w.Hidden || g.Note != w.Note || g.Reason != Spam || g.URL != "/x" || g.Text == "" || g.At == 0 {
					t.Fatalf("%s is told %+v, want %+v", a.Person, g, w)
				}
			}
		}
		told(ali)
		if f := flag(t, s, munira, n, OffTopic); !f.Hidden || !n.hidden {
			t.Fatal("three agencies did not hide it")
		}
		told(ali, Notice{State: Pending, Hidden: true})
		why := func(a policy.Actor, want Reason) {
			t.Helper()
			if got, err := s.Why(t.Context(), a); err != nil || got[n.object] != want {
				t.Errorf("%s reads why it is hidden: %v %v", a.Person, got, err)
			}
		}
		why(ali, Spam)
		why(badr, "")
		why(policy.Actor{}, "")
		told(badr)
		told(policy.Actor{})
		it := queue(t, s)[0]
		if !it.AutoHidden || it.State != Pending {
			t.Fatalf("%+v", it)
		}
		if _, err := s.Decide(t.Context(), majid, it.ID, it.Version, Ignore, ""); err != nil || n.hidden {
			t.Fatal(err)
		}
		told(ali, Notice{State: Ignored})
		why(ali, "")
		if late, err := s.Told(t.Context(), ali, db.At(time.Now().Add(time.Hour))); err != nil || len(late) != 0 {
			t.Fatalf("a decision is news for ever: %+v %v", late, err)
		}
		n.about.Facts.Visibility, n.about.Facts.Agency = policy.ToAgency, "b"
		told(ali) // may not open it any more
	})
}

func TestAGraveReasonHidesAtOnce(t *testing.T) {
	t.Parallel()
	s, n := newHub(t, dbtest.Open(t))
	flag(t, s, chams, n, Confidential)
	if !n.hidden {
		t.Fatal("not hidden")
	}
	it := queue(t, s)[0]
	if _, err := s.Decide(t.Context(), majid, it.ID, it.Version, Keep, "ليس سريًّا"); err != nil || n.hidden {
		t.Fatal(err)
	}
}

func TestWhatOneMayNotReadOneMayNotFlag(t *testing.T) {
	t.Parallel()
	s, n := newHub(t, dbtest.Open(t))
	n.about.Facts.Visibility = policy.ToAgency
	for _, object := range []string{n.object, id.New("nt"), "nt_x", "zz_1", ""} {
		if _, err := s.Flag(t.Context(), badr, object, Spam, ""); !fault.Is(err, "moderation.object_not_found") {
			t.Fatalf("%s: %v", object, err)
		}
	}
	flag(t, s, ali, n, Spam)
	if it := queue(t, s)[0]; !it.Withheld || it.Text != "" {
		t.Fatalf("a moderator reads an agency's own text: %+v", it)
	}
}

func TestAClaimLapses(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	d.SetClock(func() time.Time { return now })
	s, n := newHub(t, d)
	flag(t, s, badr, n, Spam)
	it := queue(t, s)[0]
	it, err := s.Claim(t.Context(), majid, it.ID, it.Version)
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(31 * time.Minute)
	if _, err := s.Claim(t.Context(), munira, it.ID, it.Version); err != nil {
		t.Fatal(err)
	}
}

func TestFlagsAreChecked(t *testing.T) {
	t.Parallel()
	s, n := newHub(t, dbtest.Open(t))
	for _, c := range []struct {
		reason Reason
		text   string
		field  string
	}{{"nonsense", "", "reason"}, {Other, " ", "text"}, {Spam, "\x00", "text"}, {Spam, "\xff", "text"}} {
		_, err := s.Flag(t.Context(), badr, n.object, c.reason, c.text)
		if f := fault.Of(err); f == nil || f.Fields[c.field] == "" {
			t.Errorf("%s %q: %v", c.reason, c.text, err)
		}
	}
}
