package draft

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
)

// Revision is a text as it stood at a version, with what proves it.
type Revision struct {
	Version  int64
	Text     string
	TextHash string // SHA-256 of the text in UTF-8, hexadecimal
	LogHash  string // SHA-256 over the log up to the version, hexadecimal
}

// Create makes a draft of an edition with its first text, version 0. Line ends become \n; NUL and ill-formed UTF-8 become U+FFFD.
//
// Faults: draft.too_large.
func Create(ctx context.Context, tx *db.Tx, edition, text string) (string, error) {
	text = Clean(text)
	if len(text) > MaxTextBytes {
		return "", fault.New(fault.TooLarge, "draft.too_large")
	}
	d := draftRow{id: id.New("dr"), edition: edition, epoch: newEpoch()}
	if err := insertDraft(ctx, tx, &d); err != nil {
		return "", err
	}
	return d.id, insertSnapshot(ctx, tx, d.key, 0, changeset.NewText(text), nil)
}

func newEpoch() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// Restored begins a new epoch of every draft of a hub that was restored from a
// backup, and ends the tabs' secrets: what a tab knows of the log's newest
// versions may not be in the copy.
func Restored(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.Exec(ctx, `update draft set epoch = $1`, newEpoch()); err != nil {
		return fmt.Errorf("begin a new epoch: %w", err)
	}
	// No secret has the empty hash. The rows stay: the log names their clients.
	if _, err := tx.Exec(ctx, `update draft_client set resume = ''`); err != nil {
		return fmt.Errorf("end the tabs' secrets: %w", err)
	}
	return nil
}

// Clean is what a text goes through before it becomes a draft's.
func Clean(text string) string {
	text = changeset.Lines(text)
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
}

// Text returns the committed text of a draft and its version. It asks no policy.
//
// Faults: draft.not_found.
func Text(ctx context.Context, tx *db.Tx, draft string) (int64, string, error) {
	d, err := find(ctx, tx, draft)
	if err != nil {
		return 0, "", err
	}
	l, err := load(ctx, tx, d.key, -1)
	if err != nil {
		return 0, "", fmt.Errorf("draft %s: %w", draft, err)
	}
	return l.version, l.text.String(), nil
}

// TextAt returns the text of an older version; it replays the log from the snapshot before it.
//
// Faults: draft.not_found; an error when version is beyond the head.
func TextAt(ctx context.Context, tx *db.Tx, draft string, version int64) (string, error) {
	d, err := find(ctx, tx, draft)
	if err != nil {
		return "", err
	}
	l, err := load(ctx, tx, d.key, version)
	return l.text.String(), err
}

// Head returns the edition of a draft and its newest version. It asks no policy.
//
// Faults: draft.not_found.
func Head(ctx context.Context, tx *db.Tx, draft string) (edition string, version int64, err error) {
	d, err := find(ctx, tx, draft)
	if err != nil {
		return "", 0, err
	}
	version, err = findHead(ctx, tx, d.key)
	return d.edition, version, err
}

// Lock holds a draft's head until the transaction ends: whatever is appended later is decided on the rights and the state that
// this transaction leaves behind.
func Lock(ctx context.Context, tx *db.Tx, draft string) error {
	d, err := find(ctx, tx, draft)
	if err != nil {
		return err
	}
	_, err = lock(ctx, tx, d.key)
	return err
}

// Freeze is Lock, and the text that is committed now.
//
// Faults: draft.not_found.
func Freeze(ctx context.Context, tx *db.Tx, draft string) (Revision, error) {
	d, err := find(ctx, tx, draft)
	if err != nil {
		return Revision{}, err
	}
	if _, err := lock(ctx, tx, d.key); err != nil {
		return Revision{}, err
	}
	l, err := load(ctx, tx, d.key, -1)
	if err != nil {
		return Revision{}, fmt.Errorf("draft %s: %w", draft, err)
	}
	r := Revision{Version: l.version, Text: l.text.String()}
	r.TextHash = hash(r.Text)
	r.LogHash, err = logHash(ctx, tx, d.key)
	return r, err
}

// logHash is SHA-256 over the first text and the rows of the log, each with its numbers, so that nobody can exchange
// the history under a text.
func logHash(ctx context.Context, tx *db.Tx, key int64) (string, error) {
	h := sha256.New()
	_, first, err := findSnapshot(ctx, tx, key, 0)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(h, "%d:", first.Bytes())
	if _, err := first.WriteTo(h); err != nil {
		return "", err
	}
	for at := int64(0); ; {
		rows, err := listRows(ctx, tx, key, at, 1<<20)
		if err != nil {
			return "", err
		}
		if len(rows) == 0 {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		for _, r := range rows {
			fmt.Fprintf(h, "%d-%d@%d:%d:", r.first, r.last, int64(r.at), len(r.body))
			h.Write(r.body)
			at = r.last
		}
	}
}

// Authors returns the persons whose updates are in the log, sorted by id.
func Authors(ctx context.Context, tx *db.Tx, draft string) ([]string, error) {
	d, err := find(ctx, tx, draft)
	if err != nil {
		return nil, err
	}
	return listAuthors(ctx, tx, d.key)
}

// WrittenBy says which of the drafts have updates of a person in their log.
func WrittenBy(ctx context.Context, tx *db.Tx, person string, drafts ...string) (map[string]bool, error) {
	out := map[string]bool{}
	joined, err := joinedBy(ctx, tx, person, drafts)
	if err != nil {
		return nil, err
	}
	for draft, key := range joined {
		authors, err := listAuthors(ctx, tx, key)
		if err != nil {
			return nil, err
		}
		out[draft] = slices.Contains(authors, person)
	}
	return out, nil
}

// Changes calls fn with every update after a version, in order, and returns the newest version. It asks no policy.
//
// Faults: draft.not_found.
func Changes(ctx context.Context, tx *db.Tx, draft string, after int64, fn func(Update) error) (int64, error) {
	d, err := find(ctx, tx, draft)
	if err != nil {
		return 0, err
	}
	for {
		rows, err := listRows(ctx, tx, d.key, after, 1<<20)
		if err != nil || len(rows) == 0 {
			return after, err
		}
		for _, r := range rows {
			us, err := r.updates()
			if err != nil {
				return after, err
			}
			for _, u := range us {
				if u.Version <= after {
					continue
				}
				if err := fn(u); err != nil {
					return after, err
				}
				after = u.Version
			}
		}
	}
}
