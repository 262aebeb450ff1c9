package hub

import (
	"context"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/policy"
)

// lists are the topics of whole lists, by the kinds of events that change them.
var lists = []struct{ kind, topic string }{
	{"ballot.", "ballots"}, {"practice.", "practices"}, {"guideline.", "guidelines"}, {"edition.", "guidelines"},
	{"moderation.", "moderation"}, {"discussion.", "discussions"},
	{"term.", "terms"},
}

// topics registers what screens may watch. Every topic has the reading rule of
// what it names; a notice says only that the thing changed.
func (h *Hub) topics() {
	h.Live.Register(live.Topic{Pattern: "ballots", Action: policy.ReadBallot})
	h.Live.Register(live.Topic{Pattern: "practices", Action: policy.ReadPractice})
	h.Live.Register(live.Topic{Pattern: "guidelines", Action: policy.ListGuidelines})
	h.Live.Register(live.Topic{Pattern: "terms", Action: policy.ReadTerms})
	h.Live.Register(live.Topic{Pattern: "ballot/:id", Action: policy.ReadBallot, Facts: h.Ballots.Facts})
	h.Live.Register(live.Topic{Pattern: "practice/:id", Action: policy.ReadPractice, Facts: h.Practices.Facts})
	h.Live.Register(live.Topic{Pattern: "moderation", Action: policy.ReadQueue})
	h.Live.Register(live.Topic{Pattern: "discussions", Action: policy.ReadDiscussion})
	h.Live.Register(live.Topic{Pattern: "discussion/:id", Action: policy.ReadDiscussion, Facts: h.Discussions.Facts})
	h.Live.Register(live.Topic{Pattern: "draft/:id/sections", Action: policy.ReadSections, Facts: h.Guidelines.Facts})
	h.Live.Register(live.Topic{Pattern: "draft/:id/suggestions", Action: policy.ReadSuggestion, Facts: h.Guidelines.Facts})
	h.Live.Register(live.Topic{Pattern: "draft/:id/threads", Action: policy.ReadThread, Facts: h.Guidelines.Facts})
	h.Live.Register(live.Topic{Pattern: "inside/:id", Action: policy.ReadThread, Facts: func(ctx context.Context, tx *db.Tx, id string) (policy.Facts, error) {
		draft, agency, _ := strings.Cut(id, ".")
		f, err := h.Guidelines.Facts(ctx, tx, draft)
		if err == nil && agency == "" {
			err = policy.NotFound("draft")
		}
		f.Within = agency
		return f, err
	}})
	h.Live.Register(live.Topic{Pattern: "edition/:id", Action: policy.ReadEdition, Facts: func(ctx context.Context, tx *db.Tx, id string) (policy.Facts, error) {
		_, e, err := h.Guidelines.ForBallot(ctx, tx, id)
		if err != nil {
			return policy.Facts{}, err
		}
		return h.Guidelines.Facts(ctx, tx, e.Draft)
	}})
	h.Live.Register(live.Topic{Pattern: "guideline/:id", Action: policy.ReadGuideline, Facts: func(ctx context.Context, tx *db.Tx, id string) (policy.Facts, error) {
		g, err := h.Guidelines.About(ctx, tx, id)
		return g.Facts, err
	}})
}

// tellLists is a live listener of the relay, beside live.Hub.Tell.
func (h *Hub) tellLists(r event.Record) {
	for _, l := range lists {
		if strings.HasPrefix(r.Kind, l.kind) {
			h.Live.Changed(l.topic, r.Seq)
		}
	}
}
