package policy

// Actions on sections that are given to agencies.
const (
	ReadSections   Action = "section.read"
	AssignSection  Action = "section.assign"
	FinishSection  Action = "section.finish"
	ReleaseSection Action = "section.release"
)

// Facts of a section are those of its draft with the agency it is given to in Owner.

func leadsGuideline(a Actor, f Facts) bool {
	return a.System || a.Has(SecretariatAdmin) || a.Has(AgencyLead, Representative) && a.Agency != "" && a.Agency == f.Agency
}

func holdsSection(a Actor, f Facts) bool {
	return a.Has(AgencyLead, Representative) && f.Owner != "" && a.Agency == f.Owner
}

func init() {
	register(Rule{Action: ReadSections, Who: "whoever reads the draft", See: seesDraft, Allow: Anyone,
		Says: "Which sections are given to which agency is read by whoever reads the draft."})
	register(Rule{Action: AssignSection, Who: "SA; AL, RP of the agency whose guideline it is", See: seesDraft,
		Allow: func(a Actor, f Facts) bool { return inWork(f) && leadsGuideline(a, f) },
		Says:  "Sections of a text in work are given to agencies, with a date, by the agency whose guideline it is or by the secretariat."})
	register(Rule{Action: FinishSection, Who: "AL, RP of the agency it is given to; who may give it", See: seesDraft,
		Allow: func(a Actor, f Facts) bool { return inWork(f) && (holdsSection(a, f) || leadsGuideline(a, f)) },
		Says:  "A section is marked as finished, or as not, by the agency it is given to or by whoever may give it."})
	register(Rule{Action: ReleaseSection, Who: "AL, RP of the agency it is given to; who may give it", See: seesDraft,
		Allow: func(a Actor, f Facts) bool { return holdsSection(a, f) || leadsGuideline(a, f) },
		Says:  "A section is given back by the agency it is given to, or taken back by whoever may give it."})
}
