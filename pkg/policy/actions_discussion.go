package policy

// Actions on discussions about matters of the network.
const (
	ReadDiscussion   Action = "discussion.read"
	PostInDiscussion Action = "discussion.post"
	CloseDiscussion  Action = "discussion.close"
)

func init() {
	register(Rule{Action: ReadDiscussion, Who: "SA, MO, AL, RP, EX, RD", See: seesNetworkMatters, Allow: Anyone,
		Says: "Whoever belongs to the network reads the discussion that a tied ballot opens."})
	register(Rule{Action: PostInDiscussion, Who: "SA, MO, AL, RP, EX", See: seesNetworkMatters,
		Allow: func(a Actor, _ Facts) bool { return Members(a) || a.Has(Expert) },
		Says:  "Members and experts contribute to such a discussion; readers follow it."})
	register(Rule{Action: CloseDiscussion, Who: "SA", See: seesNetworkMatters, Allow: secretariat,
		Says: "The secretariat closes a discussion and says what came of it; it stays readable."})
}
