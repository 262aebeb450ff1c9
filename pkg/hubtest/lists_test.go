package hubtest

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/glossary"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/moderation"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// diverse adds a network in which agencies differ on every axis and own things in many states, by a seed.
func (w *World) diverse(ctx context.Context) {
	rnd := rand.New(rand.NewPCG(33, 6))
	one := func(of ...string) string { return of[rnd.IntN(len(of))] }
	sys, m, g := policy.SystemActor(), w.Hub.Members, w.Hub.Guidelines
	card := practice.Card{Title: words("practice"), Problem: "مشكلة", Context: "سياق", Evidence: []practice.Evidence{{Text: "دليل", Date: "2026-10-01", Source: "تقرير"}}, Cost: "لا كلفة", Contacts: "x@example.gov", Axis: "delivery"}
	for i := range 7 {
		code := fmt.Sprintf("AG%d", i)
		a, err := m.CreateAgency(ctx, sys, member.NewAgency{Code: code, Kind: one("authority", "council", "court"), Tier: one("federal", "local"),
			Sector: one("health", "justice", "x-unnamed"), Area: one("north", "south", ""), Name: words("Agency " + code), Short: words(code), HasVote: true})
		w.ok(err)
		w.Objects["agency/"+code] = a.ID
		who := strings.ToLower(code)
		w.person(ctx, who, code, member.PrincipalSeat, true)
		for k := range 1 + rnd.IntN(3) {
			name := fmt.Sprintf("%s-%d", who, k)
			view := w.guideline(ctx, name, who, policy.Visibility(one("agency", "agencies", "network", "public")), "")
			if rnd.IntN(2) == 0 {
				_, err := g.Do(ctx, w.Actors["secretariat"], view.Edition.ID, guideline.ForcePublish, guideline.Request{Reason: "اختبار النشر العاجل للدليل", ReviewBy: db.At(time.Now().AddDate(1, 0, 0))})
				if view.Guideline.Visibility != policy.ToAgency && err != nil {
					w.T.Logf("%s stays in draft: %v", name, err)
				}
			}
			p, err := w.Hub.Practices.Nominate(ctx, w.Actors[who], card)
			w.ok(err)
			if rnd.IntN(3) == 0 {
				w.ok(w.Hub.DB.Transact(ctx, func(tx *db.Tx) error {
					return w.Hub.Practices.SetHidden(ctx, tx, w.Actors["moderator"], p.ID, true)
				}))
				continue
			}
			_, err = w.Hub.Practices.Move(ctx, w.Actors["secretariat"], p.ID, practice.Screened, "سبب كافٍ", "")
			w.ok(err)
			b, err := w.Hub.Ballots.Prepare(ctx, w.Actors["secretariat"], ballot.KindPractice, p.ID, ballot.Terms{Question: words("question"), ClosesAt: db.At(time.Now().AddDate(0, 0, 10))})
			w.ok(err)
			if rnd.IntN(2) == 0 { // the rest stay drafts, which the secretariat alone knows of
				_, err = w.Hub.Ballots.Open(ctx, w.Actors["secretariat"], b.ID, ballot.When{ClosesAt: db.At(time.Now().AddDate(0, 0, 6+rnd.IntN(20)))})
				w.ok(err)
				w.Objects["ballot/open"] = b.ID
			}
			_, err = w.Hub.Moderation.Flag(ctx, w.Actors["other-rep"], p.ID, moderation.OffTopic, "")
			w.ok(err)
		}
		word := string(rune('a'+i)) + "ة"
		_, err = w.Hub.Glossary.Propose(ctx, w.Actors[who], glossary.Input{Words: locale.Text{Ar: "لفظ " + word, En: "word " + word}, Definition: words("تعريف")})
		w.ok(err)
		_, _, err = m.Invite(ctx, w.Actors["secretariat"], member.NewInvitation{Email: "new-" + who + "@example.gov", Agency: a.ID, Kind: member.ReaderSeat})
		w.ok(err)
	}
	// Spaces of two and of three agencies, of which two may stand on the same value.
	for i := range 5 {
		ids := []string{w.Objects[fmt.Sprintf("agency/AG%d", i)], w.Objects[fmt.Sprintf("agency/AG%d", i+1)]}
		if i%2 == 0 {
			ids = append(ids, w.Objects["agency/AG6"])
		}
		_, err := w.Hub.Workspaces.Create(ctx, w.Actors["secretariat"], words(fmt.Sprintf("space %d", i)), ids)
		w.ok(err)
	}
	// Some cases are claimed, some decided.
	mod := w.Actors["moderator"]
	queue, err := w.Hub.Moderation.Queue(ctx, mod, moderation.Filter{Limit: 200})
	w.ok(err)
	for i, it := range queue.Items {
		switch i % 4 {
		case 0:
			_, err := w.Hub.Moderation.Claim(ctx, mod, it.ID, it.Version)
			w.ok(err)
		case 1:
			_, err := w.Hub.Moderation.Decide(ctx, mod, it.ID, it.Version, moderation.Hide, "سبب كافٍ")
			w.ok(err)
		}
	}
	// An expert who is asked about a text sees it meanwhile, and nothing else of it.
	w.person(ctx, "reader", "AG1", member.ReaderSeat, false)
}

// listedRow is a row as far as the test reads it: whose it is.
type listedRow struct {
	ID       string `json:"id"`
	Agency   *struct{ ID string }
	Owner    *struct{ ID string }  // of a line of the log, in which the agency is who acted
	Agencies []struct{ ID string } // of a workspace
	Stage    string

	ClosesAt  time.Time `json:"closes_at"`
	CreatedAt time.Time `json:"created_at"`
	Priority  int
}

type answered struct {
	Items, Electorate []listedRow
	Next              string
	Stages            map[string]int
	Narrowing         *struct {
		Total, All int
		Axes       []struct {
			Axis   string
			Values []struct {
				Value  string
				Name   locale.Text
				Count  int
				Chosen bool
			}
		}
	}
}

// whole reads all pages of a list.
func (w *World) whole(who, path, cursor string, q url.Values) (all answered) {
	w.T.Helper()
	q = copied(q)
	for {
		a := w.Call(who, http.MethodGet, "/api/v1"+path+"?"+q.Encode(), "")
		if a.Status != http.StatusOK {
			w.T.Fatalf("%s %s?%s: %d %s", who, path, q.Encode(), a.Status, a.Body)
		}
		var p answered
		w.ok(json.Unmarshal([]byte(a.Body), &p))
		if p.Narrowing == nil {
			w.T.Fatalf("%s: no narrowing in %.200s", path, a.Body)
		}
		if all.Narrowing != nil && all.Narrowing.Total != p.Narrowing.Total {
			w.T.Errorf("%s: the total changes from page to page", path)
		}
		all.Stages = p.Stages
		for _, r := range p.Items {
			if r.ID != "" && slices.ContainsFunc(all.Items, func(o listedRow) bool { return o.ID == r.ID }) {
				w.T.Errorf("%s: %s is listed twice", path, r.ID)
			}
		}
		all.Items, all.Narrowing = append(append(all.Items, p.Items...), p.Electorate...), p.Narrowing
		if p.Next == "" {
			return all
		}
		q.Set(cursor, p.Next)
	}
}

func copied(q url.Values) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = slices.Clone(v)
	}
	return out
}

// owners are the rows by whom they belong to: ids of agencies with commas.
func owners(path string, rows []listedRow) (keys []string) {
	for _, r := range rows {
		var of []string
		for _, a := range r.Agencies {
			of = append(of, a.ID)
		}
		switch {
		case path == "/agencies":
			of = []string{r.ID}
		case path == "/moderation/log" && r.Owner != nil:
			of = []string{r.Owner.ID}
		case path != "/moderation/log" && r.Agency != nil:
			of = []string{r.Agency.ID}
		}
		keys = append(keys, strings.Join(of, ","))
	}
	slices.Sort(keys)
	return keys
}

// standing are the values on which the owners of a row stand.
func standing(key string, agencies map[string]member.Agency, keeps func(member.Agency) bool, of func(member.Agency) string) (values []string) {
	for _, id := range strings.Split(key, ",") {
		if a, ok := agencies[id]; ok && keeps(a) {
			values = append(values, of(a))
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// Row 6: any list narrows by tier, kind, sector and area, and a count beside a value is the number of rows that the same reader gets by choosing it.
func TestCountsAreTheListedRows(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		countsAreRows(t, fromSeed(t, "diverse", func(w *World, ctx context.Context) { w.people(ctx); w.things(ctx); w.diverse(ctx) }))
	})
	if os.Getenv("MULTAQA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) {
			w, stop := join(t, t.TempDir(), dbtest.PostgresURL(t), bus.NewMemory())
			t.Cleanup(stop)
			w.people(t.Context())
			w.things(t.Context())
			w.diverse(t.Context())
			countsAreRows(t, w)
		})
	}
}

func countsAreRows(t *testing.T, w *World) {
	orderedOverPages(t, w)
	agencies := map[string]member.Agency{}
	list, err := w.Hub.Members.Agencies(t.Context(), policy.SystemActor(), member.AgencyFilter{})
	w.ok(err)
	for _, a := range list {
		agencies[a.ID] = a
	}
	rnd := rand.New(rand.NewPCG(7, 7))
	compared := 0
	for _, l := range []struct {
		path, cursor string
		with         url.Values
		who          []string
	}{
		{"/agencies", "", nil, []string{"ag0", "secretariat", "reader"}},
		{"/guidelines", "after", url.Values{"limit": {"3"}}, []string{"ag0", "ag3", "secretariat", "moderator", "reader", "expert", "partner", "own-rep"}},
		{"/guidelines", "after", url.Values{"limit": {"3"}, "state": {"in_work"}}, []string{"ag0", "ag3", "secretariat", "moderator", "reader", "expert", "own-rep"}},
		{"/guidelines", "after", url.Values{"state": {"published"}, "q": {"ag"}}, []string{"ag1", "secretariat", "reader"}},
		{"/library", "after", nil, []string{"anonymous", "ag0", "reader", "secretariat"}},
		{"/library", "after", url.Values{"lang": {"ar"}, "q": {"summary"}}, []string{"anonymous", "ag0"}},
		{"/practices", "cursor", url.Values{"limit": {"3"}}, []string{"ag0", "ag3", "secretariat", "moderator", "expert"}},
		{"/practices", "cursor", url.Values{"stage": {"screened"}}, []string{"ag0", "secretariat"}},
		{"/ballots", "cursor", url.Values{"limit": {"2"}}, []string{"ag0", "secretariat", "moderator", "reader"}},
		{"/ballots", "cursor", url.Values{"state": {"open"}}, []string{"ag0", "secretariat"}},
		{"/ballots/" + w.Objects["ballot/open"], "", nil, []string{"ag0", "secretariat", "reader", "moderator"}},
		{"/terms", "", nil, []string{"ag0", "reader", "secretariat"}},
		{"/terms", "", url.Values{"state": {"proposed"}}, []string{"ag0", "secretariat"}},
		{"/terms", "", url.Values{"state": {"proposed,approved"}, "q": {"لفظ"}}, []string{"ag0", "secretariat"}},
		{"/agencies", "", url.Values{"q": {"AG"}}, []string{"ag0", "secretariat"}},
		{"/people", "cursor", nil, []string{"secretariat"}},
		{"/invitations", "", nil, []string{"secretariat", "ag0"}},
		{"/workspaces", "", nil, []string{"secretariat", "ag0", "ag3", "own-lead", "reader"}},
		{"/ballots", "cursor", url.Values{"limit": {"2"}, "order": {"closing"}}, []string{"ag0", "secretariat"}},
		{"/ballots", "cursor", url.Values{"limit": {"3"}, "order": {"closed"}, "state": {"open,scheduled,draft"}}, []string{"ag0", "secretariat"}},
		{"/moderation/queue", "cursor", url.Values{"limit": {"3"}}, []string{"moderator"}},
		{"/moderation/queue", "cursor", url.Values{"limit": {"2"}, "claim": {"mine"}}, []string{"moderator"}},
		{"/moderation/queue", "cursor", url.Values{"limit": {"2"}, "claim": {"free"}}, []string{"moderator"}},
		{"/moderation/queue", "cursor", url.Values{"limit": {"1"}, "state": {"upheld"}, "hidden": {"true"}}, []string{"moderator"}},
		{"/moderation/log", "after", nil, []string{"moderator"}},
	} {
		for _, who := range l.who {
			name := fmt.Sprintf("%s?%s as %s", l.path, l.with.Encode(), who)
			plain := w.whole(who, l.path, l.cursor, l.with)
			rows := owners(l.path, plain.Items)
			if n := plain.Narrowing; n.Total != len(rows) || n.All != len(rows) {
				t.Errorf("%s: %d rows, and the count says %d of %d", name, len(rows), n.Total, n.All)
			}
			if len(rows) < 2 && who != "partner" && who != "expert" && who != "ag0" && who != "reader" && who != "anonymous" {
				t.Errorf("%s: the seed leaves %d rows, which prove nothing", name, len(rows))
			}
			// One value of one axis, then others of the remaining ones beside it.
			for range 4 {
				chosen := member.Narrowing{}
				at := plain
				for _, x := range rnd.Perm(len(at.Narrowing.Axes))[:1+rnd.IntN(3)] {
					axis := at.Narrowing.Axes[x]
					counts := map[string]int{}
					for _, v := range axis.Values {
						if v.Count > 0 {
							counts[v.Value] = v.Count
						}
						if v.Name.Ar == "" || v.Name.En == "" {
							t.Errorf("%s: %s=%s has no name", name, axis.Axis, v.Value)
						}
					}
					sum := map[string]int{}
					for _, key := range rows {
						for _, v := range standing(key, agencies, chosen.Keeps, member.Axis(axis.Axis).Of) {
							sum[v]++
						}
					}
					if !maps.Equal(sum, counts) {
						t.Errorf("%s %v: beside the values of %s stand %v, of the rows %v", name, chosen, axis.Axis, counts, sum)
					}
					if len(axis.Values) == 0 {
						break
					}
					v := axis.Values[rnd.IntN(len(axis.Values))]
					chosen[member.Axis(axis.Axis)] = []string{v.Value}
					q := copied(l.with)
					for x, vs := range chosen {
						q[string(x)] = vs
					}
					at = w.whole(who, l.path, l.cursor, q)
					got := owners(l.path, at.Items)
					if v.Count != len(got) || at.Narrowing.Total != len(got) || at.Narrowing.All != len(rows) {
						t.Errorf("%s %v: %d rows, beside the value stood %d, the total says %d of %d", name, chosen, len(got), v.Count, at.Narrowing.Total, at.Narrowing.All)
					}
					want := slices.DeleteFunc(slices.Clone(rows), func(key string) bool {
						return len(standing(key, agencies, chosen.Keeps, func(a member.Agency) string { return a.ID })) == 0
					})
					if !slices.Equal(got, want) {
						t.Errorf("%s %v: rows of %v, want %v", name, chosen, got, want)
					}
					if l.path == "/practices" {
						stages := map[string]int{}
						for _, r := range at.Items {
							stages[r.Stage]++
						}
						if !maps.Equal(stages, at.Stages) {
							t.Errorf("%s %v: rows at %v, the answer counts %v", name, chosen, stages, at.Stages)
						}
					}
					compared++
				}
			}
		}
	}
	if compared < 200 {
		t.Errorf("only %d lists were compared", compared)
	}
}

// orderedOverPages: where a page ends does not show in the order of the whole.
func orderedOverPages(t *testing.T, w *World) {
	for _, l := range []struct {
		who, path, cursor string
		with              url.Values
		after             func(a, b listedRow) bool // a may not stand before b
	}{
		{"secretariat", "/ballots", "cursor", url.Values{"order": {"closing"}, "limit": {"2"}}, func(a, b listedRow) bool { return a.ClosesAt.After(b.ClosesAt) }},
		{"secretariat", "/ballots", "cursor", url.Values{"order": {"closed"}, "limit": {"2"}}, func(a, b listedRow) bool { return a.ClosesAt.Before(b.ClosesAt) }},
		{"moderator", "/moderation/queue", "cursor", url.Values{"limit": {"2"}}, func(a, b listedRow) bool {
			return a.Priority < b.Priority || a.Priority == b.Priority && a.CreatedAt.After(b.CreatedAt)
		}},
	} {
		rows := w.whole(l.who, l.path, l.cursor, l.with).Items
		if len(rows) < 5 {
			t.Errorf("%s: %d rows prove nothing", l.path, len(rows))
		}
		for i := 1; i < len(rows); i++ {
			if l.after(rows[i-1], rows[i]) {
				t.Errorf("%s?%s: row %d stands before %d: %+v %+v", l.path, l.with.Encode(), i-1, i, rows[i-1], rows[i])
			}
		}
	}
	for path, field := range map[string]string{"/ballots?order=sideways": "order", "/ballots?order=closing&cursor=x": "cursor", "/moderation/queue?cursor=1.2": "cursor",
		"/moderation/queue?state=upheld&cursor=x": "cursor", "/moderation/log?after=x": "cursor"} {
		if a := w.Call("moderator", http.MethodGet, "/api/v1"+path, ""); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, `"`+field+`":"invalid"`) {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
}

// Counts by agency would tell those who read the log without names whose content it speaks of.
func TestTheLogNarrowsForModeratorsOnly(t *testing.T) {
	t.Parallel()
	w := NewWorld(t)
	for _, who := range []string{"own-lead", "secretariat", "own-reader"} {
		if a := w.Call(who, http.MethodGet, "/api/v1/moderation/log", ""); a.Status != http.StatusOK || strings.Contains(a.Body, "narrowing") || strings.Contains(a.Body, "owner") {
			t.Errorf("%s reads %d %.300s", who, a.Status, a.Body)
		}
		if a := w.Call(who, http.MethodGet, "/api/v1/moderation/log?tier=local", ""); a.Status != http.StatusForbidden {
			t.Errorf("%s narrows: %d %.300s", who, a.Status, a.Body)
		}
	}
	if a := w.Call("moderator", http.MethodGet, "/api/v1/moderation/log?tier=local", ""); a.Status != http.StatusOK || !strings.Contains(a.Body, `"narrowing":{`) {
		t.Errorf("a moderator: %d %.300s", a.Status, a.Body)
	}
}

func TestAnImpossibleNarrowingIsRefusedByName(t *testing.T) {
	t.Parallel()
	w := NewWorld(t)
	for _, l := range []string{"/agencies", "/guidelines", "/library", "/practices", "/ballots", "/ballots/" + w.Objects["ballot/voted"], "/terms", "/people", "/invitations", "/workspaces"} {
		for axis, value := range map[string]string{"tier": "municipal", "kind": "x", "sector": "القطاع", "area": "a b"} {
			a := w.Call("secretariat", http.MethodGet, "/api/v1"+l+"?"+url.Values{axis: {value}}.Encode(), "")
			if a.Status != http.StatusBadRequest || a.Code() != "member.narrow_"+axis || !strings.Contains(a.Body, `"`+axis+`":"unknown"`) {
				t.Errorf("%s?%s=%s: %d %s", l, axis, value, a.Status, a.Body)
			}
		}
		if a := w.Call("secretariat", http.MethodGet, "/api/v1"+l+"?sector=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v", ""); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, `"sector":"too_many"`) {
			t.Errorf("%s: %d %s", l, a.Status, a.Body)
		}
		if a := w.Call("secretariat", http.MethodGet, "/api/v1"+l+"?sector=nobody-has-it", ""); a.Status != http.StatusOK || !strings.Contains(a.Body, `"total":0`) || !strings.Contains(a.Body, `"value":"nobody-has-it"`) {
			t.Errorf("%s: a sector that no agency has: %d %.300s", l, a.Status, a.Body)
		}
	}
}

func TestTheNetworkNamesItsSectorsAndAreas(t *testing.T) {
	t.Parallel()
	w := NewWorld(t)
	put := func(who, axis, code string) Answer {
		return w.Call(who, http.MethodPut, "/api/v1/agency-words", `{"axis":"`+axis+`","code":"`+code+`","name":{"ar":"محافظة الريف","en":"Rural governorate"}}`)
	}
	if a := put("own-lead", "area", "rural"); a.Status != http.StatusForbidden {
		t.Errorf("a lead names an area: %d", a.Status)
	}
	for _, wrong := range [][3]string{{"tier", "local", "axis"}, {"area", "RURAL", "code"}} {
		if a := put("secretariat", wrong[0], wrong[1]); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, `"`+wrong[2]+`"`) {
			t.Errorf("%s: %d %s", wrong, a.Status, a.Body)
		}
	}
	if a := put("secretariat", "area", "rural"); a.Status/100 != 2 {
		t.Fatalf("name: %d %s", a.Status, a.Body)
	}
	_, err := w.Hub.Members.UpdateAgency(t.Context(), policy.SystemActor(), w.Objects["agency/OWN"], member.AgencyPatch{Area: ptr("rural")})
	w.ok(err)
	if a := w.Call("own-rep", http.MethodGet, "/api/v1/practices?area=rural", ""); !strings.Contains(a.Body, "محافظة الريف") {
		t.Errorf("the name is not beside its count: %.400s", a.Body)
	}
	if a := w.Call("own-rep", http.MethodGet, "/api/v1/agency-words", ""); !strings.Contains(a.Body, `{"axis":"area","code":"rural","name":{"ar":"محافظة الريف","en":"Rural governorate"}}`) {
		t.Errorf("words: %.400s", a.Body)
	}
}

func ptr[T any](v T) *T { return &v }

var (
	box    = regexp.MustCompile(`<input type="checkbox" name="([a-z]+)" value="([^"]+)"(?: checked)?><bdi>([^<]+)</bdi><span class="n">([0-9]+)</span>`)
	result = regexp.MustCompile(`<li><div class="meta"><span class="tag kind">`)
	next   = regexp.MustCompile(`rel="next" href="([^"]+)"`)
)

// published are the rows of the published library over all its pages, and its boxes.
func (w *World) published(q string) (rows int, boxes map[[2]string]int) {
	w.T.Helper()
	boxes = map[[2]string]int{}
	for at := "/published?lang=en&" + q; at != ""; {
		a := w.Call("anonymous", http.MethodGet, at, "")
		if a.Status != http.StatusOK {
			w.T.Fatalf("%s: %d", at, a.Status)
		}
		rows += len(result.FindAllString(a.Body, -1))
		for _, m := range box.FindAllStringSubmatch(a.Body, -1) {
			n, err := strconv.Atoi(m[4])
			w.ok(err)
			boxes[[2]string{m[1], m[2]}] = n
		}
		m := next.FindStringSubmatch(a.Body)
		at = ""
		if m != nil {
			if at = html.UnescapeString(m[1]); q != "q=" && !strings.Contains(at, strings.SplitN(q, "=", 2)[0]) {
				w.T.Errorf("the next page of %q forgets it: %s", q, at)
			}
		}
	}
	return rows, boxes
}

func TestCountsOfThePublishedLibraryAreItsRows(t *testing.T) {
	t.Parallel()
	w := fromSeed(t, "published", func(w *World, ctx context.Context) {
		w.people(ctx)
		w.diverse(ctx)
		// Enough for a second page, all of one agency.
		for i := range 22 {
			view := w.guideline(ctx, fmt.Sprintf("many-%d", i), "own-lead", policy.ToPublic, "")
			_, err := w.Hub.Guidelines.Do(ctx, w.Actors["secretariat"], view.Edition.ID, guideline.ForcePublish, guideline.Request{Reason: "اختبار النشر العاجل للدليل", ReviewBy: db.At(time.Now().AddDate(1, 0, 0))})
			w.ok(err)
		}
	})
	all, boxes := w.published("q=")
	if len(boxes) < 4 || all < 24 {
		t.Fatalf("%d rows, %d boxes", all, len(boxes))
	}
	for b, n := range boxes {
		rows, within := w.published(b[0] + "=" + b[1])
		if rows != n || n == 0 || within[b] != n {
			t.Errorf("%s=%s: %d rows, beside the box stood %d, then %d", b[0], b[1], rows, n, within[b])
		}
		for other, k := range within {
			if other[0] == b[0] {
				continue
			}
			if rows, _ := w.published(b[0] + "=" + b[1] + "&" + other[0] + "=" + other[1]); rows != k {
				t.Errorf("%s=%s %s=%s: %d rows, beside the box stood %d", b[0], b[1], other[0], other[1], rows, k)
			}
		}
	}
	if a := w.Call("anonymous", http.MethodGet, "/published?lang=ar&tier=federal&area=nobody-is-there", ""); !strings.Contains(a.Body, "لا أدلة هنا لجهة من") || !strings.Contains(a.Body, "رفع التضييق كله") {
		t.Error("an empty narrowing does not say what made it empty")
	}
	if a := w.Call("anonymous", http.MethodGet, "/published?tier=x", ""); a.Status != http.StatusBadRequest {
		t.Errorf("an impossible tier: %d", a.Status)
	}
}
