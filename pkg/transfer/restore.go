package transfer

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Restore fills an empty hub from an archive made by [Backup] and then
// verifies what it restored (see [Verified]). The tables are filled in one
// transaction that commits only after the manifest agreed with what was read
// and with what was written, so a damaged archive leaves the hub empty. An
// archive of an older program is filled into the schema it was made with and
// then migrated.
//
// The copy is a new life of the hub: in the same transaction all sessions and
// open invitations end and every draft gets a new epoch, so that neither a
// cookie nor a tab from before goes on in it.
func Restore(ctx context.Context, d *db.DB, dataDir string, r io.Reader) (Manifest, Verified, error) {
	var m Manifest
	zip, err := gzip.NewReader(r)
	if err != nil {
		return m, Verified{}, fmt.Errorf("this is no backup: %w", err)
	}
	in := tar.NewReader(zip)
	head, err := readHead(in)
	if err != nil {
		return m, Verified{}, err
	}
	if err := d.MigrateTo(ctx, head.Schema); err != nil {
		return m, Verified{}, err
	}
	stage, err := os.MkdirTemp(ensured(dataDir), ".restore-*")
	if err != nil {
		return m, Verified{}, err
	}
	defer os.RemoveAll(stage)
	if err := eachFile(dataDir, func(name, _ string) error {
		return fmt.Errorf("the data directory has files already (%s); restore wants an empty one", name)
	}); err != nil {
		return m, Verified{}, err
	}
	err = d.Transact(ctx, func(tx *db.Tx) error {
		all, err := tables(ctx, tx)
		if err != nil {
			return err
		}
		if err := mustBeEmpty(ctx, tx, all); err != nil {
			return err
		}
		if m, err = fillAll(ctx, tx, in, head, all, stage); err != nil {
			return err
		}
		// Compared before migrating on and before old lives end: both change rows.
		if err := compareTables(ctx, tx, all, m); err != nil {
			return err
		}
		return endLives(ctx, tx, all)
	})
	if err != nil {
		return m, Verified{}, err
	}
	if len(m.Files) > 0 {
		if err := os.Rename(filepath.Join(stage, filesDir), filepath.Join(dataDir, filesDir)); err != nil {
			return m, Verified{}, fmt.Errorf("the tables are restored, the files are not: %w", err)
		}
	}
	if err := compareFiles(dataDir, m); err != nil {
		return m, Verified{}, err
	}
	if _, err := d.Migrate(ctx); err != nil {
		return m, Verified{}, err
	}
	if err := d.Transact(ctx, func(tx *db.Tx) error {
		return event.Append(ctx, tx, policy.SystemActor(), Restored{AuditSeq: m.AuditSeq, AuditHash: m.AuditHash})
	}); err != nil {
		return m, Verified{}, err
	}
	v, err := VerifyHub(ctx, d)
	return m, v, err
}

// Restored says that from here on the record is that of a restored copy; the
// head of the record in the archive is in it.
type Restored struct {
	AuditSeq  int64  `json:"audit_seq"`
	AuditHash string `json:"audit_hash"`
}

// Kind names the event.
func (Restored) Kind() string { return "hub.restored" }

// Object is the hub itself.
func (Restored) Object() string { return "hub" }

// endLives asks the packages that keep secrets to end them. The schema may be
// one of an older program, without their tables.
func endLives(ctx context.Context, tx *db.Tx, all []table) error {
	has := func(name string) bool { return slices.ContainsFunc(all, func(t table) bool { return t.name == name }) }
	if has("session") {
		if _, err := member.Restored(ctx, tx); err != nil {
			return err
		}
	}
	if has("draft_client") {
		return draft.Restored(ctx, tx)
	}
	return nil
}

func ensured(dir string) string {
	_ = os.MkdirAll(dir, 0o700) // MkdirTemp says what is wrong with it
	return dir
}

func readHead(in *tar.Reader) (Head, error) {
	var head Head
	h, err := in.Next()
	if err != nil || h.Name != headName {
		return head, fmt.Errorf("this is no backup: its first entry is not %s", headName)
	}
	if err := json.NewDecoder(io.LimitReader(in, 1<<20)).Decode(&head); err != nil {
		return head, fmt.Errorf("read %s: %w", headName, err)
	}
	if head.Format != archiveFormat {
		return head, fmt.Errorf("this is no backup: its format is %q", head.Format)
	}
	if head.Version > archiveVersion {
		return head, fmt.Errorf("the backup was made by a newer program (format %d, this one reads %d)", head.Version, archiveVersion)
	}
	return head, nil
}

// mustBeEmpty refuses a hub with content, then clears the rows that the
// migrations themselves put in.
func mustBeEmpty(ctx context.Context, tx *db.Tx, all []table) error {
	for _, name := range []string{"event", "person", "agency"} {
		var n int64
		if err := tx.QueryRow(ctx, `select count(*) from `+name).Scan(&n); err != nil {
			return fmt.Errorf("is the hub empty: %w", err)
		}
		if n > 0 {
			return fmt.Errorf("the hub is not empty (table %s has %d rows); restore wants an empty one", name, n)
		}
	}
	for _, t := range slices.Backward(all) {
		if _, err := tx.Exec(ctx, `delete from `+quoted([]string{t.name})); err != nil {
			return fmt.Errorf("clear %s: %w", t.name, err)
		}
	}
	return nil
}

func fillAll(ctx context.Context, tx *db.Tx, in *tar.Reader, head Head, all []table, stage string) (Manifest, error) {
	byName := map[string]table{}
	for _, t := range all {
		byName[t.name] = t
	}
	got := Manifest{Tables: map[string]Sum{}, Files: map[string]Sum{}}
	for {
		h, err := in.Next()
		if err == io.EOF {
			return got, errors.New("the backup is cut short: it has no manifest")
		}
		if err != nil {
			return got, fmt.Errorf("read backup: %w", err)
		}
		switch name := h.Name; {
		case name == manifestName:
			var want Manifest
			if err := json.NewDecoder(in).Decode(&want); err != nil {
				return got, fmt.Errorf("read %s: %w", manifestName, err)
			}
			return want, agree(want, got)
		case strings.HasPrefix(name, "tables/"):
			tab := strings.TrimSuffix(strings.TrimPrefix(name, "tables/"), ".jsonl")
			t, ok := byName[tab]
			if !ok {
				return got, fmt.Errorf("the backup has a table %q that this program does not know", tab)
			}
			if got.Tables[tab], err = t.fill(ctx, tx, head.Tables[tab], in); err != nil {
				return got, err
			}
		case strings.HasPrefix(name, filesDir+"/"):
			if got.Files[name], err = unpack(stage, name, in); err != nil {
				return got, err
			}
		default:
			return got, fmt.Errorf("the backup has an unknown entry %q", name)
		}
	}
}

// unpack writes a file below stage. A name that leads elsewhere is refused.
func unpack(stage, name string, r io.Reader) (Sum, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) || path.Clean(name) != name {
		return Sum{}, fmt.Errorf("the backup has an entry with the bad name %q", name)
	}
	to := filepath.Join(stage, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return Sum{}, err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Sum{}, err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), r)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return Sum{}, err
	}
	return Sum{Count: n, SHA: hex.EncodeToString(h.Sum(nil))}, nil
}

// agree says the first difference between what was promised and what is there.
func agree(want, got Manifest) error {
	for _, pair := range []struct {
		what      string
		want, got map[string]Sum
	}{{"table", want.Tables, got.Tables}, {"file", want.Files, got.Files}} {
		for _, name := range slices.Sorted(maps.Keys(pair.want)) {
			g, ok := pair.got[name]
			switch w := pair.want[name]; {
			case !ok:
				return fmt.Errorf("%s %s is missing", pair.what, name)
			case g.Count != w.Count:
				return fmt.Errorf("%s %s has %d entries or bytes, want %d", pair.what, name, g.Count, w.Count)
			case g.SHA != w.SHA:
				return fmt.Errorf("%s %s differs: SHA-256 %s, want %s", pair.what, name, g.SHA, w.SHA)
			}
		}
		for name := range pair.got {
			if _, ok := pair.want[name]; !ok {
				return fmt.Errorf("%s %s is not in the manifest", pair.what, name)
			}
		}
	}
	return nil
}

// compareTables reads the tables back and holds them against the manifest.
func compareTables(ctx context.Context, tx *db.Tx, all []table, want Manifest) error {
	got := Manifest{Tables: map[string]Sum{}}
	for _, t := range all {
		if _, made := want.Tables[t.name]; !made {
			continue // a table that this program's migrations fill themselves
		}
		var err error
		if got.Tables[t.name], err = t.dump(ctx, tx, io.Discard); err != nil {
			return err
		}
	}
	return agreed(Manifest{Tables: want.Tables}, got)
}

// compareFiles is compareTables for the data directory.
func compareFiles(dataDir string, want Manifest) error {
	got := Manifest{Files: map[string]Sum{}}
	err := eachFile(dataDir, func(name, path string) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		n, err := io.Copy(h, f)
		got.Files[name] = Sum{Count: n, SHA: hex.EncodeToString(h.Sum(nil))}
		return err
	})
	if err != nil {
		return err
	}
	return agreed(Manifest{Files: want.Files}, got)
}

func agreed(want, got Manifest) error {
	if err := agree(want, got); err != nil {
		return fmt.Errorf("what was restored is not what was backed up: %w", err)
	}
	return nil
}
