package ballot

import (
	"context"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// View is a ballot as one actor may see it. Votes is empty, except for the
// actor's own agency, when the actor may not see who voted how.
type View struct {
	Ballot
	Electorate []Elector
	Votes      map[string]Vote // by agency
	Mine       *Vote
	MayVote    bool // the actor's agency is in the electorate
	Tally      Tally
	QuorumMet  bool
	Needed     int64 // votes for the quorum
	Threshold  []Comparison
	Met        bool // the threshold, as votes stand
	Settled    bool // the outcome can no longer change
	Needs      locale.Text
	Next       string // the next round's id, or ""
	History    []Step
	Changes    []Change
	Agencies   map[string]member.Agency
	Persons    map[string]locale.Text
	Abilities  map[string]bool
}

// Change is one vote in the history of an open ballot.
type Change struct {
	Agency string
	Choice Choice
	Reason string
	CastBy string
	N      int64
	At     db.Time
}

// acts are the actions whose abilities travel with a ballot.
var acts = []policy.Action{policy.SeeVotes, policy.OpenBallot, policy.CastVote, policy.CloseBallot, policy.CancelBallot,
	policy.ExtendBallot, policy.CertifyBallot, policy.NextRound}

// Find returns a ballot with its count, its electorate and its history.
//
// Faults: ballot.not_found.
func (s *Service) Find(ctx context.Context, actor policy.Actor, bid string) (View, error) {
	var v View
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		b, err := find(ctx, tx, bid)
		if err != nil {
			return err
		}
		views, err := viewsOf(ctx, tx, actor, []Ballot{b})
		if err != nil {
			return err
		}
		v = views[0]
		if err := policy.Check(actor, policy.ReadBallot, b.facts(v.Electorate)); err != nil {
			return err
		}
		if v.History, err = listSteps(ctx, tx, bid); err != nil {
			return err
		}
		if v.Abilities[string(policy.SeeVotes)] {
			if v.Changes, err = listChanges(ctx, tx, bid); err != nil {
				return err
			}
		}
		if err := tx.QueryRow(ctx, `select coalesce(max(id), '') from ballot where previous = $1 and (state <> 'draft' or $2)`,
			bid, actor.Has(policy.SecretariatAdmin)).Scan(&v.Next); err != nil {
			return fmt.Errorf("next round: %w", err)
		}
		// The screen offers a further round only where one can follow.
		last, err := tiedBefore(ctx, tx, b)
		if err != nil {
			return err
		}
		if v.Next != "" || last && b.Result == Tie {
			v.Abilities[string(policy.NextRound)] = false
		}
		return v.names(ctx, tx)
	})
	return v, err
}

// List returns ballots, without history.
//
// Faults: ballot.not_found for those who may see none, ballot.invalid with
// order or cursor.
func (s *Service) List(ctx context.Context, actor policy.Actor, f Filter) (member.PageOf[View], error) {
	if err := policy.Check(actor, policy.ReadBallot, policy.Global("ballot")); err != nil {
		return member.PageOf[View]{}, err
	}
	f.drafts = actor.System || actor.Has(policy.SecretariatAdmin)
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 100
	}
	var out member.PageOf[View]
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out = member.PageOf[View]{}
		w := f.where()
		if f.Count {
			if out.Owners, err = member.CountOwners(ctx, tx, "ballot", "agency", w); err != nil {
				return err
			}
		}
		w.Add(f.Narrow.SQL("agency", w.Next()))
		order, cursor, err := f.place(w)
		if err != nil {
			return err
		}
		ballots, err := list(ctx, tx, w, order, f.Limit+1)
		if err != nil {
			return err
		}
		ballots, out.Next = db.Cut(ballots, f.Limit, cursor)
		out.Items, err = viewsOf(ctx, tx, actor, ballots)
		return err
	})
	return out, err
}

// viewsOf fills views in a bounded number of statements, whatever their number.
func viewsOf(ctx context.Context, tx *db.Tx, actor policy.Actor, ballots []Ballot) ([]View, error) {
	ids := make([]string, len(ballots))
	for i, b := range ballots {
		ids[i] = b.ID
	}
	electorates, err := listElectorates(ctx, tx, ids...)
	if err != nil {
		return nil, err
	}
	votes, err := listVotes(ctx, tx, ids...)
	if err != nil {
		return nil, err
	}
	agencies, err := member.AgenciesIn(ctx, tx)
	if err != nil {
		return nil, err
	}
	views := make([]View, len(ballots))
	for i, b := range ballots {
		views[i] = viewOf(actor, b, electorates[b.ID], votes[b.ID], agencies, tx.Now())
	}
	return views, nil
}

func viewOf(actor policy.Actor, b Ballot, electorate []Elector, votes []Vote, agencies map[string]member.Agency, now db.Time) View {
	v := View{Ballot: b, Electorate: electorate, Votes: map[string]Vote{}, Agencies: agencies}
	facts := b.facts(electorate)
	v.Abilities = policy.Abilities(actor, facts, acts...)
	v.Tally = tally(electorate, votes)
	v.QuorumMet = QuorumMet(v.Tally, b.Terms.Quorum)
	v.Needed = QuorumNeeded(v.Tally, b.Terms.Quorum)
	v.Threshold = Arithmetic(v.Tally, b.Terms.Threshold)
	v.Met = ThresholdMet(v.Tally, b.Terms.Threshold)
	v.Settled = b.State == Open && Settled(v.Tally, b.Terms.Threshold, b.Terms.Quorum)
	for i := range electorate {
		if b.State == Open && agencies[electorate[i].Agency].Status == member.Suspended {
			electorate[i].Suspended = true // written at closing, shown from the first day
		}
		v.MayVote = v.MayVote || electorate[i].Agency == actor.Agency
	}
	var mine *Vote
	for _, vote := range votes {
		own := actor.Agency != "" && vote.Agency == actor.Agency
		if own {
			mine = &vote
		}
		if own || v.Abilities[string(policy.SeeVotes)] {
			v.Votes[vote.Agency] = vote
		}
	}
	v.Mine = mine
	switch b.State {
	case Closed, Certified:
		v.Needs = sentenceOf(b, v.Tally)
	case Open:
		v.Needs = needsOf(b, v.Tally)
	}
	v.narrow(actor, b, now)
	return v
}

// narrow takes the abilities away that policy grants but the state does not,
// so that a screen offers only what will be accepted.
func (v *View) narrow(actor policy.Actor, b Ballot, now db.Time) {
	running := b.State == Open && now < b.Deadline()
	before := b.State == Draft || b.State == Scheduled
	for act, may := range map[policy.Action]bool{
		policy.OpenBallot:    before,
		policy.CastVote:      running && (v.Mine == nil || !v.Mine.ByPrincipal || actor.Principal),
		policy.CloseBallot:   running,
		policy.CancelBallot:  before || running,
		policy.ExtendBallot:  running && b.ExtendedFrom == 0 && !v.QuorumMet,
		policy.CertifyBallot: b.State == Closed,
		policy.NextRound:     b.State == Certified || b.State == Cancelled,
	} {
		if !may {
			v.Abilities[string(act)] = false
		}
	}
}

func needsOf(b Ballot, t Tally) locale.Text {
	need := locale.BallotNeed{Base: t.Base(), Threshold: string(b.Terms.Threshold)}
	need.QuorumMissing = max(QuorumNeeded(t, b.Terms.Quorum)-t.C, 0)
	need.ForMissing, need.Reachable = ForStillNeeded(t, b.Terms.Threshold, 1)
	if b.Terms.Threshold == Consent {
		need.Objections = t.Against
	}
	return locale.BallotNeeds(need)
}

// names fills the names of everybody the view mentions.
func (v *View) names(ctx context.Context, tx *db.Tx) (err error) {
	seen := map[string]bool{"": true, "system": true}
	var ids []string
	add := func(person string) {
		if !seen[person] {
			seen[person] = true
			ids = append(ids, person)
		}
	}
	for _, vote := range v.Votes {
		add(vote.CastBy)
	}
	for _, s := range v.History {
		add(s.Person)
	}
	for _, c := range v.Changes {
		add(c.CastBy)
	}
	add(v.Owner)
	add(v.CertifiedBy)
	v.Persons, err = personNames(ctx, tx, ids)
	return err
}

func listChanges(ctx context.Context, tx *db.Tx, id string) ([]Change, error) {
	rows, err := tx.Query(ctx, `
		select agency, choice, reason, cast_by, n, at from ballot_vote_change where ballot = $1 order by at, agency, n`, id)
	if err != nil {
		return nil, fmt.Errorf("list vote changes: %w", err)
	}
	defer rows.Close()
	var out []Change
	for rows.Next() {
		var c Change
		if err := rows.Scan(&c.Agency, &c.Choice, &c.Reason, &c.CastBy, &c.N, &c.At); err != nil {
			return nil, fmt.Errorf("list vote changes: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
