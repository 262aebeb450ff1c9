package transfer

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/media"
	"github.com/multaqa/multaqa/pkg/member"
)

const maxImage = media.MaxBytes // bytes of an image that comes with pages

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
	if media.Ending(kind) == "" {
		rep.skip(f.shown, "transfer.unknown_type", kind)
		return nil
	}
	hash := media.Digest(b)
	if err := media.Put(im.DataDir, hash, b); err != nil {
		return err
	}
	err = im.DB.Transact(ctx, func(tx *db.Tx) error {
		if err := media.Record(ctx, tx, media.Image{Hash: hash, Type: kind, Size: int64(len(b))}); err != nil {
			return err
		}
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
	files[pageKey{agency.ID, f.key}] = media.Address(hash, kind)
	rep.Files++
	return nil
}
