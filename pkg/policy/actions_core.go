package policy

// Actions of the hub itself.
const (
	ReadHealth Action = "hub.health"
	ReadAPI    Action = "hub.api"
	OpenSocket Action = "live.open"
	ReadAudit  Action = "audit.read"
)

func init() {
	register(Rule{Action: ReadHealth, Who: "everybody", Public: true, Allow: Anyone,
		Says: "Anybody may ask whether the hub is up; the answer holds nothing else."})
	register(Rule{Action: ReadAPI, Who: "everybody", Public: true, Allow: Anyone,
		Says: "The description of the interface is public."})
	// Experts and partners too: what they are invited to is written and discussed live.
	register(Rule{Action: OpenSocket, Who: "any signed-in person", See: func(a Actor, _ Facts) bool { return !a.Anonymous() }, Allow: Anyone,
		Says: "A signed-in person may open a live connection; each topic and draft on it is decided on its own."})
	register(Rule{Action: ReadAudit, Who: "SA", Allow: func(a Actor, _ Facts) bool { return a.Has(SecretariatAdmin) },
		Says: "The whole audit record is read by the secretariat's administrators."})
}
