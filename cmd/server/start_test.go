package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
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
