package ballot

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/discussion"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

func TestEarlyClose(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t), 4)
	b := w.open()
	_, err := w.ballots.Close(w.ctx, w.sa, b.ID, "")
	wantFault(t, err, "ballot.early_close_not_allowed")
	_, err = w.ballots.Close(w.ctx, w.sa, b.ID, "قصير")
	wantFault(t, err, "ballot.reason_required")
	_, err = w.ballots.Close(w.ctx, w.principals[0], b.ID, why)
	wantFault(t, err, "policy.forbidden")
	got, err := w.ballots.Close(w.ctx, w.sa, b.ID, why)
	if err != nil || got.State != Open || got.NoticeClosesAt != w.in(24*time.Hour) {
		t.Fatalf("announced: %+v, %v", got, err)
	}
	w.pass(24*time.Hour + time.Second)
	_, err = w.ballots.Cast(w.ctx, w.principals[0], b.ID, For, "", b.Subject.Hash)
	wantFault(t, err, "ballot.closed")
	if n, err := w.ballots.CloseDue(w.ctx); n != 1 || err != nil {
		t.Fatalf("CloseDue = %d, %v", n, err)
	}
	v, _ := w.ballots.Find(w.ctx, w.sa, b.ID)
	if v.Cause != CauseNotice || v.ClosedAt != got.NoticeClosesAt || v.Result != NotQuorate {
		t.Errorf("%s at %d: %s", v.Cause, v.ClosedAt, v.Result)
	}

	b = w.open()
	for _, a := range w.principals[:3] {
		w.cast(b, a, Against)
	}
	got, err = w.ballots.Close(w.ctx, w.sa, b.ID, "")
	if err != nil || got.State != Closed || got.Cause != CauseSettled || got.Result != NotCarried {
		t.Errorf("settled: %+v, %v", got, err)
	}
	b = w.open(func(t *Terms) { t.EarlyClose = false })
	for _, a := range w.principals[:3] {
		w.cast(b, a, Against)
	}
	_, err = w.ballots.Close(w.ctx, w.sa, b.ID, "")
	wantFault(t, err, "ballot.early_close_not_allowed")
	w.cast(b, w.principals[3], Recuse)
	got, err = w.ballots.Close(w.ctx, w.sa, b.ID, "")
	if err != nil || got.Cause != CauseAllVoted {
		t.Errorf("all voted: %+v, %v", got, err)
	}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t), 4)
	b := w.open()
	_, err := w.ballots.Extend(w.ctx, w.sa, b.ID, b.Terms.ClosesAt)
	wantFault(t, err, "ballot.invalid")
	_, err = w.ballots.Extend(w.ctx, w.sa, b.ID, b.Terms.ClosesAt.Add(50*time.Hour+time.Second))
	wantFault(t, err, "ballot.extension_too_long")
	if _, err = w.ballots.Extend(w.ctx, w.sa, b.ID, b.Terms.ClosesAt.Add(50*time.Hour)); err != nil {
		t.Fatal(err)
	}
	_, err = w.ballots.Extend(w.ctx, w.sa, b.ID, b.Terms.ClosesAt.Add(51*time.Hour))
	wantFault(t, err, "ballot.extension_used")
	w.pass(120 * time.Hour)
	w.cast(b, w.principals[0], For) // past the first closing time
	q := w.open()
	w.cast(q, w.principals[0], For)
	w.cast(q, w.principals[1], For)
	_, err = w.ballots.Extend(w.ctx, w.sa, q.ID, q.Terms.ClosesAt.Add(time.Hour))
	wantFault(t, err, "ballot.extension_not_needed")
}

func TestCancelAndRounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t), 4)
	b := w.open()
	w.cast(b, w.principals[0], For)
	_, err := w.ballots.Prepare(w.ctx, w.sa, KindPractice, b.Subject.ID, terms(w.in(100*time.Hour)))
	wantFault(t, err, "ballot.subject_in_ballot")
	_, err = w.ballots.Cancel(w.ctx, w.sa, b.ID, "")
	wantFault(t, err, "ballot.reason_required")
	if _, err = w.ballots.Cancel(w.ctx, w.sa, b.ID, why); err != nil {
		t.Fatal(err)
	}
	if s := w.stage(b.Subject.ID); s != practice.Screened {
		t.Errorf("stage %s after a cancelled ballot", s)
	}
	v, _ := w.ballots.Find(w.ctx, w.principals[1], b.ID)
	if v.Votes[w.agencies[0]].Choice != For {
		t.Error("the votes of a cancelled ballot stay readable")
	}

	tie := func(b Ballot) {
		t.Helper()
		for i, c := range []Choice{For, For, Against, Against} {
			w.cast(b, w.principals[i], c)
		}
		if _, err := w.ballots.Close(w.ctx, w.sa, b.ID, ""); err != nil {
			t.Fatal(err)
		}
		got, err := w.ballots.Certify(w.ctx, w.other, b.ID)
		if err != nil || got.Result != Tie {
			t.Fatalf("tie: %+v, %v", got, err)
		}
	}
	round := func(b Ballot) Ballot {
		t.Helper()
		next, err := w.ballots.NextRound(w.ctx, w.sa, b.ID, Revise{})
		if err == nil {
			next, err = w.ballots.Open(w.ctx, w.sa, next.ID, When{})
		}
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	second := round(b)
	if second.Round != 2 || second.Previous != b.ID || second.Terms.Question != b.Terms.Question {
		t.Errorf("second round: %+v", second)
	}
	_, err = w.ballots.NextRound(w.ctx, w.sa, b.ID, Revise{})
	wantFault(t, err, "ballot.round_exists")
	tie(second)
	if s := w.stage(b.Subject.ID); s != practice.Screened {
		t.Errorf("stage %s after a tie: the status quo stays", s)
	}
	third := round(second)
	tie(third)
	if s := w.stage(b.Subject.ID); s != practice.NotCarried {
		t.Errorf("stage %s after a second tie", s)
	}
	_, err = w.ballots.NextRound(w.ctx, w.sa, third.ID, Revise{})
	wantFault(t, err, "ballot.no_more_rounds")
}

// Rules D1.10: a tie opens a discussion about the subject by itself.
func TestATieOpensADiscussion(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 4)
		talks := discussion.New(d)
		decided := w.open()
		for i := range 4 {
			w.cast(decided, w.principals[i], For)
		}
		if b, err := w.ballots.Close(w.ctx, w.sa, decided.ID, ""); err != nil || b.Discussion != "" {
			t.Fatalf("a decision opens none: %+v, %v", b, err)
		}
		b := w.open(func(t *Terms) { t.Threshold = Simple })
		for i, c := range []Choice{For, Against, Abstain} {
			w.cast(b, w.principals[i], c)
		}
		w.pass(100 * time.Hour)
		if n, err := w.ballots.CloseDue(w.ctx); n != 1 || err != nil {
			t.Fatalf("CloseDue = %d, %v", n, err)
		}
		v, err := w.ballots.Find(w.ctx, w.principals[3], b.ID)
		if err != nil || v.Result != Tie || v.Discussion == "" {
			t.Fatalf("%s %q %v", v.Result, v.Discussion, err)
		}
		if last := v.History[len(v.History)-1]; last.Event != "discuss" || last.Person != "system" || last.At != v.ClosedAt {
			t.Errorf("the record names it: %+v", last)
		}
		topics, err := talks.List(w.ctx, w.principals[0], b.Subject.ID)
		if err != nil || len(topics) != 1 || topics[0].ID != v.Discussion || topics[0].SubjectKind != KindPractice || topics[0].CauseID != b.ID {
			t.Fatalf("%+v, %v", topics, err)
		}
		// Seats vote; whoever takes part in the network may speak, and a partner sees nothing.
		if _, err := talks.Post(w.ctx, w.alternates[3], v.Discussion, " نقترح تجربة في مركزين أولًا. \r\nثم نعود إلى التصويت. "); err != nil {
			t.Fatal(err)
		}
		_, err = talks.Post(w.ctx, w.mo, v.Discussion, " \n ")
		wantFault(t, err, "discussion.invalid")
		_, err = talks.Post(w.ctx, policy.Actor{Person: "ps_rd", Roles: []policy.Role{policy.Reader}}, v.Discussion, "رأي")
		wantFault(t, err, "policy.forbidden")
		_, err = talks.Find(w.ctx, policy.Actor{Person: "ps_po", Roles: []policy.Role{policy.Partner}}, v.Discussion)
		wantFault(t, err, "discussion.not_found")
		if err := d.Transact(w.ctx, func(tx *db.Tx) error { // the second call for one ballot is the first one's
			again, err := discussion.Open(w.ctx, tx, KindPractice, b.Subject.ID, discussion.Tie, b.ID)
			if again != v.Discussion {
				t.Errorf("two discussions for one tie: %s, %s", again, v.Discussion)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		topic, err := talks.Find(w.ctx, w.principals[0], v.Discussion)
		if err != nil || len(topic.Posts) != 1 || topic.Posts[0].Body != "نقترح تجربة في مركزين أولًا. \nثم نعود إلى التصويت." || topic.Posts[0].Agency != w.agencies[3] {
			t.Errorf("%+v, %v", topic.Posts, err)
		}
		if _, err := w.ballots.Certify(w.ctx, w.other, b.ID); err != nil {
			t.Fatal(err)
		}
		body, _, err := w.ballots.Certificate(w.ctx, w.sa, b.ID)
		var c Certificate
		if err == nil {
			err = json.Unmarshal(body, &c)
		}
		if err != nil || c.Discussion != v.Discussion || c.Result != Tie {
			t.Errorf("certificate: %q %s %v", c.Discussion, c.Result, err)
		}
		if err := d.Transact(w.ctx, func(tx *db.Tx) error { return discussion.SetHidden(w.ctx, tx, w.mo, topic.Posts[0].ID, true) }); err != nil {
			t.Fatal(err)
		}
		for who, want := range map[*policy.Actor]bool{&w.principals[0]: false, &w.alternates[3]: true, &w.mo: true} {
			if got, _ := talks.Find(w.ctx, *who, v.Discussion); len(got.Posts) != 1 || !got.Posts[0].Hidden || (got.Posts[0].Body != "") != want {
				t.Errorf("a hidden post is read by its author and the moderators: %s %+v", who.Person, got.Posts)
			}
		}
		// The round after the tie decides: the discussion ends with its certificate.
		next, err := w.ballots.NextRound(w.ctx, w.sa, b.ID, Revise{})
		if err == nil {
			next, err = w.ballots.Open(w.ctx, w.sa, next.ID, When{})
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			w.cast(next, w.principals[i], For)
		}
		if _, err := w.ballots.Close(w.ctx, w.sa, next.ID, ""); err != nil {
			t.Fatal(err)
		}
		if topic, err = talks.Post(w.ctx, w.principals[1], v.Discussion, "كلمة أخيرة"); err != nil || topic.ClosedAt != 0 {
			t.Fatalf("it is open until then: %v", err)
		}
		if _, err := w.ballots.Certify(w.ctx, w.other, next.ID); err != nil {
			t.Fatal(err)
		}
		if topic, err = talks.Find(w.ctx, w.principals[0], v.Discussion); err != nil || topic.ClosedAt == 0 || topic.ClosedBy != "system" || topic.Abilities[string(policy.PostInDiscussion)] {
			t.Errorf("%+v %v", topic, err)
		}
		_, err = talks.Post(w.ctx, w.principals[0], v.Discussion, "بعد الإغلاق")
		wantFault(t, err, "discussion.closed")
		_, err = talks.Close(w.ctx, w.sa, v.Discussion, "خلاصة")
		wantFault(t, err, "discussion.closed")
	})
}

func TestTheSecretariatClosesADiscussionWithAConclusion(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 2)
		talks := discussion.New(d)
		b := w.open(func(t *Terms) { t.Threshold = Simple })
		w.cast(b, w.principals[0], For)
		w.cast(b, w.principals[1], Against)
		closed, err := w.ballots.Close(w.ctx, w.sa, b.ID, "")
		if err != nil || closed.Discussion == "" {
			t.Fatalf("%+v %v", closed, err)
		}
		_, err = talks.Close(w.ctx, w.principals[0], closed.Discussion, "خلاصة")
		wantFault(t, err, "policy.forbidden")
		_, err = talks.Close(w.ctx, w.sa, closed.Discussion, " ")
		wantFault(t, err, "discussion.invalid")
		topic, err := talks.Close(w.ctx, w.sa, closed.Discussion, " تُعاد التجربة في مركزين.\r\n")
		if err != nil || topic.ClosedBy != w.sa.Person || topic.Conclusion != "تُعاد التجربة في مركزين." || topic.Abilities[string(policy.CloseDiscussion)] {
			t.Errorf("%+v %v", topic, err)
		}
		_, err = talks.Post(w.ctx, w.principals[0], closed.Discussion, "بعد الإغلاق")
		wantFault(t, err, "discussion.closed")
	})
}

func TestScheduledBallots(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t), 3)
	p := w.screened()
	tm := terms(w.in(200 * time.Hour))
	tm.OpensAt = w.in(24 * time.Hour)
	b, err := w.ballots.Prepare(w.ctx, w.sa, KindPractice, p.ID, tm)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.ballots.Find(w.ctx, w.principals[0], b.ID)
	wantFault(t, err, "ballot.not_found") // a draft is the secretariat's
	if b, err = w.ballots.Open(w.ctx, w.sa, b.ID, When{}); err != nil || b.State != Scheduled {
		t.Fatalf("%+v, %v", b, err)
	}
	_, err = w.ballots.Cast(w.ctx, w.principals[0], b.ID, For, "", p.Hash)
	wantFault(t, err, "ballot.not_open")
	if n, err := w.ballots.OpenDue(w.ctx); n != 0 || err != nil {
		t.Fatalf("OpenDue too early: %d, %v", n, err)
	}
	w.pass(24 * time.Hour)
	if n, err := w.ballots.OpenDue(w.ctx); n != 1 || err != nil {
		t.Fatalf("OpenDue = %d, %v", n, err)
	}
	w.cast(Ballot{ID: b.ID, Subject: Matter{Hash: p.Hash}}, w.principals[0], For)

	// The practice left its stage before its ballot opened: cancelled, not stuck.
	q := w.screened()
	tm = terms(w.in(200 * time.Hour))
	tm.OpensAt = w.in(time.Hour)
	c, err := w.ballots.Prepare(w.ctx, w.sa, KindPractice, q.ID, tm)
	if err == nil {
		_, err = w.ballots.Open(w.ctx, w.sa, c.ID, When{})
	}
	if err == nil {
		_, err = w.practices.Move(w.ctx, w.sa, q.ID, practice.Declined, why, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	w.pass(2 * time.Hour)
	if n, err := w.ballots.OpenDue(w.ctx); n != 0 || err != nil {
		t.Fatalf("OpenDue = %d, %v", n, err)
	}
	v, _ := w.ballots.Find(w.ctx, w.sa, c.ID)
	last := v.History[len(v.History)-1]
	if v.State != Cancelled || last.Reason != "practice.not_ready" {
		t.Errorf("%s %+v", v.State, v.History)
	}
	if said, ok := last.Cause(); !ok || !strings.Contains(said.Ar, "لم يُفتح الاقتراع في موعده") || !strings.Contains(said.En, "did not open on time") {
		t.Errorf("the record says why in words: %+v", said)
	}
	if _, ok := v.History[0].Cause(); ok {
		t.Error("a person's step has no reason of the hub")
	}
}

// An agency that is suspended after opening keeps its row and its vote; the
// row says so (rules D1.1).
func TestASuspendedAgencyKeepsItsRow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 4)
		b := w.open()
		for i := range 4 {
			w.cast(b, w.principals[i], For)
		}
		err := d.Transact(w.ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(w.ctx, `update agency set status = 'suspended' where id = $1`, w.agencies[2])
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.ballots.Close(w.ctx, w.sa, b.ID, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ballots.Certify(w.ctx, w.other, b.ID); err != nil {
			t.Fatal(err)
		}
		body, _, err := w.ballots.Certificate(w.ctx, w.sa, b.ID)
		var c Certificate
		if err == nil {
			err = json.Unmarshal(body, &c)
		}
		if err != nil || c.Tally.E != 4 || c.Tally.For != 4 || len(c.Votes) != 4 {
			t.Fatalf("%+v %v", c.Tally, err)
		}
		for _, v := range c.Votes {
			if v.Suspended != (v.Agency == w.agencies[2]) || v.Choice != For {
				t.Errorf("%+v", v)
			}
		}
	})
}
