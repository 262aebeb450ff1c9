package guideline

import (
	"context"
	"strconv"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Filter narrows a list; empty fields do not. Limit is 1 to 100, 50 when 0.
type Filter struct {
	State     State
	States    []State // any of these, besides State
	Query     string  // words of the titles and the summary
	Mine      bool    // led or written by the actor's agency
	Agency    string
	Narrow    member.Narrowing // of the lead agency
	Workspace string
	Language  string
	Readable  bool // only what readers have: the library
	Cursor    string
	Limit     int
	Count     bool // the owners of all pages too
}

// where is the filter without its narrowing and its page.
func (f Filter) where(actor policy.Actor) *db.Where {
	states := f.States
	if f.State != "" {
		states = append(states, f.State)
	}
	w := &db.Where{}
	w.Add(visible(actor, w.Next(), states...))
	if f.Readable {
		w.And(`exists (select 1 from edition e where e.guideline = g.id and e.state = 'published')`)
	}
	for _, word := range strings.Fields(fold(f.Query)) {
		w.And(`g.title_norm like ?`, "%"+word+"%") // fold leaves no wildcard in a word
	}
	if f.Mine {
		w.And(`g.agency = ? or exists (select 1 from guideline_writer w where w.guideline = g.id and w.agency = ?)`, actor.Agency, actor.Agency)
	}
	if f.Agency != "" {
		w.And(`g.agency = ?`, f.Agency)
	}
	if f.Workspace != "" {
		w.And(`g.workspace = ?`, f.Workspace)
	}
	if f.Language != "" {
		w.And(`g.language = ?`, f.Language)
	}
	return w
}

// List is a page of a list: the guidelines that the actor may see, the last
// changed first.
//
// Faults: guideline.invalid with cursor.
func (s *Service) List(ctx context.Context, actor policy.Actor, f Filter) (member.PageOf[Summary], error) {
	var out member.PageOf[Summary]
	act := policy.ListGuidelines
	if f.Readable {
		act = policy.ReadLibrary
	}
	// Everybody may ask; the condition decides what is answered.
	if err := policy.Check(actor, act, policy.Open("guideline")); err != nil {
		return out, err
	}
	if f.Limit <= 0 || f.Limit > 100 {
		f.Limit = 50
	}
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		out = member.PageOf[Summary]{}
		w := f.where(actor)
		if f.Count {
			if out.Owners, err = member.CountOwners(ctx, tx, "guideline g", "g.agency", w); err != nil {
				return err
			}
		}
		w.Add(f.Narrow.SQL("g.agency", w.Next()))
		if f.Cursor != "" {
			at, id, ok := db.ParseCursor(f.Cursor)
			if !ok {
				return fault.New(fault.Invalid, "guideline.invalid").WithField("cursor", "invalid")
			}
			w.And(`(g.updated_at, g.id) < (?, ?)`, at, id)
		}
		where, args := w.SQL()
		gs, err := selectGuidelines(ctx, tx, `where `+where+` order by g.updated_at desc, g.id desc limit `+strconv.Itoa(f.Limit+1), args...)
		if err != nil {
			return err
		}
		gs, out.Next = db.Cut(gs, f.Limit, func(g Guideline) string { return db.Cursor(int64(g.UpdatedAt), g.ID) })
		ids := make([]string, len(gs))
		for i, g := range gs {
			ids[i] = g.ID
		}
		all, err := editionsOf(ctx, tx, ids...)
		if err != nil {
			return err
		}
		for _, g := range gs {
			out.Items = append(out.Items, summaryOf(actor, g, all[g.ID]))
		}
		return s.countThreads(ctx, tx, out.Items)
	})
	return out, err
}

// visible is policy.SeesEdition as SQL, for guidelines of which the actor sees
// one edition or more, in one of the states where some are given; a test
// compares the two.
func visible(a policy.Actor, first int, states ...State) (string, []any) {
	var args []any
	in := ""
	if len(states) > 0 {
		var marks string
		marks, args = db.In(first, states)
		in = ` and e.state in (` + marks + `)`
	}
	any := `exists (select 1 from edition e where e.guideline = g.id` + in + `)`
	if a.System {
		if len(states) == 0 {
			return "1 = 1", nil
		}
		return any, args
	}
	readable := `exists (select 1 from edition e where e.guideline = g.id and e.state in ('published', 'superseded', 'withdrawn')` + in + `)`
	living := `exists (select 1 from edition e where e.guideline = g.id and e.state not in ('unpublished', 'discarded')` + in + `)`
	scope, own := `g.visibility = 'public'`, "1 = 0"
	if a.Has(policy.SecretariatAdmin, policy.Moderator, policy.AgencyLead, policy.Representative, policy.Reader) {
		scope += ` or g.visibility = 'network'`
	}
	if a.Has(policy.SecretariatAdmin) {
		scope += ` or g.visibility = 'agencies'`
		own = `g.visibility <> 'agency'`
	}
	if a.Agency != "" {
		p := "$" + strconv.Itoa(first+len(args))
		args = append(args, a.Agency)
		scope += ` or g.agency = ` + p + ` or (g.visibility = 'agencies' and exists (select 1 from guideline_share sh where sh.guideline = g.id and sh.agency = ` + p + `))`
		if a.Has(policy.SecretariatAdmin, policy.AgencyLead, policy.Representative) {
			own += ` or g.agency = ` + p
		}
		if a.Has(policy.AgencyLead, policy.Representative) {
			own += ` or exists (select 1 from guideline_writer w where w.guideline = g.id and w.agency = ` + p + `)`
		}
	}
	seen := readable
	if policy.Members(a) {
		seen = living
	}
	// Who is asked about a text sees it meanwhile, unless it is an agency's own. The column is JSON, and no id holds a quote.
	asked := "1 = 0"
	if a.Person != "" {
		ids := []string{a.Person}
		if a.Agency != "" && !a.Has(policy.Reader) {
			ids = append(ids, a.Agency)
		}
		var those []string
		for _, id := range ids {
			args = append(args, `%"`+id+`"%`)
			those = append(those, `e.experts like $`+strconv.Itoa(first+len(args)-1))
		}
		asked = `g.visibility <> 'agency' and exists (select 1 from edition e where e.guideline = g.id and e.state in ('fact_check', 'fact_check_received', 'consultation') and (` + strings.Join(those, " or ") + `)` + in + `)`
	}
	shown := "g.hidden = false"
	if a.Has(policy.Moderator) {
		shown = "1 = 1"
	}
	if len(states) > 0 {
		own = `(` + own + `) and ` + any
	}
	return `((` + own + `) or (((` + scope + `) and ` + seen + ` or ` + asked + `) and ` + shown + `))`, args
}
