package transfer

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/media"
)

const (
	archiveFormat  = "multaqa-backup"
	archiveVersion = 1
	// filesDir is the folder of the data directory that holds people's files.
	filesDir = media.Dir
	// manifestName is the last entry of an archive: an archive without it is cut short.
	manifestName = "manifest.json"
	headName     = "head.json"
)

// Head is the first entry of an archive.
type Head struct {
	Format  string              `json:"format"`
	Version int                 `json:"version"`
	Schema  int64               `json:"schema"` // number of the newest migration
	Engine  string              `json:"engine"`
	At      time.Time           `json:"at"`
	Tables  map[string][]string `json:"tables"` // columns, in the order of the values
}

// Manifest is the last entry of an archive: what it holds, by name.
type Manifest struct {
	Tables    map[string]Sum `json:"tables"`
	Files     map[string]Sum `json:"files"`
	AuditSeq  int64          `json:"audit_seq"`
	AuditHash string         `json:"audit_hash"`
}

// Rows is the number of rows of all tables.
func (m Manifest) Rows() (n int64) {
	for _, s := range m.Tables {
		n += s.Count
	}
	return n
}

// Backup writes the hub to w as one archive. The tables are one consistent
// read, so people may work meanwhile; files are only ever added under their
// hash, so those that the tables name are there.
func Backup(ctx context.Context, d *db.DB, dataDir string, w io.Writer) (Manifest, error) {
	m := Manifest{Tables: map[string]Sum{}, Files: map[string]Sum{}}
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return m, err
	}
	out := tar.NewWriter(zip)
	err = d.Read(ctx, func(tx *db.Tx) error {
		all, err := tables(ctx, tx)
		if err != nil {
			return err
		}
		head := Head{Format: archiveFormat, Version: archiveVersion, Engine: tx.Engine(), At: tx.Now().Time(), Tables: map[string][]string{}}
		if head.Schema, err = schemaVersion(ctx, tx); err != nil {
			return err
		}
		for _, t := range all {
			head.Tables[t.name] = t.columns
		}
		if err := putJSON(out, headName, head); err != nil {
			return err
		}
		for _, t := range all {
			if m.Tables[t.name], err = putTable(ctx, tx, out, t); err != nil {
				return err
			}
		}
		m.AuditSeq, m.AuditHash, err = event.Head(ctx, tx)
		return err
	})
	if err != nil {
		return m, err
	}
	if err := eachFile(dataDir, func(name, path string) error {
		m.Files[name], err = putFile(out, name, path)
		return err
	}); err != nil {
		return m, fmt.Errorf("back up files: %w", err)
	}
	if err := putJSON(out, manifestName, m); err != nil {
		return m, err
	}
	return m, errors.Join(out.Close(), zip.Close())
}

// BackupFile writes the archive to path by way of a temporary file beside it,
// so that a file of that name is always a whole archive. It never overwrites.
func BackupFile(ctx context.Context, d *db.DB, dataDir, path string) (m Manifest, err error) {
	if _, err := os.Stat(path); err == nil {
		return m, fmt.Errorf("%s exists; a backup overwrites nothing", path)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".backup-*")
	if err != nil {
		return m, err
	}
	defer os.Remove(tmp.Name())
	if m, err = Backup(ctx, d, dataDir, tmp); err != nil {
		tmp.Close()
		return m, err
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return m, err
	}
	// A link does not overwrite a file that has come meanwhile; not every file system has them.
	if err := os.Link(tmp.Name(), path); errors.Is(err, fs.ErrExist) {
		return m, err
	} else if err != nil {
		if err := os.Rename(tmp.Name(), path); err != nil {
			return m, err
		}
	}
	// The name is to survive a power cut too, where the file system can promise that.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		dir.Close()
	}
	return m, nil
}

// schemaVersion is the number of the newest migration that was applied.
func schemaVersion(ctx context.Context, tx *db.Tx) (v int64, err error) {
	err = tx.QueryRow(ctx, `select coalesce(max(version_id), 0) from goose_db_version where is_applied`).Scan(&v)
	if err != nil {
		return 0, fmt.Errorf("schema version: %w", err)
	}
	return v, nil
}

// putTable goes by way of a temporary file: a tar entry needs its size first.
func putTable(ctx context.Context, tx *db.Tx, out *tar.Writer, t table) (Sum, error) {
	tmp, err := os.CreateTemp("", "multaqa-table-*")
	if err != nil {
		return Sum{}, err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	sum, err := t.dump(ctx, tx, tmp)
	if err != nil {
		return sum, err
	}
	size, err := tmp.Seek(0, io.SeekEnd)
	if err != nil {
		return sum, err
	}
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return sum, err
	}
	return sum, put(out, "tables/"+t.name+".jsonl", size, tmp)
}

func putFile(out *tar.Writer, name, path string) (Sum, error) {
	f, err := os.Open(path)
	if err != nil {
		return Sum{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Sum{}, err
	}
	h := sha256.New()
	if err := put(out, name, info.Size(), io.TeeReader(f, h)); err != nil {
		return Sum{}, err
	}
	return Sum{Count: info.Size(), SHA: hex.EncodeToString(h.Sum(nil))}, nil
}

func putJSON(out *tar.Writer, name string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return put(out, name, int64(len(b)), bytes.NewReader(b))
}

func put(out *tar.Writer, name string, size int64, r io.Reader) error {
	if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, Format: tar.FormatPAX}); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if _, err := io.Copy(out, r); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// eachFile calls fn with every file of the data directory's files folder: its
// name in the archive, with forward slashes, and where it lies.
func eachFile(dataDir string, fn func(name, path string) error) error {
	root := filepath.Join(dataDir, filesDir)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			return err
		}
		rel, err := filepath.Rel(dataDir, path)
		if err != nil {
			return err
		}
		return fn(filepath.ToSlash(rel), path)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nobody attached anything yet
	}
	return err
}
