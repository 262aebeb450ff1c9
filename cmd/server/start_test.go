package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db/dbtest"
)

// A stop that comes while the hub starts ends it as cleanly as one that comes later: what starts it must not take it for a failure.
func TestAStopDuringTheStart(t *testing.T) {
	t.Parallel()
	bin := program(t)
	for _, c := range []struct {
		name string
		at   func(dir, log string) bool
	}{
		{"when the database begins to be", func(dir, _ string) bool {
			files, _ := os.ReadDir(dir)
			return len(files) > 0
		}},
		{"when it begins to serve", func(_, log string) bool { return strings.Contains(log, `"serving"`) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			data, said := filepath.Join(dir, "data"), filepath.Join(dir, "log")
			out, err := os.Create(said)
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, bin, "serve")
			cmd.Env = append(os.Environ(), "MULTAQA_DATA="+data, "MULTAQA_ADDR=127.0.0.1:0", "MULTAQA_DEBUG_ADDR=off", "MULTAQA_DATABASE_URL=", "MULTAQA_REDIS_URL=")
			cmd.Stdout, cmd.Stderr = out, out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for log := []byte(nil); ctx.Err() == nil && !c.at(data, string(log)); {
				log, _ = os.ReadFile(said)
			}
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				log, _ := os.ReadFile(said)
				t.Errorf("%v\n%s", err, bytes.TrimSpace(log))
			}
		})
	}
}

// A stop while the demo network is being seeded is a stop, not a failure, and the next demo says that it begins anew.
func TestAStopWhileTheDemoIsSeeded(t *testing.T) {
	bin := program(t)
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		aStopWhileTheDemoIsSeeded(t, func() *operator { return &operator{t: t, bin: bin, dir: filepath.Join(t.TempDir(), "data")} })
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		aStopWhileTheDemoIsSeeded(t, func() *operator {
			return &operator{t: t, bin: bin, dir: filepath.Join(t.TempDir(), "data"), url: dbtest.PostgresURL(t)}
		})
	})
}

func aStopWhileTheDemoIsSeeded(t *testing.T, fresh func() *operator) {
	p := fresh()
	stopWhen := func(says string) string {
		t.Helper()
		cmd := p.command("demo")
		said, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var wrong, all bytes.Buffer
		cmd.Stderr = &wrong
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stopped := false
		for lines := bufio.NewScanner(said); lines.Scan(); {
			all.WriteString(lines.Text() + "\n")
			if !stopped && strings.Contains(lines.Text(), says) {
				stopped = true
				for says == "seeding" && t.Context().Err() == nil && p.guidelines() == 0 { // the line comes before the first step
				}
				if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err != nil || !stopped {
			t.Errorf("stopped at %q %v: %v\n%s%s", says, stopped, err, &all, &wrong)
		}
		return all.String()
	}
	if out := stopWhen("seeding"); strings.Contains(out, "anew") || strings.Contains(out, "seeded in") {
		t.Errorf("the first: %s", out)
	}
	if out := stopWhen("Password"); !strings.Contains(out, "beginning anew") || !strings.Contains(out, "seeded in") {
		t.Errorf("after a stopped seeding: %s", out)
	}
	if out := stopWhen("Password"); strings.Contains(out, "seed") {
		t.Errorf("after a whole one: %s", out)
	}
	p.must("verify")

	// Work that somebody put beside an unfinished one is not thrown away with it.
	p = fresh()
	stopWhen("seeding")
	pages := t.TempDir()
	put(t, filepath.Join(pages, "agency", "a.md"), "# صفحة\n\nنص.\n")
	p.must("import", pages)
	before := p.guidelines()
	p.refused("something else besides", "demo")
	if after := p.guidelines(); after != before || before < 2 {
		t.Errorf("%d guidelines, %d after the demo refused", before, after)
	}
}
