package live

// WithoutPollers makes hubs take every socket the way of systems without epoll, until the returned function is called.
func WithoutPollers() (again func()) {
	polling = false
	return func() { polling = true }
}

// Polling says whether pollers are used.
func Polling() bool { return polling }

// TellPeople tells everybody who has a draft open who came and left, without waiting for others who come.
func (h *Hub) TellPeople(draft string) { h.roomOf(draft).tellPeople() }
