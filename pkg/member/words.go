package member

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Word is a code of an axis and what it is called.
type Word struct {
	Axis Axis
	Code string
	Name Text
}

// Words lists the codes of the axes with their names, the network's own
// among them, by axis and name. Who: any signed-in person.
//
// Faults: policy.unauthenticated.
func (s *Service) Words(ctx context.Context, actor policy.Actor) (out []Word, err error) {
	if err := policy.Check(actor, policy.ListAgencies, policy.Global("agency")); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		own, err := listWords(ctx, tx)
		if err != nil {
			return err
		}
		agencies, err := listAgencies(ctx, tx, AgencyFilter{})
		if err != nil {
			return err
		}
		out = nil
		for _, x := range Axes {
			codes := map[string]bool{}
			for _, code := range locale.AgencyCodes(string(x)) {
				codes[code] = true
			}
			for w := range own {
				if w.axis == x {
					codes[w.code] = true
				}
			}
			for _, a := range agencies {
				codes[x.Of(a)] = true
			}
			list := []Word{}
			for code := range codes {
				list = append(list, Word{x, code, own.name(x, code)})
			}
			slices.SortFunc(list, func(a, b Word) int {
				return cmp.Or(strings.Compare(arabic.SortKey(a.Name.Ar), arabic.SortKey(b.Name.Ar)), strings.Compare(a.Code, b.Code))
			})
			out = append(out, list...)
		}
		return nil
	})
	return out, err
}

// NameWord says what a sector or an area of the network is called.
//
// Faults: policy.forbidden, member.invalid_fields.
func (s *Service) NameWord(ctx context.Context, actor policy.Actor, w Word) error {
	return s.db.Transact(ctx, func(tx *db.Tx) error {
		if err := policy.Check(actor, policy.CreateAgency, policy.Global("agency")); err != nil {
			return err
		}
		var f fields
		if w.Axis != BySector && w.Axis != ByArea {
			f.add("axis", "unknown")
		}
		if !validSector(w.Code) {
			f.add("code", "format")
		}
		w.Name = f.text("name", w.Name, maxShort)
		if err := f.fault(); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			insert into agency_word (axis, code, ar, en) values ($1, $2, $3, $4)
			on conflict (axis, code) do update set ar = excluded.ar, en = excluded.en`, w.Axis, w.Code, w.Name.Ar, w.Name.En); err != nil {
			return wrap("name word", err)
		}
		return s.append(ctx, tx, actor, WordNamed{Axis: string(w.Axis), Code: w.Code})
	})
}

// words are the network's own names.
type words map[word]Text

type word struct {
	axis Axis
	code string
}

// name is what a code is called: by the network, else by the hub, else the
// code itself.
func (w words) name(x Axis, code string) Text {
	if t, ok := w[word{x, code}]; ok {
		return t
	}
	t, _ := locale.AgencyWord(string(x), code)
	return t
}

func listWords(ctx context.Context, tx *db.Tx) (words, error) {
	rows, err := tx.Query(ctx, `select axis, code, ar, en from agency_word`)
	if err != nil {
		return nil, wrap("list words", err)
	}
	defer rows.Close()
	out := words{}
	for rows.Next() {
		var w word
		var t Text
		if err := rows.Scan(&w.axis, &w.code, &t.Ar, &t.En); err != nil {
			return nil, wrap("list words", err)
		}
		out[w] = t
	}
	return out, wrap("list words", rows.Err())
}
