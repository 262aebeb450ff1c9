package hubtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/policy"
)

// The reading rule exists twice, as a function and as SQL for lists. They must
// say the same of every object to every actor.
func TestTheListRuleIsTheReadingRule(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		agencies := []string{"ag_1", "ag_2", "ag_3"}
		rungs := []policy.Visibility{policy.ToAgency, policy.ToAgencies, policy.ToNetwork, policy.ToPublic}
		rnd := rand.New(rand.NewPCG(1, 2))
		objects := map[string]policy.Facts{}
		must(t, d.Transact(ctx, func(tx *db.Tx) error {
			for _, ddl := range []string{
				`create table thing (id text primary key, agency text not null, visibility text not null)`,
				`create table thing_share (thing text not null, agency text not null, primary key (thing, agency))`,
			} {
				if _, err := tx.Exec(ctx, ddl); err != nil {
					return err
				}
			}
			for i := range 60 {
				f := policy.Facts{Kind: "thing", ID: fmt.Sprintf("th_%02d", i), Agency: agencies[rnd.IntN(3)], Visibility: rungs[rnd.IntN(4)]}
				for _, a := range agencies {
					if rnd.IntN(3) == 0 {
						f.Agencies = append(f.Agencies, a)
						if _, err := tx.Exec(ctx, `insert into thing_share values ($1, $2)`, f.ID, a); err != nil {
							return err
						}
					}
				}
				if _, err := tx.Exec(ctx, `insert into thing values ($1, $2, $3)`, f.ID, f.Agency, string(f.Visibility)); err != nil {
					return err
				}
				objects[f.ID] = f
			}
			return nil
		}))
		actors := []policy.Actor{{}, policy.SystemActor()}
		for _, role := range policy.Roles {
			for _, agency := range append(agencies, "") {
				actors = append(actors, policy.Actor{Person: "pe_x", Agency: agency, Roles: []policy.Role{role}})
			}
		}
		for _, a := range actors {
			var want, got []string
			for id, f := range objects {
				if policy.CanSee(a, f) {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			must(t, d.Read(ctx, func(tx *db.Tx) error {
				cond, args := policy.Scope(a, "t", "thing_share", "thing", 1)
				rows, err := tx.Query(ctx, `select t.id from thing t where `+cond+` order by t.id`, args...)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var id string
					if err := rows.Scan(&id); err != nil {
						return err
					}
					got = append(got, id)
				}
				return rows.Err()
			}))
			if !slices.Equal(got, want) {
				t.Errorf("%v of %q: the list shows %v, the rule %v", a.Roles, a.Agency, got, want)
			}
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
