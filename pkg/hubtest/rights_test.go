package hubtest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/hub"
	"github.com/multaqa/multaqa/pkg/member"
)

// effects says of every route that changes something what it does to what people may do with a living text that is there. "rights" has
// a scenario below for each; "state" moves an edition between states that are all not written, or begins one; "" does neither.
var effects = map[string]string{
	"POST /session": "", "DELETE /session": "rights", "DELETE /sessions/:id": "rights", "PATCH /me": "", "POST /me/password": "rights",
	"POST /setup": "", "POST /invitations/:id": "rights", "PUT /suggestions/:id/note": "", "PATCH /revisions/:id": "", "DELETE /revisions/:id": "", "POST /discussions/:id/close": "",
	"POST /agencies": "", "PUT /agency-words": "", "PATCH /agencies/:id": "rights", "POST /agencies/:id/invitations": "", "POST /invitations": "", "DELETE /invitations/:id": "",
	"DELETE /seats/:id": "rights", "PUT /seats/:id/holder": "rights", "POST /seats/:id/handover": "",
	"POST /people/:id/roles": "rights", "DELETE /people/:id/roles/:role": "rights", "PUT /people/:id/status": "rights",
	"POST /workspaces": "", "POST /workspaces/:id/agencies": "rights", "DELETE /workspaces/:id/agencies/:agency": "rights",
	"POST /guidelines": "", "PATCH /guidelines/:id": "", "POST /guidelines/:id/editions": "state", "PUT /guidelines/:id/visibility": "rights",
	"POST /editions/:id/events": "rights",
	"POST /drafts/:id/sections": "rights", "PATCH /sections/:id": "rights", "DELETE /sections/:id": "rights", "POST /sections/:id/done": "",
	"POST /flags": "", "POST /moderation/:id/claim": "", "POST /moderation/:id/decide": "rights",
	"POST /editions/:id/ballots": "", "POST /practices/:id/ballots": "", "POST /ballots/:id/open": "state", "POST /ballots/:id/votes": "",
	"POST /ballots/:id/close": "state", "POST /ballots/:id/cancel": "state", "POST /ballots/:id/extend": "", "POST /ballots/:id/certify": "state", "POST /ballots/:id/rounds": "",
	"POST /practices": "", "PATCH /practices/:id": "", "POST /practices/:id/stage": "", "PUT /practices/:id/partners": "", "POST /discussions/:id/posts": "",
	"POST /drafts/:id/threads": "", "POST /threads/:id/comments": "", "POST /threads/:id/resolve": "", "POST /threads/:id/reopen": "",
	"POST /threads/:id/widen": "", "POST /threads/:id/anchor": "",
	"POST /drafts/:id/suggestions": "", "POST /drafts/:id/suggestions/accept": "", "POST /drafts/:id/suggestions/reject": "",
	"POST /suggestions/:id/accept": "", "POST /suggestions/:id/reject": "", "POST /suggestions/:id/withdraw": "", "POST /suggestions/:id/correct": "",
	"POST /drafts/:id/images": "", "POST /drafts/:id/revisions": "", "POST /drafts/:id/restore": "",
	"POST /terms": "", "PATCH /terms/:id": "", "POST /terms/:id/state": "",
}

// A scenario takes a right away, or gives one, by a route, while victim has the joint draft open on two nodes that hear nothing of each other.
type scenario struct {
	route, by, path, body string
	victim                string
	push                  []string                // the codes that a push gets from then on, at once and on both nodes; "" is accepted, none: it is not tried
	in                    string                  // heading whose section is typed into; else the beginning
	told                  string                  // "closed" (whose roles or seat change signs in again), "denied", "loses", "gains" draft.write, or nothing
	before                func(s *sight) []string // what stands for %s in path and body
}

var gone = []string{"policy.forbidden", "closed", "denied"}

func ids(names ...string) func(*sight) []string {
	return func(s *sight) []string {
		var out []string
		for _, n := range names {
			out = append(out, s.w.Objects[n])
		}
		return out
	}
}

var scenarios = []scenario{
	{"DELETE /session", "other-rep", "/session", "", "other-rep", gone, "", "closed", nil},
	{"DELETE /sessions/:id", "other-rep", "/sessions/%s", "", "other-rep", gone, "", "closed", func(s *sight) []string { return []string{s.w.Actors["other-rep"].Session} }},
	{"POST /me/password", "again", "/me/password", `{"current":"` + password + `","new":"another password 22"}`, "other-rep", gone, "", "closed", func(s *sight) []string {
		o, err := s.w.Hub.Members.Open(context.Background(), member.SignIn{Email: "other-rep@example.gov", Password: password, Source: "127.0.0.1"})
		s.w.ok(err)
		s.w.Principals["again"] = o.Token
		return nil
	}},
	{"PUT /people/:id/status", "secretariat", "/people/%s/status", `{"status":"suspended"}`, "other-rep", gone, "", "closed", ids("person/other-rep")},
	{"PATCH /agencies/:id", "secretariat", "/agencies/%s", `{"status":"suspended"}`, "other-rep", gone, "", "denied", ids("agency/OTHER")},
	{"DELETE /seats/:id", "secretariat", "/seats/%s", "", "other-rep", gone, "", "closed", ids("seat/other-rep")},
	{"PUT /seats/:id/holder", "secretariat", "/seats/%s/holder", `{"person":"%s"}`, "other-rep", gone, "", "closed", ids("seat/other-rep", "person/expert")},
	{"POST /invitations/:id", "anonymous", "/invitations/%s", `{"name":{"ar":"خلف","en":"Next"},"password":"another password 33"}`, "other-rep", gone, "", "closed", func(s *sight) []string {
		a := s.w.Call("secretariat", "POST", "/api/v1/agencies/"+s.w.Objects["agency/OTHER"]+"/invitations", `{"email":"next@example.gov","name":{"ar":"خلف","en":"Next"},"kind":"writer","replaces":"`+s.w.Objects["seat/other-rep"]+`"}`)
		var out struct{ URL string }
		if json.Unmarshal([]byte(a.Body), &out) != nil || out.URL == "" {
			s.t.Fatal(a.Status, a.Body)
		}
		return []string{out.URL[strings.LastIndexAny(out.URL, "/=")+1:]}
	}},
	{"DELETE /people/:id/roles/:role", "secretariat", "/people/%s/roles/SA", "", "secretariat2", gone, "", "closed", ids("person/secretariat2")},
	{"POST /people/:id/roles", "secretariat", "/people/%s/roles", `{"role":"SA"}`, "moderator", nil, "", "closed", ids("person/moderator")},
	{"POST /workspaces/:id/agencies", "own-lead", "/workspaces/%s/agencies", `{"agency":"%s"}`, "third-rep", nil, "", "gains", ids("workspace/joint", "agency/THIRD")},
	{"DELETE /workspaces/:id/agencies/:agency", "own-lead", "/workspaces/%s/agencies/%s", "", "third-rep", gone, "", "loses", func(s *sight) []string {
		s.must("own-lead", "POST", "/workspaces/"+s.w.Objects["workspace/joint"]+"/agencies", `{"agency":"`+s.w.Objects["agency/THIRD"]+`"}`)
		return ids("workspace/joint", "agency/THIRD")(s)
	}},
	{"PUT /guidelines/:id/visibility", "own-lead", "/guidelines/%s/visibility", `{"to":"agency"}`, "third-rep", nil, "", "denied", ids("guideline/joint")},
	{"POST /moderation/:id/decide", "moderator", "/moderation/%s/decide", `{"action":"hide","reason":"معلومات شخصية في النص","version":%s}`, "third-rep", nil, "", "denied", func(s *sight) []string {
		s.must("third-lead", "POST", "/flags", `{"object":"`+s.w.Objects["guideline/joint"]+`","reason":"personal_data"}`)
		var q struct {
			Items []struct {
				ID      string
				Version int64
			}
		}
		if a := s.must("moderator", "GET", "/moderation/queue", ""); json.Unmarshal([]byte(a.Body), &q) != nil || len(q.Items) != 1 {
			s.t.Fatal(a.Body)
		}
		var claimed struct{ Version int64 }
		a := s.must("moderator", "POST", "/moderation/"+q.Items[0].ID+"/claim", fmt.Sprintf(`{"version":%d}`, q.Items[0].Version))
		_ = json.Unmarshal([]byte(a.Body), &claimed)
		return []string{q.Items[0].ID, fmt.Sprint(claimed.Version)}
	}},
	{"POST /editions/:id/events", "own-lead", "/editions/%s/events", `{"event":"submit"}`, "other-rep", []string{"draft.not_writable"}, "", "loses", ids("edition/joint")},
	{"POST /drafts/:id/sections", "own-lead", "/drafts/%s/sections", `{"version":0,"from":9,"agency":"%s","due_at":null,"note":""}`, "other-rep", []string{"draft.section"}, "## One", "", ids("draft/joint", "agency/OWN")},
	{"PATCH /sections/:id", "own-lead", "/sections/%s", `{"agency":"%s","due_at":null,"note":""}`, "other-rep", []string{"draft.section"}, "## One", "", func(s *sight) []string {
		return []string{s.section("OTHER"), s.w.Objects["agency/OWN"]}
	}},
	{"DELETE /sections/:id", "own-lead", "/sections/%s", "", "other-rep", []string{""}, "## One", "", func(s *sight) []string { return []string{s.section("OWN")} }},
}

// TestRightsEndOnOpenSockets: whatever route takes a right away, nothing is accepted after its answer, on whichever node, and every socket is told by the
// end of the next sweep; by the epoch alone, for the nodes hear nothing of each other. The epoch is what a node's memory of rights stands on.
func TestRightsEndOnOpenSockets(t *testing.T) {
	has := map[string]bool{}
	for _, sc := range scenarios {
		has[sc.route] = true
		t.Run(sc.route, func(t *testing.T) {
			hasty(t, 250*time.Millisecond) // long enough for a push to come before a sweep
			newSight(t, NewWorld(t), bus.NewMemory()).play(sc)
		})
	}
	seen := map[string]bool{}
	for _, r := range NewWorld(t).Hub.Web.Router.Routes() {
		if r.Method == "GET" || r.Method == "HEAD" {
			continue
		}
		route := r.Method + " " + r.Path
		seen[route] = true
		effect, ok := effects[route]
		switch {
		case !ok:
			t.Errorf("%s: say in effects what it does to rights", route)
		case effect == "rights" && !has[route]:
			t.Errorf("%s changes rights and has no scenario", route)
		}
	}
	for route := range effects {
		if !seen[route] {
			t.Errorf("there is no route %s", route)
		}
	}
}

// TestRightsEndOnTwoNodes is the same on two nodes that have something in common: PostgreSQL, and Redis between them.
func TestRightsEndOnTwoNodes(t *testing.T) {
	hasty(t, 100*time.Millisecond)
	s := servicesSight(t)
	for _, k := range takings {
		t.Run(k.name, func(t *testing.T) {
			if k.before != nil {
				k.before(s)
			}
			tabs := []*watcher{s.watch(0, k.victim), s.watch(1, k.victim)}
			if tabs[0].writes != k.writes || tabs[1].writes != k.writes {
				t.Fatalf("the victim may write: %t, %t", tabs[0].writes, tabs[1].writes)
			}
			k.take(s)
			s.settle(s.sweeps(), tabs...)
			for _, tab := range tabs {
				if tab.ended == "" && tab.writes == k.writes {
					t.Errorf("%s does not know it by the end of the next sweep", tab.name)
				}
				tab.ws.Close()
			}
			k.give(s)
		})
	}
}

// TestAnEventEndsRights: nobody waits for a sweep, for the relay says that something happened. Here none would come within the hour.
func TestAnEventEndsRights(t *testing.T) {
	hasty(t, time.Hour)
	s := newSight(t, NewWorld(t), bus.NewMemory())
	defer s.relay()()
	for _, k := range takings {
		t.Run(k.name, func(t *testing.T) {
			if k.before != nil {
				k.before(s)
			}
			tabs := []*watcher{s.watch(0, k.victim), s.watch(1, k.victim)}
			k.take(s)
			for _, tab := range tabs {
				tab.until("word of it", func() bool { return tab.ended != "" || tab.writes != k.writes })
				tab.ws.Close()
			}
			k.give(s)
		})
	}
}

// play has the victim open the text on both nodes, takes the right, and looks at what becomes of it.
func (s *sight) play(sc scenario) {
	t := s.t
	t.Helper()
	var args []string
	if sc.before != nil {
		args = sc.before(s)
	}
	tabs := []*watcher{s.watch(0, sc.victim), s.watch(1, sc.victim)}
	for _, tab := range tabs {
		if len(sc.push) > 0 && sc.push[0] != "" { // what is remembered of rights is remembered now
			if code := tab.write(sc.in); code != "" {
				t.Fatalf("%s before: %s", tab.name, code)
			}
		}
		if reads := sc.told == "gains" || len(sc.push) == 0; tab.writes == reads {
			t.Fatalf("%s may write before: %t", tab.name, tab.writes)
		}
	}
	var epochs [2]int64
	for i, h := range s.hubs {
		var err error
		epochs[i], err = h.RightsEpoch(t.Context())
		s.w.ok(err)
	}
	method, _, _ := strings.Cut(sc.route, " ")
	path, body := sc.path, sc.body
	for _, a := range args {
		if strings.Contains(path, "%s") {
			path = strings.Replace(path, "%s", a, 1)
		} else {
			body = strings.Replace(body, "%s", a, 1)
		}
	}
	s.must(sc.by, method, path, body)
	sweeps := s.sweeps()
	for i, h := range s.hubs {
		if now, err := h.RightsEpoch(t.Context()); err != nil || now <= epochs[i] {
			t.Errorf("the epoch on node %d stays at %d: %v", i+1, now, err)
		}
	}
	for _, tab := range tabs {
		if len(sc.push) > 0 {
			if got := tab.write(sc.in); !slices.Contains(sc.push, got) {
				t.Errorf("%s, a push: %q, want %q", tab.name, got, sc.push)
			}
		}
	}
	s.settle(sweeps, tabs...)
	for _, tab := range tabs {
		knows := true
		switch sc.told {
		case "closed", "denied":
			knows = tab.ended == sc.told
		case "loses", "gains":
			knows = tab.ended == "" && tab.writes == (sc.told == "gains")
		}
		if !knows {
			t.Errorf("%s was told %q, may write: %t; want %s by the end of the next sweep", tab.name, tab.ended, tab.writes, sc.told)
		}
	}
}

// Kinds of events that do not move the epoch. Whoever adds one says here why what its routes do is nobody's right on a living text.
func TestHarmlessKindsAreNobodysRight(t *testing.T) {
	why := map[string]string{
		"ballot.vote_cast": "a vote decides nothing before the count", "session.opened": "a new session; others' stand",
		"comment.added": "", "thread.anchored": "", "thread.opened": "", "thread.reopened": "", "thread.resolved": "", "thread.widened": "",
	}
	for _, kind := range hub.Harmless() {
		if _, ok := why[kind]; !ok {
			t.Errorf("%s does not move the epoch of rights, and nobody said why", kind)
		}
	}

}
