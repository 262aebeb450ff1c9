package policy

// Actions on best practices.
const (
	ReadPractice     Action = "practice.read"
	NominatePractice Action = "practice.nominate"
	EditPractice     Action = "practice.edit"
	MovePractice     Action = "practice.move"
	ResubmitPractice Action = "practice.resubmit"
	SharePractice    Action = "practice.share"
)

// seesNetworkMatters: practices and ballots belong to the network as a whole.
// Experts advise on all practices (rules D4), partners see none of it.
func seesNetworkMatters(a Actor, f Facts) bool {
	if a.System {
		return true
	}
	return !a.Anonymous() && (Members(a) || a.Has(Expert, Reader))
}

// seesPractice: what moderation hid is seen by its agency, the secretariat and
// the moderators.
func seesPractice(a Actor, f Facts) bool {
	if f.Flags["hidden"] && !a.System && !a.Has(SecretariatAdmin, Moderator) && !ownAgencyWriter(a, f) {
		return false
	}
	return seesNetworkMatters(a, f) || a.Has(Partner) && Invited(a, f)
}

// SeesThePipeline says whether the actor sees practices because they are the
// network's, and with them their ballots and the steps they took. A partner
// sees the card alone.
func SeesThePipeline(a Actor) bool { return seesNetworkMatters(a, Facts{}) }

func ownAgencyWriter(a Actor, f Facts) bool {
	return a.Has(AgencyLead, Representative) && a.Agency != "" && a.Agency == f.Agency
}

func init() {
	register(Rule{Action: ReadPractice, Who: "SA, MO, AL, RP, EX, RD; PO where shared", See: seesPractice, Allow: Anyone,
		Says: "Whoever belongs to the network reads the nominated practices and how far each has come; partners read the cards that were shared with them by name, and nothing else of it. One that moderation hid is seen by its agency, the secretariat and the moderators."})
	register(Rule{Action: NominatePractice, Who: "SA, AL, RP, EX", See: seesNetworkMatters,
		Allow: func(a Actor, _ Facts) bool {
			return a.Has(SecretariatAdmin, AgencyLead, Representative, Expert) && a.Agency != ""
		},
		Says: "A lead, a representative, an expert or the secretariat may nominate a practice in the name of their agency."})
	register(Rule{Action: EditPractice, Who: "AL, RP of the nominating agency; SA", See: seesPractice,
		Allow: func(a Actor, f Facts) bool { return ownAgencyWriter(a, f) || a.Has(SecretariatAdmin) },
		Says:  "The card of a practice is edited by the agency that nominated it and by the secretariat, and by nobody while it is being voted on."})
	register(Rule{Action: MovePractice, Who: "SA", See: seesPractice,
		Allow: func(a Actor, _ Facts) bool { return a.Has(SecretariatAdmin) },
		Says:  "The secretariat moves a practice from stage to stage; only a certified ballot approves it."})
	register(Rule{Action: SharePractice, Who: "SA", See: seesPractice, Allow: secretariat,
		Says: "The secretariat puts the card of a practice before partners, by name, and takes it back."})
	register(Rule{Action: ResubmitPractice, Who: "AL, RP of the nominating agency", See: seesPractice, Allow: ownAgencyWriter,
		Says: "The agency that nominated a practice hands it in again after completing what was asked for."})
}
