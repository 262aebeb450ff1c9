package media

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
)

// maxUses bounds the images of one guideline.
const maxUses = 2000

// Texts is what this package needs of the guidelines.
type Texts interface {
	// Facts are those of the edition that a draft belongs to.
	Facts(ctx context.Context, tx *db.Tx, draft string) (policy.Facts, error)
	// OfDraft is the guideline and edition behind a draft.
	OfDraft(ctx context.Context, tx *db.Tx, draft string) (guideline.Guideline, guideline.Edition, error)
	// Shows says whether the actor reads a text of the guideline that has the
	// words in it, or its living text, and whether everybody does.
	Shows(ctx context.Context, tx *db.Tx, actor policy.Actor, guideline, words string) (seen, public bool, err error)
}

// Image is a stored image.
type Image struct {
	Hash          string
	Type          string
	Size          int64
	Width, Height int // pixels; 0 where an import did not look
}

// Address is where the image is served.
func (i Image) Address() string { return Address(i.Hash, i.Type) }

// Added is appended when an image is put into a guideline.
type Added struct {
	Guideline string `json:"guideline"`
	Hash      string `json:"hash"`
	Type      string `json:"type"`
	Size      int64  `json:"size"`
}

// Kind is the event's kind.
func (Added) Kind() string { return "image.added" }

// Object is the guideline.
func (a Added) Object() string { return a.Guideline }

// Service brings images in and says who may see them.
type Service struct {
	db    *db.DB
	texts Texts
	dir   string
	slots chan struct{}
}

// New returns a service that keeps its files below dataDir.
func New(d *db.DB, texts Texts, dataDir string) *Service {
	return &Service{db: d, texts: texts, dir: dataDir, slots: make(chan struct{}, 2)}
}

// Add brings an image into the guideline of a draft. The same picture twice is
// one file.
//
// Faults: draft.not_found, policy.forbidden, media.too_large,
// media.unknown_type, media.too_many_pixels, media.broken, media.too_many.
func (s *Service) Add(ctx context.Context, actor policy.Actor, draft string, b []byte) (Image, error) {
	// Asked before the work of decoding, and again in the transaction.
	if err := s.db.Read(ctx, func(tx *db.Tx) error { return s.mayAdd(ctx, tx, actor, draft) }); err != nil {
		return Image{}, err
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return Image{}, ctx.Err()
	}
	c, err := Cleaned(b)
	<-s.slots
	if err != nil {
		return Image{}, err
	}
	img := Image{Hash: Digest(c.Bytes), Type: c.Type, Size: int64(len(c.Bytes)), Width: c.Width, Height: c.Height}
	if err := Put(s.dir, img.Hash, c.Bytes); err != nil {
		return Image{}, fmt.Errorf("store image: %w", err)
	}
	err = s.db.Transact(ctx, func(tx *db.Tx) error {
		if err := s.mayAdd(ctx, tx, actor, draft); err != nil {
			return err
		}
		g, _, err := s.texts.OfDraft(ctx, tx, draft)
		if err != nil {
			return err
		}
		var uses int
		if err := tx.QueryRow(ctx, `select count(*) from image_use where guideline = $1`, g.ID).Scan(&uses); err != nil {
			return err
		}
		if uses >= maxUses {
			return fault.New(fault.TooLarge, "media.too_many").With("limit", maxUses)
		}
		if err := Record(ctx, tx, img); err != nil {
			return err
		}
		if err := Use(ctx, tx, img.Hash, g.ID, actor.Person); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, Added{Guideline: g.ID, Hash: img.Hash, Type: img.Type, Size: img.Size})
	})
	return img, err
}

func (s *Service) mayAdd(ctx context.Context, tx *db.Tx, actor policy.Actor, draft string) error {
	facts, err := s.texts.Facts(ctx, tx, draft)
	if err != nil {
		return err
	}
	return policy.Check(actor, policy.WriteDraft, facts)
}

// Record says that the bytes of an image are stored.
func Record(ctx context.Context, tx *db.Tx, i Image) error {
	_, err := tx.Exec(ctx, `insert into image (hash, type, size, width, height, at) values ($1, $2, $3, $4, $5, $6) on conflict (hash) do nothing`,
		i.Hash, i.Type, i.Size, i.Width, i.Height, int64(tx.Now()))
	return err
}

// Use puts an image into a guideline: whoever reads it sees the image.
func Use(ctx context.Context, tx *db.Tx, hash, guideline, person string) error {
	_, err := tx.Exec(ctx, `insert into image_use (hash, guideline, person, at) values ($1, $2, $3, $4) on conflict (hash, guideline) do nothing`,
		hash, guideline, person, int64(tx.Now()))
	return err
}

var name = regexp.MustCompile(`^([0-9a-f]{64})\.(png|jpg|gif|webp)$`)

// Open returns an image that the actor may see, by the last part of its
// address, with its bytes; the caller closes the file. public says that
// everybody may see it.
//
// Faults: media.not_found, also for what the actor may not see.
func (s *Service) Open(ctx context.Context, actor policy.Actor, file string) (img Image, f *os.File, public bool, err error) {
	missing := fault.New(fault.NotFound, "media.not_found")
	m := name.FindStringSubmatch(file)
	if m == nil {
		return img, nil, false, missing
	}
	seen := false
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		img.Hash = m[1]
		err := tx.QueryRow(ctx, `select type, size, width, height from image where hash = $1`, img.Hash).Scan(&img.Type, &img.Size, &img.Width, &img.Height)
		if errors.Is(err, sql.ErrNoRows) || err == nil && types[img.Type] != m[2] {
			return missing
		}
		if err != nil {
			return err
		}
		uses, err := s.uses(ctx, tx, img.Hash)
		if err != nil {
			return err
		}
		for _, g := range uses {
			see, all, err := s.texts.Shows(ctx, tx, actor, g, img.Hash)
			if err != nil {
				return err
			}
			seen, public = seen || see, public || all
			if public {
				break
			}
		}
		return nil
	})
	if err != nil {
		return img, nil, false, err
	}
	if !seen && !public {
		return img, nil, false, missing
	}
	f, err = os.Open(File(s.dir, img.Hash))
	if errors.Is(err, os.ErrNotExist) {
		err = missing
	}
	return img, f, public, err
}

func (s *Service) uses(ctx context.Context, tx *db.Tx, hash string) (out []string, err error) {
	rows, err := tx.Query(ctx, `select guideline from image_use where hash = $1 order by at`, hash)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var g string
		if err := rows.Scan(&g); err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, rows.Err()
}
