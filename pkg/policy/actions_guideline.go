package policy

import "slices"

// Actions on guidelines and their editions.
const (
	ListGuidelines   Action = "guideline.list"
	ReadLibrary      Action = "guideline.library"
	ReadGuideline    Action = "guideline.read"
	CreateGuideline  Action = "guideline.create"
	UpdateGuideline  Action = "guideline.update"
	SetVisibility    Action = "guideline.set_visibility"
	CreateEdition    Action = "edition.create"
	ReadEdition      Action = "edition.read"
	SubmitEdition    Action = "edition.submit"
	ReviewEdition    Action = "edition.review"
	ConsultOnEdition Action = "edition.consult"
	AnswerOnEdition  Action = "edition.answer"
	BallotEdition    Action = "edition.ballot"
	PublishEdition   Action = "edition.publish"
	ForcePublish     Action = "edition.force_publish"
	ClearForced      Action = "edition.second_eye"
	DiscardEdition   Action = "edition.discard"
	MoveEdition      Action = "edition.move"
	RecordOutcome    Action = "edition.record_outcome"
	ImportGuideline  Action = "guideline.import"
)

// Facts of an edition or guideline. State is the edition's. Flags:
// "published" (readers may have the text), "hidden" (by moderation),
// "network" (a network manual), "writable" (its state lets the text change),
// "writer:<agency>" for each agency that writes besides the lead, and
// "invited:<person or agency>" for each who is asked to check facts or to
// answer a consultation, while it lasts.

// WritesGuideline says whether the actor belongs to those who write the
// guideline: the secretariat, and leads and representatives of the lead agency
// or of an agency of its joint workspace. It says nothing about the moment:
// see WritesText.
func WritesGuideline(a Actor, f Facts) bool {
	if a.System || a.Has(SecretariatAdmin) {
		return true
	}
	return a.Has(AgencyLead, Representative) && a.Agency != "" && (a.Agency == f.Agency || f.Flags["writer:"+a.Agency])
}

// WritesText says whether the actor may change the edition's text now.
func WritesText(a Actor, f Facts) bool { return f.Flags["writable"] && WritesGuideline(a, f) }

// SeesEdition is the reading rule of an edition and its text. What is
// published follows the ladder. What is in work is for those who work in the
// hub, on the same ladder, with "public" counting as the network. What was
// taken back or discarded is for those who write it.
func SeesEdition(a Actor, f Facts) bool {
	if a.System {
		return true
	}
	own := WritesGuideline(a, f) && (!a.Has(SecretariatAdmin) || f.Visibility != ToAgency || a.Agency == f.Agency)
	if f.Flags["hidden"] && !own && !a.Has(Moderator) {
		return false
	}
	if f.Flags["published"] {
		// Published within an agency is for its readers too.
		return own || a.Agency != "" && a.Agency == f.Agency || CanSee(a, f)
	}
	if a.Anonymous() {
		return false
	}
	if f.State == "unpublished" || f.State == "discarded" {
		return own
	}
	if own {
		return true
	}
	if f.Visibility == ToPublic {
		f.Visibility = ToNetwork
	}
	if !Members(a) && !Invited(a, f) {
		return false
	}
	return CanSee(a, f)
}

func publishes(a Actor, f Facts) bool {
	return a.Has(SecretariatAdmin) || !f.Flags["network"] && a.Has(AgencyLead) && a.Agency != "" && a.Agency == f.Agency
}

func init() {
	register(Rule{Action: ListGuidelines, Who: "any signed-in person", Allow: Anyone,
		Says: "A signed-in person lists the guidelines they may see."})
	register(Rule{Action: ReadLibrary, Who: "everybody", Public: true, Allow: Anyone,
		Says: "Anybody lists the published guides; each is listed to those who may read it."})
	register(Rule{Action: ReadGuideline, Who: "whoever may read one of its editions", Public: true, See: SeesEdition, Allow: Anyone,
		Says: "A guideline is seen by whoever may read an edition of it: published ones along the ladder of visibility, those in work by the members who may see them."})
	register(Rule{Action: CreateGuideline, Who: "SA; AL, RP for the own agency",
		Allow: func(a Actor, f Facts) bool {
			return a.Has(SecretariatAdmin) || a.Has(AgencyLead, Representative) && a.Agency != "" &&
				(f.Agency == "" || f.Agency == a.Agency) && (len(f.Agencies) == 0 || slices.Contains(f.Agencies, a.Agency))
		},
		Says: "The secretariat begins a guideline anywhere; a lead or representative begins one that their agency leads, in a workspace of their agency or the commons."})
	register(Rule{Action: UpdateGuideline, Who: "SA; AL, RP of the agencies that write it", See: SeesEdition, Allow: WritesGuideline,
		Says: "Title, summary and tags are changed by those who write the guideline."})
	register(Rule{Action: SetVisibility, Who: "SA for network manuals; AL of the lead agency", See: SeesEdition,
		Allow: func(a Actor, f Facts) bool {
			return a.Has(SecretariatAdmin) && (f.Flags["network"] || a.Agency == f.Agency) || a.Has(AgencyLead) && a.Agency != "" && a.Agency == f.Agency
		},
		Says: "Who sees a guideline is decided by the lead of its lead agency, and for network manuals by the secretariat too."})
	register(Rule{Action: CreateEdition, Who: "SA; AL, RP of the agencies that write it", See: SeesEdition, Allow: WritesGuideline,
		Says: "A new edition is begun by those who write the guideline."})
	register(Rule{Action: ReadEdition, Who: "members along the ladder; published ones also readers and the public", Public: true, See: SeesEdition, Allow: Anyone,
		Says: "An edition in work is read by members who may see the guideline; a published one by everybody on the guideline's rung of the ladder."})
	register(Rule{Action: SubmitEdition, Who: "SA; AL, RP of the agencies that write it", See: SeesEdition, Allow: WritesGuideline,
		Says: "A draft is submitted for review by those who write it."})
	register(Rule{Action: ReviewEdition, Who: "SA; AL, RP who may see it; EX when invited", See: SeesEdition,
		Allow: func(a Actor, f Facts) bool {
			return a.Has(SecretariatAdmin, AgencyLead, Representative) || a.Has(Expert) && Invited(a, f)
		},
		Says: "A text is reviewed by the secretariat or by a lead or representative who may see it, never by one of its authors, and for network manuals never by the lead agency."})
	register(Rule{Action: ConsultOnEdition, Who: "SA", See: SeesEdition, Allow: secretariat,
		Says: "Fact checks and consultations are opened and concluded by the secretariat."})
	register(Rule{Action: AnswerOnEdition, Who: "whoever is asked about it: EX, PO by name; SA, MO, AL, RP by name or agency", See: SeesEdition,
		Allow: func(a Actor, f Facts) bool { return Invited(a, f) && !a.Has(Reader) },
		Says:  "Who is asked to check facts, or invited to a consultation, says once that they have answered; what they have to say stands in comments on the text."})
	register(Rule{Action: BallotEdition, Who: "SA", See: SeesEdition, Allow: secretariat,
		Says: "A text is sent to ballot by the secretariat."})
	register(Rule{Action: PublishEdition, Who: "SA; AL for guidelines of the own agency", See: SeesEdition, Allow: publishes,
		Says: "Publishing, scheduling, withdrawing and restoring is for the secretariat, and for an agency's lead with the agency's own guidelines; never for the person who submitted the text."})
	register(Rule{Action: ForcePublish, Who: "SA", See: SeesEdition, Allow: secretariat,
		Says: "A text is published past review only by an administrator of the secretariat, with a reason; another person must look at it within five working days."})
	register(Rule{Action: ClearForced, Who: "SA; AL, RP who may see it; never who forced it", See: SeesEdition,
		Allow: func(a Actor, f Facts) bool { return a.Has(SecretariatAdmin, AgencyLead, Representative) },
		Says:  "A forced publication is cleared by another person than the one who forced it."})
	register(Rule{Action: DiscardEdition, Who: "SA; AL, RP of the agencies that write it", See: SeesEdition, Allow: WritesGuideline,
		Says: "An edition in work is discarded, with a reason, by those who write it; it stays in the record."})
	register(Rule{Action: MoveEdition, Who: "whoever may take the step in question", See: SeesEdition,
		Allow: func(a Actor, f Facts) bool {
			return a.Has(SecretariatAdmin, AgencyLead, Representative, Expert) || Invited(a, f)
		},
		Says: "A step of an edition's life is asked for by members; each step has a rule of its own."})
	register(Rule{Action: RecordOutcome, Who: "the hub", See: SeesEdition, Allow: func(Actor, Facts) bool { return false },
		Says: "How a ballot ended, and that a text has changed after approval, is recorded by the hub itself and by no person."})
	register(Rule{Action: ImportGuideline, Who: "SA", Allow: secretariat,
		Says: "Folders of pages are imported by the secretariat's administrators."})
}
