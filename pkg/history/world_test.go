package history

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/policy"
)

var (
	salma  = policy.Actor{Person: "pe_salma", Session: "s1", Agency: "ag_mun", Roles: []policy.Role{policy.Representative}}
	omar   = policy.Actor{Person: "pe_omar", Session: "s2", Agency: "ag_rta", Roles: []policy.Role{policy.Representative}}
	yasmin = policy.Actor{Person: "pe_yasmin", Session: "s3", Agency: "ag_mun", Roles: []policy.Role{policy.Reader}}
)

// joint is a guideline of two agencies; writable says whether its state lets the text change.
type joint struct{ frozen bool }

func (j *joint) Facts(context.Context, *db.Tx, string) (policy.Facts, error) {
	state := "draft"
	if j.frozen {
		state = "in_review"
	}
	return policy.Facts{Agency: "ag_mun", Agencies: []string{"ag_mun", "ag_rta"}, Visibility: policy.ToAgencies, State: state,
		Flags: map[string]bool{"writer:ag_rta": true, "writable": !j.frozen}}, nil
}

func (j *joint) Actor(_ context.Context, was policy.Actor) (policy.Actor, error) { return was, nil }

type world struct {
	t       testing.TB
	db      *db.DB
	id      string
	rights  *joint
	drafts  *draft.Service
	history *Service
	// what the log holds
	text    changeset.Text
	version int64
	at      db.Time
}

func newWorld(t testing.TB, d *db.DB, text string) *world {
	w := &world{t: t, db: d, rights: &joint{}, text: changeset.NewText(text), at: db.At(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC))}
	w.drafts = draft.New(d, w.rights, bus.NewMemory(), slog.New(slog.DiscardHandler), draft.Options{})
	w.history = New(d, w.rights, w.drafts, slog.New(slog.DiscardHandler))
	w.do(func(tx *db.Tx) (err error) {
		if w.id, err = draft.Create(t.Context(), tx, "ed_1", text); err != nil {
			return err
		}
		// Two tabs of one person are one writer.
		for n, who := range map[int]policy.Actor{1: salma, 2: omar, 3: salma} {
			if _, err := tx.Exec(t.Context(), `
				insert into draft_client (draft, client, person, agency, seat, resume, attached, last_seq, created_at)
				select key, $2, $3, $4, '', 'x', 1, 1, 0 from draft where id = $1`, w.id, n, who.Person, who.Agency); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

func (w *world) do(fn func(tx *db.Tx) error) {
	w.t.Helper()
	if err := w.db.Transact(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// write appends updates to the log as the authority does, in rows of perRow, each a minute after the one before.
func (w *world) write(clients []int64, changes []changeset.ChangeSet, perRow int) {
	w.t.Helper()
	seq := w.version + 1
	w.do(func(tx *db.Tx) error {
		for from := 0; from < len(changes); from += perRow {
			first, length := w.version+1, w.text.Len()
			var row []draft.Update
			for i := from; i < min(from+perRow, len(changes)); i++ {
				w.version++
				row = append(row, draft.Update{Version: w.version, Client: clients[i], Seq: seq, Length: w.text.Len(), Change: changes[i]})
				seq++
				var err error
				if w.text, err = changes[i].Apply(w.text); err != nil {
					return err
				}
			}
			w.at = w.at.Add(time.Minute)
			if err := drafttest.AppendRow(w.t.Context(), tx, w.id, first, w.version, length, w.at, draft.AppendRuns(nil, row)); err != nil {
				return err
			}
		}
		return nil
	})
}
