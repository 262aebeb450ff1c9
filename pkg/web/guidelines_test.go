package web

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/config"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/moderation"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
	"github.com/multaqa/multaqa/pkg/publish"
	"github.com/multaqa/multaqa/pkg/search"
)

// livingText is package draft as guideline wants it.
type livingText struct{}

func (livingText) Create(ctx context.Context, tx *db.Tx, edition, text string) (string, error) {
	return draft.Create(ctx, tx, edition, text)
}

func (l livingText) Read(ctx context.Context, tx *db.Tx, d string) (guideline.Revision, error) {
	return l.Freeze(ctx, tx, d)
}

func (livingText) Freeze(ctx context.Context, tx *db.Tx, d string) (guideline.Revision, error) {
	r, err := draft.Freeze(ctx, tx, d)
	return guideline.Revision{Hash: r.TextHash, Version: r.Version, Text: r.Text, LogHash: r.LogHash}, err
}

func (livingText) Authors(ctx context.Context, tx *db.Tx, d string) ([]string, error) {
	return draft.Authors(ctx, tx, d)
}

func (livingText) WrittenBy(ctx context.Context, tx *db.Tx, person string, ids ...string) (map[string]bool, error) {
	return draft.WrittenBy(ctx, tx, person, ids...)
}

// guidelineServer serves guidelines, ballots and moderation to actors who sign
// in by name.
func guidelineServer(t *testing.T) func(name string) *browser {
	t.Helper()
	ctx, d := context.Background(), dbtest.Open(t)
	members := member.New(d, nil)
	t.Cleanup(members.Close)
	actors := map[string]policy.Actor{}
	agency := func(code string, kind string) string {
		a, err := members.CreateAgency(ctx, policy.SystemActor(), member.NewAgency{Name: locale.Text{Ar: "جهة " + code}, Code: code, Kind: kind, HasVote: kind == ""})
		if err != nil {
			t.Fatal(err)
		}
		return a.ID
	}
	mun, hea, sec := agency("MUN", ""), agency("HEA", ""), agency("SEC", member.KindSecretariat)
	for name, a := range map[string]policy.Actor{
		"salma":  {Agency: mun, Roles: []policy.Role{policy.Representative}},
		"omar":   {Agency: mun, Roles: []policy.Role{policy.AgencyLead}, CanVote: true},
		"noura":  {Agency: mun, Roles: []policy.Role{policy.Representative}},
		"khalid": {Agency: hea, Roles: []policy.Role{policy.AgencyLead}, CanVote: true},
		"staff":  {Agency: hea, Roles: []policy.Role{policy.Reader}},
		"maha":   {Agency: sec, Roles: []policy.Role{policy.SecretariatAdmin}},
		"majid":  {Agency: sec, Roles: []policy.Role{policy.Moderator}},
	} {
		p, err := members.CreatePerson(ctx, policy.SystemActor(), member.NewPerson{Name: locale.Text{Ar: name}, Email: name + "@example.org", PasswordHash: "x"})
		if err != nil {
			t.Fatal(err)
		}
		a.Person = p.ID
		if a.CanVote {
			seat, err := members.Seat(ctx, policy.SystemActor(), member.NewSeat{Agency: a.Agency, Person: p.ID, Kind: member.PrincipalSeat, CanVote: true})
			if err != nil {
				t.Fatal(err)
			}
			a.Seat, a.Principal = seat.ID, true
		}
		actors[name] = a
	}
	cfg, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	e := &Edge{Config: cfg, DB: d, Log: slog.New(slog.DiscardHandler), Authenticate: func(_ context.Context, token string) (policy.Actor, error) {
		return actors[token], nil
	}}
	guides := publish.New(d)
	guidelines := guideline.NewService(d, livingText{}, nil, guides)
	ballots := ballot.New(d, e.Log, practice.New(d)).WithEditions(guidelines)
	mod := moderation.New(d)
	mod.Register("gl", moderation.Guidelines{Service: guidelines})
	s, err := NewServer(e, fstest.MapFS{"index.html": {Data: []byte("<p>")}}, nil,
		&GuidelinesAPI{Guidelines: guidelines, Published: guides, Search: search.New(guides), Ballots: ballots, Narrower: Narrower{members}}, &BallotsAPI{Ballots: ballots, Narrower: Narrower{members}},
		&ModerationAPI{Moderation: mod, Narrower: Narrower{members}})
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

// events lists the names of steps in an answer.
func events(t *testing.T, v any) string {
	t.Helper()
	var out []string
	for _, o := range v.([]any) {
		out = append(out, at(t, o, "event").(string))
	}
	return strings.Join(out, " ")
}

func TestGuidelineOverHTTP(t *testing.T) {
	t.Parallel()
	as := guidelineServer(t)
	salma, noura, omar, khalid, staff, nobody := as("salma"), as("noura"), as("omar"), as("khalid"), as("staff"), as("")
	review := time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339)

	m, _ := salma.do("POST", "/guidelines", `{"title":{"ar":"","en":""},"kind":"x"}`, 400)
	if at(t, m, "code") != "guideline.invalid" || at(t, m, "fields", "title") != "required" || at(t, m, "fields", "kind") != "invalid" {
		t.Error(m)
	}
	staff.do("POST", "/guidelines", `{"title":{"ar":"س","en":""}}`, 403)
	nobody.do("POST", "/guidelines", `{"title":{"ar":"س","en":""}}`, 401)
	salma.do("POST", "/guidelines", `{"title":{"ar":"س","en":""},"state":"published"}`, 400)
	m, _ = salma.do("POST", "/guidelines", `{"title":{"ar":"دليل الانتظار","en":"Waiting"},"summary":"م","visibility":"network","template":"free","text":"## أولًا\n\nنصّ <script>alert(1)</script>\n"}`, 200)
	ed, gl := at(t, m, "id").(string), at(t, m, "guideline", "id").(string)
	if events(t, at(t, m, "allowed")) != "submit discard" || at(t, m, "draft_id") == "" || at(t, m, "guideline", "agency", "code") != "MUN" {
		t.Error(m)
	}
	staff.do("GET", "/editions/"+ed, "", 404)
	staff.do("GET", "/guidelines/"+gl, "", 404)
	nobody.do("GET", "/editions/"+ed, "", 404)
	m, _ = omar.do("POST", "/editions/"+ed+"/events", `{"event":"publish"}`, 409)
	if at(t, m, "code") != "guideline.illegal_step" || len(at(t, m, "allowed").([]any)) != 3 {
		t.Error(m)
	}
	salma.do("POST", "/editions/"+ed+"/events", `{"event":"submit"}`, 200)
	m, _ = salma.do("POST", "/editions/"+ed+"/events", `{"event":"approve"}`, 409)
	if at(t, m, "code") != "guideline.illegal_step" {
		t.Error(m)
	}
	m, _ = noura.do("GET", "/editions/"+ed, "", 200)
	if events(t, at(t, m, "allowed")) != "request_amendments approve discard" || at(t, m, "needs", "ar") == "" || at(t, m, "abilities", "draft.write") != false {
		t.Error(m)
	}
	noura.do("POST", "/editions/"+ed+"/events", `{"event":"approve"}`, 200)
	m, _ = omar.do("POST", "/editions/"+ed+"/events", `{"event":"publish"}`, 400)
	if at(t, m, "fields", "review_by") != "required" {
		t.Error(m)
	}
	m, _ = omar.do("POST", "/editions/"+ed+"/events", `{"event":"publish","review_by":"`+review+`"}`, 200)
	if at(t, m, "state") != "published" || at(t, m, "number") != "1.0" || len(at(t, m, "history").([]any)) != 4 {
		t.Error(m)
	}
	m, a := staff.do("GET", "/editions/"+ed+"/reading", "", 200)
	if html := at(t, m, "html").(string); !strings.Contains(html, "أولًا") || strings.Contains(html, "<script") || len(at(t, m, "toc").([]any)) != 1 {
		t.Error(a.body)
	}
	m, _ = staff.do("GET", "/editions/"+ed, "", 200)
	if at(t, m, "draft_id") != "" || len(at(t, m, "history").([]any)) != 0 || at(t, m, "approved_by") != nil {
		t.Errorf("a reader sees how it came about: %v", m)
	}
	m, _ = omar.do("POST", "/guidelines/"+gl+"/editions", `{}`, 200)
	next := at(t, m, "id").(string)
	omar.do("POST", "/guidelines/"+gl+"/editions", ``, 409)
	staff.do("GET", "/editions/"+next+"/reading", "", 404)
	m, _ = khalid.do("GET", "/guidelines?state=in_work", "", 200)
	if len(at(t, m, "items").([]any)) != 1 {
		t.Error(m)
	}
	m, _ = khalid.do("GET", "/guidelines?state=discarded,ready", "", 200)
	if len(at(t, m, "items").([]any)) != 0 {
		t.Error(m)
	}
	m, _ = khalid.do("GET", "/guidelines?q=الانتظار", "", 200)
	item := at(t, m, "items").([]any)[0]
	if at(t, item, "current", "id") != ed || at(t, item, "in_work", "id") != next || at(t, item, "abilities", "edition.create") != false {
		t.Error(item)
	}
	m, _ = staff.do("GET", "/library?q=انتظار", "", 200)
	if got := at(t, m, "items").([]any); len(got) != 1 || at(t, got[0], "number") != "1.0" {
		t.Error(m)
	}
	m, _ = nobody.do("GET", "/library", "", 200)
	if len(at(t, m, "items").([]any)) != 0 {
		t.Errorf("the public sees what the network sees: %v", m)
	}
	m, _ = omar.do("GET", "/guidelines/"+gl+"/visibility?to=agency", "", 200)
	if len(at(t, m, "loses").([]any)) != 2 {
		t.Error(m)
	}
	khalid.do("PUT", "/guidelines/"+gl+"/visibility", `{"to":"public"}`, 403)
	m, _ = omar.do("PUT", "/guidelines/"+gl+"/visibility", `{"to":"public"}`, 200)
	if at(t, m, "public_gains") != true {
		t.Error(m)
	}
	nobody.do("GET", "/editions/"+ed+"/reading", "", 200)
	nobody.do("GET", "/editions/"+next+"/reading", "", 404)
	m, _ = nobody.do("GET", "/library", "", 200)
	if len(at(t, m, "items").([]any)) != 1 {
		t.Error(m)
	}
}

func TestNetworkManualGoesThroughABallotOverHTTP(t *testing.T) {
	t.Parallel()
	as := guidelineServer(t)
	salma, khalid, maha := as("salma"), as("khalid"), as("maha")
	m, _ := salma.do("POST", "/guidelines", `{"title":{"ar":"دليل الشبكة","en":""},"kind":"network","template":"free","text":"نصّ\n"}`, 200)
	ed := at(t, m, "id").(string)
	step := func(b *browser, body string, want int) map[string]any {
		t.Helper()
		m, _ := b.do("POST", "/editions/"+ed+"/events", body, want)
		return m
	}
	step(maha, `{"event":"send_to_ballot","ballot":"bl_1"}`, 409)
	step(salma, `{"event":"submit"}`, 200)
	step(khalid, `{"event":"approve"}`, 200)
	if m := step(maha, `{"event":"send_to_ballot"}`, 400); at(t, m, "fields", "ballot") != "required" {
		t.Error(m)
	}
	if m := step(maha, `{"event":"send_to_ballot","ballot":"bl_1"}`, 400); at(t, m, "fields", "ballot") != "unknown" {
		t.Error(m)
	}
	step(khalid, `{"event":"send_to_ballot","ballot":"bl_1"}`, 403)
	closes := time.Now().AddDate(0, 0, 10).UTC().Format(time.RFC3339)
	m, _ = maha.do("POST", "/editions/"+ed+"/ballots", `{"question":{"ar":"هل يُعتمد؟","en":"Adopt?"},"threshold":"two_thirds","quorum":50,"reason_required":"none","closes_at":"`+closes+`"}`, 200)
	if m := step(maha, `{"event":"send_to_ballot","ballot":"`+at(t, m, "id").(string)+`"}`, 200); at(t, m, "state") != "ballot" {
		t.Error(m)
	}
	step(maha, `{"event":"carried"}`, 403)
}

func TestModerationOverHTTP(t *testing.T) {
	t.Parallel()
	as := guidelineServer(t)
	salma, khalid, majid := as("salma"), as("khalid"), as("majid")
	m, _ := salma.do("POST", "/guidelines", `{"title":{"ar":"دليل","en":""},"visibility":"network"}`, 200)
	gl := at(t, m, "guideline", "id").(string)
	khalid.do("POST", "/flags", `{"object":"`+gl+`","reason":"nonsense"}`, 400)
	m, _ = khalid.do("POST", "/flags", `{"object":"`+gl+`","reason":"confidential"}`, 200)
	if at(t, m, "hidden") != true {
		t.Error(m)
	}
	khalid.do("GET", "/guidelines/"+gl, "", 404)
	salma.do("GET", "/guidelines/"+gl, "", 200)
	khalid.do("GET", "/moderation/queue", "", 404)
	m, _ = majid.do("GET", "/moderation/queue", "", 200)
	it := at(t, m, "items").([]any)[0]
	id := at(t, it, "id").(string)
	if at(t, it, "version") != 1.0 || at(t, it, "flags").([]any)[0].(map[string]any)["reason"] != "confidential" {
		t.Error(it)
	}
	majid.do("POST", "/moderation/"+id+"/claim", `{"version":1}`, 200)
	majid.do("POST", "/moderation/"+id+"/decide", `{"action":"keep","reason":"ليس سريًّا","version":1}`, 409)
	m, _ = majid.do("POST", "/moderation/"+id+"/decide", `{"action":"keep","reason":"ليس سريًّا","version":2}`, 200)
	if at(t, m, "state") != "rejected" || at(t, m, "hidden") != false {
		t.Error(m)
	}
	khalid.do("GET", "/guidelines/"+gl, "", 200)
	m, _ = khalid.do("GET", "/moderation/log", "", 200)
	if got := at(t, m, "items").([]any); len(got) != 2 || got[0].(map[string]any)["person"] != nil {
		t.Error(m)
	}
}
