package main

import (
	"testing"

	"github.com/multaqa/multaqa/pkg/db/dbtest"
)

// TestOneHubADatabase: without Redis two hubs would hear late of each other's changes, so the second is refused, also a demo; a killed
// one leaves nothing behind that keeps the next away.
func TestOneHubADatabase(t *testing.T) {
	bin := program(t)
	check := func(t *testing.T, url string) {
		t.Parallel()
		p := &operator{t: t, bin: bin, dir: t.TempDir(), url: url}
		hub := &victim{t: t, bin: bin, dir: p.dir, url: url}
		for range 2 {
			hub.start("")
			p.refused("another hub works on this database", "serve")
			p.refused("another hub works on this database", "demo")
			p.must("verify") // beside it
			hub.proc.Kill()
		}
	}
	t.Run("sqlite", func(t *testing.T) { check(t, "") })
	t.Run("postgres", func(t *testing.T) { check(t, dbtest.PostgresURL(t)) })
}
