package policy

import "slices"

// Actions on ballots.
const (
	ReadBallot    Action = "ballot.read"
	SeeVotes      Action = "ballot.see_votes"
	PrepareBallot Action = "ballot.prepare"
	OpenBallot    Action = "ballot.open"
	CastVote      Action = "ballot.cast"
	CloseBallot   Action = "ballot.close"
	CancelBallot  Action = "ballot.cancel"
	ExtendBallot  Action = "ballot.extend"
	CertifyBallot Action = "ballot.certify"
	NextRound     Action = "ballot.next_round"
)

// Facts of a ballot: Agencies is its electorate, Authors those who prepared
// and opened it, State its state.

func seesBallot(a Actor, f Facts) bool {
	if a.System {
		return true
	}
	if f.State == "draft" {
		return a.Has(SecretariatAdmin)
	}
	return seesNetworkMatters(a, f)
}

func secretariatOnly(a Actor, _ Facts) bool { return a.Has(SecretariatAdmin) }

func init() {
	register(Rule{Action: ReadBallot, Who: "SA, MO, AL, RP, EX, RD; drafts: SA", See: seesBallot, Allow: Anyone,
		Says: "Whoever belongs to the network sees that a ballot is held, its rules and its count; one being prepared is seen by the secretariat only."})
	register(Rule{Action: SeeVotes, Who: "SA, AL, RP", See: seesBallot,
		Allow: func(a Actor, _ Facts) bool { return a.Has(SecretariatAdmin, AgencyLead, Representative) },
		Says:  "Which agency voted how in an open ballot, and why, is seen by the secretariat, the leads and the representatives."})
	register(Rule{Action: PrepareBallot, Who: "SA", See: seesNetworkMatters, Allow: secretariatOnly,
		Says: "The secretariat prepares a ballot: its question, quorum, majority and dates."})
	register(Rule{Action: OpenBallot, Who: "SA", See: seesBallot, Allow: secretariatOnly,
		Says: "The secretariat opens a ballot; who may vote is fixed at that moment."})
	register(Rule{Action: CastVote, Who: "AL, RP who can vote, for their own agency; never SA, MO", See: seesBallot,
		Allow: func(a Actor, f Facts) bool {
			return a.CanVote && a.Has(AgencyLead, Representative) && !a.Has(SecretariatAdmin, Moderator) &&
				a.Agency != "" && slices.Contains(f.Agencies, a.Agency)
		},
		Says: "An agency of the electorate votes through its principal or an alternate entitled to vote; the secretariat and moderators never vote."})
	register(Rule{Action: CloseBallot, Who: "SA", See: seesBallot, Allow: secretariatOnly,
		Says: "The secretariat closes a ballot early only when everyone voted, when the outcome can no longer change, or with a reason and 24 hours' notice."})
	register(Rule{Action: CancelBallot, Who: "SA", See: seesBallot, Allow: secretariatOnly,
		Says: "The secretariat cancels a ballot before it closes, with a reason; the votes stay readable."})
	register(Rule{Action: ExtendBallot, Who: "SA", See: seesBallot, Allow: secretariatOnly,
		Says: "The secretariat extends an open ballot once, while the quorum is missing, by at most half its length."})
	register(Rule{Action: CertifyBallot, Who: "SA who neither prepared nor opened it", See: seesBallot,
		Allow: func(a Actor, f Facts) bool {
			return a.Has(SecretariatAdmin) && !slices.Contains(f.Authors, a.Person)
		},
		Says: "A result is certified by an administrator of the secretariat other than those who prepared and opened the ballot."})
	register(Rule{Action: NextRound, Who: "SA", See: seesBallot, Allow: secretariatOnly,
		Says: "The secretariat prepares a new round of a ballot that ended; the old one stays as it is."})
}
