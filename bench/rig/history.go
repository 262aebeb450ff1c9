package rig

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/hub"
	"github.com/multaqa/multaqa/pkg/policy"
)

// history types one-character edits at random places into every draft, through the draft service: three insertions to a
// deletion, ten authors taking turns of fifty, as the peer's seed does. With runs each turn goes on from one place.
func history(ctx context.Context, h *hub.Hub, lead policy.Actor, drafts []string, seed Seed) error {
	edits := seed.Edits
	ctx, cancel := context.WithCancel(ctx)
	wait := h.Drafts.Start(ctx)
	defer func() { cancel(); wait() }()
	for _, id := range drafts {
		rnd := rand.New(rand.NewPCG(1, 2))
		var tabs []*seedTab
		for range 10 {
			t, err := newSeedTab(ctx, h.Drafts, lead, id)
			if err != nil {
				return err
			}
			tabs = append(tabs, t)
		}
		for done := 0; done < edits; done += 50 {
			t := tabs[done/50%10]
			if err := t.settle(ctx, h.Drafts); err != nil {
				return err
			}
			place := rnd.IntN(t.c.Doc.Len() - 1)
			for i := range min(50, edits-done) {
				n := t.c.Doc.Len()
				from := rnd.IntN(n)
				if seed.Runs {
					from = min(place+i/2, n-1)
				}
				to, text := from, Letter(int64(rnd.IntN(28)))
				if i%4 == 3 {
					to, text = from+1, ""
				}
				ch, err := changeset.Replace(n, from, to, text)
				if err == nil {
					err = t.c.Edit(ch)
				}
				if err != nil {
					return err
				}
			}
			if push, ok := t.c.Push(draft.MaxPushUpdates); ok {
				p, err := draft.DecodePush(push)
				if err != nil {
					return err
				}
				h.Drafts.Push(t.at, lead, p, func(code string) { t.refused <- errors.New(code) })
			}
			if err := t.settle(ctx, h.Drafts); err != nil {
				return err
			}
		}
		for _, t := range tabs {
			h.Drafts.Close(t.at)
		}
	}
	return nil
}

// seedTab is an editor inside this process.
type seedTab struct {
	at      *draft.Attachment
	c       *drafttest.Client
	wake    chan struct{}
	refused chan error
}

func newSeedTab(ctx context.Context, s *draft.Service, who policy.Actor, id string) (*seedTab, error) {
	t := &seedTab{wake: make(chan struct{}, 1), refused: make(chan error, 1)}
	at, err := s.Open(ctx, who, draft.Opening{Draft: id, Notify: func() {
		select {
		case t.wake <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		return nil, err
	}
	t.at, t.c = at, drafttest.New(at.Client, at.Authority.Handle, at.Version, at.Text)
	return t, nil
}

// settle reads until everything typed is in the log and everything in the log is read.
func (t *seedTab) settle(ctx context.Context, s *draft.Service) error {
	end := time.NewTimer(time.Minute)
	defer end.Stop()
	for {
		frame, _, err := t.at.Authority.Next(ctx, t.c.Version)
		if err != nil {
			return err
		}
		if frame != nil {
			if err := t.c.Receive(frame); err != nil {
				return err
			}
			continue
		}
		if t.c.Unconfirmed() == 0 && t.c.Version == t.at.Authority.Head() {
			return nil
		}
		select {
		case <-t.wake:
		case err := <-t.refused:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-end.C:
			return errors.New("seeding: an edit was not accepted within a minute")
		}
	}
}
