package transfer

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// filled is a hub with pages, an image and an audit record.
func filled(t *testing.T, d *db.DB) hub {
	t.Helper()
	h := newHub(t, d)
	h.mustImport(tree(t, map[string]string{
		"صحة/دليل.md": "# دليل\n\n![ص](a.png) نص\n", "صحة/a.png": png,
		"other/page.md": "\ufeff# Page\r\n\r\n\U0001F469\u200D\U0001F4BB NUL-free <b>\r\n",
	}))
	return h
}

func backup(t *testing.T, h hub) ([]byte, Manifest) {
	t.Helper()
	var b bytes.Buffer
	m, err := Backup(context.Background(), h.db, h.data, &b)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m
}

// empty is a database that was never migrated.
func empty(t *testing.T) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), "", "sqlite:"+filepath.Join(t.TempDir(), "hub.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func TestBackupRestoresToTheSameHub(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := filled(t, d)
		archive, made := backup(t, h)
		if made.Tables["guideline"].Count != 2 || len(made.Files) != 1 || made.AuditSeq == 0 {
			t.Fatalf("manifest = %+v", made)
		}
		// An archive moves a hub between the engines.
		to, data := empty(t), t.TempDir()
		got, v, err := Restore(context.Background(), to, data, bytes.NewReader(archive))
		if err != nil {
			t.Fatal(err)
		}
		// One record more: that it was restored.
		if v.AuditRecords != made.AuditSeq+1 || v.Pages != 2 || got.Rows() != made.Rows() {
			t.Errorf("verified %+v of %d rows, want %d records and %d rows", v, got.Rows(), made.AuditSeq, made.Rows())
		}
		again, same := backup(t, hub{T: t, db: to, data: data})
		for _, changed := range []string{"event", "event_head", "delivery", "draft"} { // by the restoring itself
			delete(same.Tables, changed)
			delete(made.Tables, changed)
		}
		if !maps.Equal(same.Tables, made.Tables) || !maps.Equal(same.Files, made.Files) {
			t.Error("a backup of the restored hub has other contents")
		}
		// And back into an empty database of the engine it came from.
		if d.Engine() == db.Postgres {
			back := dbtest.OpenPostgres(t)
			if _, _, err := Restore(context.Background(), back, t.TempDir(), bytes.NewReader(again)); err != nil {
				t.Error(err)
			}
		}
		if _, _, err := Restore(context.Background(), to, t.TempDir(), bytes.NewReader(archive)); err == nil || !strings.Contains(err.Error(), "not empty") {
			t.Errorf("restore over a hub: %v", err)
		}
	})
}

// Whoever holds a cookie, a link or an open tab of the hub holds nothing of its copy.
func TestNoCookieLinkOrTabLivesOnInARestoredHub(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := filled(t, d)
		sys := policy.SystemActor()
		p, err := h.members.CreatePerson(ctx, sys, member.NewPerson{Name: locale.Text{Ar: "سلمى"}, Email: "salma@mun.example", Password: "a long password"})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.members.Grant(ctx, sys, p.ID, policy.SecretariatAdmin); err != nil {
			t.Fatal(err)
		}
		o, err := h.members.Open(ctx, member.SignIn{Email: "salma@mun.example", Password: "a long password", Source: "192.0.2.1"})
		if err != nil {
			t.Fatal(err)
		}
		link, _, err := h.members.Invite(ctx, sys, member.NewInvitation{Email: "wael@expert.example", Roles: []policy.Role{policy.Expert}})
		if err != nil {
			t.Fatal(err)
		}
		drafts := draft.New(d, open{o.Actor}, bus.NewMemory(), slog.New(slog.DiscardHandler), draft.Options{})
		start := func(s *draft.Service) {
			ctx, cancel := context.WithCancel(ctx)
			wait := s.Start(ctx)
			t.Cleanup(func() { cancel(); wait() })
		}
		start(drafts)
		var id string
		if err := d.Transact(ctx, func(tx *db.Tx) (err error) {
			id, err = draft.Create(ctx, tx, "ed_1", "text")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		tab, err := drafts.Open(ctx, o.Actor, draft.Opening{Draft: id, Notify: func() {}})
		if err != nil || tab.Resume == "" {
			t.Fatal(tab, err)
		}
		archive, _ := backup(t, h)
		to := empty(t)
		if _, _, err := Restore(ctx, to, t.TempDir(), bytes.NewReader(archive)); err != nil {
			t.Fatal(err)
		}
		copied := member.New(to, nil)
		t.Cleanup(copied.Close)
		wants := func(what, code string, err error) {
			t.Helper()
			if !fault.Is(err, code) {
				t.Errorf("%s: %v, want %s", what, err, code)
			}
		}
		_, _, err = h.members.Authenticate(ctx, o.Token)
		if err != nil {
			t.Errorf("the hub itself goes on: %v", err)
		}
		_, _, err = copied.Authenticate(ctx, o.Token)
		wants("an old cookie", "session.ended", err)
		_, err = copied.FindInvitation(ctx, link)
		wants("an old link", "invitation.not_found", err)
		again := draft.New(to, open{o.Actor}, bus.NewMemory(), slog.New(slog.DiscardHandler), draft.Options{})
		start(again)
		version := tab.Version
		_, err = again.Open(ctx, o.Actor, draft.Opening{Draft: id, Version: &version, Epoch: tab.Epoch, Resume: tab.Resume, Notify: func() {}})
		wants("an old tab", "draft.epoch", err)
		fresh, err := again.Open(ctx, o.Actor, draft.Opening{Draft: id, Notify: func() {}})
		if err != nil || fresh.Epoch == tab.Epoch {
			t.Fatalf("a new tab: %+v %v", fresh, err)
		}
		_, err = again.Open(ctx, o.Actor, draft.Opening{Draft: id, Version: &version, Epoch: fresh.Epoch, Resume: tab.Resume, Notify: func() {}})
		wants("an old secret under the new epoch", "draft.client_unknown", err)
	})
}

// open lets one person write everything.
type open struct{ actor policy.Actor }

func (o open) Facts(context.Context, *db.Tx, string) (policy.Facts, error) {
	return policy.Facts{Kind: "draft", Visibility: policy.ToNetwork, State: "draft", Flags: map[string]bool{"writable": true, "network": true}}, nil
}
func (o open) Actor(context.Context, policy.Actor) (policy.Actor, error) { return o.actor, nil }

// repack changes an archive's entries; a nil body drops the entry.
func repack(t *testing.T, archive []byte, change func(name string, body []byte) []byte) []byte {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	in := tar.NewReader(zip)
	var out bytes.Buffer
	zout := gzip.NewWriter(&out)
	tout := tar.NewWriter(zout)
	for {
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if b = change(h.Name, b); b == nil {
			continue
		}
		if err := put(tout, h.Name, int64(len(b)), bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
	}
	tout.Close()
	zout.Close()
	return out.Bytes()
}

func TestDamagedBackupIsRefusedAndLeavesNothing(t *testing.T) {
	h := filled(t, dbtest.Open(t))
	archive, _ := backup(t, h)
	for name, bad := range map[string][]byte{
		"not an archive": []byte("hello"),
		"cut short": repack(t, archive, func(n string, b []byte) []byte {
			if n == manifestName {
				return nil
			}
			return b
		}),
		"bytes missing": archive[:len(archive)*2/3],
		"a changed row": repack(t, archive, func(n string, b []byte) []byte {
			if n == "tables/guideline.jsonl" {
				return bytes.Replace(b, []byte("Page"), []byte("Pagé"), 1)
			}
			return b
		}),
		"a missing row": repack(t, archive, func(n string, b []byte) []byte {
			if n == "tables/event.jsonl" {
				return b[bytes.IndexByte(b, '\n')+1:]
			}
			return b
		}),
		"a missing table": repack(t, archive, func(n string, b []byte) []byte {
			if n == "tables/import_folder.jsonl" {
				return nil
			}
			return b
		}),
		"another file": repack(t, archive, func(n string, b []byte) []byte {
			if strings.HasPrefix(n, "files/") {
				return append(b, 'x')
			}
			return b
		}),
	} {
		t.Run(name, func(t *testing.T) {
			to, data := empty(t), t.TempDir()
			if _, _, err := Restore(context.Background(), to, data, bytes.NewReader(bad)); err == nil {
				t.Fatal("a damaged backup was restored")
			}
			left, err := os.ReadDir(data)
			if err != nil || len(left) != 0 {
				t.Errorf("the data directory holds %v (%v)", left, err)
			}
			// The whole one still fits.
			if _, _, err := Restore(context.Background(), to, data, bytes.NewReader(archive)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestArchiveCannotWriteOutsideTheDataDirectory(t *testing.T) {
	h := filled(t, dbtest.Open(t))
	archive, _ := backup(t, h)
	for _, evil := range []string{"files/../../evil", "files//x", "../evil"} {
		bad := repackName(t, archive, evil)
		if _, _, err := Restore(context.Background(), empty(t), t.TempDir(), bytes.NewReader(bad)); err == nil {
			t.Errorf("an archive with %q was restored", evil)
		}
	}
}

func repackName(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	var out bytes.Buffer
	zout := gzip.NewWriter(&out)
	tout := tar.NewWriter(zout)
	zip, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	for in := tar.NewReader(zip); ; {
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(h.Name, "files/") {
			h.Name = name
		}
		if err := put(tout, h.Name, h.Size, in); err != nil {
			t.Fatal(err)
		}
	}
	tout.Close()
	zout.Close()
	return out.Bytes()
}

func TestBackupFileNeverOverwrites(t *testing.T) {
	h := filled(t, dbtest.Open(t))
	at := filepath.Join(t.TempDir(), "hub.tar.gz")
	if _, err := BackupFile(context.Background(), h.db, h.data, at); err != nil {
		t.Fatal(err)
	}
	if _, err := BackupFile(context.Background(), h.db, h.data, at); err == nil {
		t.Error("the second backup overwrote the first")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(at), ".backup-*")); len(left) != 0 {
		t.Errorf("left behind %v", left)
	}
}

func TestVerifyNamesWhatWasChanged(t *testing.T) {
	h := filled(t, dbtest.Open(t))
	ctx := context.Background()
	exec := func(q string) {
		t.Helper()
		if err := h.db.Transact(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, q); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := VerifyHub(ctx, h.db); err != nil {
		t.Fatal(err)
	}
	exec(`update revision_source set original = 'x' where eol = 'crlf'`)
	if _, err := VerifyHub(ctx, h.db); err == nil || !strings.Contains(err.Error(), "imported bytes") {
		t.Errorf("changed page: %v", err)
	}
	exec(`update event set body = '{}' where seq = 2`)
	if _, err := VerifyHub(ctx, h.db); err == nil || !strings.Contains(err.Error(), "audit record 2 was changed") {
		t.Errorf("changed record: %v", err)
	}
}

func TestDoctor(t *testing.T) {
	h := filled(t, dbtest.Open(t))
	var out bytes.Buffer
	if !Print(&out, Doctor(context.Background(), h.db, h.data)) {
		t.Errorf("a healthy hub is ill:\n%s", out.String())
	}
	ill := empty(t)
	findings := Doctor(context.Background(), ill, filepath.Join(t.TempDir(), "f"))
	if !slices.ContainsFunc(findings, func(f Finding) bool { return f.Err != nil && strings.Contains(f.Err.Error(), "migrations wait") }) {
		t.Errorf("findings = %+v", findings)
	}
}
