package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/config"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// ballotServer serves practices and ballots to actors who sign in by name.
func ballotServer(t *testing.T) func(name string) *browser {
	t.Helper()
	return ballotServerOn(t, dbtest.Open(t))
}

func ballotServerOn(t *testing.T, d *db.DB) func(name string) *browser {
	t.Helper()
	ctx := context.Background()
	actors := map[string]policy.Actor{
		"maha":  {Person: "pe_maha", Agency: "ag_sec", Roles: []policy.Role{policy.SecretariatAdmin}},
		"rami":  {Person: "pe_rami", Agency: "ag_sec", Roles: []policy.Role{policy.SecretariatAdmin}},
		"guest": {Person: "pe_guest", Roles: []policy.Role{policy.Partner}},
	}
	members := member.New(d, nil)
	for _, name := range []string{"salma", "omar"} {
		a, err := members.CreateAgency(ctx, policy.SystemActor(), member.NewAgency{Name: locale.Text{Ar: "جهة " + name}, Code: "AG-" + strings.ToUpper(name[:1]), HasVote: true})
		if err != nil {
			t.Fatal(err)
		}
		p, err := members.CreatePerson(ctx, policy.SystemActor(), member.NewPerson{Name: locale.Text{Ar: name}, Email: name + "@example.org", PasswordHash: "x"})
		if err != nil {
			t.Fatal(err)
		}
		s, err := members.Seat(ctx, policy.SystemActor(), member.NewSeat{Agency: a.ID, Person: p.ID, Kind: member.PrincipalSeat, CanVote: true})
		if err != nil {
			t.Fatal(err)
		}
		actors[name] = policy.Actor{Person: p.ID, Seat: s.ID, Agency: a.ID, Roles: []policy.Role{policy.AgencyLead}, CanVote: true, Principal: true}
	}
	cfg, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	e := &Edge{Config: cfg, DB: d, Log: slog.New(slog.DiscardHandler), Authenticate: func(_ context.Context, token string) (policy.Actor, error) {
		return actors[token], nil
	}}
	practices := practice.New(d)
	ballots := ballot.New(d, e.Log, practices)
	s, err := NewServer(e, fstest.MapFS{"index.html": {Data: []byte("<p>")}}, nil,
		&PracticesAPI{Practices: practices, Ballots: ballots, Narrower: Narrower{members}}, &BallotsAPI{Ballots: ballots, Narrower: Narrower{members}})
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return func(name string) *browser {
		return &browser{T: t, h: h, cookies: map[string]string{e.cookieName(): name}}
	}
}

func TestPracticeAndBallotOverHTTP(t *testing.T) {
	t.Parallel()
	as := ballotServer(t)
	salma, omar, maha, rami := as("salma"), as("omar"), as("maha"), as("rami")

	m, _ := salma.do("POST", "/practices", `{"title":{"ar":"","en":""}}`, 400)
	if at(t, m, "code") != "practice.invalid_card" || at(t, m, "fields", "title") != "required" || at(t, m, "fields", "problem") != "required" {
		t.Error(m)
	}
	salma.do("POST", "/practices", `{"stage":"approved"}`, 400)
	m, _ = salma.do("POST", "/practices", `{"title":{"ar":"الموظف الشامل","en":"One stop"},"problem":"نوافذ كثيرة","evidence":[{"text":"41 → 18","date":"2026-08-03","source":""}]}`, 200)
	id := at(t, m, "id").(string)
	if at(t, m, "stage") != "nominated" || at(t, m, "abilities", "practice.edit") != true || at(t, m, "agency", "code") != "AG-S" {
		t.Error(m)
	}
	as("guest").do("GET", "/practices/"+id, "", 404)
	omar.do("PATCH", "/practices/"+id, `{"cost":"١٠"}`, 403)
	salma.do("PATCH", "/practices/"+id, `{"cost":"٣١٠ آلاف درهم"}`, 200)
	m, _ = maha.do("POST", "/practices/"+id+"/stage", `{"to":"piloted"}`, 409)
	if len(at(t, m, "allowed").([]any)) != 4 {
		t.Error(m)
	}
	maha.do("POST", "/practices/"+id+"/stage", `{"to":"screened"}`, 200)

	closes := time.Now().Add(80 * time.Hour).UTC().Format(time.RFC3339)
	omar.do("POST", "/practices/"+id+"/ballots", `{"question":{"ar":"س","en":""},"closes_at":"`+closes+`"}`, 403)
	m, _ = maha.do("POST", "/practices/"+id+"/ballots", `{"question":{"ar":"س","en":""}}`, 400)
	if at(t, m, "fields", "closes_at") != "required" {
		t.Error(m)
	}
	m, _ = maha.do("POST", "/practices/"+id+"/ballots", `{"question":{"ar":"هل تُعمَّم؟","en":"Roll out?"},"threshold":"two_thirds","quorum":50,"reason_required":"against","closes_at":"`+closes+`"}`, 200)
	bl := at(t, m, "id").(string)
	omar.do("GET", "/ballots/"+bl, "", 404)
	m, _ = maha.do("POST", "/ballots/"+bl+"/open", `{}`, 200)
	hash := at(t, m, "subject", "revision_hash").(string)
	if at(t, m, "state") != "open" || len(at(t, m, "electorate").([]any)) != 2 || at(t, m, "result") != nil || at(t, m, "abilities", "ballot.cast") != false {
		t.Error(m)
	}
	vote := func(choice, reason, hash string) string {
		return fmt.Sprintf(`{"choice":%q,"reason":%q,"revision_hash":%q}`, choice, reason, hash)
	}
	m, _ = omar.do("POST", "/ballots/"+bl+"/votes", vote("against", "لا", hash), 400)
	if at(t, m, "code") != "ballot.reason_required" || at(t, m, "fields", "reason") != "too_short" {
		t.Error(m)
	}
	m, _ = omar.do("POST", "/ballots/"+bl+"/votes", vote("for", "", "old"), 409)
	if at(t, m, "code") != "ballot.revision_changed" || at(t, m, "revision_hash") != hash {
		t.Error(m)
	}
	m, _ = maha.do("POST", "/ballots/"+bl+"/votes", vote("for", "", hash), 403)
	if at(t, m, "code") != "policy.forbidden" {
		t.Error(m)
	}
	// The same key twice is one vote.
	for range 2 {
		m, _ = omar.do("POST", "/ballots/"+bl+"/votes", vote("for", "", hash), 200, "Idempotency-Key", "k1")
	}
	if at(t, m, "mine", "choice") != "for" || at(t, m, "tally", "for") != 1.0 || at(t, m, "quorum_line", "met") != true || at(t, m, "threshold_line", "lhs") != 3.0 {
		t.Error(m)
	}
	salma.do("POST", "/ballots/"+bl+"/votes", vote("for", "نوافق على تعميمها", hash), 200)
	m, _ = salma.do("GET", "/ballots/"+bl, "", 200)
	if n := len(at(t, m, "history").([]any)); n != 4 { // prepared, opened, two votes
		t.Errorf("%d lines of history", n)
	}
	maha.do("POST", "/ballots/"+bl+"/close", `{}`, 200)
	m, _ = omar.do("POST", "/ballots/"+bl+"/votes", vote("abstain", "", hash), 409)
	if at(t, m, "code") != "ballot.closed" {
		t.Error(m)
	}
	omar.do("GET", "/ballots/"+bl+"/certificate", "", 409)
	m, _ = maha.do("POST", "/ballots/"+bl+"/certify", `{}`, 403)
	if at(t, m, "code") != "ballot.certified_by_owner" {
		t.Error(m)
	}
	m, _ = rami.do("POST", "/ballots/"+bl+"/certify", `{}`, 200)
	if at(t, m, "state") != "certified" || at(t, m, "result") != "carried" || at(t, m, "needs", "en") != "Approved by 2 votes to none." {
		t.Error(m)
	}
	_, a := omar.do("GET", "/ballots/"+bl+"/certificate", "", 200)
	var cert struct {
		Hash        string          `json:"hash"`
		Certificate json.RawMessage `json:"certificate"`
	}
	if err := json.Unmarshal([]byte(a.body), &cert); err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(cert.Certificate); hex.EncodeToString(sum[:]) != cert.Hash {
		t.Error("the certificate as sent does not hash to its hash")
	}
	m, _ = salma.do("GET", "/practices/"+id, "", 200)
	if at(t, m, "stage") != "approved" || len(at(t, m, "ballots").([]any)) != 1 {
		t.Error(m)
	}
	m, _ = salma.do("GET", "/ballots?state=open,closed,certified", "", 200)
	if len(at(t, m, "items").([]any)) != 1 {
		t.Error(m)
	}
	as("guest").do("GET", "/ballots", "", 404)
	as("").do("GET", "/ballots", "", 401)
}

// Threats I16: the store that makes repeats harmless holds no vote, neither in
// the answer nor as a digest that four guesses would open.
func TestTheIdempotencyStoreHoldsNoVote(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		as := ballotServerOn(t, d)
		salma, omar, maha := as("salma"), as("omar"), as("maha")
		m, _ := salma.do("POST", "/practices", `{"title":{"ar":"الموظف الشامل","en":""},"problem":"نوافذ كثيرة"}`, 200)
		id := at(t, m, "id").(string)
		maha.do("POST", "/practices/"+id+"/stage", `{"to":"screened"}`, 200)
		m, _ = maha.do("POST", "/practices/"+id+"/ballots", `{"question":{"ar":"هل تُعمَّم؟","en":""},"closes_at":"`+time.Now().Add(80*time.Hour).UTC().Format(time.RFC3339)+`"}`, 200, "Idempotency-Key", "prepare")
		if at := at(t, m, "closes_at").(string); !strings.HasSuffix(at, ":00.000Z") {
			t.Errorf("closes at %s, which is no full minute", at)
		}
		bl := at(t, m, "id").(string)
		m, _ = maha.do("POST", "/ballots/"+bl+"/open", `{}`, 200, "Idempotency-Key", "open")
		body := fmt.Sprintf(`{"choice":"against","reason":"نرى التجربة في مركزين قبل التعميم","revision_hash":%q}`, at(t, m, "subject", "revision_hash"))
		m, _ = omar.do("POST", "/ballots/"+bl+"/votes", body, 200, "Idempotency-Key", "the vote of omar")
		if at(t, m, "mine", "choice") != "against" {
			t.Fatal(m)
		}
		// Others' votes are in the answers of the secretariat too.
		maha.do("POST", "/ballots/"+bl+"/close", `{"reason":"يلزم القرار قبل إقرار الخطة السنوية."}`, 200, "Idempotency-Key", "close")
		sum := sha256.Sum256([]byte(body))
		rows := 0
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			found, err := tx.Query(t.Context(), `select key, request, status, response from idempotency`)
			if err != nil {
				return err
			}
			defer found.Close()
			for found.Next() {
				var key, request string
				var status int
				var response []byte
				if err := found.Scan(&key, &request, &status, &response); err != nil {
					return err
				}
				rows++
				if string(response) != bl || status != byReference {
					t.Errorf("%d %s: more than a reference", status, response)
				}
				if len(key) != 64 || request == hex.EncodeToString(sum[:]) {
					t.Errorf("a digest that can be guessed: %s %s", key, request)
				}
			}
			return found.Err()
		}); err != nil || rows != 4 {
			t.Fatalf("%d rows, %v", rows, err)
		}
		m, a := omar.do("POST", "/ballots/"+bl+"/votes", body, 200, "Idempotency-Key", "the vote of omar")
		if at(t, m, "mine", "choice") != "against" || at(t, m, "notice_closes_at") == nil || a.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("a repeat shows the ballot as it stands: %v", m)
		}
		m, _ = omar.do("POST", "/ballots/"+bl+"/votes", strings.Replace(body, "against", "abstain", 1), 409, "Idempotency-Key", "the vote of omar")
		if at(t, m, "code") != "request.key_reused" {
			t.Error(m)
		}
	})
}
