package transfer

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/member"
)

// An export that is narrowed writes the pages of the agencies that stand so on every axis, and no page of another.
func TestExportOfSomeAgencies(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHub(t, d)
		h.mustImport(tree(t, map[string]string{"alpha/a.md": "# A\n\nSee [b](../beta/b.md).\n", "alpha/sub/a2.md": "# A2\n", "beta/b.md": "# B\n", "gamma/c.md": "# C\n"}))
		for code, at := range map[string][4]string{
			"ALPHA": {"federal", "ministry", "health", "north"},
			"BETA":  {"federal", "authority", "justice", "south"},
			"GAMMA": {"local", "ministry", "health", "east"},
		} {
			err := d.Transact(t.Context(), func(tx *db.Tx) error {
				res, err := tx.Exec(t.Context(), `update agency set tier = $1, kind = $2, sector = $3, area = $4 where code = $5`, at[0], at[1], at[2], at[3], code)
				if n, _ := res.RowsAffected(); err == nil && n != 1 {
					t.Errorf("%d agencies %s", n, code)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		alpha, beta, gamma := []string{"alpha/a.md", "alpha/sub/a2.md"}, []string{"beta/b.md"}, []string{"gamma/c.md"}
		for _, c := range []struct {
			by   string // axis=value,value …
			want []string
		}{
			{"", slices.Concat(alpha, beta, gamma)},
			{"tier=federal", slices.Concat(alpha, beta)},
			{"kind=authority", beta},
			{"kind=ministry,authority", slices.Concat(alpha, beta, gamma)},
			{"sector=health", slices.Concat(alpha, gamma)},
			{"area=south", beta},
			{"tier=federal sector=health", alpha},
			{"tier=local area=north", nil},
		} {
			by, err := member.ParseNarrowing(func(axis string) []string {
				for _, part := range strings.Fields(c.by) {
					if name, values, _ := strings.Cut(part, "="); name == axis {
						return strings.Split(values, ",")
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			ex, dir := h.exporter(), filepath.Join(t.TempDir(), "out")
			ex.Narrow = by
			rep, err := ex.Run(context.Background(), dir)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			err = filepath.WalkDir(dir, func(at string, e fs.DirEntry, err error) error {
				if rel, _ := filepath.Rel(dir, at); err == nil && !e.IsDir() && rel != CreditsFile {
					got = append(got, rel)
				}
				return err
			})
			if err != nil || !slices.Equal(got, c.want) || rep.Untouched != len(c.want) {
				t.Errorf("%q wrote %v (%d untouched), want %v: %v", c.by, got, rep.Untouched, c.want, err)
			}
		}
	})
}
