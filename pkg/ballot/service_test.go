package ballot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

func TestBallotFromCardToResult(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 6)
		b := w.open()
		if b.State != Open || b.Subject.Hash == "" || w.stage(b.Subject.ID) != practice.InBallot {
			t.Fatalf("opened: %+v, stage %s", b, w.stage(b.Subject.ID))
		}
		_, err := w.practices.Edit(w.ctx, w.principals[0], b.Subject.ID, "", func(c *practice.Card) { c.Cost = "أكثر" })
		wantFault(t, err, "practice.locked")

		w.cast(b, w.principals[0], For)
		w.cast(b, w.principals[1], For)
		w.cast(b, w.alternates[2], Against)
		w.cast(b, w.principals[2], For) // the principal replaces the alternate's vote
		w.cast(b, w.principals[3], Recuse)
		v, err := w.ballots.Find(w.ctx, w.principals[0], b.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v.Tally != (Tally{E: 6, R: 1, C: 3, V: 3, For: 3, Recuse: 1}) || !v.QuorumMet || v.Mine == nil || v.Mine.Choice != For || len(v.Changes) != 5 {
			t.Errorf("view: %+v mine %+v changes %d", v.Tally, v.Mine, len(v.Changes))
		}
		if want := "اكتمل النصاب، وبلغت الأصوات أغلبية الثلثين."; v.Needs.Ar != want {
			t.Errorf("needs %q", v.Needs.Ar)
		}

		w.pass(100*time.Hour + 3*time.Minute)
		if n, err := w.ballots.CloseDue(w.ctx); n != 1 || err != nil {
			t.Fatalf("CloseDue = %d, %v", n, err)
		}
		if n, err := w.ballots.CloseDue(w.ctx); n != 0 || err != nil {
			t.Fatalf("second CloseDue = %d, %v", n, err)
		}
		v, _ = w.ballots.Find(w.ctx, w.sa, b.ID)
		if v.State != Closed || v.Result != Carried || v.Cause != CauseTime || v.ClosedAt != b.Terms.ClosesAt {
			t.Errorf("closed as of its time: %s %s %s %d", v.State, v.Result, v.Cause, v.ClosedAt)
		}
		_, err = w.ballots.Cast(w.ctx, w.principals[5], b.ID, For, "", b.Subject.Hash)
		wantFault(t, err, "ballot.closed")

		_, err = w.ballots.Certify(w.ctx, w.sa, b.ID)
		wantFault(t, err, "ballot.certified_by_owner")
		_, err = w.ballots.Certify(w.ctx, w.principals[0], b.ID)
		wantFault(t, err, "policy.forbidden")
		if _, err = w.ballots.Certify(w.ctx, w.other, b.ID); err != nil {
			t.Fatal(err)
		}
		if s := w.stage(b.Subject.ID); s != practice.Approved {
			t.Errorf("stage %s", s)
		}
		body, hash, err := w.ballots.Certificate(w.ctx, w.principals[1], b.ID)
		if err != nil || len(hash) != 64 || !strings.Contains(string(body), "9 is not less than 2×3 = 6") {
			t.Errorf("certificate %s %v\n%s", hash, err, body)
		}
		var c Certificate
		if err := json.Unmarshal(body, &c); err != nil {
			t.Fatal(err)
		}
		again, _ := json.Marshal(c) // what the API sends is what was hashed
		if sum := sha256.Sum256(again); hex.EncodeToString(sum[:]) != hash {
			t.Errorf("the certificate does not hash to %s", hash)
		}
		if c.Votes[2].Choice != For || c.Votes[2].Changes != 1 || !c.Votes[2].ByPrincipal || c.Votes[5].Choice != "" || c.Subject.RevisionHash != b.Subject.Hash {
			t.Errorf("votes %+v", c.Votes)
		}
		_, err = w.ballots.Certify(w.ctx, w.other, b.ID)
		wantFault(t, err, "ballot.illegal_step")
		_, err = w.ballots.Cancel(w.ctx, w.sa, b.ID, why)
		wantFault(t, err, "ballot.illegal_step")
		err = d.Read(w.ctx, func(tx *db.Tx) error { _, err := event.Verify(w.ctx, tx); return err })
		if err != nil {
			t.Error(err)
		}
	})
}

func TestWhoMayCast(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t), 4)
	b := w.open()
	late, err := w.members.CreateAgency(w.ctx, policy.SystemActor(), member.NewAgency{Code: "LATE", Name: locale.Text{Ar: "جهة متأخرة"}, HasVote: true})
	if err != nil {
		t.Fatal(err)
	}
	latecomer := w.seat(late.ID, member.PrincipalSeat)
	writer := w.alternates[3]
	writer.CanVote = false
	stale := w.alternates[3]
	if err := w.members.EndSeat(w.ctx, policy.SystemActor(), stale.Seat); err != nil {
		t.Fatal(err)
	}
	pretender := w.alternates[1]
	pretender.Principal = true
	lead := w.principals[0]
	lead.Roles = append(lead.Roles, policy.SecretariatAdmin)
	ex := policy.Actor{Person: "ps_ex", Roles: []policy.Role{policy.Expert}, CanVote: true, Agency: w.agencies[0]}
	for _, c := range []struct {
		name  string
		actor policy.Actor
		code  string
	}{
		{"nobody signed in", policy.Actor{}, "policy.unauthenticated"},
		{"the secretariat never votes", w.sa, "policy.forbidden"},
		{"not even with a seat", lead, "policy.forbidden"},
		{"nor do moderators", w.mo, "policy.forbidden"},
		{"nor experts", ex, "policy.forbidden"},
		{"an agency that joined later", latecomer, "ballot.not_in_electorate"},
		{"a seat without a vote", writer, "ballot.mandate_missing"},
		{"a seat that ended meanwhile", stale, "ballot.mandate_missing"},
		{"an alternate is not the principal", pretender, "ballot.mandate_missing"},
		{"a partner does not see it", policy.Actor{Person: "ps_po", Roles: []policy.Role{policy.Partner}}, "ballot.not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.ballots.Cast(w.ctx, c.actor, b.ID, For, "", b.Subject.Hash)
			wantFault(t, err, c.code)
		})
	}
	_, err = w.ballots.Cast(w.ctx, w.principals[0], "bl_none", For, "", b.Subject.Hash)
	wantFault(t, err, "ballot.not_found")
	v, _ := w.ballots.Find(w.ctx, w.sa, b.ID)
	if len(v.Votes) != 0 || v.Tally.E != 4 {
		t.Errorf("tally %+v, votes %v", v.Tally, v.Votes)
	}
}

func TestWhatAVoteNeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t), 3)
	b := w.open()
	consent := w.open(func(t *Terms) { t.Threshold = Consent; t.ReasonRequired = ReasonNone })
	all := w.open(func(t *Terms) { t.ReasonRequired = ReasonAll })
	a := w.principals[1]
	for _, c := range []struct {
		name         string
		b            Ballot
		choice       Choice
		reason, hash string
		code         string
	}{
		{"a known choice", b, "maybe", "", b.Subject.Hash, "ballot.invalid_option"},
		{"a choice", b, "", "", b.Subject.Hash, "ballot.invalid_option"},
		{"the text that is voted on", b, For, "", "another", "ballot.revision_changed"},
		{"a reason against", b, Against, "", b.Subject.Hash, "ballot.reason_required"},
		{"twenty characters of reason", b, Against, strings.Repeat("ح", 19), b.Subject.Hash, "ballot.reason_required"},
		{"spaces are no reason", b, Against, strings.Repeat(" ", 40), b.Subject.Hash, "ballot.reason_required"},
		{"twenty are enough", b, Against, strings.Repeat("ح", 20), b.Subject.Hash, ""},
		{"diacritics do not count", b, Against, strings.Repeat("حَ", 19), b.Subject.Hash, "ballot.reason_required"},
		{"no reason in favour", b, For, "", b.Subject.Hash, ""},
		{"no control characters", b, For, "a\x00b", b.Subject.Hash, "ballot.reason_required"},
		{"an objection needs its text", consent, Against, "", consent.Subject.Hash, "ballot.reason_required"},
		{"every vote, where all need one", all, Abstain, "", all.Subject.Hash, "ballot.reason_required"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.ballots.Cast(w.ctx, a, c.b.ID, c.choice, c.reason, c.hash)
			if c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
				t.Errorf("got %v, want %q", err, c.code)
			}
		})
	}
	_, err := w.ballots.Cast(w.ctx, a, b.ID, For, "", b.Subject.Hash)
	if err != nil {
		t.Error(err)
	}
	_, err = w.ballots.Cast(w.ctx, w.alternates[1], b.ID, Abstain, "", b.Subject.Hash)
	wantFault(t, err, "ballot.seat_already_used_by_principal")
	w.pass(100*time.Hour - time.Microsecond)
	w.cast(b, a, For)
	w.pass(time.Microsecond)
	_, err = w.ballots.Cast(w.ctx, a, b.ID, Abstain, "", b.Subject.Hash)
	wantFault(t, err, "ballot.closed") // though the scheduler has not come by yet
}

func TestVotesOfASeatOutliveItsHolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t), 3)
	b := w.open()
	w.cast(b, w.principals[0], For)
	n := serial.Add(1)
	heir, err := w.members.CreatePerson(w.ctx, policy.SystemActor(), member.NewPerson{Name: locale.Text{Ar: "خلف"}, Email: fmt.Sprintf("p%d@example.org", n), PasswordHash: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.members.ReplaceHolder(w.ctx, policy.SystemActor(), w.principals[0].Seat, heir.ID); err != nil {
		t.Fatal(err)
	}
	v, _ := w.ballots.Find(w.ctx, w.sa, b.ID)
	if v.Tally.For != 1 {
		t.Errorf("the seat keeps its vote: %+v", v.Tally)
	}
	_, err = w.ballots.Cast(w.ctx, w.principals[0], b.ID, Abstain, "", b.Subject.Hash)
	wantFault(t, err, "ballot.mandate_missing")
	successor := w.principals[0]
	successor.Person = heir.ID
	w.cast(b, successor, Abstain)
	v, _ = w.ballots.Find(w.ctx, w.sa, b.ID)
	if v.Tally.Abstain != 1 || v.Tally.For != 0 {
		t.Errorf("the new holder may change it: %+v", v.Tally)
	}
}

func TestTermsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t), 2)
	p := w.screened()
	for _, c := range []struct {
		name   string
		change func(*Terms)
		code   string
	}{
		{"a question", func(t *Terms) { t.Question = locale.Text{} }, "ballot.invalid"},
		{"a known threshold", func(t *Terms) { t.Threshold = "iesg" }, "ballot.invalid"},
		{"a quorum up to 100", func(t *Terms) { t.Quorum = 101 }, "ballot.invalid"},
		{"a quorum above 0", func(t *Terms) { t.Quorum = -1 }, "ballot.invalid"},
		{"a known reason rule", func(t *Terms) { t.ReasonRequired = "blocking" }, "ballot.invalid"},
		{"a closing time", func(t *Terms) { t.ClosesAt = 0 }, "ballot.invalid"},
		{"72 hours", func(t *Terms) { t.ClosesAt = w.in(72*time.Hour - time.Second) }, "ballot.too_short"},
		{"24 hours when urgent", func(t *Terms) { t.MinOpen = 24 * time.Hour; t.ClosesAt = w.in(23 * time.Hour) }, "ballot.too_short"},
		{"never below 24 hours", func(t *Terms) { t.MinOpen = time.Hour }, "ballot.invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tm := terms(w.in(100 * time.Hour))
			c.change(&tm)
			_, err := w.ballots.Prepare(w.ctx, w.sa, KindPractice, p.ID, tm)
			wantFault(t, err, c.code)
		})
	}
	_, err := w.ballots.Prepare(w.ctx, w.principals[0], KindPractice, p.ID, terms(w.in(100*time.Hour)))
	wantFault(t, err, "policy.forbidden")
	b, err := w.ballots.Prepare(w.ctx, w.sa, KindPractice, p.ID, terms(w.in(72*time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	w.pass(10 * time.Minute)
	_, err = w.ballots.Open(w.ctx, w.sa, b.ID, When{ClosesAt: w.in(71 * time.Hour)})
	wantFault(t, err, "ballot.too_short")
	if b, err = w.ballots.Open(w.ctx, w.sa, b.ID, When{}); err != nil || b.Terms.ClosesAt != w.in(72*time.Hour) {
		t.Errorf("opened ten minutes later: %v %v", b.Terms.ClosesAt.Time(), err)
	}
	_, err = w.ballots.Prepare(w.ctx, w.sa, KindPractice, "pr_none", terms(w.in(100*time.Hour)))
	wantFault(t, err, "practice.not_found")
}

func TestNamesOfVotersAreNotForEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t), 3)
	b := w.open()
	w.cast(b, w.principals[0], For)
	w.cast(b, w.principals[1], Against)
	reader := policy.Actor{Person: "ps_rd", Roles: []policy.Role{policy.Reader}, Agency: w.agencies[0]}
	for _, a := range []policy.Actor{w.mo, reader} {
		v, err := w.ballots.Find(w.ctx, a, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Changes) != 0 || v.Votes[w.agencies[1]].Choice != "" || v.Tally.C != 2 {
			t.Errorf("%v sees %+v", a.Roles, v.Votes)
		}
	}
	_, _, err := w.ballots.Certificate(w.ctx, w.mo, b.ID)
	wantFault(t, err, "policy.forbidden")
	// What the record says of a vote is that the agency voted, never which way.
	err = w.db.Read(w.ctx, func(tx *db.Tx) error {
		records, err := event.List(w.ctx, tx, 0, 1000, "ballot.vote_cast")
		for _, r := range records {
			if strings.Contains(r.Body, "against") || strings.Contains(r.Body, `"for"`) || strings.Contains(r.Body, "التعميم") {
				t.Errorf("record holds the choice: %s", r.Body)
			}
		}
		if len(records) != 2 {
			t.Errorf("%d records", len(records))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
