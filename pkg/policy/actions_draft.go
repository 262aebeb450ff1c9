package policy

import "slices"

// Actions on the living text and its comments.
const (
	ReadDraft     Action = "draft.read"
	WriteDraft    Action = "draft.write"
	ReadThread    Action = "thread.read"
	CreateThread  Action = "comment.create"
	MentionPerson Action = "comment.mention"
	ResolveThread Action = "thread.resolve"
	ReopenThread  Action = "thread.reopen"
	WidenThread   Action = "thread.widen"
	AnchorThread  Action = "thread.anchor"

	ReadSuggestion     Action = "suggestion.read"
	CreateSuggestion   Action = "suggestion.create"
	DecideSuggestion   Action = "suggestion.decide"
	WithdrawSuggestion Action = "suggestion.withdraw"
	ExplainSuggestion  Action = "suggestion.explain"
	CorrectSuggestion  Action = "suggestion.correct"
)

// Facts of a draft are those of its edition. Facts of a thread or a suggestion are the same with its author in Owner.

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
	return (Members(a) || Invited(a, f)) && SeesEdition(a, f)
}

// seesThread narrows seesDraft where an agency keeps a thread inside: nobody else sees it, the secretariat neither.
func seesThread(a Actor, f Facts) bool {
	if a.System {
		return true
	}
	return seesDraft(a, f) && (f.Within == "" || f.Within == a.Agency && !a.Has(Reader))
}

// corrects is who may review the text and wrote neither it nor the suggestion. Authors are those of the text; they are told while it is ready.
func corrects(a Actor, f Facts) bool {
	return f.State == "ready" && a.Has(SecretariatAdmin, AgencyLead, Representative) && a.Person != f.Owner && !slices.Contains(f.Authors, a.Person) &&
		!(f.Flags["network"] && a.Agency != "" && a.Agency == f.Agency)
}

func comments(a Actor, f Facts) bool { return inWork(f) && (Members(a) || Invited(a, f)) }

func init() {
	register(Rule{Action: ReadDraft, Who: "members along the ladder; EX, PO where invited", See: seesDraft, Allow: Anyone,
		Says: "The living text is read by the members who may see the edition, and by experts and partners where they are invited."})
	register(Rule{Action: WriteDraft, Who: "SA; AL, RP of the agencies that write it, while the state allows it", See: seesDraft, Allow: WritesText,
		Says: "The text is changed by those who write the guideline, and only while its edition is a draft or needs amendments."})
	register(Rule{Action: ReadThread, Who: "whoever reads the draft; a thread inside an agency: only that agency", See: seesThread, Allow: Anyone,
		Says: "Comments are read by whoever reads the draft; those that an agency keeps inside, by its own people who act for it and by nobody else."})
	register(Rule{Action: CreateThread, Who: "SA, MO, AL, RP who read it; EX, PO where invited", See: seesThread, Allow: comments,
		Says: "Whoever reads a draft that is in work may comment on it and answer."})
	register(Rule{Action: MentionPerson, Who: "SA, MO, AL, RP who read it", See: seesDraft,
		Allow: func(a Actor, f Facts) bool { return inWork(f) && Members(a) },
		Says:  "Members look for somebody to mention among those who hold a seat and read the draft; who sits for an agency is not for experts and partners."})
	register(Rule{Action: ResolveThread, Who: "SA; AL, RP of the agencies that write it; the author of the thread; inside an agency: whoever of it may comment", See: seesThread,
		Allow: func(a Actor, f Facts) bool {
			return comments(a, f) && (f.Within != "" || WritesGuideline(a, f) || f.Owner != "" && f.Owner == a.Person)
		},
		Says: "A thread is resolved, with an outcome, by those who write the guideline or by whoever began it; one inside an agency by whoever of that agency may comment."})
	register(Rule{Action: ReopenThread, Who: "the author of the thread, once", See: seesThread,
		Allow: func(a Actor, f Facts) bool { return comments(a, f) && f.Owner != "" && f.Owner == a.Person },
		Says:  "Whoever began a thread may reopen it once."})
	register(Rule{Action: WidenThread, Who: "the author of the thread", See: seesThread,
		Allow: func(a Actor, f Facts) bool { return comments(a, f) && f.Owner != "" && f.Owner == a.Person },
		Says:  "Whoever began a thread inside their agency may show it to everybody who reads the draft; nobody can take that back."})
	register(Rule{Action: AnchorThread, Who: "SA; AL, RP of the agencies that write it; the author of the thread", See: seesThread,
		Allow: func(a Actor, f Facts) bool {
			return comments(a, f) && (WritesGuideline(a, f) || f.Owner != "" && f.Owner == a.Person)
		},
		Says: "A thread whose text was deleted is put on other text by those who write the guideline or by whoever began it."})
	register(Rule{Action: ReadSuggestion, Who: "whoever reads the draft", See: seesDraft, Allow: Anyone,
		Says: "Suggestions are read by whoever reads the draft."})
	register(Rule{Action: CreateSuggestion, Who: "SA, MO, AL, RP who read it; EX, PO where invited", See: seesDraft, Allow: comments,
		Says: "Whoever reads a draft that is in work may suggest changes of its text; the text itself stays as it is until one is accepted."})
	register(Rule{Action: DecideSuggestion, Who: "SA; AL, RP of the agencies that write it, while the state allows it", See: seesDraft, Allow: WritesText,
		Says: "Suggestions are accepted, and rejected with a reason, by those who may change the text, while they may; what is accepted keeps the credit of whoever suggested it."})
	register(Rule{Action: WithdrawSuggestion, Who: "the author of the suggestion", See: seesDraft,
		Allow: func(a Actor, f Facts) bool { return f.Owner != "" && f.Owner == a.Person },
		Says:  "Whoever made a suggestion may take it back until it is decided."})
	register(Rule{Action: ExplainSuggestion, Who: "the author of the suggestion", See: seesDraft,
		Allow: func(a Actor, f Facts) bool { return f.Owner != "" && f.Owner == a.Person },
		Says:  "Whoever made a suggestion says why, and may say it otherwise until it is decided."})
	register(Rule{Action: CorrectSuggestion, Who: "SA; AL, RP who may see it; never an author; for network manuals never the lead agency", See: seesDraft, Allow: corrects,
		Says: "A suggestion that corrects nothing but spelling is taken into an approved text, and the approval stands, when a reviewer marks it so; who wrote the text or the suggestion does not."})
}
