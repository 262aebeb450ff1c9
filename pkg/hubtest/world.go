package hubtest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/comment"
	"github.com/multaqa/multaqa/pkg/config"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/discussion"
	"github.com/multaqa/multaqa/pkg/glossary"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/hub"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
	"github.com/multaqa/multaqa/pkg/section"
	"github.com/multaqa/multaqa/pkg/suggestion"
)

// World is a whole hub on a real database with a small network: the
// secretariat and three agencies, one person for every role, and objects in
// many states. The agency OWN keeps some of them to itself.
type World struct {
	T       testing.TB
	Hub     *hub.Hub
	Handler http.Handler
	// Principals name who may call: a sign-in token each, "" for nobody.
	Principals map[string]string
	Actors     map[string]policy.Actor
	// Objects name what there is: "guideline/own/agency" is an id.
	Objects map[string]string
	Canary  string // stands in every text that OWN keeps to itself
}

const password = "a password for tests 1"

// NewWorld is a world on a fresh SQLite database.
func NewWorld(t testing.TB) *World {
	t.Helper()
	return fromSeed(t, "plain", func(w *World, ctx context.Context) { w.people(ctx); w.things(ctx) })
}

// eachWorld runs fn in a world on SQLite and, when MULTAQA_TEST_POSTGRES is
// set, in one on PostgreSQL.
func eachWorld(t *testing.T, fn func(t *testing.T, w *World)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, NewWorld(t)) })
	if os.Getenv("MULTAQA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) {
			w, stop := join(t, t.TempDir(), dbtest.PostgresURL(t), bus.NewMemory())
			t.Cleanup(stop)
			w.people(t.Context())
			w.things(t.Context())
			fn(t, w)
		})
	}
}

// seed is a world put away: the files of its data directory, and who and what
// is in them. Seeding takes a second and copying a moment, and the matrix
// wants a world for every route.
type seed struct {
	files      map[string][]byte
	principals map[string]string
	actors     map[string]policy.Actor
	objects    map[string]string
}

var seeds = struct {
	sync.Mutex
	by map[string]*seed
}{by: map[string]*seed{}}

func fromSeed(t testing.TB, name string, sow func(w *World, ctx context.Context)) *World {
	t.Helper()
	seeds.Lock()
	defer seeds.Unlock()
	s := seeds.by[name]
	if s == nil {
		dir := t.TempDir()
		w, stop := join(t, dir, dbtest.SQLiteURL(t, dir), bus.NewMemory())
		sow(w, context.Background())
		stop()
		if side, err := filepath.Glob(filepath.Join(dir, "hub.db-*")); err != nil || len(side) > 0 {
			t.Fatalf("beside the closed database: %v %v", side, err)
		}
		s = &seed{map[string][]byte{}, w.Principals, w.Actors, w.Objects}
		w.ok(filepath.WalkDir(dir, func(at string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			rel, err := filepath.Rel(dir, at)
			if err == nil {
				s.files[rel], err = os.ReadFile(at)
			}
			return err
		}))
		seeds.by[name] = s
	}
	dir := t.TempDir()
	for rel, b := range s.files {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, rel)), 0o700), os.WriteFile(filepath.Join(dir, rel), b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	w, stop := join(t, dir, "sqlite:"+filepath.Join(dir, "hub.db"), bus.NewMemory())
	t.Cleanup(stop)
	w.Principals, w.Actors, w.Objects = maps.Clone(s.principals), maps.Clone(s.actors), maps.Clone(s.objects)
	return w
}

// join is a hub on a migrated database, with nobody and nothing added. It closes the bus.
func join(t testing.TB, dir, url string, b bus.Bus) (w *World, stop func()) {
	t.Helper()
	member.FastHashingForTests()
	ctx, cancel := context.WithCancel(context.Background())
	d, err := db.Open(ctx, dir, url)
	w = &World{T: t, Principals: map[string]string{"anonymous": ""}, Actors: map[string]policy.Actor{}, Objects: map[string]string{}, Canary: "QANARY7KEPT"}
	w.ok(err)
	cfg, err := config.Load()
	w.ok(err)
	cfg.Data = dir
	w.Hub, err = hub.New(cfg, d, b, slog.New(slog.NewTextHandler(io.Discard, nil)), nil)
	w.ok(err)
	wait := w.Hub.Drafts.Start(ctx)
	w.Handler, err = w.Hub.Web.Handler()
	w.ok(err)
	return w, func() { cancel(); wait(); w.Hub.Close(); b.Close(); w.ok(d.Close()) }
}

func (w *World) ok(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

func words(s string) locale.Text { return locale.Text{Ar: s, En: s} }

// person adds somebody, seats them where agency is not "", and signs them in.
func (w *World) person(ctx context.Context, name, agency string, kind member.SeatKind, vote bool, roles ...policy.Role) {
	sys, m := policy.SystemActor(), w.Hub.Members
	p, err := m.CreatePerson(ctx, sys, member.NewPerson{Name: words(name), Email: name + "@example.gov", Password: password})
	w.ok(err)
	for _, r := range roles {
		w.ok(m.Grant(ctx, sys, p.ID, r))
	}
	if agency != "" {
		s, err := m.Seat(ctx, sys, member.NewSeat{Agency: w.Objects["agency/"+agency], Person: p.ID, Kind: kind, CanVote: vote})
		w.ok(err)
		w.Objects["seat/"+name] = s.ID
	}
	w.Objects["person/"+name] = p.ID
	o, err := m.Open(ctx, member.SignIn{Email: name + "@example.gov", Password: password, Source: "127.0.0.1"})
	w.ok(err)
	w.Principals[name] = o.Token
	w.Actors[name] = o.Actor
}

func (w *World) people(ctx context.Context) {
	sys, m := policy.SystemActor(), w.Hub.Members
	_, err := m.CreateNetwork(ctx, sys, words("Network"))
	w.ok(err)
	for i, code := range []string{"SEC", "OWN", "OTHER", "THIRD"} {
		a, err := m.CreateAgency(ctx, sys, member.NewAgency{Code: code, Kind: "department", Tier: "local", Sector: "municipal",
			Name: words("Agency " + code), Short: words(code), Hue: i + 1, HasVote: code != "SEC"})
		w.ok(err)
		w.Objects["agency/"+code] = a.ID
	}
	person := func(name, agency string, kind member.SeatKind, vote bool, roles ...policy.Role) {
		w.person(ctx, name, agency, kind, vote, roles...)
	}
	person("secretariat", "SEC", member.WriterSeat, false, policy.SecretariatAdmin)
	person("secretariat2", "SEC", member.WriterSeat, false, policy.SecretariatAdmin)
	person("moderator", "SEC", member.WriterSeat, false, policy.Moderator)
	for _, a := range []string{"own", "other", "third"} {
		up := strings.ToUpper(a)
		person(a+"-lead", up, member.PrincipalSeat, true)
		person(a+"-rep", up, member.WriterSeat, false)
	}
	person("own-reader", "OWN", member.ReaderSeat, false)
	person("expert", "", "", false, policy.Expert)
	person("partner", "", "", false, policy.Partner)
	person("suspended", "OWN", member.WriterSeat, false)
	w.ok(m.SetPersonStatus(ctx, sys, w.Objects["person/suspended"], "suspended"))
	person("revoked", "OWN", member.WriterSeat, false)
	w.ok(m.Revoke(ctx, w.Actors["revoked"], w.Actors["revoked"].Session))
}

// guideline begins one in the name of who's agency; secret stands in all its texts.
func (w *World) guideline(ctx context.Context, name, who string, v policy.Visibility, secret string) guideline.View {
	const text = "# Title\n\n## الغاية والنطاق\n\nنص.\n\n## الأحكام\n\nنص.\n"
	g, actor := w.Hub.Guidelines, w.Actors[who]
	view, err := g.Create(ctx, actor, guideline.New{Title: words(strings.TrimSpace(name + " " + secret)), Summary: "summary " + secret, Language: "ar",
		Kind: "agency", Agency: actor.Agency, Template: "free", Text: text + secret})
	w.ok(err)
	if v != policy.ToAgency {
		_, err = g.SetVisibility(ctx, actor, view.Guideline.ID, v, []string{w.Objects["agency/OTHER"]})
		w.ok(err)
	}
	w.Objects["guideline/"+name], w.Objects["edition/"+name], w.Objects["draft/"+name] = view.Guideline.ID, view.Edition.ID, view.Edition.Draft
	return view
}

func (w *World) things(ctx context.Context) {
	g := w.Hub.Guidelines
	make := func(name, who string, v policy.Visibility, secret string) guideline.View {
		view := w.guideline(ctx, name, who, v, secret)
		sg, err := w.Hub.Suggests.Save(ctx, w.Actors[who], view.Edition.Draft, suggestion.Save{Parts: []suggestion.Part{{From: 2, To: 7, Insert: strings.TrimSpace("Heading " + secret)}}})
		w.ok(err)
		w.Objects["suggestion/"+name] = sg.ID
		rv, err := w.Hub.History.Name(ctx, w.Actors[who], view.Edition.Draft, 0, strings.TrimSpace("name "+secret))
		w.ok(err)
		w.Objects["revision/"+name] = rv.ID
		return view
	}
	make("own-private", "own-lead", policy.ToAgency, w.Canary)
	make("own-shared", "own-lead", policy.ToAgencies, "")
	make("own-network", "own-lead", policy.ToNetwork, "")
	// A translation that its agency keeps to itself, of an original that the network reads.
	tr, err := g.Create(ctx, w.Actors["own-lead"], guideline.New{Title: words("translation " + w.Canary), Summary: w.Canary, Language: "en", Kind: "agency",
		Agency: w.Objects["agency/OWN"], Template: "free", Visibility: policy.ToAgency, Translates: w.Objects["guideline/own-network"], Text: "# Title\n\n" + w.Canary})
	w.ok(err)
	w.Objects["guideline/own-private-translation"], w.Objects["edition/own-private-translation"], w.Objects["draft/own-private-translation"] = tr.Guideline.ID, tr.Edition.ID, tr.Edition.Draft
	thread := func(name, draft string, in comment.NewThread) {
		in.From, in.To = 2, 7
		t, err := w.Hub.Comments.Open(ctx, w.Actors["own-lead"], w.Objects["draft/"+draft], in)
		w.ok(err)
		w.Objects["thread/"+name] = t.ID
	}
	// What an agency says inside, beside a text that the network reads, is as private as a private text.
	thread("inside-own-private", "own-network", comment.NewThread{Body: w.Canary, Audience: comment.Inside, Mentions: []string{w.Objects["person/own-rep"]}})
	thread("own-private", "own-private", comment.NewThread{Body: w.Canary})
	thread("own-network", "own-network", comment.NewThread{Body: "a question"})
	for _, name := range []string{"own-private", "own-network"} {
		sec, err := w.Hub.Sections.Assign(ctx, w.Actors["own-lead"], w.Objects["draft/"+name], 0, changeset.Len16("# Title\n\n"), section.Terms{Agency: w.Objects["agency/OWN"], Note: "note"})
		w.ok(err)
		w.Objects["section/"+name] = sec.ID
	}
	pub := make("own-public", "own-lead", policy.ToPublic, "")
	_, err = g.Do(ctx, w.Actors["secretariat"], pub.Edition.ID, guideline.ForcePublish, guideline.Request{Reason: "اختبار النشر العاجل للدليل", ReviewBy: db.At(time.Now().AddDate(1, 0, 0))})
	w.ok(err)

	_, offer, err := w.Hub.Members.Invite(ctx, w.Actors["own-lead"], member.NewInvitation{Email: "new@example.gov", Agency: w.Objects["agency/OWN"], Kind: member.ReaderSeat})
	w.ok(err)
	w.Objects["invitation/own"] = offer.ID
	space, err := w.Hub.Workspaces.Create(ctx, w.Actors["own-lead"], words("joint"), []string{w.Objects["agency/OWN"], w.Objects["agency/OTHER"]})
	w.ok(err)
	w.Objects["workspace/joint"] = space.ID
	for name, who := range map[string]string{"proposed": "own-rep", "approved": "secretariat"} {
		t, err := w.Hub.Glossary.Propose(ctx, w.Actors[who], glossary.Input{Words: locale.Text{Ar: "مصطلح " + name, En: name}, Definition: locale.Text{Ar: "تعريف"}})
		w.ok(err)
		w.Objects["term/"+name] = t.ID
	}

	card := practice.Card{Title: words("practice"), Problem: "مشكلة", Context: "سياق", Evidence: []practice.Evidence{{Text: "دليل", Date: "2026-10-01", Source: "تقرير"}}, Cost: "لا كلفة", Contacts: "x@example.gov", Axis: "delivery"}
	for _, name := range []string{"nominated", "hidden", "shared", "voted", "planned"} {
		p, err := w.Hub.Practices.Nominate(ctx, w.Actors["own-lead"], card)
		w.ok(err)
		w.Objects["practice/"+name] = p.ID
		if name == "hidden" {
			w.ok(w.Hub.DB.Transact(ctx, func(tx *db.Tx) error {
				return w.Hub.Practices.SetHidden(ctx, tx, w.Actors["moderator"], p.ID, true)
			}))
		}
		if name == "shared" {
			_, err = w.Hub.Practices.Share(ctx, w.Actors["secretariat"], p.ID, []string{w.Objects["person/partner"]})
			w.ok(err)
		}
		if name == "nominated" || name == "hidden" || name == "shared" {
			continue
		}
		_, err = w.Hub.Practices.Move(ctx, w.Actors["secretariat"], p.ID, practice.Screened, "سبب كافٍ", "")
		w.ok(err)
		b, err := w.Hub.Ballots.Prepare(ctx, w.Actors["secretariat"], ballot.KindPractice, p.ID, ballot.Terms{Question: words("question"), ClosesAt: db.At(time.Now().AddDate(0, 0, 10))})
		w.ok(err)
		w.Objects["ballot/"+name] = b.ID
		if name == "voted" {
			_, err = w.Hub.Ballots.Open(ctx, w.Actors["secretariat"], b.ID, ballot.When{ClosesAt: db.At(time.Now().AddDate(0, 0, 10))})
			w.ok(err)
			w.ok(w.Hub.DB.Transact(ctx, func(tx *db.Tx) (err error) {
				w.Objects["discussion/tied"], err = discussion.Open(ctx, tx, ballot.KindPractice, p.ID, discussion.Tie, b.ID)
				return err
			}))
		}
	}
}

// Answer is what came back.
type Answer struct {
	Status int
	Body   string
	Header http.Header
}

// Code is the fault code of a problem document, or "".
func (a Answer) Code() string {
	var p struct{ Code string }
	_ = json.Unmarshal([]byte(a.Body), &p)
	return p.Code
}

// Call sends one request as a principal.
func (w *World) Call(principal, method, path, body string) Answer {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Accept-Language", "en")
	r.RemoteAddr = "127.0.0.1:4000"
	if t := w.Principals[principal]; t != "" {
		r.AddCookie(&http.Cookie{Name: "multaqa", Value: t})
	}
	rec := httptest.NewRecorder()
	w.Handler.ServeHTTP(rec, r)
	return Answer{rec.Code, rec.Body.String(), rec.Header()}
}
