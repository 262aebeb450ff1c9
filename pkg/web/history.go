package web

import (
	"encoding/base64"
	"slices"
	"strconv"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/history"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/textdiff"
)

// HistoryAPI is the history of living texts, seen from outside.
type HistoryAPI struct {
	DB      *db.DB
	History *history.Service
}

// Routes registers the resource.
func (a *HistoryAPI) Routes(r *Router) {
	Get(r, "/drafts/:id/history", policy.ReadHistory, "The life of a text: counts along the time by writer, and its revisions", a.timeline)
	Get(r, "/drafts/:id/history/text", policy.ReadHistory, "The text of a version (query: version), who wrote each part, and the words of each by section", a.text,
		Param{Name: "version", Number: true, Doc: "the newest without it"})
	Get(r, "/drafts/:id/history/window", policy.ReadHistory, "A text and the updates after it, to be played without further questions (query: version)", a.window,
		Param{Name: "version", Number: true, Doc: "0 without it"})
	Get(r, "/drafts/:id/history/diff", policy.ReadHistory, "What changed between two versions by words, and who did it (query: from, to)", a.diff,
		Param{Name: "from", Number: true, Doc: "0 without it"}, Param{Name: "to", Number: true, Doc: "the newest without it"})
	Post(r, "/drafts/:id/revisions", policy.NameRevision, "Give a version a name", a.name)
	Patch(r, "/revisions/:id", policy.RenameRevision, "Give a named version another name", a.rename)
	Delete(r, "/revisions/:id", policy.RenameRevision, "Take the name of a version away; the version stays", a.unname)
	Post(r, "/drafts/:id/restore", policy.RestoreRevision, "Bring the text of an older version back as a new change", a.restore)
}

type writerOut struct {
	By     int64      `json:"by" doc:"the number that counts, spans and parts name; 0 is the text the draft began with and is not listed"`
	Person PersonRef  `json:"person"`
	Agency *AgencyRef `json:"agency"`
}

type writtenOut struct {
	By       int64 `json:"by"`
	Updates  int   `json:"updates"`
	Inserted int   `json:"inserted" doc:"UTF-16 units"`
	Deleted  int   `json:"deleted" doc:"UTF-16 units"`
}

type bucketOut struct {
	From   int64        `json:"from" doc:"the updates after this version"`
	To     int64        `json:"to"`
	At     Time         `json:"at" doc:"of the first update"`
	Until  Time         `json:"until" doc:"of the last update"`
	Counts []writtenOut `json:"counts"`
}

type originOut struct {
	EditionID   string `json:"edition_id"`
	Number      string `json:"number"`
	PublishedAt Time   `json:"published_at"`
}

type revisionOut struct {
	ID       string       `json:"id" doc:"empty for those that nobody named"`
	Version  int64        `json:"version"`
	Kind     history.Kind `json:"kind" doc:"began, step, named, before_restore or restored"`
	Name     string       `json:"name" doc:"of kind named"`
	Step     string       `json:"step" doc:"of kind step: submit, approve, publish and the others"`
	Origin   *originOut   `json:"origin" doc:"of kind began: the published edition it began with"`
	Restored int64        `json:"restored" doc:"of kind restored: the version whose text came back; else -1"`
	Person   *PersonRef   `json:"person"`
	Agency   *AgencyRef   `json:"agency"`
	At       Time         `json:"at"`

	Abilities map[string]bool `json:"abilities"`
}

type timelineOut struct {
	DraftID   string          `json:"draft_id"`
	EditionID string          `json:"edition_id"`
	Head      int64           `json:"head"`
	CreatedAt Time            `json:"created_at"`
	Buckets   []bucketOut     `json:"buckets" doc:"about 240 at most, of equal width in versions"`
	Writers   []writerOut     `json:"writers"`
	Revisions []revisionOut   `json:"revisions" doc:"by version"`
	Abilities map[string]bool `json:"abilities"`
}

// called names writers and people for one answer.
type called struct {
	people   map[string]locale.Text
	agencies map[string]member.Agency
}

func (a *HistoryAPI) called(c *Call, writers map[int64]draft.Author, more ...string) (called, error) {
	var out called
	err := a.DB.Read(c.Ctx, func(tx *db.Tx) (err error) {
		for _, w := range writers {
			more = append(more, w.Person)
		}
		if out.people, err = member.PeopleIn(c.Ctx, tx, more...); err != nil {
			return err
		}
		out.agencies, err = member.AgenciesIn(c.Ctx, tx)
		return err
	})
	return out, err
}

func (n called) person(id string) PersonRef { return PersonRef{ID: id, Name: Text(n.people[id])} }

func (n called) personOrNone(id string) *PersonRef {
	if id == "" {
		return nil
	}
	p := n.person(id)
	return &p
}

func (n called) writers(list map[int64]draft.Author) []writerOut {
	out := make([]writerOut, 0, len(list))
	for by, w := range list {
		out = append(out, writerOut{By: by, Person: n.person(w.Person), Agency: agencyRefOf(w.Agency, n.agencies)})
	}
	slices.SortFunc(out, func(a, b writerOut) int { return int(a.By - b.By) })
	return out
}

func (n called) revision(r history.Revision) revisionOut {
	out := revisionOut{ID: r.ID, Version: r.Version, Kind: r.Kind, Name: r.Name, Step: string(r.Step), Restored: r.Restored,
		Person: n.personOrNone(r.Person), Agency: agencyRefOf(r.Agency, n.agencies), At: r.At, Abilities: map[string]bool{}}
	if o := r.Origin; o != nil {
		out.Origin = &originOut{EditionID: o.Edition, Number: o.Number.String(), PublishedAt: o.PublishedAt}
	}
	return out
}

func (a *HistoryAPI) timeline(c *Call) (timelineOut, error) {
	id := c.Param("id")
	t, err := a.History.Timeline(c.Ctx, c.Actor, id)
	if err != nil {
		return timelineOut{}, err
	}
	var people []string
	for _, r := range t.Revisions {
		people = append(people, r.Person)
	}
	names, err := a.called(c, t.Writers, people...)
	if err != nil {
		return timelineOut{}, err
	}
	out := timelineOut{DraftID: id, EditionID: t.Edition, Head: t.Head, CreatedAt: t.CreatedAt, Buckets: make([]bucketOut, len(t.Buckets)),
		Writers: names.writers(t.Writers), Revisions: make([]revisionOut, len(t.Revisions)),
		Abilities: policy.Abilities(c.Actor, t.Facts, policy.ReadHistory, policy.NameRevision, policy.RestoreRevision)}
	for i, b := range t.Buckets {
		o := bucketOut{From: b.From, To: b.To, At: b.At, Until: b.Until, Counts: make([]writtenOut, len(b.Counts))}
		for k, n := range b.Counts {
			o.Counts[k] = writtenOut(n)
		}
		out.Buckets[i] = o
	}
	for i, r := range t.Revisions {
		out.Revisions[i] = names.revision(r)
		if r.Kind == history.Named {
			f := t.Facts
			f.Owner = r.Person
			out.Revisions[i].Abilities = policy.Abilities(c.Actor, f, policy.RenameRevision)
		}
	}
	return out, nil
}

// versionOf reads a version from the query; without one it is otherwise.
func versionOf(c *Call, name string, otherwise int64) (int64, error) {
	s := c.Query(name)
	if s == "" {
		return otherwise, nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v < 0 {
		return 0, fault.New(fault.Invalid, "history.invalid").WithField(name, "history.version")
	}
	return v, nil
}

// spanOut is [units, writer, seconds since 1970]: there are thousands of them.
type spanOut [3]int64

func spansOut(spans []history.Span) []spanOut {
	out := make([]spanOut, len(spans))
	for i, s := range spans {
		out[i] = spanOut{int64(s.N), s.By, int64(s.At) / 1_000_000}
	}
	return out
}

type shareOut struct {
	By    int64 `json:"by"`
	Words int   `json:"words"`
}

type sectionOut struct {
	Title  string     `json:"title" doc:"empty before the first heading"`
	Level  int        `json:"level"`
	From   int        `json:"from" doc:"UTF-16 units"`
	Shares []shareOut `json:"shares" doc:"most first"`
}

type versionOut struct {
	Version  int64        `json:"version"`
	At       Time         `json:"at"`
	Text     string       `json:"text"`
	Spans    []spanOut    `json:"spans" doc:"along the text: UTF-16 units, writer, seconds since 1970"`
	Sections []sectionOut `json:"sections"`
	Writers  []writerOut  `json:"writers"`
}

func (a *HistoryAPI) text(c *Call) (versionOut, error) {
	v, err := versionOf(c, "version", history.Head)
	if err != nil {
		return versionOut{}, err
	}
	got, err := a.History.Version(c.Ctx, c.Actor, c.Param("id"), v)
	if err != nil {
		return versionOut{}, err
	}
	names, err := a.called(c, got.Writers)
	if err != nil {
		return versionOut{}, err
	}
	out := versionOut{Version: got.Version, At: got.At, Text: got.Text, Spans: spansOut(got.Spans), Sections: make([]sectionOut, len(got.Sections)), Writers: names.writers(got.Writers)}
	for i, s := range got.Sections {
		o := sectionOut{Title: s.Title, Level: s.Level, From: s.From, Shares: make([]shareOut, len(s.Shares))}
		for k, sh := range s.Shares {
			o.Shares[k] = shareOut(sh)
		}
		out.Sections[i] = o
	}
	return out, nil
}

type windowOut struct {
	From    int64       `json:"from"`
	To      int64       `json:"to"`
	At      Time        `json:"at"`
	Text    string      `json:"text" doc:"of version from"`
	Spans   []spanOut   `json:"spans"`
	Updates string      `json:"updates" doc:"base64 of the runs of docs/protocol.md"`
	Times   []int64     `json:"times" doc:"of each update: seconds since the one before, the first since 1970"`
	Clients [][2]int64  `json:"clients" doc:"client of the updates and its writer"`
	Writers []writerOut `json:"writers"`
}

func (a *HistoryAPI) window(c *Call) (windowOut, error) {
	v, err := versionOf(c, "version", 0)
	if err != nil {
		return windowOut{}, err
	}
	w, err := a.History.Window(c.Ctx, c.Actor, c.Param("id"), v)
	if err != nil {
		return windowOut{}, err
	}
	names, err := a.called(c, w.Writers)
	if err != nil {
		return windowOut{}, err
	}
	out := windowOut{From: w.From, To: w.To, At: w.At, Text: w.Text, Spans: spansOut(w.Spans), Updates: base64.StdEncoding.EncodeToString(w.Updates),
		Times: make([]int64, len(w.Times)), Clients: [][2]int64{}, Writers: names.writers(w.Writers)}
	before := int64(0)
	for i, t := range w.Times {
		out.Times[i] = int64(t)/1_000_000 - before
		before = int64(t) / 1_000_000
	}
	for client, by := range w.Clients {
		out.Clients = append(out.Clients, [2]int64{client, by})
	}
	slices.SortFunc(out.Clients, func(a, b [2]int64) int { return int(a[0] - b[0]) })
	return out, nil
}

type partOut struct {
	Op   string `json:"op" doc:"= stayed, + came, - went"`
	Text string `json:"text"`
	By   int64  `json:"by" doc:"of what came and went"`
}

type doerOut struct {
	By int64 `json:"by"`
	At Time  `json:"at"`
}

type blockOut struct {
	Kind  string    `json:"kind" doc:"same, changed, inserted, deleted, moved_away or moved"`
	Old   [2]int    `json:"old" doc:"lines of the old text: from, to"`
	New   [2]int    `json:"new" doc:"lines of the new text: from, to"`
	Other int       `json:"other" doc:"of moved and moved_away: the index of the other place"`
	Parts []partOut `json:"parts"`
	By    []doerOut `json:"by" doc:"most first"`
}

type changeOut struct {
	By      int64 `json:"by"`
	Added   int   `json:"added" doc:"words"`
	Removed int   `json:"removed" doc:"words"`
}

type diffOut struct {
	From    int64       `json:"from"`
	To      int64       `json:"to"`
	FromAt  Time        `json:"from_at"`
	ToAt    Time        `json:"to_at"`
	Blocks  []blockOut  `json:"blocks"`
	Changes []changeOut `json:"changes" doc:"most first"`
	Writers []writerOut `json:"writers"`
}

var (
	opNames   = map[textdiff.Op]string{textdiff.Equal: "=", textdiff.Insert: "+", textdiff.Delete: "-"}
	kindNames = map[textdiff.Kind]string{textdiff.Same: "same", textdiff.Changed: "changed", textdiff.Inserted: "inserted",
		textdiff.Deleted: "deleted", textdiff.MovedAway: "moved_away", textdiff.Moved: "moved"}
)

func (a *HistoryAPI) diff(c *Call) (diffOut, error) {
	from, err := versionOf(c, "from", 0)
	if err != nil {
		return diffOut{}, err
	}
	to, err := versionOf(c, "to", history.Head)
	if err != nil {
		return diffOut{}, err
	}
	d, err := a.History.Compare(c.Ctx, c.Actor, c.Param("id"), from, to)
	if err != nil {
		return diffOut{}, err
	}
	names, err := a.called(c, d.Writers)
	if err != nil {
		return diffOut{}, err
	}
	out := diffOut{From: d.From, To: d.To, FromAt: d.FromAt, ToAt: d.ToAt, Blocks: make([]blockOut, len(d.Blocks)), Changes: make([]changeOut, len(d.Changes)), Writers: names.writers(d.Writers)}
	for i, b := range d.Blocks {
		o := blockOut{Kind: kindNames[b.Kind], Old: [2]int{b.OldFrom, b.OldTo}, New: [2]int{b.NewFrom, b.NewTo}, Other: b.Other, Parts: make([]partOut, len(b.Parts)), By: make([]doerOut, len(b.By))}
		for k, p := range b.Parts {
			o.Parts[k] = partOut{Op: opNames[p.Op], Text: p.Text, By: p.By}
		}
		for k, by := range b.By {
			o.By[k] = doerOut(by)
		}
		out.Blocks[i] = o
	}
	for i, ch := range d.Changes {
		out.Changes[i] = changeOut(ch)
	}
	return out, nil
}

type nameIn struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
}

func (a *HistoryAPI) name(c *Call, in nameIn) (revisionOut, error) {
	r, err := a.History.Name(c.Ctx, c.Actor, c.Param("id"), in.Version, in.Name)
	if err != nil {
		return revisionOut{}, err
	}
	return a.revision(c, r)
}

type renameIn struct {
	Name string `json:"name"`
}

func (a *HistoryAPI) rename(c *Call, in renameIn) (revisionOut, error) {
	r, err := a.History.Rename(c.Ctx, c.Actor, c.Param("id"), in.Name)
	if err != nil {
		return revisionOut{}, err
	}
	return a.revision(c, r)
}

func (a *HistoryAPI) unname(c *Call) (None, error) {
	return None{}, a.History.Unname(c.Ctx, c.Actor, c.Param("id"))
}

type restoreIn struct {
	Version int64 `json:"version" doc:"the version whose text comes back"`
}

func (a *HistoryAPI) restore(c *Call, in restoreIn) (revisionOut, error) {
	r, err := a.History.Restore(c.Ctx, c.Actor, c.Param("id"), in.Version)
	if err != nil {
		return revisionOut{}, err
	}
	return a.revision(c, r)
}

func (a *HistoryAPI) revision(c *Call, r history.Revision) (revisionOut, error) {
	names, err := a.called(c, nil, r.Person)
	return names.revision(r), err
}
