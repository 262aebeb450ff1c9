package comment

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/suggestion"
)

// Facts tells the facts of the edition a draft belongs to (guideline.Service).
type Facts interface {
	Facts(ctx context.Context, tx *db.Tx, draft string) (policy.Facts, error)
}

// Service is the use cases of threads. Safe for concurrent use.
type Service struct {
	db    *db.DB
	facts Facts
	log   *slog.Logger

	suggests *suggestion.Service
}

// New returns a service.
func New(d *db.DB, facts Facts, log *slog.Logger) *Service {
	return &Service{db: d, facts: facts, log: log}
}

// NewThread is what opening a thread needs. From and To are positions in the text of Version.
type NewThread struct {
	Version  int64
	From, To int
	Body     string
	Kind     Kind // "" is general
	Blocking bool
	Mentions []string
	Audience Audience // "" is the network
	Proposal *string  // what should stand in the place of the range; a live suggestion is made of it
}

// Open begins a thread on a range of the text.
//
// Faults: draft.not_found, policy.forbidden, comment.invalid with fields, comment.anchor_gone when nothing of the
// range is left, comment.too_many.
func (s *Service) Open(ctx context.Context, actor policy.Actor, draftID string, in NewThread) (Thread, error) {
	var t Thread
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		f, err := s.facts.Facts(ctx, tx, draftID)
		if err != nil {
			return err
		}
		inside := in.Audience == Inside
		if inside {
			f.Within = actor.Agency
		}
		if err := policy.Check(actor, policy.CreateThread, f); err != nil {
			return err
		}
		if in.Kind == "" {
			in.Kind = General
		}
		bad := checkBody(nil, "body", &in.Body, MaxBody)
		if in.Kind != General && in.Kind != Technical && in.Kind != Editorial {
			bad = field(bad, "kind", "comment.unknown_kind")
		}
		if in.From < 0 || in.To <= in.From || in.Version < 0 {
			bad = field(bad, "from", "comment.bad_range")
		}
		bad = checkAudience(bad, actor, in)
		bad, err = checkMentions(ctx, tx, bad, &in.Mentions, f.Within)
		if err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
		n, err := count(ctx, tx, `select count(*) from thread where draft = $1`, draftID)
		if err != nil {
			return err
		}
		if n >= MaxThreads {
			return fault.New(fault.Conflict, "comment.too_many")
		}
		anchor, err := s.anchor(ctx, tx, draftID, in.Version, in.From, in.To)
		if err != nil {
			return err
		}
		now := tx.Now()
		t = Thread{ID: id.New("th"), Draft: draftID, State: Open, Kind: in.Kind, Blocking: in.Blocking, Anchor: anchor,
			Person: actor.Person, Agency: actor.Agency, CreatedAt: now, UpdatedAt: now, Inside: inside}
		c := Comment{ID: id.New("co"), Thread: t.ID, Person: actor.Person, Agency: actor.Agency, Body: in.Body, CreatedAt: now, Mentions: in.Mentions}
		if err := insertThread(ctx, tx, t); err != nil {
			return err
		}
		if err := insertComment(ctx, tx, c); err != nil {
			return err
		}
		if err := s.propose(ctx, tx, actor, &t, in); err != nil {
			return err
		}
		t.Comments = []Comment{c}
		t.Abilities = abilities(actor, f, t)
		return event.Append(ctx, tx, actor, ThreadOpened{Thread: t.ID, Place: placeOf(&t), Type: t.Kind, Blocking: t.Blocking, Mentions: nonNil(in.Mentions)})
	})
	return t, err
}

// anchor moves the asked range to the committed head and takes the quote there.
func (s *Service) anchor(ctx context.Context, tx *db.Tx, draftID string, at int64, from, to int) (Anchor, error) {
	outside := field(nil, "from", "comment.bad_range")
	a := Anchor{Version: at, From: from, To: to}
	first := true
	head, err := draft.Changes(ctx, tx, draftID, at, func(u draft.Update) error {
		if first && a.To > u.Length {
			return outside
		}
		first = false
		a.Follow(u)
		return nil
	})
	if err != nil {
		return a, err
	}
	version, body, err := draft.Text(ctx, tx, draftID)
	if err != nil {
		return a, err
	}
	text := changeset.NewText(body)
	if head != version || a.Version != version || a.To > text.Len() {
		return a, outside // a version beyond the head, or a range beyond the text
	}
	if a.Orphaned {
		return a, fault.New(fault.Conflict, "comment.anchor_gone")
	}
	quote, err := text.Slice(a.From, a.To)
	if err != nil {
		return a, outside // inside a surrogate pair
	}
	a.Quote = clip(quote, MaxQuote)
	return a, nil
}

// Answer adds a comment to an open thread.
//
// Faults: thread.not_found, policy.forbidden, comment.invalid with fields, comment.resolved, comment.too_many.
func (s *Service) Answer(ctx context.Context, actor policy.Actor, thread, body string, mentions []string) (Thread, error) {
	return s.change(ctx, actor, policy.CreateThread, thread, func(tx *db.Tx, t *Thread) (event.Event, error) {
		bad := checkBody(nil, "body", &body, MaxBody)
		bad, err := checkMentions(ctx, tx, bad, &mentions, t.within())
		if err != nil {
			return nil, err
		}
		if bad != nil {
			return nil, bad
		}
		if t.State != Open {
			return nil, fault.New(fault.Conflict, "comment.resolved")
		}
		n, err := count(ctx, tx, `select count(*) from comment where thread = $1`, t.ID)
		if err != nil {
			return nil, err
		}
		if n >= MaxComments {
			return nil, fault.New(fault.Conflict, "comment.too_many")
		}
		c := Comment{ID: id.New("co"), Thread: t.ID, Person: actor.Person, Agency: actor.Agency, Body: body, CreatedAt: tx.Now(), Mentions: mentions}
		if err := insertComment(ctx, tx, c); err != nil {
			return nil, err
		}
		return CommentAdded{Thread: t.ID, Place: placeOf(t), Comment: c.ID, Mentions: nonNil(mentions)}, nil
	})
}

// Resolve closes a thread with an outcome. Rejecting, or accepting in part, needs a note. A wording that it proposes is closed with it:
// withdrawn by its author, else rejected with the note; only one that is accepted is accepted itself (suggestion.Service.Accept).
//
// Faults: thread.not_found, policy.forbidden, comment.invalid with fields, comment.resolved, comment.proposal_open.
func (s *Service) Resolve(ctx context.Context, actor policy.Actor, thread string, outcome Outcome, note string) (Thread, error) {
	return s.change(ctx, actor, policy.ResolveThread, thread, func(tx *db.Tx, t *Thread) (event.Event, error) {
		var bad *fault.Error
		if !slices.Contains([]Outcome{Accepted, AcceptedInPart, Rejected, Noted}, outcome) {
			bad = field(bad, "outcome", "comment.unknown_outcome")
		}
		if outcome == Rejected || outcome == AcceptedInPart || note != "" {
			bad = checkBody(bad, "note", &note, MaxNote)
		}
		if bad != nil {
			return nil, bad
		}
		if t.State != Open {
			return nil, fault.New(fault.Conflict, "comment.resolved")
		}
		if err := s.closeProposal(ctx, tx, actor, t, outcome, note); err != nil {
			return nil, err
		}
		t.resolve(actor, outcome, note, tx.Now())
		return ThreadResolved{Thread: t.ID, Place: placeOf(t), Outcome: outcome}, nil
	})
}

// Reopen opens a resolved thread again; its author may do so once. The reason becomes a comment.
//
// Faults: thread.not_found, policy.forbidden, comment.invalid with fields, comment.not_resolved, comment.reopened_before.
func (s *Service) Reopen(ctx context.Context, actor policy.Actor, thread, reason string) (Thread, error) {
	return s.change(ctx, actor, policy.ReopenThread, thread, func(tx *db.Tx, t *Thread) (event.Event, error) {
		if bad := checkBody(nil, "reason", &reason, MaxNote); bad != nil {
			return nil, bad
		}
		if t.State != Resolved {
			return nil, fault.New(fault.Conflict, "comment.not_resolved")
		}
		if t.Reopened {
			return nil, fault.New(fault.Conflict, "comment.reopened_before")
		}
		c := Comment{ID: id.New("co"), Thread: t.ID, Person: actor.Person, Agency: actor.Agency, Body: reason, CreatedAt: tx.Now()}
		if err := insertComment(ctx, tx, c); err != nil {
			return nil, err
		}
		t.State, t.Reopened, t.Outcome, t.OutcomeNote, t.ResolvedBy, t.ResolvedAt = Open, true, "", "", "", 0
		return ThreadReopened{Thread: t.ID, Place: placeOf(t)}, nil
	})
}

// change runs one step on a thread: find and lock, policy, step, write, event.
func (s *Service) change(ctx context.Context, actor policy.Actor, act policy.Action, thread string, step func(tx *db.Tx, t *Thread) (event.Event, error)) (Thread, error) {
	var t Thread
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		// Accepting a wording locks it before its thread, and so does everything here.
		proposal, err := suggestion.LockOfThread(ctx, tx, thread)
		if err != nil {
			return err
		}
		if t, err = findForUpdate(ctx, tx, thread); err != nil {
			return err
		}
		t.Proposal = proposal
		f, err := s.threadFacts(ctx, tx, t)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, act, f); err != nil {
			return err
		}
		if t.Hidden {
			return policy.NotFound("thread")
		}
		ev, err := step(tx, &t)
		if err != nil {
			return err
		}
		t.UpdatedAt = tx.Now()
		if err := updateThread(ctx, tx, t); err != nil {
			return err
		}
		if _, _, err := draft.Follow(ctx, tx, t.Draft, []*Anchor{&t.Anchor}); err != nil {
			return err
		}
		if t.Comments, err = listComments(ctx, tx, `c.thread = $1`, t.ID); err != nil {
			return err
		}
		if t.Proposal, err = suggestion.OfThread(ctx, tx, actor, f, t.Draft, t.ID); err != nil {
			return err
		}
		cover(actor, t.Comments)
		t.Abilities = abilities(actor, f, t)
		return event.Append(ctx, tx, actor, ev)
	})
	return t, err
}

// threadFacts are the facts of the thread's edition, with the thread's author as owner. An edition that is gone takes its threads along.
func (s *Service) threadFacts(ctx context.Context, tx *db.Tx, t Thread) (policy.Facts, error) {
	f, err := s.facts.Facts(ctx, tx, t.Draft)
	if fault.Is(err, "draft.not_found") {
		return f, policy.NotFound("thread")
	}
	f.Kind, f.ID, f.Owner, f.Within = "thread", t.ID, t.Person, t.within()
	return f, err
}

func abilities(actor policy.Actor, f policy.Facts, t Thread) map[string]bool {
	f.Owner, f.Within = t.Person, t.within()
	m := policy.Abilities(actor, f, policy.CreateThread, policy.ResolveThread, policy.ReopenThread, policy.WidenThread, policy.AnchorThread)
	open := t.State == Open
	m[string(policy.CreateThread)] = m[string(policy.CreateThread)] && open
	m[string(policy.ResolveThread)] = m[string(policy.ResolveThread)] && open
	m[string(policy.ReopenThread)] = m[string(policy.ReopenThread)] && !open && !t.Reopened
	m[string(policy.WidenThread)] = m[string(policy.WidenThread)] && t.Inside
	m[string(policy.AnchorThread)] = m[string(policy.AnchorThread)] && open && t.Anchor.Orphaned
	// What moderation hid stays as it is until it decides otherwise.
	for act := range m {
		m[act] = m[act] && !t.Hidden
	}
	return m
}

// Listed is the answer of List.
type Listed struct {
	Threads []Thread // oldest first, all anchors at Version
	Briefs  []Brief  // instead of them, where they are too many
	Version int64
	Gone    []string // of a list of changes: threads that are to be seen no longer
	At      db.Time  // what to ask for changes since, next time
}

// overlap is how far a list of changes looks back behind what was asked: a transaction that began earlier may have ended later.
const overlap = db.Time(60_000)

// List returns the threads of a draft that the actor sees, with their comments; with since other than 0 only those that changed since that
// moment, some of them known before. Threads hidden by moderation are left out for all but who began them; hidden comments keep their place
// without their body, which only their author still sees.
//
// Faults: draft.not_found.
func (s *Service) List(ctx context.Context, actor policy.Actor, draftID string, since db.Time) (Listed, error) {
	return s.list(ctx, actor, draftID, asked{since: since})
}

func (s *Service) list(ctx context.Context, actor policy.Actor, draftID string, ask asked) (out Listed, err error) {
	since := ask.since
	var stale []Thread
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out = Listed{At: tx.Now()}
		f, err := s.facts.Facts(ctx, tx, draftID)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.ReadThread, f); err != nil {
			return err
		}
		from := max(0, since-overlap)
		// Who only reads for an agency sees nothing of what it keeps inside.
		agency := actor.Agency
		if own := f; agency != "" {
			own.Within = agency
			if !policy.Can(actor, policy.ReadThread, own) {
				agency = ""
			}
		}
		all, err := listThreads(ctx, tx, draftID, agency, from)
		if err != nil {
			return err
		}
		all = ask.of(all)
		for _, t := range all {
			if !t.Hidden || actor.Person != "" && t.Person == actor.Person {
				out.Threads = append(out.Threads, t)
			} else if since > 0 {
				out.Gone = append(out.Gone, t.ID)
			}
		}
		if out.Version, stale, err = follow(ctx, tx, draftID, out.Threads); err != nil {
			return err
		}
		if ask.most > 0 && len(out.Threads) > ask.most {
			out.Briefs, err = briefly(ctx, tx, actor, draftID, out.Threads)
			out.Threads = nil
			return err
		}
		comments, err := ask.comments(ctx, tx, draftID, from)
		if err != nil {
			return err
		}
		cover(actor, comments)
		proposals, err := suggestion.OfThreads(ctx, tx, actor, f, draftID)
		if err != nil {
			return err
		}
		at := make(map[string]int, len(out.Threads))
		for i := range out.Threads {
			t := &out.Threads[i]
			at[t.ID] = i
			t.Abilities = abilities(actor, f, *t)
			if p, ok := proposals[t.ID]; ok {
				t.Proposal = &p
			}
		}
		for _, c := range comments {
			if i, ok := at[c.Thread]; ok {
				out.Threads[i].Comments = append(out.Threads[i].Comments, c)
			}
		}
		return nil
	})
	if err != nil {
		return Listed{}, err
	}
	if len(stale) > 0 {
		// Positions follow from the log; writing them forward only saves the next reader the way, so a failure is not the reader's.
		if err := s.db.Transact(context.WithoutCancel(ctx), func(tx *db.Tx) error {
			for _, t := range stale {
				if err := updateAnchor(ctx, tx, t); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			s.log.Warn("write anchors forward", "draft", draftID, "error", err)
		}
	}
	return out, nil
}

// follow moves the anchors of all threads to the head and returns those that had fallen far behind.
func follow(ctx context.Context, tx *db.Tx, draftID string, threads []Thread) (head int64, stale []Thread, err error) {
	anchors := make([]*Anchor, len(threads))
	for i := range threads {
		anchors[i] = &threads[i].Anchor
	}
	head, late, err := draft.Follow(ctx, tx, draftID, anchors)
	for _, i := range late {
		stale = append(stale, threads[i])
	}
	return head, stale, err
}

// Counts counts the open threads of drafts (guideline.Threads): those that whoever reads the draft sees.
type Counts struct{}

// Open counts the open threads of drafts; those without one are not in the answer.
func (Counts) Open(ctx context.Context, tx *db.Tx, drafts ...string) (map[string]int, error) {
	return countBy(ctx, tx, drafts, `state = 'open' and hidden = $1 and inside = $1`, false)
}

// OpenBlocking counts those that block approval.
func (Counts) OpenBlocking(ctx context.Context, tx *db.Tx, drafts ...string) (map[string]int, error) {
	return countBy(ctx, tx, drafts, `state = 'open' and hidden = $1 and inside = $1 and blocking = $2`, false, true)
}

// OpenSince counts those begun at a time or later: what a fact check or a consultation brought and nobody has answered.
func (Counts) OpenSince(ctx context.Context, tx *db.Tx, draft string, since db.Time) (int, error) {
	return count(ctx, tx, `select count(*) from thread where draft = $1 and state = 'open' and created_at >= $2 and hidden = $3 and inside = $3`, draft, int64(since), false)
}

// SetHidden hides or shows a thread (th_…) or a comment (co_…), for moderation, in its transaction.
//
// Faults: comment.not_found.
func SetHidden(ctx context.Context, tx *db.Tx, object string, hidden bool) error {
	found, err := setHidden(ctx, tx, object, hidden)
	if err == nil && !found {
		err = policy.NotFound("comment")
	}
	return err
}

// Where returns the draft, author and agency of a thread or comment, for moderation. It asks no policy. What an agency keeps inside is
// not there for moderators: their queue would show it to them.
//
// Faults: comment.not_found.
func Where(ctx context.Context, tx *db.Tx, object string) (draftID, person, agency, text string, err error) {
	comments, err := listComments(ctx, tx, `(c.id = $1 or t.id = $1)`, object)
	if err != nil {
		return "", "", "", "", err
	}
	if len(comments) == 0 {
		return "", "", "", "", policy.NotFound("comment")
	}
	t, err := scanThread(tx.QueryRow(ctx, `select `+threadColumns+` from thread where id = $1`, comments[0].Thread).Scan)
	if err == nil && t.Inside {
		return "", "", "", "", policy.NotFound("comment")
	}
	return t.Draft, comments[0].Person, comments[0].Agency, comments[0].Body, err
}

// cover takes the bodies of hidden comments away from all but those who wrote them.
func cover(actor policy.Actor, comments []Comment) {
	for i := range comments {
		if comments[i].Hidden && (actor.Person == "" || comments[i].Person != actor.Person) {
			comments[i].Body, comments[i].Mentions = "", nil
		}
	}
}

func field(e *fault.Error, name, code string) *fault.Error {
	if e == nil {
		e = fault.New(fault.Invalid, "comment.invalid")
	}
	return e.WithField(name, code)
}

// checkBody cleans a text that people wrote and bounds it.
func checkBody(bad *fault.Error, name string, text *string, most int) *fault.Error {
	s := strings.ReplaceAll(strings.ReplaceAll(*text, "\r\n", "\n"), "\r", "\n")
	switch {
	case strings.TrimSpace(s) == "":
		return field(bad, name, "comment.required")
	case strings.ContainsRune(s, 0) || !utf8.ValidString(s):
		return field(bad, name, "comment.bad_characters")
	case utf8.RuneCountInString(s) > most:
		return field(bad, name, "comment.too_long")
	}
	*text = s
	return bad
}

// checkMentions admits people of the hub, each once; of the agency only, where a thread is inside one.
func checkMentions(ctx context.Context, tx *db.Tx, bad *fault.Error, people *[]string, within string) (*fault.Error, error) {
	if len(*people) == 0 {
		return bad, nil
	}
	if len(*people) > MaxMentions {
		return field(bad, "mentions", "comment.too_many_mentions"), nil
	}
	ids := slices.Clone(*people)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	known, err := member.PeopleIn(ctx, tx, ids...)
	if err != nil {
		return bad, err
	}
	for _, p := range ids {
		if _, ok := known[p]; !ok {
			return field(bad, "mentions", "comment.unknown_person"), nil
		}
	}
	if within != "" {
		seats, err := member.SeatsIn(ctx, tx, within)
		if err != nil {
			return bad, err
		}
		for _, p := range ids {
			if !slices.ContainsFunc(seats, func(st member.Seat) bool { return st.Until == 0 && st.Holder.Person == p }) {
				return field(bad, "mentions", "comment.mention_outside"), nil
			}
		}
	}
	*people = ids
	return bad, nil
}

func clip(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i]
		}
		n++
	}
	return s
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
