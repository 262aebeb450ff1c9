package member

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

func TestSigningInAndOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		person := w.person("Salma@MUN.example")
		o := w.open(" salma@mun.EXAMPLE ")
		a, info, err := w.s.Authenticate(w.ctx, o.Token)
		if err != nil || a.Person != person || info.PasswordAt == 0 || info.SecondFactorAt != 0 || info.StepUpAt != 0 {
			t.Fatalf("%+v %+v %v", a, info, err)
		}
		if _, _, err := w.s.Authenticate(w.ctx, o.Token+"x"); !fault.Is(err, "session.ended") {
			t.Errorf("another token: %v", err)
		}
		var stored int
		_ = d.Read(w.ctx, func(tx *db.Tx) error {
			return tx.QueryRow(w.ctx, `select count(*) from session where token_hash = $1`, o.Token).Scan(&stored)
		})
		if stored != 0 {
			t.Error("the token itself is in the database")
		}
		for _, bad := range []SignIn{
			{Email: "salma@mun.example", Password: pass + "."},
			{Email: "nobody@mun.example", Password: pass},
			{Email: "not an address", Password: pass},
			{Email: "salma@mun.example", Password: ""},
			{Email: "salma@mun.example", Password: strings.Repeat("x", 1<<20)},
		} {
			_, err := w.s.Open(w.ctx, bad)
			w.wants(err, "session.invalid_credentials")
		}
		again, err := w.s.Open(w.ctx, SignIn{Email: "salma@mun.example", Password: pass, Previous: o.Token, UserAgent: "a\x1b[0mb\u202ec"})
		if err != nil {
			t.Fatal(err)
		}
		if again.Token == o.Token || again.Session.UserAgent != "a[0mbc" {
			t.Errorf("%+v", again)
		}
		if _, _, err := w.s.Authenticate(w.ctx, o.Token); !fault.Is(err, "session.ended") {
			t.Errorf("signing in did not rotate: %v", err)
		}
		if err := w.s.Revoke(w.ctx, again.Actor, again.Session.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.s.Authenticate(w.ctx, again.Token); !fault.Is(err, "session.ended") {
			t.Errorf("signed out and still in: %v", err)
		}
	})
}

func TestASessionEndsIdleAndAbsolutely(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.person("a@mun.example")
		o := w.open("a@mun.example")
		w.pass(8*time.Hour - time.Second)
		if _, _, err := w.s.Authenticate(w.ctx, o.Token); err != nil {
			t.Fatalf("before it is idle: %v", err)
		}
		w.pass(8 * time.Hour)
		if _, _, err := w.s.Authenticate(w.ctx, o.Token); !fault.Is(err, "session.ended") {
			t.Errorf("idle: %v", err)
		}
		o = w.open("a@mun.example")
		for range 7*24/6 - 1 {
			w.pass(6 * time.Hour)
			if _, _, err := w.s.Authenticate(w.ctx, o.Token); err != nil {
				t.Fatalf("in use: %v", err)
			}
		}
		w.pass(6 * time.Hour)
		if _, _, err := w.s.Authenticate(w.ctx, o.Token); !fault.Is(err, "session.ended") {
			t.Errorf("after seven days: %v", err)
		}
		if list, err := w.s.Sessions(w.ctx, o.Actor); err != nil || len(list) != 0 {
			t.Errorf("lists ended ones: %v %v", list, err)
		}
	})
}

func TestAPersonSeesAndEndsOnlyOwnSessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.person("a@mun.example")
		w.person("b@mun.example", policy.SecretariatAdmin)
		one, two, foreign := w.open("a@mun.example"), w.open("a@mun.example"), w.open("b@mun.example")
		var dead []string
		w.s.OnRevoked(func(id string) { dead = append(dead, id) })
		if list, err := w.s.Sessions(w.ctx, one.Actor); err != nil || len(list) != 2 {
			t.Errorf("%v %v", list, err)
		}
		w.wants(w.s.Revoke(w.ctx, one.Actor, foreign.Session.ID), "session.not_found")
		w.wants(w.s.Revoke(w.ctx, foreign.Actor, one.Session.ID), "session.not_found")
		w.wants(w.s.Revoke(w.ctx, one.Actor, "se_none"), "session.not_found")
		w.wants(w.s.Revoke(w.ctx, one.Actor, two.Session.ID), "")
		if len(dead) != 1 || dead[0] != two.Session.ID {
			t.Errorf("hooks: %v", dead)
		}
		if _, _, err := w.s.ActorOf(w.ctx, two.Session.ID); !fault.Is(err, "session.ended") {
			t.Errorf("by id: %v", err)
		}
		if a, _, err := w.s.ActorOf(w.ctx, one.Session.ID); err != nil || a.Person != one.Actor.Person {
			t.Errorf("by id: %+v %v", a, err)
		}
	})
}

// Sessions read many at a time have the actors that they have one by one; those that ended, by whatever, are missing.
func TestActorsOfManySessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.person("a@mun.example")
		w.person("b@mun.example", policy.SecretariatAdmin, policy.Moderator)
		gone := w.person("c@mun.example")
		var ids []string
		for range lookAtOnce/2 + 1 {
			for _, who := range []string{"a@mun.example", "b@mun.example"} {
				o := w.open(who)
				ids = append(ids, o.Session.ID)
			}
			w.pass(time.Second)
		}
		ids = append(ids, w.open("c@mun.example").Session.ID, "se_none")
		w.wants(w.s.SetPersonStatus(w.ctx, hub, gone, Suspended), "")
		first, _, err := w.s.ActorOf(w.ctx, ids[0])
		if err != nil {
			t.Fatal(err)
		}
		w.wants(w.s.Revoke(w.ctx, first, ids[0]), "")
		all, err := w.s.ActorsOf(w.ctx, ids)
		if err != nil || len(all) != lookAtOnce+1 {
			t.Fatalf("%d actors of %d sessions: %v", len(all), len(ids), err)
		}
		for _, id := range ids {
			one, _, err := w.s.ActorOf(w.ctx, id)
			if many, ok := all[id]; ok != (err == nil) || ok && !reflect.DeepEqual(one, many) {
				t.Fatalf("%s: %+v, one by one %+v, %v", id, many, one, err)
			}
		}
		w.pass(8 * 24 * time.Hour)
		if all, err = w.s.ActorsOf(w.ctx, ids); err != nil || len(all) != 0 {
			t.Fatalf("%d of them have not ended: %v", len(all), err)
		}
	})
}

func TestChangingThePasswordEndsTheOtherSessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.person("a@mun.example")
		mine, other := w.open("a@mun.example"), w.open("a@mun.example")
		_, err := w.s.ChangePassword(w.ctx, mine.Actor, "wrong wrong wrong", "another long password")
		w.wants(err, "member.invalid_fields")
		_, err = w.s.ChangePassword(w.ctx, mine.Actor, pass, "short")
		w.wants(err, "member.invalid_fields")
		token, err := w.s.ChangePassword(w.ctx, mine.Actor, pass, "another long password")
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			token string
			live  bool
		}{"rotated": {token, true}, "before": {mine.Token, false}, "other": {other.Token, false}} {
			if _, _, err := w.s.Authenticate(w.ctx, c.token); (err == nil) != c.live {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err = w.s.Open(w.ctx, SignIn{Email: "a@mun.example", Password: pass})
		w.wants(err, "session.invalid_credentials")
	})
}

func TestASuspendedPersonIsOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.person("a@mun.example")
		o := w.open("a@mun.example")
		if _, _, err := w.s.Authenticate(w.ctx, o.Token); err != nil {
			t.Fatal(err)
		}
		if err := w.s.SetPersonStatus(w.ctx, hub, p, Suspended); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.s.Authenticate(w.ctx, o.Token); !fault.Is(err, "session.ended") {
			t.Errorf("%v", err)
		}
		_, err := w.s.Open(w.ctx, SignIn{Email: "a@mun.example", Password: pass})
		w.wants(err, "session.invalid_credentials")
	})
}

func TestAnotherNodeLearnsOfARevocation(t *testing.T) {
	d := dbtest.Open(t)
	w := newWorld(t, d)
	w.person("a@mun.example")
	o := w.open("a@mun.example")

	// Without the hint: when what the other node read is a second old.
	deaf := New(d, nil)
	now := w.s.clock()
	deaf.clock = func() time.Time { return now }
	if _, _, err := deaf.Authenticate(w.ctx, o.Token); err != nil {
		t.Fatal(err)
	}
	// With the hint: at once.
	b := bus.NewMemory()
	t.Cleanup(func() { b.Close() })
	here, there := New(d, b), New(d, b)
	t.Cleanup(here.Close)
	t.Cleanup(there.Close)
	dead := make(chan string, 4)
	there.OnRevoked(func(id string) { dead <- id })
	if _, _, err := there.Authenticate(w.ctx, o.Token); err != nil {
		t.Fatal(err)
	}
	if err := here.Revoke(w.ctx, o.Actor, o.Session.ID); err != nil {
		t.Fatal(err)
	}
	select {
	case id := <-dead:
		if id != o.Session.ID {
			t.Errorf("told of %s", id)
		}
	case <-time.After(time.Minute):
		t.Fatal("the other node was not told")
	}
	if _, _, err := there.Authenticate(w.ctx, o.Token); !fault.Is(err, "session.ended") {
		t.Errorf("told, and still accepts: %v", err)
	}
	now = now.Add(AuthCacheTTL)
	if _, _, err := deaf.Authenticate(w.ctx, o.Token); !fault.Is(err, "session.ended") {
		t.Errorf("after the cache's life: %v", err)
	}
}

func TestFailedAttemptsAreSlowedAndAKnownDeviceIsNot(t *testing.T) {
	dbtest.Each(t, slowsFailedAttempts)
}

func slowsFailedAttempts(t *testing.T, d *db.DB) {
	w := newWorld(t, d)
	w.person("victim@mun.example")
	known := w.open("victim@mun.example").Device
	var slowed error
	n := 0
	for ; slowed == nil && n < 100; n++ {
		// Each from another address: the account is what is attacked.
		_, err := w.s.Open(w.ctx, SignIn{Email: "victim@mun.example", Password: "guess number one", Source: fmt.Sprint("198.51.100.", n)})
		if fault.Is(err, "session.slow_down") {
			slowed = err
		}
	}
	if n != int(perAccount.burst)+1 {
		t.Fatalf("slowed at attempt %d", n)
	}
	if s, _ := fault.Of(slowed).Facts["retry_after"].(int); s < 1 || s > 30 {
		t.Errorf("retry_after %d", s)
	}
	// A8: the victim with a known device gets in at once.
	o, err := w.s.Open(w.ctx, SignIn{Email: "victim@mun.example", Password: pass, Source: "192.0.2.1", Device: known})
	if err != nil || o.Device != known {
		t.Errorf("known device: %v", err)
	}
	// A device known for one person spares no wait for another.
	w.person("other@mun.example")
	for range int(perAccount.burst) {
		_, _ = w.s.Open(w.ctx, SignIn{Email: "other@mun.example", Password: "guess number one", Source: "203.0.113.9", Device: known})
	}
	_, err = w.s.Open(w.ctx, SignIn{Email: "other@mun.example", Password: pass, Source: "203.0.113.10", Device: known})
	w.wants(err, "session.slow_down")
	// Delay, not lock: half a minute later one more attempt is free.
	w.pass(perAccount.period)
	_, err = w.s.Open(w.ctx, SignIn{Email: "victim@mun.example", Password: pass, Source: "192.0.2.1"})
	w.wants(err, "")
	// An address that tries many accounts is slowed by itself.
	n = 0
	for err = nil; !fault.Is(err, "session.slow_down") && n < 100; n++ {
		_, err = w.s.Open(w.ctx, SignIn{Email: fmt.Sprintf("p%d@mun.example", n), Password: "guess number one", Source: "203.0.113.1"})
	}
	if n != int(perSource.burst)+1 {
		t.Errorf("source slowed at attempt %d", n)
	}
}

func TestNodesCountFailedAttemptsTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.person("victim@mun.example")
		nodes := []*Service{w.s, New(d, nil)}
		var wg sync.WaitGroup
		var let, slowed atomic.Int64
		for i := range 30 {
			wg.Go(func() {
				_, err := nodes[i%2].Open(w.ctx, SignIn{Email: "victim@mun.example", Password: "guess number one", Source: fmt.Sprint("198.51.100.", i)})
				if fault.Is(err, "session.slow_down") {
					slowed.Add(1)
				} else if fault.Is(err, "session.invalid_credentials") {
					let.Add(1)
				} else {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if let.Load() != perAccount.burst || slowed.Load() != 30-perAccount.burst {
			t.Errorf("%d attempts were let through and %d slowed", let.Load(), slowed.Load())
		}
		// A node that starts now knows what was tried.
		_, err := New(d, nil).Open(w.ctx, SignIn{Email: "victim@mun.example", Password: pass, Source: "192.0.2.9"})
		w.wants(err, "session.slow_down")
	})
}

func TestTheTableOfAttemptsStaysSmall(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		rows := func() (n int) {
			t.Helper()
			if err := d.Read(w.ctx, func(tx *db.Tx) error {
				return tx.QueryRow(w.ctx, `select count(*) from signin_attempt`).Scan(&n)
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		guess := func(i int) {
			_, err := w.s.Open(w.ctx, SignIn{Email: fmt.Sprintf("p%d@mun.example", i), Password: "guess number one", Source: fmt.Sprint("source ", i)})
			w.wants(err, "session.invalid_credentials")
		}
		for i := range 40 {
			guess(i)
		}
		if n := rows(); n != 80 {
			t.Fatalf("%d rows", n)
		}
		w.pass(perAccount.period)
		for i := range 6 {
			guess(100 + i) // each brings two and takes up to twenty of those that say nothing
		}
		if n := rows(); n != 12 {
			t.Errorf("%d rows after what was forgiven went", n)
		}
		if err := d.Transact(w.ctx, func(tx *db.Tx) error { return w.s.slow.trim(w.ctx, tx, 5) }); err != nil || rows() != 5 {
			t.Errorf("%d rows after a trim to five: %v", rows(), err)
		}
		w.pass(perAccount.period)
		if err := w.s.Sweep(w.ctx); err != nil || rows() != 0 {
			t.Errorf("%d rows after a sweep: %v", rows(), err)
		}
	})
}

func TestSuccessfulSignInsCostNothing(t *testing.T) {
	w := newWorld(t, dbtest.Open(t))
	w.person("a@mun.example")
	for range int(perAccount.burst) * 3 {
		w.open("a@mun.example")
	}
}

func TestSetUpHappensOnceWithAFreshToken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
		d.SetClock(func() time.Time { return now })
		here, there := New(d, nil), New(d, nil)
		wants := func(err error, code string) {
			t.Helper()
			if code == "" && err != nil || code != "" && !fault.Is(err, code) {
				t.Errorf("got %v, want %q", err, code)
			}
		}
		in := SetUp{NetworkName: Text{Ar: "شبكة"}, AgencyName: Text{Ar: "الأمانة العامة"}, Name: Text{Ar: "مدير"}, Email: "admin@sec.example", Password: pass}
		_, err := here.SetUp(ctx, in, SignIn{})
		wants(err, "setup.invalid_token")
		stale, _, needed, err := here.IssueSetupToken(ctx)
		if err != nil || !needed {
			t.Fatal(needed, err)
		}
		now = now.Add(time.Hour)
		in.Token = stale
		_, err = here.SetUp(ctx, in, SignIn{})
		wants(err, "setup.invalid_token")

		one, _, _, err := here.IssueSetupToken(ctx)
		wants(err, "")
		two, _, _, err := there.IssueSetupToken(ctx)
		wants(err, "")
		in.Token = one
		bad := in
		bad.Password, bad.Email, bad.Name = "short", "nobody", Text{Ar: "a\u202eb"}
		_, err = there.SetUp(ctx, bad, SignIn{})
		if f := fault.Of(err); f == nil || f.Fields["password"] != "too_short" || f.Fields["email"] != "format" || f.Fields["name"] != "bidi_control" {
			t.Errorf("fields: %v", err)
		}
		// Both nodes are asked at once; one begins the hub.
		var wg sync.WaitGroup
		won := make([]Opened, 2)
		errs := make([]error, 2)
		for i, token := range []string{one, two} {
			wg.Go(func() {
				v := in
				v.Token = token
				won[i], errs[i] = []*Service{here, there}[i].SetUp(ctx, v, SignIn{})
			})
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("not exactly one: %v", errs)
		}
		o := won[0]
		if errs[0] != nil {
			o = won[1]
			wants(errs[0], "setup.done")
		} else {
			wants(errs[1], "setup.done")
		}
		if !o.Actor.Has(policy.SecretariatAdmin) || o.Actor.CanVote || o.Actor.Agency == "" {
			t.Errorf("%+v", o.Actor)
		}
		if _, _, needed, err := here.IssueSetupToken(ctx); needed || err != nil {
			t.Errorf("needed again: %v %v", needed, err)
		}
		if _, _, err := here.Authenticate(ctx, o.Token); err != nil {
			t.Error(err)
		}
	})
}

func TestSweepKeepsWhatIsInUse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.person("a@mun.example")
		w.open("a@mun.example")
		w.pass(38 * 24 * time.Hour)
		o := w.open("a@mun.example")
		if err := w.s.Sweep(w.ctx); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := d.Read(w.ctx, func(tx *db.Tx) error {
			return tx.QueryRow(w.ctx, `select count(*) from session`).Scan(&n)
		}); err != nil || n != 1 {
			t.Errorf("%d sessions, %v", n, err)
		}
		if _, _, err := w.s.Authenticate(w.ctx, o.Token); err != nil {
			t.Error(err)
		}
	})
}
