package policy

// Actions on the network's terminology.
const (
	ReadTerms   Action = "term.read"
	ProposeTerm Action = "term.propose"
	DecideTerm  Action = "term.decide"
	// ExplainTerms is reading the approved terms beside a published text.
	ExplainTerms Action = "term.explain"
)

func init() {
	register(Rule{Action: ReadTerms, Who: "any signed-in person", Allow: Anyone, See: signedIn,
		Says: "Every signed-in person reads the glossary."})
	register(Rule{Action: ExplainTerms, Who: "everybody", Public: true, Allow: Anyone,
		Says: "Approved terms explain a published guide to everybody who reads it; who proposed them is not told."})
	register(Rule{Action: ProposeTerm, Who: "SA, AL, RP", See: signedIn,
		Allow: func(a Actor, _ Facts) bool {
			return a.Has(SecretariatAdmin) || a.Has(AgencyLead) || a.Has(Representative)
		},
		Says: "Whoever writes guidelines may propose a term."})
	register(Rule{Action: DecideTerm, Who: "SA", See: signedIn, Allow: secretariat,
		Says: "The secretariat approves, changes, rejects and retires terms."})
}
