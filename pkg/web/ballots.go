package web

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// BallotsAPI is questions put to agencies and their answers.
type BallotsAPI struct {
	Ballots *ballot.Service
	Narrower
}

// Routes registers the resource.
func (a *BallotsAPI) Routes(r *Router) {
	Again(r, func(c *Call, id string) (ballotOut, error) { return a.then(c, id, nil) })
	Get(r, "/ballots", policy.ReadBallot, "Ballots, narrowed by state (several with commas) and subject", a.list,
		askNumber, askCursor, Param{Name: "state", Many: true, Doc: "of the ballots"}, Param{Name: "subject", Doc: "id of what is voted on"},
		Param{Name: "order", Doc: "closing: the next to close first; closed: the last to close first; without it the newest first"})
	Get(r, "/ballots/:id", policy.ReadBallot, "A ballot: its rules, electorate, count and history", a.read)
	Post(r, "/editions/:id/ballots", policy.PrepareBallot, "Prepare a ballot on an edition that is ready", a.prepareEdition)
	Post(r, "/ballots/:id/open", policy.OpenBallot, "Open a ballot, or schedule its opening", a.open)
	Post(r, "/ballots/:id/votes", policy.CastVote, "Cast or change the vote of one's agency", a.cast)
	Post(r, "/ballots/:id/close", policy.CloseBallot, "Close early, or announce it with 24 hours' notice", a.close)
	Post(r, "/ballots/:id/cancel", policy.CancelBallot, "Cancel a ballot before it closes", a.cancel)
	Post(r, "/ballots/:id/extend", policy.ExtendBallot, "Extend an inquorate ballot, once", a.extend)
	Post(r, "/ballots/:id/certify", policy.CertifyBallot, "Certify the result of a closed ballot", a.certify)
	Post(r, "/ballots/:id/rounds", policy.NextRound, "Prepare the next round of a ballot that ended", a.round)
	Get(r, "/ballots/:id/certificate", policy.SeeVotes, "The certificate of a certified ballot, and its SHA-256", a.certificate)
}

type ballotSubject struct {
	Kind         string `json:"kind"`
	ID           string `json:"id"`
	Title        Text   `json:"title"`
	RevisionHash string `json:"revision_hash" doc:"of the text voted on; empty before opening"`
}

type electorOut struct {
	Agency      AgencyRef      `json:"agency"`
	Suspended   bool           `json:"suspended"`
	Choice      *ballot.Choice `json:"choice" doc:"null: not voted, or not to be seen"`
	Reason      *string        `json:"reason"`
	CastBy      *PersonRef     `json:"cast_by"`
	ByPrincipal bool           `json:"by_principal"`
	CastAt      Time           `json:"cast_at"`
}

type voteOut struct {
	Choice      ballot.Choice `json:"choice"`
	Reason      string        `json:"reason"`
	CastBy      *PersonRef    `json:"cast_by"`
	ByPrincipal bool          `json:"by_principal"`
	CastAt      Time          `json:"cast_at"`
	Changes     int64         `json:"changes"`
}

type quorumLine struct {
	Needed int64 `json:"needed"`
	Cast   int64 `json:"cast"`
	Met    bool  `json:"met"`
}

type thresholdLine struct {
	LHS  int64  `json:"lhs"`
	Sign string `json:"sign"`
	RHS  int64  `json:"rhs"`
	Met  bool   `json:"met"`
	Text Text   `json:"text"`
}

type ballotHistory struct {
	At     Time           `json:"at"`
	Event  string         `json:"event" doc:"ballot.prepare, schedule, open, vote, extend, announce_close, close, discuss, cancel, certify"`
	From   string         `json:"from"`
	To     string         `json:"to"`
	Person *PersonRef     `json:"person"`
	Agency *AgencyRef     `json:"agency"`
	Choice *ballot.Choice `json:"choice" doc:"of a vote, where it may be seen"`
	Reason string         `json:"reason" doc:"a person's words"`
	Cause  *Text          `json:"cause" doc:"the hub's own reason"`
}

type ballotOut struct {
	ID              string            `json:"id"`
	Subject         ballotSubject     `json:"subject"`
	Agency          *AgencyRef        `json:"agency" doc:"whose subject it is"`
	Question        Text              `json:"question"`
	State           ballot.State      `json:"state"`
	Result          *ballot.Result    `json:"result"`
	CloseCause      ballot.Cause      `json:"close_cause"`
	Threshold       ballot.Threshold  `json:"threshold"`
	Quorum          int               `json:"quorum" doc:"per cent"`
	ReasonRequired  ballot.ReasonRule `json:"reason_required"`
	EarlyClose      bool              `json:"early_close"`
	MinOpenHours    int               `json:"min_open_hours"`
	OpensAt         Time              `json:"opens_at"`
	ClosesAt        Time              `json:"closes_at"`
	ExtendedFrom    Time              `json:"extended_from"`
	NoticeClosesAt  Time              `json:"notice_closes_at" doc:"announced early close"`
	NoticeReason    string            `json:"notice_reason"`
	ClosedAt        Time              `json:"closed_at"`
	CertifiedAt     Time              `json:"certified_at"`
	CertifiedBy     *PersonRef        `json:"certified_by"`
	CertificateHash string            `json:"certificate_hash"`
	Discussion      *string           `json:"discussion" doc:"opened by a tie"`
	Round           int64             `json:"round"`
	Previous        *string           `json:"previous"`
	Next            *string           `json:"next_round"`
	Electorate      []electorOut      `json:"electorate"`
	InElectorate    bool              `json:"in_electorate" doc:"one's own agency may vote"`
	Mine            *voteOut          `json:"mine" doc:"the vote of one's own agency"`
	Tally           ballot.Tally      `json:"tally"`
	QuorumLine      quorumLine        `json:"quorum_line"`
	ThresholdLine   thresholdLine     `json:"threshold_line" doc:"the first line; met is that of all"`
	ThresholdLines  []thresholdLine   `json:"threshold_lines"`
	Settled         bool              `json:"settled" doc:"the outcome can no longer change"`
	Needs           Text              `json:"needs" doc:"what is needed, or once closed what was decided"`
	History         []ballotHistory   `json:"history"`
	Abilities       map[string]bool   `json:"abilities"`
	byAgency                          // of the electorate, on its page
}

// reference keeps votes out of the idempotency store.
func (b ballotOut) reference() string { return b.ID }

func orNull[T ~string](v T) *T {
	if v == "" {
		return nil
	}
	return &v
}

// ballotSummary is a ballot in lists: without electorate and history.
func ballotSummary(v ballot.View) ballotOut {
	out := ballotOut{ID: v.ID, Question: Text(v.Terms.Question), State: v.State, Result: orNull(v.Result), CloseCause: v.Cause,
		Subject: ballotSubject{Kind: v.SubjectKind, ID: v.Subject.ID, Title: Text(v.Subject.Title), RevisionHash: v.Subject.Hash},
		Agency:  agencyRefOf(v.Subject.Agency, v.Agencies), Threshold: v.Terms.Threshold, Quorum: v.Terms.Quorum, ReasonRequired: v.Terms.ReasonRequired,
		EarlyClose: v.Terms.EarlyClose, MinOpenHours: int(v.Terms.MinOpen / time.Hour), OpensAt: v.Terms.OpensAt, ClosesAt: v.Terms.ClosesAt,
		ExtendedFrom: v.ExtendedFrom, NoticeClosesAt: v.NoticeClosesAt, NoticeReason: v.NoticeReason, ClosedAt: v.ClosedAt,
		CertifiedAt: v.CertifiedAt, CertifiedBy: personRef(v.CertifiedBy, v.Persons), CertificateHash: v.CertificateHash, Discussion: orNull(v.Discussion),
		Round: v.Round, Previous: orNull(v.Previous), Next: orNull(v.Next), Electorate: []electorOut{}, InElectorate: v.MayVote,
		Tally: v.Tally, QuorumLine: quorumLine{Needed: v.Needed, Cast: v.Tally.C, Met: v.QuorumMet}, ThresholdLines: []thresholdLine{},
		Settled: v.Settled, Needs: Text(v.Needs), History: []ballotHistory{}, Abilities: v.Abilities}
	for _, line := range v.Threshold {
		out.ThresholdLines = append(out.ThresholdLines, thresholdLine{LHS: line.Left, Sign: line.Sign, RHS: line.Right, Met: line.Met, Text: Text(line.Words())})
	}
	if len(out.ThresholdLines) > 0 {
		out.ThresholdLine = out.ThresholdLines[0]
		out.ThresholdLine.Met = v.Met
	}
	if m := v.Mine; m != nil {
		out.Mine = &voteOut{Choice: m.Choice, Reason: m.Reason, CastBy: personRef(m.CastBy, v.Persons), ByPrincipal: m.ByPrincipal, CastAt: m.CastAt, Changes: m.N - 1}
	}
	return out
}

func ballotPage(v ballot.View) ballotOut {
	out := ballotSummary(v)
	for _, e := range v.Electorate {
		row := electorOut{Agency: *agencyRefOf(e.Agency, v.Agencies), Suspended: e.Suspended}
		if vote, ok := v.Votes[e.Agency]; ok {
			row.Choice, row.Reason, row.CastBy = orNull(vote.Choice), orNull(vote.Reason), personRef(vote.CastBy, v.Persons)
			row.ByPrincipal, row.CastAt = vote.ByPrincipal, vote.CastAt
		}
		out.Electorate = append(out.Electorate, row)
	}
	slices.SortFunc(out.Electorate, func(x, y electorOut) int { return strings.Compare(x.Agency.Code, y.Agency.Code) })
	for _, s := range v.History {
		line := ballotHistory{At: s.At, Event: "ballot." + s.Event, From: string(s.From), To: string(s.To),
			Person: personRef(s.Person, v.Persons), Agency: agencyRefOf(s.Agency, v.Agencies), Reason: s.Reason}
		if said, ok := s.Cause(); ok {
			line.Reason, line.Cause = "", (*Text)(&said)
		}
		out.History = append(out.History, line)
	}
	for _, s := range v.Changes {
		out.History = append(out.History, ballotHistory{At: s.At, Event: "ballot.vote", Person: personRef(s.CastBy, v.Persons),
			Agency: agencyRefOf(s.Agency, v.Agencies), Choice: orNull(s.Choice), Reason: s.Reason})
	}
	slices.SortStableFunc(out.History, func(x, y ballotHistory) int { return int(x.At - y.At) })
	return out
}

func (a *BallotsAPI) list(c *Call) (Narrowed[ballotOut], error) {
	by, err := c.Narrowing()
	if err != nil {
		return Narrowed[ballotOut]{}, err
	}
	f := ballot.Filter{Narrow: by, Order: ballot.Order(c.Query("order")), After: c.Query("cursor"), Limit: limitOf(c), Count: true}
	if subject := c.Query("subject"); subject != "" {
		f.Subjects = []string{subject}
	}
	for _, s := range c.QueryList("state") {
		f.States = append(f.States, ballot.State(s))
	}
	list, err := a.Ballots.List(c.Ctx, c.Actor, f)
	if err != nil {
		return Narrowed[ballotOut]{}, err
	}
	return page(a.Narrower, c, by, list, ballotSummary)
}

func (a *BallotsAPI) read(c *Call) (ballotOut, error) {
	by, err := c.Narrowing()
	if err != nil {
		return ballotOut{}, err
	}
	v, err := a.Ballots.Find(c.Ctx, c.Actor, c.Param("id"))
	if err != nil {
		return ballotOut{}, err
	}
	out, owners := ballotPage(v), member.Owners{}
	out.Electorate = slices.DeleteFunc(out.Electorate, func(e electorOut) bool {
		owners[e.Agency.ID]++
		return !by.Keeps(v.Agencies[e.Agency.ID])
	})
	out.byAgency, err = a.facets(c, by, owners)
	return out, err
}

// then answers with the ballot as it stands after a step.
func (a *BallotsAPI) then(c *Call, id string, err error) (ballotOut, error) {
	if err != nil {
		return ballotOut{}, err
	}
	v, err := a.Ballots.Find(c.Ctx, c.Actor, id)
	return ballotPage(v), err
}

type termsIn struct {
	Question       Text              `json:"question"`
	Threshold      ballot.Threshold  `json:"threshold" doc:"simple, absolute, two_thirds, double or consent; two_thirds if empty"`
	Quorum         int               `json:"quorum" doc:"per cent of the electorate less the recused; 50 if 0"`
	ReasonRequired ballot.ReasonRule `json:"reason_required" doc:"none, against or all; against if empty"`
	EarlyClose     *bool             `json:"early_close" doc:"may close once the outcome can no longer change; true if absent"`
	OpensAt        Time              `json:"opens_at"`
	ClosesAt       Time              `json:"closes_at"`
	MinOpenHours   int               `json:"min_open_hours" doc:"72 if 0; at least 24"`
}

func (in termsIn) terms() ballot.Terms {
	return ballot.Terms{Question: locale.Text(in.Question), Threshold: in.Threshold, Quorum: in.Quorum, ReasonRequired: in.ReasonRequired,
		EarlyClose: in.EarlyClose == nil || *in.EarlyClose, MinOpen: hours(in.MinOpenHours), OpensAt: in.OpensAt, ClosesAt: ballot.OnTheMinute(in.ClosesAt)}
}

func (a *PracticesAPI) prepare(c *Call, in termsIn) (ballotOut, error) {
	b, err := a.Ballots.Prepare(c.Ctx, c.Actor, ballot.KindPractice, c.Param("id"), in.terms())
	return (&BallotsAPI{Ballots: a.Ballots}).then(c, b.ID, err)
}

func (a *BallotsAPI) prepareEdition(c *Call, in termsIn) (ballotOut, error) {
	b, err := a.Ballots.Prepare(c.Ctx, c.Actor, ballot.KindEdition, c.Param("id"), in.terms())
	return a.then(c, b.ID, err)
}

// hours is n hours, kept far from where a duration overflows.
func hours(n int) time.Duration { return time.Duration(max(min(n, 100_000), -1)) * time.Hour }

type openIn struct {
	OpensAt  Time `json:"opens_at" doc:"in the future: scheduled"`
	ClosesAt Time `json:"closes_at" doc:"instead of the time prepared"`
}

func (a *BallotsAPI) open(c *Call, in openIn) (ballotOut, error) {
	b, err := a.Ballots.Open(c.Ctx, c.Actor, c.Param("id"), ballot.When{OpensAt: in.OpensAt, ClosesAt: ballot.OnTheMinute(in.ClosesAt)})
	return a.then(c, b.ID, err)
}

type castIn struct {
	Choice       ballot.Choice `json:"choice" doc:"for, against, abstain or recuse"`
	Reason       string        `json:"reason" doc:"published with the vote; at least 20 characters where one is required; kept without the white space at its ends"`
	RevisionHash string        `json:"revision_hash" doc:"of the text the voter has read"`
}

func (a *BallotsAPI) cast(c *Call, in castIn) (ballotOut, error) {
	_, err := a.Ballots.Cast(c.Ctx, c.Actor, c.Param("id"), in.Choice, in.Reason, in.RevisionHash)
	return a.then(c, c.Param("id"), err)
}

type reasonIn struct {
	Reason string `json:"reason"`
}

func (a *BallotsAPI) close(c *Call, in reasonIn) (ballotOut, error) {
	b, err := a.Ballots.Close(c.Ctx, c.Actor, c.Param("id"), in.Reason)
	return a.then(c, b.ID, err)
}

func (a *BallotsAPI) cancel(c *Call, in reasonIn) (ballotOut, error) {
	b, err := a.Ballots.Cancel(c.Ctx, c.Actor, c.Param("id"), in.Reason)
	return a.then(c, b.ID, err)
}

type extendIn struct {
	ClosesAt Time `json:"closes_at"`
}

func (a *BallotsAPI) extend(c *Call, in extendIn) (ballotOut, error) {
	b, err := a.Ballots.Extend(c.Ctx, c.Actor, c.Param("id"), ballot.OnTheMinute(in.ClosesAt))
	return a.then(c, b.ID, err)
}

type certifyIn struct{}

func (a *BallotsAPI) certify(c *Call, _ certifyIn) (ballotOut, error) {
	b, err := a.Ballots.Certify(c.Ctx, c.Actor, c.Param("id"))
	return a.then(c, b.ID, err)
}

type roundIn struct {
	Question Text `json:"question" doc:"copied if empty"`
	ClosesAt Time `json:"closes_at" doc:"as long as the last round if empty"`
}

func (a *BallotsAPI) round(c *Call, in roundIn) (ballotOut, error) {
	b, err := a.Ballots.NextRound(c.Ctx, c.Actor, c.Param("id"), ballot.Revise{Question: locale.Text(in.Question), ClosesAt: ballot.OnTheMinute(in.ClosesAt)})
	return a.then(c, b.ID, err)
}

type certificateOut struct {
	Hash        string             `json:"hash" doc:"SHA-256 of the certificate member, byte for byte"`
	Algorithm   string             `json:"algorithm"`
	Certificate ballot.Certificate `json:"certificate"`
}

func (a *BallotsAPI) certificate(c *Call) (certificateOut, error) {
	body, hash, err := a.Ballots.Certificate(c.Ctx, c.Actor, c.Param("id"))
	if err != nil {
		return certificateOut{}, err
	}
	out := certificateOut{Hash: hash, Algorithm: "sha256"}
	// Encoding a decoded certificate gives the same bytes: a test holds that.
	return out, json.Unmarshal(body, &out.Certificate)
}
