package policy

import "slices"

// Actions of moderation.
const (
	FlagContent       Action = "moderation.flag"
	ReadQueue         Action = "moderation.queue"
	DecideFlag        Action = "moderation.decide"
	ReadModerationLog Action = "moderation.log"
	ReadFullLog       Action = "moderation.log_full"
)

func moderators(a Actor, _ Facts) bool { return a.Has(Moderator) }

// Facts of a moderation item: Agency is that of the guideline or practice it is
// about, Agencies that of the author. The item itself is the moderators'.
func init() {
	register(Rule{Action: FlagContent, Who: "any signed-in person who reads it", Allow: Anyone,
		Says: "Whoever reads something may flag it, once until it is edited; flags on one's own agency are allowed."})
	register(Rule{Action: ReadQueue, Who: "MO", See: moderators, Allow: Anyone,
		Says: "Flagged content, and who flagged it, is seen by moderators only."})
	register(Rule{Action: DecideFlag, Who: "MO whose agency is no party", See: moderators,
		Allow: func(a Actor, f Facts) bool {
			return a.Agency == "" || a.Agency != f.Agency && !slices.Contains(f.Agencies, a.Agency)
		},
		Says: "A moderator claims and decides what was flagged, never where their own agency is a party."})
	register(Rule{Action: ReadModerationLog, Who: "any signed-in person", Allow: Anyone,
		Says: "Every signed-in person sees what moderation did, without names."})
	register(Rule{Action: ReadFullLog, Who: "MO", Allow: moderators,
		Says: "Moderators see the log with names, content and reasons."})
}
