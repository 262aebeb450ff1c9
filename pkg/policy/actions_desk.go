package policy

// ReadDesk is reading one's own list of duties.
const ReadDesk Action = "desk.read"

func init() {
	register(Rule{Action: ReadDesk, Who: "any signed-in person",
		See: func(a Actor, _ Facts) bool { return !a.Anonymous() }, Allow: Anyone,
		Says: "Everybody reads their own desk, which lists only what they may see elsewhere."})
}
