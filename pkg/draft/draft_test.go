package draft_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

var (
	salma = policy.Actor{Person: "pe_salma", Session: "s1", Agency: "ag_a", Roles: []policy.Role{policy.Representative}}
	huda  = policy.Actor{Person: "pe_huda", Session: "s2", Agency: "ag_b", Roles: []policy.Role{policy.Representative}}
	other = policy.Actor{Person: "pe_other", Session: "s3", Agency: "ag_c", Roles: []policy.Role{policy.Representative}}
)

// rights is a joint guideline of two agencies; its state can be changed.
type rights struct {
	mu      sync.Mutex
	state   string
	network bool
	gone    map[string]bool
	broken  bool // transactions fail, as when the node dies in one
}

func (r *rights) Facts(context.Context, *db.Tx, string) (policy.Facts, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken {
		return policy.Facts{}, errors.New("broken for the test")
	}
	state := r.state
	if state == "" {
		state = "draft"
	}
	f := policy.Facts{Agency: "ag_a", Agencies: []string{"ag_a", "ag_b"}, Visibility: policy.ToAgencies, State: state,
		Flags: map[string]bool{"writer:ag_b": true, "writable": state == "draft"}}
	if r.network {
		f.Visibility = policy.ToNetwork
	}
	return f, nil
}

func (r *rights) Actor(_ context.Context, was policy.Actor) (policy.Actor, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone[was.Person] {
		return policy.Actor{}, nil
	}
	return was, nil
}

func (r *rights) set(fn func()) { r.mu.Lock(); defer r.mu.Unlock(); fn() }

type world struct {
	t      *testing.T
	db     *db.DB
	rights *rights
	id     string
}

func newWorld(t *testing.T, d *db.DB, text string) *world {
	w := &world{t: t, db: d, rights: &rights{gone: map[string]bool{}}}
	err := d.Transact(t.Context(), func(tx *db.Tx) (err error) {
		w.id, err = draft.Create(t.Context(), tx, "ed_1", text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// node starts a service; stop waits for it.
func (w *world) node(b draft.Bus, opts draft.Options) (svc *draft.Service, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	svc = draft.New(w.db, w.rights, b, slog.New(slog.DiscardHandler), opts)
	wait := svc.Start(ctx)
	stop = sync.OnceFunc(func() { cancel(); wait() })
	w.t.Cleanup(stop)
	return svc, stop
}

func (w *world) text() (int64, string) {
	w.t.Helper()
	var v int64
	var s string
	if err := w.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		v, s, err = draft.Text(context.Background(), tx, w.id)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return v, s
}

// tab is a client on a service, driven by the test.
type tab struct {
	t      testing.TB
	svc    *draft.Service
	actor  policy.Actor
	id     string
	at     *draft.Attachment
	c      *drafttest.Client
	wake   chan struct{}
	taken  chan struct{}
	reject chan string

	patience time.Duration // of settle; 0 means a minute
}

func openTab(t testing.TB, svc *draft.Service, actor policy.Actor, id string) *tab {
	t.Helper()
	b := &tab{t: t, svc: svc, actor: actor, id: id}
	b.attach(draft.Opening{Draft: id})
	b.c = drafttest.New(b.at.Client, b.at.Authority.Handle, b.at.Version, b.at.Text)
	return b
}

func (b *tab) attach(o draft.Opening) {
	b.t.Helper()
	wake, taken := make(chan struct{}, 1), make(chan struct{}, 1)
	b.wake, b.taken, b.reject = wake, taken, make(chan string, 100)
	o.Notify = func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
	o.Taken = func() { taken <- struct{}{} }
	at, err := b.svc.Open(context.Background(), b.actor, o)
	if err != nil {
		b.t.Fatal(err)
	}
	b.at = at
}

// drop loses the socket; back returns on any node with what the tab knows.
func (b *tab) drop() { b.svc.Close(b.at) }

func (b *tab) back(svc *draft.Service) {
	b.t.Helper()
	b.svc = svc
	v := b.c.Version
	b.attach(draft.Opening{Draft: b.id, Version: &v, Epoch: b.at.Epoch, Resume: b.at.Resume})
	if err := b.c.Reconnect(b.at.Authority.Handle, b.at.Seq); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) read() {
	b.t.Helper()
	for {
		frame, to, err := b.at.Authority.Next(context.Background(), b.c.Version)
		if err != nil {
			b.t.Fatal(err)
		}
		if frame == nil {
			return
		}
		if err := b.c.Receive(frame); err != nil {
			b.t.Fatalf("client %d: %v", b.c.Number, err)
		}
		if b.c.Version != to {
			b.t.Fatalf("frame ends at %d, want %d", b.c.Version, to)
		}
	}
}

func (b *tab) push() {
	if msg, ok := b.c.Push(draft.MaxPushUpdates); ok {
		b.send(msg)
	}
}

func (b *tab) send(msg []byte) {
	b.t.Helper()
	p, err := draft.DecodePush(msg)
	if err != nil {
		b.t.Fatal(err)
	}
	reject := b.reject
	b.svc.Push(b.at, b.actor, p, func(code string) { reject <- code })
}

func (b *tab) typeAt(pos int, s string) {
	b.t.Helper()
	c, err := changeset.Replace(b.c.Doc.Len(), pos, pos, s)
	if err == nil {
		err = b.c.Edit(c)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// settle pushes and reads until the log has everything and the tab has seen it.
func (b *tab) settle(until func() bool) {
	b.t.Helper()
	patience := b.patience
	if patience == 0 {
		patience = time.Minute
	}
	deadline := time.After(patience)
	for {
		b.read()
		b.push()
		if until() {
			return
		}
		select {
		case <-b.wake:
		case code := <-b.reject:
			if code != "draft.busy" && code != "draft.unavailable" && code != "draft.behind" {
				b.t.Fatalf("rejected: %s", code)
			}
			b.c.Retry()
		case <-deadline:
			b.t.Fatalf("client %d does not settle: %d unconfirmed at version %d", b.c.Number, b.c.Unconfirmed(), b.c.Version)
		}
	}
}

func (b *tab) saved() bool { return b.c.Unconfirmed() == 0 }

func (b *tab) wantReject(code string) {
	b.t.Helper()
	select {
	case got := <-b.reject:
		if got != code {
			b.t.Fatalf("rejected with %s, want %s", got, code)
		}
	case <-b.wake:
		b.t.Fatalf("accepted, want %s", code)
	case <-time.After(time.Minute):
		b.t.Fatalf("no answer, want %s", code)
	}
}

func TestTwoWriters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "دليل\r\nالخدمة 😀\n")
		svc, _ := w.node(bus.NewMemory(), draft.Options{})
		a, b := openTab(t, svc, salma, w.id), openTab(t, svc, huda, w.id)
		if a.at.Text != "دليل\nالخدمة 😀\n" || a.at.Client == b.at.Client {
			t.Fatalf("opened with %q as %d and %d", a.at.Text, a.at.Client, b.at.Client)
		}
		a.typeAt(4, " المستفيد")
		b.typeAt(4, " ملتقى")
		b.typeAt(0, "# ")
		a.settle(a.saved)
		b.settle(b.saved)
		a.settle(func() bool { return a.c.Version == 3 })
		v, text := w.text()
		if v != 3 || text != a.c.Doc.String() || text != b.c.Doc.String() {
			t.Fatalf("version %d %q, a %q, b %q", v, text, a.c.Doc.String(), b.c.Doc.String())
		}
	})
}

func TestResendIsAppliedOnce(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص")
	svc, stop := w.node(bus.NewMemory(), draft.Options{})
	a := openTab(t, svc, salma, w.id)
	a.typeAt(2, " أول")
	a.typeAt(6, " ثانٍ")
	msg, _ := a.c.Push(100)
	a.send(msg)
	b := openTab(t, svc, huda, w.id)
	b.settle(func() bool { return b.c.Version == 2 })
	// The acknowledgement is lost; the node stops; the tab comes back to another one and sends the same, then more.
	stop()
	svc, _ = w.node(bus.NewMemory(), draft.Options{})
	a.typeAt(0, "ثالث ")
	a.back(svc)
	if a.at.Seq != 2 || a.at.Text != "" {
		t.Fatalf("came back with sequence %d and text %q", a.at.Seq, a.at.Text)
	}
	a.send(msg)
	a.settle(a.saved)
	v, text := w.text()
	if v != 3 || text != a.c.Doc.String() || text != "ثالث نص أول ثانٍ" {
		t.Fatalf("version %d, %q", v, text)
	}
}

func TestRefusals(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص 😀")
	svc, _ := w.node(bus.NewMemory(), draft.Options{})
	a := openTab(t, svc, salma, w.id)
	insert := func(length, at int, s string) []changeset.ChangeSet {
		c, err := changeset.Replace(length, at, at, s)
		if err != nil {
			t.Fatal(err)
		}
		return []changeset.ChangeSet{c}
	}
	try := func(name string, p draft.Push, code string) {
		t.Helper()
		p.Handle = a.c.Handle
		a.send(p.Append(nil))
		a.wantReject(code)
		if v, text := w.text(); v != a.c.Version || text != a.c.Synced.String() {
			t.Fatalf("%s changed the text", name)
		}
	}
	try("a gap", draft.Push{Base: 0, Length: 5, Seq: 2, Updates: insert(5, 0, "x")}, "draft.sequence")
	try("beyond the head", draft.Push{Base: 7, Length: 5, Seq: 1, Updates: insert(5, 0, "x")}, "draft.base")
	try("wrong length", draft.Push{Base: 0, Length: 6, Seq: 1, Updates: insert(6, 0, "x")}, "draft.base")
	try("inside a pair", draft.Push{Base: 0, Length: 5, Seq: 1, Updates: insert(5, 4, "x")}, "draft.surrogate")
	w.rights.set(func() { w.rights.state = "in_review" })
	try("not writable", draft.Push{Base: 0, Length: 5, Seq: 1, Updates: insert(5, 0, "x")}, "draft.not_writable")
	w.rights.set(func() { w.rights.state = ""; w.rights.gone["pe_salma"] = true })
	try("session ended", draft.Push{Base: 0, Length: 5, Seq: 1, Updates: insert(5, 0, "x")}, "policy.forbidden")
	w.rights.set(func() { clear(w.rights.gone) })
	big := strings.Repeat("نص طويل ", 16<<10)
	try("large update", draft.Push{Base: 0, Length: 5, Seq: 1, Updates: insert(5, 0, big+big)}, "draft.update_too_large")
	a.typeAt(0, "x")
	a.settle(a.saved)
	try("base holds it already", draft.Push{Base: 1, Length: 6, Seq: 1, Updates: append(insert(6, 0, "y"), insert(7, 0, "z")...)}, "draft.sequence")
	for range 8 {
		a.typeAt(0, strings.Repeat("ن", 115<<10))
		a.settle(a.saved)
	}
	try("large text", draft.Push{Base: 9, Length: a.c.Synced.Len(), Seq: 10, Updates: insert(a.c.Synced.Len(), 0, big)}, "draft.too_large")
}

func TestWhoMayOpen(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص")
	svc, _ := w.node(bus.NewMemory(), draft.Options{})
	ctx := t.Context()
	_, err := svc.Open(ctx, other, draft.Opening{Draft: w.id, Notify: func() {}})
	_, absent := svc.Open(ctx, other, draft.Opening{Draft: "dr_none", Notify: func() {}})
	if !fault.Is(err, "draft.not_found") || !fault.Is(absent, "draft.not_found") {
		t.Fatalf("%v, %v", err, absent)
	}
	w.rights.network = true
	reader := openTab(t, svc, other, w.id)
	if reader.at.Client != 0 || reader.at.Resume != "" || reader.at.Abilities["draft.write"] || !reader.at.Abilities["comment.create"] {
		t.Fatalf("a reader of another agency got client %d, %v", reader.at.Client, reader.at.Abilities)
	}
	a := openTab(t, svc, salma, w.id)
	v := int64(0)
	for name, o := range map[string]draft.Opening{
		"draft.client_unknown": {Draft: w.id, Version: &v, Epoch: a.at.Epoch, Resume: "1.guess"},
		"draft.epoch":          {Draft: w.id, Version: &v, Epoch: "old", Resume: a.at.Resume},
		"draft.version":        {Draft: w.id, Version: ptr(int64(5)), Epoch: a.at.Epoch, Resume: a.at.Resume},
	} {
		o.Notify = func() {}
		if _, err := svc.Open(ctx, salma, o); !fault.Is(err, name) {
			t.Errorf("%v, want %s", err, name)
		}
	}
	if _, err := svc.Open(ctx, huda, draft.Opening{Draft: w.id, Version: &v, Epoch: a.at.Epoch, Resume: a.at.Resume, Notify: func() {}}); !fault.Is(err, "draft.client_unknown") {
		t.Errorf("another person took a client over: %v", err)
	}
}

func ptr[T any](v T) *T { return &v }

// TestDuplicatedTab: two tabs with one client number; the later one has it, the earlier is told, and nothing is lost in the log.
func TestDuplicatedTab(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص")
	b := bus.NewMemory()
	first, _ := w.node(b, draft.Options{})
	second, _ := w.node(b, draft.Options{})
	a := openTab(t, first, salma, w.id)
	copied := *a
	twin := &copied
	c := *a.c
	twin.c = &c
	twin.back(first)
	select {
	case <-a.taken:
	case <-time.After(time.Minute):
		t.Fatal("the earlier tab was not told")
	}
	a.typeAt(0, "x")
	a.push()
	a.wantReject("draft.client_taken")
	twin.typeAt(0, "y")
	twin.settle(twin.saved)
	// On another node the earlier one learns it when it pushes.
	third := *twin
	tc := *twin.c
	third.c = &tc
	(&third).back(second)
	twin.typeAt(0, "z")
	twin.push()
	twin.wantReject("draft.client_taken")
	third.typeAt(0, "w")
	third.settle(third.saved)
	if _, text := w.text(); text != "wyنص" {
		t.Fatalf("%q", text)
	}
}

// TestFarBehind: a reader that comes back after a long time gets everything, from memory or from the log, and a push on a
// very old base is asked to catch up first.
func TestFarBehind(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص\n")
	svc, stop := w.node(bus.NewMemory(), draft.Options{})
	a, late := openTab(t, svc, salma, w.id), openTab(t, svc, huda, w.id)
	late.typeAt(3, "متأخر")
	stale, _ := late.c.Push(100)
	late.c.Retry()
	late.drop()
	rnd := rand.New(rand.NewPCG(3, 4))
	for a.c.Version < 2600 {
		for range 90 {
			if err := a.c.Edit(drafttest.RandomEdit(rnd, a.c.Doc)); err != nil {
				t.Fatal(err)
			}
		}
		a.settle(a.saved)
	}
	late.back(svc)
	late.send(stale)
	late.wantReject("draft.behind")
	late.settle(late.saved)
	stop()
	svc, _ = w.node(bus.NewMemory(), draft.Options{})
	a.back(svc)
	a.settle(func() bool { return a.c.Version == late.c.Version })
	if _, text := w.text(); text != a.c.Doc.String() || text != late.c.Doc.String() || !strings.Contains(text, "متأخر") {
		t.Fatal("texts differ")
	}
	// A snapshot was made, and old versions can still be read.
	err := w.db.Read(t.Context(), func(tx *db.Tx) error {
		var n int
		if err := tx.QueryRow(t.Context(), `select count(*) from draft_snapshot`).Scan(&n); err != nil || n != 2 {
			t.Errorf("%d snapshots, want 2: %v", n, err)
		}
		old, err := draft.TextAt(t.Context(), tx, w.id, 0)
		if old != "نص\n" {
			t.Errorf("version 0 is %q", old)
		}
		if err != nil {
			return err
		}
		authors, err := draft.Authors(t.Context(), tx, w.id)
		if len(authors) != 2 || authors[0] != "pe_huda" {
			t.Errorf("authors %v", authors)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var r1, r2 draft.Revision
	if err := w.db.Transact(t.Context(), func(tx *db.Tx) (err error) {
		r1, err = draft.Freeze(t.Context(), tx, w.id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	a.typeAt(0, "x")
	a.settle(a.saved)
	if err := w.db.Transact(t.Context(), func(tx *db.Tx) (err error) {
		r2, err = draft.Freeze(t.Context(), tx, w.id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if r1.LogHash == r2.LogHash || r1.TextHash == r2.TextHash || r2.Version != r1.Version+1 || r2.Text != "x"+r1.Text {
		t.Error("the hashes do not follow the log")
	}
}
