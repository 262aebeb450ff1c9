package policy

// Actions on the history of the living text. Their facts are those of the draft.
const (
	ReadHistory     Action = "history.read"
	NameRevision    Action = "revision.name"
	RenameRevision  Action = "revision.rename"
	RestoreRevision Action = "revision.restore"
)

func init() {
	register(Rule{Action: ReadHistory, Who: "whoever reads the draft", See: seesDraft, Allow: Anyone,
		Says: "Who wrote what in a draft, and how it was before, is read by whoever reads the draft; readers of the published guide do not see it."})
	register(Rule{Action: NameRevision, Who: "SA; AL, RP of the agencies that write it, while the state allows it", See: seesDraft, Allow: WritesText,
		Says: "A version of a draft is given a name by those who may change its text."})
	register(Rule{Action: RenameRevision, Who: "who named it; SA; AL, RP of the agency whose guideline it is; while the state allows it", See: seesDraft,
		Allow: func(a Actor, f Facts) bool {
			return WritesText(a, f) && (leadsGuideline(a, f) || f.Owner != "" && f.Owner == a.Person)
		},
		Says: "The name of a version is changed or taken away by whoever gave it, by the agency whose guideline it is or by the secretariat; the version itself stays."})
	register(Rule{Action: RestoreRevision, Who: "SA; AL, RP of the agencies that write it, while the state allows it", See: seesDraft, Allow: WritesText,
		Says: "An older text is brought back, as a new change, by those who may change the text."})
}
