package history

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Bucket counts the updates after From up to To.
type Bucket struct {
	From, To  int64
	At, Until db.Time // of the first and the last of them
	Counts    []Count
}

// Timeline is a draft's life in about timelineBuckets buckets of equal width in versions.
type Timeline struct {
	Edition   string
	Head      int64
	CreatedAt db.Time
	Buckets   []Bucket
	Writers   map[int64]draft.Author
	Revisions []Revision
	Facts     policy.Facts
}

// Timeline returns the life of a draft.
//
// Faults: draft.not_found, policy.unauthenticated.
func (s *Service) Timeline(ctx context.Context, actor policy.Actor, id string) (Timeline, error) {
	var t Timeline
	err := s.read(ctx, actor, id, func(tx *db.Tx, l look) error {
		t = Timeline{Edition: l.log.Edition, Head: l.log.Head, CreatedAt: l.log.CreatedAt, Writers: l.writers.names, Facts: l.facts}
		list, from, err := listSlots(ctx, tx, id)
		if err != nil {
			return err
		}
		// A short history shows every piece of work, a long one as much as fits.
		tail := slots{size: min(max(1, l.log.Head/(timelineBuckets/2)), slotUpdates)}
		err = draft.Replay(ctx, tx, id, from, l.log.Head, func(u draft.Update, at db.Time) error {
			tail.add(u, l.writers.of[u.Client], at)
			return nil
		})
		if err != nil {
			return err
		}
		for _, b := range merge(append(list, tail.list...), timelineBuckets) {
			t.Buckets = append(t.Buckets, Bucket{From: b.from, To: b.to, At: b.at, Until: b.last, Counts: b.counts})
		}
		t.Revisions, err = s.revisions(ctx, tx, id)
		return err
	})
	return t, err
}

// Version is a text with whose it is.
type Version struct {
	Version  int64
	At       db.Time
	Text     string
	Spans    []Span
	Sections []Section
	Writers  map[int64]draft.Author
}

// Version returns the text of a version, who wrote each part of it, and how many words of every section are whose.
//
// Faults: draft.not_found, policy.unauthenticated, history.version.
func (s *Service) Version(ctx context.Context, actor policy.Actor, id string, version int64) (Version, error) {
	var v Version
	err := s.read(ctx, actor, id, func(tx *db.Tx, l look) error {
		st, err := s.at(ctx, tx, id, l, version)
		if err != nil {
			return err
		}
		v = Version{Version: st.version, At: st.at, Text: st.text.String(), Spans: st.track.spans(), Writers: l.writers.names}
		return nil
	})
	if err == nil {
		v.Sections = Sections(v.Text, v.Spans)
	}
	return v, err
}

// Window is a frame and the updates after it, which a reader plays alone: any version from From to To without another question.
type Window struct {
	From, To int64
	At       db.Time // of From
	Text     string
	Spans    []Span
	Updates  []byte          // run form of docs/protocol.md, from version From
	Times    []db.Time       // of each update
	Clients  map[int64]int64 // client → writer, of the updates
	Writers  map[int64]draft.Author
}

// Window returns the window that a version is in.
//
// Faults: draft.not_found, policy.unauthenticated, history.version.
func (s *Service) Window(ctx context.Context, actor policy.Actor, id string, version int64) (Window, error) {
	var w Window
	err := s.read(ctx, actor, id, func(tx *db.Tx, l look) error {
		version := min(version, l.log.Head)
		st, err := s.at(ctx, tx, id, l, version/frameUpdates*frameUpdates)
		if err != nil {
			return err
		}
		w = Window{From: st.version, To: min(st.version+frameUpdates, l.log.Head), At: st.at, Text: st.text.String(), Spans: st.track.spans(),
			Clients: map[int64]int64{}, Writers: l.writers.names}
		var updates []draft.Update
		err = draft.Replay(ctx, tx, id, w.From, w.To, func(u draft.Update, at db.Time) error {
			updates, w.Times = append(updates, u), append(w.Times, at)
			w.Clients[u.Client] = l.writers.of[u.Client]
			return nil
		})
		w.Updates = draft.AppendRuns(nil, updates)
		return err
	})
	return w, err
}

// AgencyWords is how many words of a text an agency wrote.
type AgencyWords struct {
	Agency string
	Words  int
}

// Credits counts the words of each agency in the text of a published edition, most first; words that nobody is known to have written are left
// out. It asks no policy: whose work a published guide is goes with it.
//
// Faults: draft.not_found, history.version.
func (s *Service) Credits(ctx context.Context, edition string) ([]AgencyWords, error) {
	var draftID string
	var version int64
	var ok bool
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		draftID, version, ok, err = guideline.TextOf(ctx, tx, edition)
		return err
	}); err != nil || !ok {
		return nil, err
	}
	writers, err := s.Writers(ctx, draftID, version)
	if err != nil {
		return nil, err
	}
	words := map[string]int{}
	for _, w := range writers {
		if w.Agency != "" {
			words[w.Agency] += w.Words
		}
	}
	out := make([]AgencyWords, 0, len(words))
	for a, n := range words {
		out = append(out, AgencyWords{a, n})
	}
	slices.SortFunc(out, func(a, b AgencyWords) int { return cmp.Or(b.Words-a.Words, strings.Compare(a.Agency, b.Agency)) })
	return out, nil
}

// WriterWords is how many words of a text a person wrote for an agency.
type WriterWords struct {
	draft.Author
	Words int
}

// Writers counts the words of each writer in a version of a draft, most first; an accepted suggestion counts for whoever made it. Words that
// nobody is known to have written are left out. It asks no policy, and is for what leaves the hub as a whole.
//
// Faults: draft.not_found, history.version.
func (s *Service) Writers(ctx context.Context, draftID string, version int64) ([]WriterWords, error) {
	v, err := s.Version(ctx, policy.SystemActor(), draftID, version)
	if err != nil {
		return nil, err
	}
	words := map[draft.Author]int{}
	for _, sec := range v.Sections {
		for _, share := range sec.Shares {
			if a := v.Writers[share.By]; a.Person != "" || a.Agency != "" {
				words[a] += share.Words
			}
		}
	}
	out := make([]WriterWords, 0, len(words))
	for a, n := range words {
		out = append(out, WriterWords{a, n})
	}
	slices.SortFunc(out, func(a, b WriterWords) int {
		return cmp.Or(b.Words-a.Words, strings.Compare(a.Agency, b.Agency), strings.Compare(a.Person, b.Person))
	})
	return out, nil
}

// starts lists the UTF-16 offsets at which the lines of a text begin, and last its length and one.
func starts(lines []string) []int {
	out := make([]int, 0, len(lines)+1)
	at := 0
	for _, l := range lines {
		out = append(out, at)
		at += changeset.Len16(l) + 1
	}
	return append(out, at)
}
