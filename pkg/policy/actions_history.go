package policy

// Actions on the history of the living text. Their facts are those of the draft.
const (
	ReadHistory     Action = "history.read"
	NameRevision    Action = "revision.name"
	RestoreRevision Action = "revision.restore"
)

func init() {
	register(Rule{Action: ReadHistory, Who: "whoever reads the draft", See: seesDraft, Allow: Anyone,
		Says: "Who wrote what in a draft, and how it was before, is read by whoever reads the draft; readers of the published guide do not see it."})
	register(Rule{Action: NameRevision, Who: "SA; AL, RP of the agencies that write it, while the state allows it", See: seesDraft, Allow: WritesText,
		Says: "A version of a draft is given a name by those who may change its text."})
	register(Rule{Action: RestoreRevision, Who: "SA; AL, RP of the agencies that write it, while the state allows it", See: seesDraft, Allow: WritesText,
		Says: "An older text is brought back, as a new change, by those who may change the text."})
}
