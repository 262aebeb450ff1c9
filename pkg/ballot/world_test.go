package ballot

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// world is a network of agencies with a principal and an alternate each, a
// secretariat of two, and a clock that tests move.
type world struct {
	t          *testing.T
	ctx        context.Context
	db         *db.DB
	clock      *atomic.Int64
	members    *member.Service
	practices  *practice.Service
	ballots    *Service
	agencies   []string
	principals []policy.Actor
	alternates []policy.Actor
	sa, other  policy.Actor // two administrators
	mo         policy.Actor
}

func newWorld(t *testing.T, d *db.DB, n int) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), db: d, clock: &atomic.Int64{}}
	w.clock.Store(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC).UnixMicro())
	d.SetClock(func() time.Time { return time.UnixMicro(w.clock.Load()) })
	w.members = member.New(d, nil)
	w.practices = practice.New(d)
	w.ballots = New(d, slog.New(slog.DiscardHandler), w.practices)
	for i := range n {
		a, err := w.members.CreateAgency(w.ctx, policy.SystemActor(), member.NewAgency{
			Code: fmt.Sprintf("AG%d", i), Name: locale.Text{Ar: fmt.Sprintf("جهة %d", i), En: fmt.Sprintf("Agency %d", i)}, HasVote: true})
		if err != nil {
			t.Fatal(err)
		}
		w.agencies = append(w.agencies, a.ID)
		w.principals = append(w.principals, w.seat(a.ID, member.PrincipalSeat))
		w.alternates = append(w.alternates, w.seat(a.ID, member.AlternateSeat))
	}
	w.sa = policy.Actor{Person: "ps_sa", Roles: []policy.Role{policy.SecretariatAdmin}}
	w.other = policy.Actor{Person: "ps_other", Roles: []policy.Role{policy.SecretariatAdmin}}
	w.mo = policy.Actor{Person: "ps_mo", Roles: []policy.Role{policy.Moderator}}
	return w
}

var serial atomic.Int64

func (w *world) seat(agency string, kind member.SeatKind) policy.Actor {
	w.t.Helper()
	n := serial.Add(1)
	p, err := w.members.CreatePerson(w.ctx, policy.SystemActor(), member.NewPerson{
		Name: locale.Text{Ar: fmt.Sprintf("شخص %d", n)}, Email: fmt.Sprintf("p%d@example.org", n), PasswordHash: "$argon2id$v=19$m=16,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"})
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := w.members.Seat(w.ctx, policy.SystemActor(), member.NewSeat{Agency: agency, Person: p.ID, Kind: kind, CanVote: true})
	if err != nil {
		w.t.Fatal(err)
	}
	a := policy.Actor{Person: p.ID, Seat: s.ID, Agency: agency, CanVote: true, Principal: kind == member.PrincipalSeat, Roles: []policy.Role{policy.Representative}}
	if a.Principal {
		a.Roles = []policy.Role{policy.AgencyLead}
	}
	return a
}

func (w *world) now() db.Time               { return db.Time(w.clock.Load()) }
func (w *world) pass(d time.Duration)       { w.clock.Add(d.Microseconds()) }
func (w *world) in(d time.Duration) db.Time { return w.now().Add(d) }

func card() practice.Card {
	return practice.Card{Title: locale.Text{Ar: "موظف الخدمة الشامل", En: "One-stop employee"}, Problem: "يراجع المتعامل ٣ نوافذ.",
		Evidence: []practice.Evidence{{Text: "انخفض الزمن من 41 إلى 18 دقيقة", Date: "2026-08-03", Source: "مركز الخدمة"}}, Axis: "delivery"}
}

// screened is a practice that may go to a ballot.
func (w *world) screened() practice.Practice {
	w.t.Helper()
	p, err := w.practices.Nominate(w.ctx, w.principals[0], card())
	if err == nil {
		p, err = w.practices.Move(w.ctx, w.sa, p.ID, practice.Screened, "", "")
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func terms(closes db.Time) Terms {
	return Terms{Question: locale.Text{Ar: "هل تُعمَّم الممارسة؟", En: "Roll it out?"}, Threshold: TwoThirds, Quorum: 50, ReasonRequired: ReasonAgainst, EarlyClose: true, ClosesAt: closes}
}

// open is an open ballot on a fresh practice, closing in 100 hours.
func (w *world) open(change ...func(*Terms)) Ballot {
	w.t.Helper()
	t := terms(w.in(100 * time.Hour))
	for _, fn := range change {
		fn(&t)
	}
	b, err := w.ballots.Prepare(w.ctx, w.sa, KindPractice, w.screened().ID, t)
	if err == nil {
		b, err = w.ballots.Open(w.ctx, w.sa, b.ID, When{})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

const why = "نرى إتمام اعتماد المسمّى الوظيفي قبل التعميم."

func (w *world) cast(b Ballot, a policy.Actor, c Choice) {
	w.t.Helper()
	if _, err := w.ballots.Cast(w.ctx, a, b.ID, c, why, b.Subject.Hash); err != nil {
		w.t.Fatalf("cast %s: %v", c, err)
	}
}

func (w *world) stage(id string) practice.Stage {
	w.t.Helper()
	p, err := w.practices.Find(w.ctx, w.sa, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Stage
}

func wantFault(t *testing.T, err error, code string) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}
