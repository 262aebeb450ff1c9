package policy

// ReadGuide is reading a guide as published.
const ReadGuide Action = "guide.read"

func init() {
	register(Rule{Action: ReadGuide, Who: "everybody, by the ladder", Public: true,
		Says: "A published guide is read by those to whom its ladder shows it; a guide shown to the public needs no sign-in. An agency's readers have its guides. What moderation hid is read by moderators and the secretariat.",
		See: func(a Actor, f Facts) bool {
			if f.Flags["hidden"] {
				return a.System || a.Has(SecretariatAdmin, Moderator) || (f.Agency != "" && f.Agency == a.Agency && a.Has(AgencyLead, Representative))
			}
			return CanSee(a, f) || (f.Agency != "" && f.Agency == a.Agency)
		},
		Allow: Anyone})
}
