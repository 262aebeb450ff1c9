package member

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
)

// Axis is a way in which agencies differ, and by which every list of what
// agencies own is narrowed. It is a column of the agency and a parameter of
// the address.
type Axis string

// The axes.
const (
	ByTier   Axis = "tier"
	ByKind   Axis = "kind"
	BySector Axis = "sector"
	ByArea   Axis = "area"
)

// Axes are all of them, in the order in which they are shown.
var Axes = []Axis{ByTier, ByKind, BySector, ByArea}

// maxChosen is how many values an axis may be narrowed to at once.
const maxChosen = 20

// Of is where the agency stands on the axis.
func (x Axis) Of(a Agency) string {
	switch x {
	case ByTier:
		return a.Tier
	case ByKind:
		return a.Kind
	case BySector:
		return a.Sector
	default:
		return a.Area
	}
}

// allows says whether the value can be one of the axis: sectors and areas are
// the network's own words, tiers and kinds are given.
func (x Axis) allows(value string) bool {
	switch x {
	case ByTier:
		return contains(Tiers, value)
	case ByKind:
		return contains(Kinds, value)
	default:
		return validSector(value)
	}
}

// Narrowing keeps what belongs to an agency that stands, on every axis that is
// given, on one of its values. The zero value keeps everything, and what
// belongs to no agency too.
type Narrowing map[Axis][]string

// ParseNarrowing reads a narrowing from the parameters of an address, one
// named like each axis. The values of an axis are sorted and without repeats.
//
// Faults: member.narrow_tier, member.narrow_kind, member.narrow_sector and
// member.narrow_area, after the first axis that has an impossible value; the
// fields name all of them.
func ParseNarrowing(values func(axis string) []string) (Narrowing, error) {
	n := Narrowing{}
	var wrong *fault.Error
	for _, x := range Axes {
		chosen := slices.Clone(values(string(x)))
		slices.Sort(chosen)
		chosen = slices.DeleteFunc(slices.Compact(chosen), func(v string) bool { return v == "" })
		code := ""
		if len(chosen) > maxChosen {
			code = "too_many"
		} else if slices.ContainsFunc(chosen, func(v string) bool { return !x.allows(v) }) {
			code = "unknown"
		}
		if code != "" {
			if wrong == nil {
				wrong = fault.New(fault.Invalid, "member.narrow_"+string(x))
			}
			wrong = wrong.WithField(string(x), code)
		}
		if len(chosen) > 0 {
			n[x] = chosen
		}
	}
	if wrong != nil {
		return nil, wrong
	}
	return n, nil
}

// SQL is the narrowing as a condition over a column with the owning agency's
// id; first is the number of the first free placeholder.
func (n Narrowing) SQL(column string, first int) (string, []any) {
	if len(n) == 0 {
		return "1 = 1", nil
	}
	conds := []string{}
	var args []any
	for _, x := range Axes {
		if len(n[x]) > 0 {
			marks, more := db.In(first+len(args), n[x])
			args = append(args, more...)
			conds = append(conds, fmt.Sprintf("na.%s in (%s)", x, marks))
		}
	}
	return column + " in (select na.id from agency na where " + strings.Join(conds, " and ") + ")", args
}

// Keeps says whether the narrowing keeps what belongs to the agency.
func (n Narrowing) Keeps(a Agency) bool { return n.keeps(a, "") }

// keeps is Keeps, whatever the one axis says.
func (n Narrowing) keeps(a Agency, but Axis) bool {
	for x, chosen := range n {
		if x != but && !contains(chosen, x.Of(a)) {
			return false
		}
	}
	return true
}

// Owners counts the rows of a list by the agency that they belong to, with the
// reader's sight and everything applied that narrows the list, but for the
// narrowing itself. "" counts what belongs to no agency, and Together names
// several that a row belongs to.
type Owners map[string]int

// Together is the key of rows that belong to several agencies.
func Together(agencies []string) string { return strings.Join(agencies, ",") }

// PageOf is a page of a list of what agencies own.
type PageOf[T any] struct {
	Items  []T
	Next   string // cursor of the next page, "" on the last
	Owners Owners // of the rows of all pages, where they were asked for
}

// Whole reads a list page by page, from a cursor on.
func Whole[T any](read func(after string) (PageOf[T], error)) (all []T, err error) {
	for after := ""; ; {
		page, err := read(after)
		if all = append(all, page.Items...); err != nil || page.Next == "" {
			return all, err
		}
		after = page.Next
	}
}

// CountOwners counts the rows of a table by the agency in the column.
func CountOwners(ctx context.Context, tx *db.Tx, from, column string, w *db.Where) (Owners, error) {
	where, args := w.SQL()
	rows, err := tx.Query(ctx, `select `+column+`, count(*) from `+from+` where `+where+` group by `+column, args...)
	if err != nil {
		return nil, wrap("count by agency", err)
	}
	defer rows.Close()
	out := Owners{}
	for rows.Next() {
		var agency string
		var n int
		if err := rows.Scan(&agency, &n); err != nil {
			return nil, wrap("count by agency", err)
		}
		out[agency] += n
	}
	return out, wrap("count by agency", rows.Err())
}

// Facet is a value of an axis and how many rows the list would have if the
// axis were narrowed to it alone, the others as they are.
type Facet struct {
	Value  string
	Name   Text
	Count  int
	Chosen bool
}

// Facets is what a list offers to narrow it. Total counts its rows over all
// pages, All those that it would have without the narrowing. An axis offers
// the values that have rows, and those chosen, the most frequent first.
type Facets struct {
	Total, All int
	Axes       map[Axis][]Facet
}

// facets counts a list of what agencies own, of which owners are counted.
func (n Narrowing) facets(agencies []Agency, owners Owners, name func(Axis, string) Text) Facets {
	out := Facets{Axes: map[Axis][]Facet{}}
	for _, k := range owners {
		out.All += k
	}
	if len(n) == 0 {
		out.Total = out.All
	}
	counts := map[Axis]map[string]int{}
	for _, x := range Axes {
		counts[x] = map[string]int{}
		for _, v := range n[x] {
			counts[x][v] = 0
		}
	}
	byID := make(map[string]Agency, len(agencies))
	for _, a := range agencies {
		byID[a.ID] = a
	}
	for key, k := range owners {
		var of []Agency
		for id := range strings.SplitSeq(key, ",") {
			if a, ok := byID[id]; ok {
				of = append(of, a)
			}
		}
		if len(n) > 0 && slices.ContainsFunc(of, n.Keeps) {
			out.Total += k
		}
		for _, x := range Axes {
			// A row of several agencies counts once beside a value, however many of them stand on it.
			values := map[string]bool{}
			for _, a := range of {
				if n.keeps(a, x) {
					values[x.Of(a)] = true
				}
			}
			for v := range values {
				counts[x][v] += k
			}
		}
	}
	for _, x := range Axes {
		for v, k := range counts[x] {
			out.Axes[x] = append(out.Axes[x], Facet{v, name(x, v), k, contains(n[x], v)})
		}
		slices.SortFunc(out.Axes[x], func(a, b Facet) int {
			return cmp.Or(b.Count-a.Count, strings.Compare(arabic.SortKey(a.Name.Ar), arabic.SortKey(b.Name.Ar)), strings.Compare(a.Value, b.Value))
		})
	}
	return out
}

// Facets says how a list can be narrowed. Who asks has read the list already:
// it tells nothing but its counts and the names of agencies' ways to differ,
// which are no secret.
func (s *Service) Facets(ctx context.Context, n Narrowing, owners Owners) (out Facets, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		agencies, err := listAgencies(ctx, tx, AgencyFilter{})
		if err != nil {
			return err
		}
		own, err := listWords(ctx, tx)
		if err != nil {
			return err
		}
		out = n.facets(agencies, owners, own.name)
		return nil
	})
	return out, err
}

// Kept are the agencies that the narrowing keeps, or nil for all.
func (s *Service) Kept(ctx context.Context, n Narrowing) (kept map[string]bool, err error) {
	if len(n) == 0 {
		return nil, nil
	}
	kept = map[string]bool{}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		agencies, err := listAgencies(ctx, tx, AgencyFilter{})
		for _, a := range agencies {
			if n.Keeps(a) {
				kept[a.ID] = true
			}
		}
		return err
	})
	return kept, err
}
