package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/config"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/hub"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// world is what the seeding made: a session for each person, and the drafts.
type world struct{ sessions, drafts []string }

// sow writes a small network through the real services before the server starts: one agency, a writer with a session for
// each editor, and the drafts. Passwords are hashed with the tests' cheap parameters: nobody signs in while it is measured.
func sow(ctx context.Context, dir string, s seed) (world, error) {
	var w world
	member.FastHashingForTests()
	d, err := db.Open(ctx, dir, "")
	if err != nil {
		return w, err
	}
	defer d.Close()
	if _, err := d.Migrate(ctx); err != nil {
		return w, err
	}
	cfg, err := config.Load()
	if err != nil {
		return w, err
	}
	cfg.Data = dir
	b := bus.NewMemory()
	defer b.Close()
	h, err := hub.New(cfg, d, b, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		return w, err
	}
	defer h.Close()
	sys, words := policy.SystemActor(), func(s string) locale.Text { return locale.Text{Ar: s, En: s} }
	if _, err := h.Members.CreateNetwork(ctx, sys, words("Benchmark network")); err != nil {
		return w, err
	}
	agency, err := h.Members.CreateAgency(ctx, sys, member.NewAgency{Code: "BEN", Kind: "department", Tier: "local", Sector: "municipal",
		Name: words("Benchmark agency"), Short: words("Bench"), Hue: 1, HasVote: true})
	if err != nil {
		return w, err
	}
	const password = "a password of the benchmark 1"
	hash, err := member.HashPassword(password)
	if err != nil {
		return w, err
	}
	var lead policy.Actor
	for i := range s.editors {
		email := fmt.Sprintf("writer%d@bench.example", i)
		p, err := h.Members.CreatePerson(ctx, sys, member.NewPerson{Name: words(fmt.Sprintf("Writer %d", i)), Email: email, PasswordHash: hash})
		if err != nil {
			return w, err
		}
		kind := member.WriterSeat
		if i == 0 {
			kind = member.PrincipalSeat
		}
		if _, err := h.Members.Seat(ctx, sys, member.NewSeat{Agency: agency.ID, Person: p.ID, Kind: kind}); err != nil {
			return w, err
		}
		o, err := h.Members.Open(ctx, member.SignIn{Email: email, Password: password, Source: fmt.Sprintf("10.0.%d.%d", i/250, i%250)})
		if err != nil {
			return w, err
		}
		w.sessions = append(w.sessions, o.Token)
		if i == 0 {
			lead = o.Actor
		}
	}
	for i := range s.docs {
		v, err := h.Guidelines.Create(ctx, lead, guideline.New{Title: words(fmt.Sprintf("Draft %d", i)), Summary: "A draft of the benchmark", Language: "ar",
			Kind: "agency", Agency: lead.Agency, Template: "manual", Text: s.text})
		if err != nil {
			return w, err
		}
		w.drafts = append(w.drafts, v.Edition.Draft)
	}
	if s.edits > 0 {
		return w, history(ctx, h, lead, w.drafts, s.edits)
	}
	return w, nil
}
