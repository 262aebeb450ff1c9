package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/multaqa/multaqa/bench/rig"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
)

// TestBackupsWhilePeopleWrite takes archives with the real program while people type, stops it under their hands, and restores each archive: it holds
// what was shown when it was begun, and of the log a piece from its beginning without a gap.
func TestBackupsWhilePeopleWrite(t *testing.T) {
	bin := program(t)
	t.Run("sqlite", func(t *testing.T) { keeping(t, bin, "") })
	t.Run("postgres", func(t *testing.T) { keeping(t, bin, dbtest.PostgresURL(t)) })
}

func keeping(t *testing.T, bin, url string) {
	const people, backups = 3, 3
	dir := t.TempDir()
	seeded, err := rig.Sow(t.Context(), dir, url, rig.Seed{Docs: 1, Editors: people, Text: killText})
	if err != nil {
		t.Fatal(err)
	}
	k := &victim{t: t, bin: bin, dir: dir, url: url, draft: seeded.Drafts[0]}
	k.start("")
	tabs := make([]*killTab, people)
	var wg sync.WaitGroup
	var failed atomic.Bool
	for i := range tabs {
		tabs[i] = &killTab{k: k, session: seeded.Sessions[i], rnd: rand.New(rand.NewPCG(61, uint64(i)))}
		wg.Go(func() { tabs[i].life(failed.Load) })
	}
	shown := func(atLeast int64) int64 {
		for end := time.Now().Add(time.Minute); k.seen.Load() < atLeast; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				failed.Store(true)
				t.Fatalf("%d updates were shown, of %d awaited", k.seen.Load(), atLeast)
			}
		}
		return k.seen.Load()
	}
	p := &operator{t: t, bin: bin, dir: dir}
	type archive struct {
		file   string
		before int64
	}
	var archives []archive
	for i := range backups {
		a := archive{filepath.Join(t.TempDir(), "hub.tar.gz"), shown(int64(40 * (i + 1)))}
		p.mustOn(url, "backup", a.file)
		archives = append(archives, a)
	}
	shown(k.seen.Load() + 40)
	if !k.proc.Stop() { // their editors are open and they type
		t.Error("the program did not end by itself, or not well")
	}
	wg.Wait()
	k.start("")
	for _, b := range tabs {
		wg.Go(func() { b.life(nil) })
	}
	wg.Wait()
	if !k.proc.Stop() {
		t.Error("the second stop")
	}
	typed := 0
	for _, b := range tabs {
		typed += b.typed
	}
	if version, _ := k.replay(); version != int64(typed) {
		t.Errorf("%d updates typed, %d in the log after a stop in the middle", typed, version)
	}
	whole := k.log(dir, url)
	for _, a := range archives {
		to := p.at(filepath.Join(t.TempDir(), "restored"))
		if out := to.must("restore", a.file); !strings.Contains(out, "restored and verified") {
			t.Errorf("restore said %s", out)
		}
		to.must("verify")
		to.must("doctor")
		piece := k.log(to.dir, "")
		if n := int64(len(piece)); n < a.before || n > int64(len(whole)) || !reflect.DeepEqual(piece, whole[:n]) {
			t.Errorf("the archive holds %d updates of %d; %d were shown before it was made; or they are other ones", n, len(whole), a.before)
		}
		to.refused("not empty", "restore", a.file)
	}
	t.Logf("%d updates, archives begun at %v", len(whole), archives)
}

// mustOn is must on the database of a URL.
func (p *operator) mustOn(url string, args ...string) {
	p.t.Helper()
	cmd := p.command(args...)
	cmd.Env = append(cmd.Env, "MULTAQA_DATABASE_URL="+url)
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Errorf("%v: %v\n%s", args, err, out)
	}
}

// log is the whole log of the draft.
func (k *victim) log(dir, url string) (all []draft.Update) {
	d, err := db.Open(k.t.Context(), dir, url)
	if err != nil {
		k.t.Fatal(err)
	}
	defer d.Close()
	if err := d.Read(k.t.Context(), func(tx *db.Tx) error {
		_, err := draft.Changes(k.t.Context(), tx, k.draft, 0, func(u draft.Update) error {
			all = append(all, u)
			return nil
		})
		return err
	}); err != nil {
		k.t.Fatal(err)
	}
	return all
}

// Commands that look at a hub make none: a mistyped directory would be backed up, whole and empty.
func noHubIsMadeByLooking(t *testing.T, p *operator) {
	file := filepath.Join(t.TempDir(), "hub.tar.gz")
	for _, args := range [][]string{{"backup", file}, {"export", t.TempDir()}, {"verify"}, {"doctor"}} {
		p.refused("there is no hub in "+p.dir, args...)
	}
	for _, at := range []string{p.dir, file} {
		if _, err := os.Stat(at); err == nil {
			t.Errorf("%s was made", at)
		}
	}
	p.must("migrate")
	if out := p.must("backup", file); !strings.Contains(out, " tables, 0 files") {
		t.Errorf("backup said %s", out)
	}
	p.refused("overwrites nothing", "backup", file)
}

// What the program writes to its log at its most talkative holds no password, token, cookie, link or text.
func theLogHoldsNoSecret(t *testing.T, p *operator) {
	cmd := p.command("demo")
	var said, logged locked
	cmd.Stdout, cmd.Stderr = &said, &logged
	cmd.Env = append(cmd.Env, "MULTAQA_LOG_LEVEL=debug")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var addr string
	for end := time.Now().Add(time.Minute); addr == "" && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for line := range strings.Lines(logged.String()) {
			var m struct{ Msg, Addr string }
			if json.Unmarshal([]byte(line), &m) == nil && m.Msg == "serving" {
				addr = m.Addr
			}
		}
	}
	if addr == "" {
		t.Fatalf("the demo does not serve:\n%s%s", &said, &logged)
	}
	cookie, secrets := "", []string{}
	ask := func(method, path, body string) string {
		t.Helper()
		r, _ := http.NewRequestWithContext(t.Context(), method, "http://"+addr+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "key-that-is-secret")
		if cookie != "" {
			r.AddCookie(&http.Cookie{Name: "multaqa", Value: cookie})
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		for _, c := range res.Cookies() {
			if secrets = append(secrets, c.Value); c.Name == "multaqa" {
				cookie = c.Value
			}
		}
		b, _ := io.ReadAll(res.Body)
		return string(b)
	}
	const password = "multaqa-demo-1448"
	ask("POST", "/api/v1/session", `{"email":"hassan@sec.gov.example","password":"a wrong one entirely"}`)
	if out := ask("POST", "/api/v1/session", `{"email":"hassan@sec.gov.example","password":"`+password+`"}`); cookie == "" {
		t.Fatalf("not signed in: %s", out)
	}
	var link struct{ URL string }
	if out := ask("POST", "/api/v1/invitations", `{"email":"invited@expert.example","name":{"ar":"ضيف","en":"Guest"},"roles":["EX"]}`); json.Unmarshal([]byte(out), &link) != nil || link.URL == "" || cookie == "" {
		t.Fatalf("no link: %s", out)
	}
	token := link.URL[strings.LastIndexAny(link.URL, "/=")+1:]
	ask("GET", "/invite/"+token, "")
	ask("GET", "/api/v1/invitations/"+token, "")
	ask("POST", "/api/v1/invitations/"+token, `{"name":{"ar":"ضيف","en":"Guest"},"password":"chosen by the guest"}`)
	ask("POST", "/api/v1/invitations/"+token+"x", `{"password":"chosen again","unknown":1}`)
	ask("GET", "/api/v1/guidelines?q=words-looked-for", "")
	ask("POST", "/api/v1/guidelines", `{"title":{"ar":"عنوان سري","en":"secret title"},"summary":"س","language":"ar","kind":"agency","template":"free","text":"نص لا يُسجل"}`)
	ask("POST", "/api/v1/guidelines", `{"title": broken body of a secret`)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	log := logged.String()
	if strings.Count(log, `"msg":"request"`) < 8 {
		t.Errorf("the log is not talkative:\n%s", log)
	}
	for _, secret := range append(secrets, password, "a wrong one entirely", token, "chosen by the guest", "chosen again", "key-that-is-secret", "words-looked-for", "عنوان سري", "secret title", "نص لا", "broken body",
		"invited@expert.example", "hassan@sec.gov.example") {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
	for _, setting := range []string{"MULTAQA_DATABASE_URL=postgres://u:hidd%zzen@127.0.0.1:1/x", "MULTAQA_DATABASE_URL=postgres://u:hidden@127.0.0.1:1/x", "MULTAQA_REDIS_URL=redis://:hidd%zzen@127.0.0.1:1/0"} {
		for _, command := range []string{"serve", "config"} {
			cmd := p.command(command)
			cmd.Env = append(cmd.Env, setting)
			if out, err := cmd.CombinedOutput(); bytes.Contains(out, []byte("hidd")) || (err == nil) != (command == "config") {
				t.Errorf("%s with %s: %v\n%s", command, setting, err, out)
			}
		}
	}
}

// locked is a buffer that may be read while it is written to.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
