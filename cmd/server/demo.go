package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/demo"
	"github.com/multaqa/multaqa/pkg/hub"
	"github.com/multaqa/multaqa/pkg/web"
)

type demoCmd struct{}

// Run seeds the demo network into an empty hub, serves it, and says who can
// sign in. A hub with other content is refused.
func (demoCmd) Run(a *app) error {
	if os.Getenv("MULTAQA_DATA") == "" {
		a.cfg.Data = "data/demo" // beside a real hub's data, never among it
	}
	d, release, err := a.openDemo()
	if err != nil {
		return a.stopped(err)
	}
	defer d.Close()
	release = sync.OnceFunc(release)
	defer release()
	signIn, err := demo.Find(a.ctx, d)
	if err != nil {
		return a.stopped(err)
	}
	if signIn == nil {
		start := time.Now()
		fmt.Fprintln(os.Stdout, "• seeding the demo network")
		b := bus.NewMemory()
		h, err := hub.New(a.cfg, d, b, a.log, nil)
		if err != nil {
			return err
		}
		var steps func(done, total int)
		if bar := progress("  seed"); bar != nil {
			steps = func(done, total int) { bar(done, total, "") }
		}
		signIn, err = demo.Seed(a.ctx, demo.Services{DB: d, Bus: b, Log: a.log, Members: h.Members, Workspaces: h.Workspaces, Glossary: h.Glossary, Sections: h.Sections, Guidelines: h.Guidelines,
			Comments: h.Comments, Suggests: h.Suggests, Practices: h.Practices, Ballots: h.Ballots, Moderation: h.Moderation}, steps)
		h.Close()
		b.Close()
		if err != nil {
			return a.stopped(err)
		}
		fmt.Fprintf(os.Stdout, "\n• seeded in %.1f s\n", time.Since(start).Seconds())
	}
	if a.shares() {
		release()
	}
	return a.serve(d, signIn, func(*hub.Hub) error {
		printAccounts(a.cfg.BaseURL, signIn)
		return nil
	})
}

// printAccounts says where the hub is and how to sign in as which role.
func printAccounts(base string, s *web.DemoSignIn) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n  ملتقى · Multaqa demo: %s\n  Password of every account: %s\n\n", base, s.Password)
	for _, acc := range s.Accounts {
		fmt.Fprintf(&b, "    %-32s %s\n", acc.Email, acc.Label.En)
	}
	b.WriteString("\n  Published guides, without signing in: " + base + "/published\n\n")
	fmt.Fprint(os.Stdout, b.String())
}
