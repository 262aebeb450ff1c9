package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
)

// operator runs the real program on a data directory of its own.
type operator struct {
	t   *testing.T
	bin string
	dir string
	url string // of PostgreSQL; empty: SQLite in dir
}

// at is the same program on another data directory.
func (p *operator) at(dir string) *operator { return &operator{t: p.t, bin: p.bin, dir: dir} }

func (p *operator) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(p.t.Context(), p.bin, args...)
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "MULTAQA_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, "MULTAQA_DATA="+p.dir, "MULTAQA_ADDR=127.0.0.1:0", "MULTAQA_DEBUG_ADDR=off", "MULTAQA_LOG_LEVEL=warn", "MULTAQA_DATABASE_URL="+p.url)
	return cmd
}

// run runs a command to its end and returns what it said and whether it succeeded.
func (p *operator) run(args ...string) (out string, ok bool) {
	p.t.Helper()
	b, err := p.command(args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return string(b), err == nil
}

// must is run where the command has to succeed.
func (p *operator) must(args ...string) string {
	p.t.Helper()
	out, ok := p.run(args...)
	if !ok {
		p.t.Fatalf("server %s failed:\n%s", strings.Join(args, " "), out)
	}
	return out
}

func (p *operator) refused(why string, args ...string) {
	p.t.Helper()
	if out, ok := p.run(args...); ok || !strings.Contains(out, why) {
		p.t.Errorf("server %s: succeeded %v, want a refusal with %q:\n%s", strings.Join(args, " "), ok, why, out)
	}
}

// exits runs a command that ends with a code. What it says goes to standard
// error, for what a script reads is what was asked for.
func (p *operator) exits(code int, why string, args ...string) {
	p.t.Helper()
	cmd := p.command(args...)
	var out, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &wrong
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code || out.Len() > 0 || !strings.Contains(wrong.String(), why) {
		p.t.Errorf("server %s: exit code %d, want %d and %q\non standard output: %s\non standard error: %s", strings.Join(args, " "), got, code, why, &out, &wrong)
	}
}

// TestCommands runs the commands of the real program as an operator does.
func TestCommands(t *testing.T) {
	bin := program(t)
	for name, test := range map[string]func(t *testing.T, p *operator){
		"every command says what it does":                      everyCommandSaysWhatItDoes,
		"the demo wants a directory of its own":                theDemoWantsADirectoryOfItsOwn,
		"an import that is killed is finished by the next one": aKilledImportIsFinishedByTheNext,
		"commands that look at a hub make none":                noHubIsMadeByLooking,
		"the log holds no secret":                              theLogHoldsNoSecret,
	} {
		t.Run(name, func(t *testing.T) { test(t, &operator{t: t, bin: bin, dir: filepath.Join(t.TempDir(), "data")}) })
	}
}

func everyCommandSaysWhatItDoes(t *testing.T, p *operator) {
	for _, c := range []string{"serve", "demo", "import", "export", "migrate", "backup", "restore", "verify", "doctor", "config"} {
		if out := p.must(c, "--help"); !strings.Contains(out, "Usage: server "+c) {
			t.Errorf("%s --help: %s", c, out)
		}
	}
	if out := p.must("--help"); !strings.Contains(out, "server config") {
		t.Errorf("--help: %s", out)
	}
	for _, wrong := range []struct {
		why  string
		args []string
	}{
		{"unexpected argument nonsense", []string{"nonsense"}},
		{`expected "<dir>"`, []string{"import"}},
		{"unknown flag --nonsense", []string{"import", "--nonsense", t.TempDir()}},
		{"no such file or directory", []string{"import", filepath.Join(p.dir, "nowhere")}},
		{"no such file or directory", []string{"restore", filepath.Join(p.dir, "nowhere")}},
		{`must be one of "published","draft"`, []string{"import", "--as", "nonsense", t.TempDir()}},
		{`must be one of "all","ballot" but`, []string{"verify", "nonsense"}},
		{"which one?", []string{"verify", "ballot"}},
		{"agencies have no such tier", []string{"export", "--tier", "nonsense", "out"}},
	} {
		p.exits(2, wrong.why, wrong.args...)
	}
	p.exits(1, "there is no hub", "doctor") // begun, and failed
	out := p.must("config")
	for _, name := range []string{"MULTAQA_ADDR", "MULTAQA_DATA", "MULTAQA_DATABASE_URL", "MULTAQA_REDIS_URL", "MULTAQA_BASE_URL", "MULTAQA_DEBUG_ADDR"} {
		if !strings.Contains(out, name) {
			t.Errorf("config does not list %s:\n%s", name, out)
		}
	}
	if _, err := os.Stat(p.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("asking for help made %s: %v", p.dir, err)
	}
}

func theDemoWantsADirectoryOfItsOwn(t *testing.T, p *operator) {
	foreign := p.at(t.TempDir())
	put(t, filepath.Join(foreign.dir, "notes.txt"), "of somebody else")
	foreign.refused("holds other files", "demo")
	real := p.at(filepath.Join(t.TempDir(), "hub"))
	pages := t.TempDir()
	put(t, filepath.Join(pages, "agency", "a.md"), "# صفحة\n\nنص.\n")
	real.must("import", pages)
	real.refused("demo", "demo")
	if out := real.must("doctor"); strings.Contains(out, "fail") {
		t.Errorf("the hub that the demo refused: %s", out)
	}
	// A hub that waits for somebody to set it up, and one of an older version: the demo takes neither, and does not migrate it.
	waiting := p.at(filepath.Join(t.TempDir(), "hub"))
	waiting.sql(0, `insert into setup_token (token_hash, expires_at) values ('x', 1)`)
	waiting.refused("not the demo network", "demo")
	old := p.at(filepath.Join(t.TempDir(), "hub"))
	old.sql(8, `insert into event (seq, at, person, seat, agency, kind, object, body, prev_hash, hash) values (1, 1, '', '', '', 'x', '', '', '', '')`)
	old.refused("not the demo network", "demo")
	if pending := old.sql(0, ``); pending == 0 {
		t.Error("the demo migrated a hub that it refused")
	}
	other := p.at(filepath.Join(t.TempDir(), "hub"))
	other.sql(-1, `create table ledger (n integer)`)
	other.refused("not the demo network", "demo")
	entries, err := os.ReadDir(foreign.dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the demo left something: %v %v", entries, err)
	}
}

// An import that is killed leaves whole pages or none, and the next one brings
// the rest; then nothing is left to do, and the pages go out as they came in.
func aKilledImportIsFinishedByTheNext(t *testing.T, p *operator) {
	in := t.TempDir()
	const pages = 240
	for i := range pages {
		put(t, filepath.Join(in, fmt.Sprintf("agency%d", i%3), fmt.Sprintf("part%d", i%5), fmt.Sprintf("page%03d.md", i)),
			fmt.Sprintf("\ufeff---\r\ntitle: صفحة %d\r\n---\r\n\r\n# عنوان\r\n\r\n%s", i, strings.Repeat("نص طويل من النصوص.\r\n\r\n", 20)))
	}
	p.must("migrate")
	kills := 0
	for _, until := range []int{5, 60, 140} {
		cmd := p.command("import", "--quiet", in)
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for done := false; !done; {
			select {
			case err := <-ended:
				if err != nil {
					t.Fatalf("%v\n%s", err, &said)
				}
				done = true
			case <-time.After(time.Millisecond): // looks again; nothing depends on how long it is
				if p.guidelines() >= until {
					_ = cmd.Process.Kill()
					if err := <-ended; err != nil {
						kills++
					}
					done = true
				}
			}
		}
		if n := p.guidelines(); n > pages || n < until && kills > 0 {
			t.Fatalf("%d pages after a kill at %d", n, until)
		}
		p.must("verify")
	}
	if kills == 0 {
		t.Fatal("no import was killed")
	}
	if out := p.must("import", in); !strings.Contains(out, fmt.Sprintf("%d pages: ", pages)) {
		t.Errorf("the import that finishes it: %s", out)
	}
	if out := p.must("import", in); !strings.Contains(out, fmt.Sprintf("%d pages: 0 new, 0 changed, %d unchanged", pages, pages)) {
		t.Errorf("once more: %s", out)
	}
	out := filepath.Join(t.TempDir(), "out")
	p.must("export", out)
	same(t, in, out)
	// The flags narrow, each by its own axis: imported agencies are of the kind "other" and work nationwide.
	for _, c := range []struct {
		flags []string
		pages int
	}{
		{[]string{"--kind", "ministry,other"}, pages}, {[]string{"--kind", "ministry"}, 0},
		{[]string{"--area", "nationwide"}, pages}, {[]string{"--area", "elsewhere"}, 0},
		{[]string{"--sector", "elsewhere"}, 0}, {[]string{"--tier", "federal,local"}, pages},
	} {
		args := append([]string{"export", filepath.Join(t.TempDir(), "some")}, c.flags...)
		if out := p.must(args...); !strings.Contains(out, fmt.Sprintf(" %d pages unchanged", c.pages)) {
			t.Errorf("%v: %s", args, out)
		}
	}
	t.Logf("%d kills", kills)
}

// sql opens the database of the data directory, brings its schema to a version
// (0: the newest where there is none, -1: none) and runs a statement. It returns how many
// migrations waited before.
func (p *operator) sql(version int64, statement string) (pending int) {
	p.t.Helper()
	ctx := p.t.Context()
	_, missing := os.Stat(filepath.Join(p.dir, "hub.db"))
	d, err := db.Open(ctx, p.dir, "")
	if err != nil {
		p.t.Fatal(err)
	}
	defer d.Close()
	switch {
	case version > 0:
		err = d.MigrateTo(ctx, version)
	case version == 0 && missing != nil:
		_, err = d.Migrate(ctx)
	}
	if err == nil && version >= 0 {
		pending, err = d.Pending(ctx)
	}
	if err == nil && statement != "" {
		err = d.Transact(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, statement); return err })
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return pending
}

// guidelines is how many the data directory holds: whole ones, as transactions are.
func (p *operator) guidelines() int {
	p.t.Helper()
	d, err := db.Open(context.Background(), p.dir, p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	defer d.Close()
	n := 0
	err = d.Read(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow(context.Background(), `select count(*) from guideline`).Scan(&n)
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

func put(t *testing.T, at, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// same holds that every file of in is in out, under its name, byte for byte.
func same(t *testing.T, in, out string) {
	t.Helper()
	sums := func(root string) map[string][32]byte {
		m := map[string][32]byte{}
		err := filepath.WalkDir(root, func(at string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := os.ReadFile(at)
			m[e.Name()] = sha256.Sum256(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	want, got := sums(in), sums(out)
	for name, sum := range want {
		if got[name] != sum {
			t.Errorf("%s did not come back byte for byte", name)
		}
	}
}
