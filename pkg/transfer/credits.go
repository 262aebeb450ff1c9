package transfer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/history"
	"github.com/multaqa/multaqa/pkg/locale"
)

// CreditsFile lies beside the agencies' folders of an export.
const CreditsFile = "credits.json"

// History is what the exporter needs to know of who wrote a text.
type History interface {
	Writers(ctx context.Context, draft string, version int64) ([]history.WriterWords, error)
}

// Credits says who wrote a page, by its path in the export: every writer with the agency they wrote for, most words first. Words that came
// with an import, and others that nobody is known to have written, are not counted.
type Credits struct {
	Path    string   `json:"path"`
	Edition string   `json:"edition"` // its number, 2.1
	Writers []Writer `json:"writers"`
}

// Writer is a person with the agency they wrote for, and how many words of the page are theirs.
type Writer struct {
	Person locale.Text `json:"person"`
	Agency locale.Text `json:"agency"`
	Words  int         `json:"words"`
}

// credit adds who wrote a page. A text without a draft has no writers here.
func (ex *Exporter) credit(ctx context.Context, at, edition, draftID string, version int64, to *[]Credits) error {
	if ex.History == nil || draftID == "" {
		return nil
	}
	writers, err := ex.History.Writers(ctx, draftID, version)
	if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("who wrote %s: %w", at, err)
	}
	if len(writers) == 0 {
		return nil
	}
	people := make([]string, len(writers))
	for i, w := range writers {
		people[i] = w.Person
	}
	names, err := ex.Guidelines.Names(ctx, people...)
	if err != nil {
		return err
	}
	c := Credits{Path: at, Edition: edition}
	for _, w := range writers {
		c.Writers = append(c.Writers, Writer{Person: names.Persons[w.Person], Agency: names.Agencies[w.Agency].Name, Words: w.Words})
	}
	*to = append(*to, c)
	return nil
}

// writeCredits writes the file of credits, if anybody is credited.
func writeCredits(dir string, all []Credits) error {
	if len(all) == 0 {
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return errors.Join(enc.Encode(all), write(dir, CreditsFile, b.Bytes()))
}
