package rig

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

// Seed is what a data directory of the hub holds before the server starts.
type Seed struct {
	Docs, Editors, Readers int
	Text                   string
	Edits                  int  // one-character edits at random places after the text
	Runs                   bool // the edits of an author follow each other for a while, as a writer's do
}

// World is what Sow made: a session token for each writer and each reader, and the drafts' ids.
type World struct{ Sessions, Readers, Drafts []string }

// Sow writes a small network through the real services before the server starts: one agency, a writer with a session for
// each editor, readers, and the drafts. url is a database's, or empty for SQLite in dir. Passwords are hashed with the tests' cheap parameters: nobody signs in while it is measured.
func Sow(ctx context.Context, dir, url string, s Seed) (World, error) {
	var w World
	member.FastHashingForTests()
	d, err := db.Open(ctx, dir, url)
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
	// Readers of a draft are members of another agency, as the policy has it.
	other, err := h.Members.CreateAgency(ctx, sys, member.NewAgency{Code: "RDR", Kind: "department", Tier: "local", Sector: "municipal",
		Name: words("Reading agency"), Short: words("Readers"), Hue: 2, HasVote: true})
	if err != nil {
		return w, err
	}
	const password = "a password of the benchmark 1"
	hash, err := member.HashPassword(password)
	if err != nil {
		return w, err
	}
	var lead policy.Actor
	for i := range s.Editors + s.Readers {
		email := fmt.Sprintf("writer%d@bench.example", i)
		p, err := h.Members.CreatePerson(ctx, sys, member.NewPerson{Name: words(fmt.Sprintf("Writer %d", i)), Email: email, PasswordHash: hash})
		if err != nil {
			return w, err
		}
		kind := member.WriterSeat
		in := agency.ID
		switch {
		case i == 0:
			kind = member.PrincipalSeat
		case i >= s.Editors:
			in = other.ID
		}
		if _, err := h.Members.Seat(ctx, sys, member.NewSeat{Agency: in, Person: p.ID, Kind: kind}); err != nil {
			return w, err
		}
		o, err := h.Members.Open(ctx, member.SignIn{Email: email, Password: password, Source: fmt.Sprintf("10.0.%d.%d", i/250, i%250)})
		if err != nil {
			return w, err
		}
		if i < s.Editors {
			w.Sessions = append(w.Sessions, o.Token)
		} else {
			w.Readers = append(w.Readers, o.Token)
		}
		if i == 0 {
			lead = o.Actor
		}
	}
	sight := policy.ToAgency
	if s.Readers > 0 {
		sight = policy.ToNetwork
	}
	for i := range s.Docs {
		v, err := h.Guidelines.Create(ctx, lead, guideline.New{Title: words(fmt.Sprintf("Draft %d", i)), Summary: "A draft of the benchmark", Language: "ar",
			Kind: "agency", Agency: lead.Agency, Template: "manual", Text: s.Text, Visibility: sight})
		if err != nil {
			return w, err
		}
		w.Drafts = append(w.Drafts, v.Edition.Draft)
	}
	if s.Edits > 0 {
		return w, history(ctx, h, lead, w.Drafts, s)
	}
	return w, nil
}

// Letter of the k-th edit of an author: every one differs from its neighbours.
func Letter(k int64) string {
	const letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
	i := int(k%28) * 2
	return letters[i : i+2]
}
