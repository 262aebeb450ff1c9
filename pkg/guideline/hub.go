package guideline

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/workspace"
)

// InHub is the network and the workspaces of this hub, from the packages
// below. It implements Network and Workspaces.
type InHub struct{}

// AgencyIDs lists the agencies that are members.
func (InHub) AgencyIDs(ctx context.Context, tx *db.Tx) ([]string, error) {
	all, err := member.AgenciesIn(ctx, tx)
	out := make([]string, 0, len(all))
	for agency := range all {
		out = append(out, agency)
	}
	return out, err
}

// Agencies lists the agencies of a workspace that the actor may enter.
//
// Faults: workspace.not_found.
func (InHub) Agencies(ctx context.Context, tx *db.Tx, actor policy.Actor, ws string) ([]string, error) {
	w, err := workspace.Find(ctx, tx, ws)
	if err != nil {
		return nil, err
	}
	if err := policy.Check(actor, policy.ReadWorkspace, w.Facts()); err != nil {
		return nil, err
	}
	return w.Agencies, nil
}

// NewService returns a service joined with the hub's own members and
// workspaces. threads and publisher may be nil.
func NewService(d *db.DB, drafts Drafts, threads Threads, publisher Publisher) *Service {
	return &Service{DB: d, Drafts: drafts, Threads: threads, Publisher: publisher,
		Network: InHub{}, Workspaces: InHub{}, Actor: member.ActorIn}
}

// Names are what ids are called beside guidelines.
type Names struct {
	Agencies map[string]member.Agency
	Persons  map[string]locale.Text
}

// Names reads all agencies and the persons.
func (s *Service) Names(ctx context.Context, persons ...string) (Names, error) {
	var n Names
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if n.Agencies, err = member.AgenciesIn(ctx, tx); err != nil {
			return err
		}
		if n.Persons, err = member.PeopleIn(ctx, tx, persons...); err != nil {
			return err
		}
		n.Persons["system"] = locale.Text{Ar: "النظام", En: "The system"}
		return nil
	})
	return n, err
}
