package transfer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/member"
)

// FilePath is the address below which stored files are served.
const FilePath = "/files/"

const maxImage = 10 << 20 // bytes of an image that comes with pages

// imageTypes are the types that are stored, by content; SVG is none of them,
// because it may carry scripts.
var imageTypes = map[string]string{"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}

// file stores one image and says where it is served.
func (im *Importer) file(ctx context.Context, agency member.Agency, f source, files map[pageKey]string, rep *Report) error {
	info, err := os.Stat(f.path)
	if err != nil {
		rep.skip(f.shown, "transfer.unreadable", err.Error())
		return nil
	}
	if info.Size() > maxImage {
		rep.skip(f.shown, "transfer.too_large", fmt.Sprintf("%d bytes, limit %d", info.Size(), maxImage))
		return nil
	}
	b, err := os.ReadFile(f.path)
	if err != nil {
		rep.skip(f.shown, "transfer.unreadable", err.Error())
		return nil
	}
	kind := http.DetectContentType(b)
	ext, ok := imageTypes[kind]
	if !ok {
		rep.skip(f.shown, "transfer.unknown_type", kind)
		return nil
	}
	hash := digest(b)
	if err := store(im.DataDir, hash, b); err != nil {
		return err
	}
	err = im.DB.Transact(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `delete from import_file where agency = $1 and path = $2`, agency.ID, f.key); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into import_file (agency, path, hash, type, size, at) values ($1, $2, $3, $4, $5, $6)`,
			agency.ID, f.key, hash, kind, int64(len(b)), int64(tx.Now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	files[pageKey{agency.ID, f.key}] = FilePath + hash + "." + ext
	rep.Files++
	return nil
}

// store writes bytes under their hash, whole or not at all.
func store(dataDir, hash string, b []byte) error {
	to := filePath(dataDir, hash)
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	dir := filepath.Dir(to)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), to)
}

func filePath(dataDir, hash string) string {
	return filepath.Join(dataDir, filesDir, hash[:2], hash)
}

var storedName = regexp.MustCompile(`^([0-9a-f]{64})\.(png|jpg|gif|webp)$`)

// Files serves the stored images below [FilePath]. Their address is their
// hash, so they may be kept for ever; they show nothing but pixels.
func Files(dataDir string) http.Handler {
	kinds := map[string]string{}
	for kind, ext := range imageTypes {
		kinds[ext] = kind
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := storedName.FindStringSubmatch(filepath.Base(r.URL.Path))
		if m == nil || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
			http.NotFound(w, r)
			return
		}
		f, err := os.Open(filePath(dataDir, m[1]))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		defer f.Close()
		w.Header().Set("Content-Type", kinds[m[2]])
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
		http.ServeContent(w, r, "", time.Time{}, f)
	})
}
