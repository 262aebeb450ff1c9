package web

type holderOut struct {
	Person PersonRef `json:"person"`
	Since  Time      `json:"since"`
	Until  Time      `json:"until" doc:"null: still"`
	Reason string    `json:"reason" doc:"replaced, ended or empty"`
}

type handoverSection struct {
	Key   string     `json:"key" doc:"ballots, reviews, drafts, threads, practices or dates"`
	Items []deskItem `json:"items"`
}

type handoverOut struct {
	Seat     string            `json:"seat"`
	Agency   AgencyRef         `json:"agency"`
	Kind     string            `json:"kind" doc:"principal, alternate, writer or reader"`
	CanVote  bool              `json:"can_vote"`
	Ended    Time              `json:"ended" doc:"null while the seat is in use"`
	Holders  []holderOut       `json:"holders" doc:"the holder of the moment first, then the former ones, the last first"`
	TakenAt  Time              `json:"taken_at" doc:"when the holder said that the seat was taken over; null: not yet, or nobody held it before"`
	Mine     bool              `json:"mine" doc:"the person who asks holds it"`
	Waits    bool              `json:"waits" doc:"the holder has not said so yet"`
	Sections []handoverSection `json:"sections"`
	Seats    []seatOut         `json:"seats" doc:"the seats of the agency"`
	At       Time              `json:"at" doc:"when this was true"`
}

func (a *DeskAPI) handover(c *Call) (handoverOut, error) {
	p, err := a.Desk.Handover(c.Ctx, c.Actor, c.Param("id"))
	if err != nil {
		return handoverOut{}, err
	}
	out := handoverOut{Seat: p.Seat.ID, Agency: agencyRef(p.Agency), Kind: string(p.Seat.Kind), CanVote: p.Seat.CanVote, Ended: p.Seat.Until,
		Holders: []holderOut{}, TakenAt: p.Taken, Mine: p.Mine, Waits: p.Waits(), Sections: []handoverSection{}, Seats: []seatOut{}, At: p.Now}
	for _, h := range p.Holders {
		out.Holders = append(out.Holders, holderOut{Person: PersonRef{h.Person, Text(h.Name)}, Since: h.Since, Until: h.Until, Reason: h.Reason})
	}
	for _, s := range p.Sections {
		out.Sections = append(out.Sections, handoverSection{Key: s.Key, Items: deskItems(s.Items)})
	}
	for _, s := range p.Seats {
		out.Seats = append(out.Seats, seat(s, nil, c.Actor))
	}
	return out, nil
}
