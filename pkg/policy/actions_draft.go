package policy

// Actions on the living text and its comments.
const (
	ReadDraft     Action = "draft.read"
	WriteDraft    Action = "draft.write"
	ReadThread    Action = "thread.read"
	CreateThread  Action = "comment.create"
	ResolveThread Action = "thread.resolve"
	ReopenThread  Action = "thread.reopen"
)

// Facts of a draft are those of its edition. Facts of a thread are the same with the thread's author in Owner.

func inWork(f Facts) bool {
	switch f.State {
	case "draft", "in_review", "amends_needed", "ready", "fact_check", "fact_check_received", "consultation", "ballot", "scheduled":
		return true
	}
	return false
}

// seesDraft is narrower than SeesEdition: the living text and what is said beside it are for those who work in the hub,
// also when an edition of it is public.
func seesDraft(a Actor, f Facts) bool {
	if a.System {
		return true
	}
	return (Members(a) || f.Flags["invited"]) && SeesEdition(a, f)
}

func comments(a Actor, f Facts) bool { return inWork(f) && (Members(a) || f.Flags["invited"]) }

func init() {
	register(Rule{Action: ReadDraft, Who: "members along the ladder; EX, PO where invited", See: seesDraft, Allow: Anyone,
		Says: "The living text is read by the members who may see the edition, and by experts and partners where they are invited."})
	register(Rule{Action: WriteDraft, Who: "SA; AL, RP of the agencies that write it, while the state allows it", See: seesDraft, Allow: WritesText,
		Says: "The text is changed by those who write the guideline, and only while its edition is a draft or needs amendments."})
	register(Rule{Action: ReadThread, Who: "whoever reads the draft", See: seesDraft, Allow: Anyone,
		Says: "Comments are read by whoever reads the draft."})
	register(Rule{Action: CreateThread, Who: "SA, MO, AL, RP who read it; EX, PO where invited", See: seesDraft, Allow: comments,
		Says: "Whoever reads a draft that is in work may comment on it and answer."})
	register(Rule{Action: ResolveThread, Who: "SA; AL, RP of the agencies that write it; the author of the thread", See: seesDraft,
		Allow: func(a Actor, f Facts) bool {
			return comments(a, f) && (WritesGuideline(a, f) || f.Owner != "" && f.Owner == a.Person)
		},
		Says: "A thread is resolved, with an outcome, by those who write the guideline or by whoever began it."})
	register(Rule{Action: ReopenThread, Who: "the author of the thread, once", See: seesDraft,
		Allow: func(a Actor, f Facts) bool { return comments(a, f) && f.Owner != "" && f.Owner == a.Person },
		Says:  "Whoever began a thread may reopen it once."})
}
