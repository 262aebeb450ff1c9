package web

import (
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/suggestion"
)

// SuggestionsAPI is the changes that people propose beside a living text.
type SuggestionsAPI struct {
	DB       *db.DB
	Suggests *suggestion.Service
}

// Routes registers the resource.
func (a *SuggestionsAPI) Routes(r *Router) {
	Get(r, "/drafts/:id/suggestions", policy.ReadSuggestion, "The open suggestions beside a text, oldest first, then the newest decided ones", a.list)
	Post(r, "/drafts/:id/suggestions", policy.CreateSuggestion, "Suggest a change, or revise one's own", a.save)
	Post(r, "/drafts/:id/suggestions/accept", policy.DecideSuggestion, "Accept several suggestions, or all of an agency's", a.acceptMany)
	Post(r, "/drafts/:id/suggestions/reject", policy.DecideSuggestion, "Reject several suggestions, or all of an agency's, with a reason", a.rejectMany)
	Post(r, "/suggestions/:id/accept", policy.DecideSuggestion, "Write a suggestion into the text", a.accept)
	Post(r, "/suggestions/:id/correct", policy.CorrectSuggestion, "Take a correction of spelling into an approved text, which stays approved", a.correct)
	Post(r, "/suggestions/:id/reject", policy.DecideSuggestion, "Reject a suggestion, with a reason", a.reject)
	Put(r, "/suggestions/:id/note", policy.ExplainSuggestion, "Say why one suggested it", a.explain)
	Post(r, "/suggestions/:id/withdraw", policy.WithdrawSuggestion, "Take back one's own suggestion", a.withdraw)
}

type suggestionPart struct {
	From   int    `json:"from" doc:"UTF-16 units, in the text of version"`
	To     int    `json:"to"`
	Insert string `json:"insert" doc:"stands in the place of from to to"`
}

type suggestionOut struct {
	ID         string           `json:"id"`
	DraftID    string           `json:"draft_id"`
	Key        string           `json:"key" doc:"for its author: saving again with it revises; else empty"`
	State      suggestion.State `json:"state" doc:"open, accepted, rejected or withdrawn"`
	Kind       suggestion.Kind  `json:"kind" doc:"insert, delete or replace"`
	Version    int64            `json:"version"`
	Parts      []suggestionPart `json:"parts" doc:"in order; none once it is decided or orphaned"`
	Orphaned   bool             `json:"orphaned" doc:"the text it stands on is gone"`
	Quote      string           `json:"quote" doc:"the text it takes away"`
	Insertion  string           `json:"insertion" doc:"the text it puts there"`
	Note       string           `json:"note"`
	Author     threadAuthor     `json:"author"`
	CreatedAt  Time             `json:"created_at"`
	UpdatedAt  Time             `json:"updated_at"`
	DecidedBy  *threadAuthor    `json:"decided_by"`
	DecidedAt  Time             `json:"decided_at"`
	Reason     string           `json:"reason" doc:"why it was rejected"`
	LogVersion int64            `json:"log_version" doc:"the version of the text that has it; 0 unless accepted"`
	ThreadID   string           `json:"thread_id"`
	Hidden     bool             `json:"hidden" doc:"by moderation; nobody but its author is sent a hidden one"`
	Abilities  map[string]bool  `json:"abilities"`
}

type suggestionList struct {
	Items   []suggestionOut `json:"items"`
	Next    string          `json:"next"`
	Version int64           `json:"version" doc:"the version of the text that the parts of open ones are for"`
}

func (a *SuggestionsAPI) list(c *Call) (suggestionList, error) {
	list, version, err := a.Suggests.List(c.Ctx, c.Actor, c.Param("id"))
	if err != nil {
		return suggestionList{}, err
	}
	out := suggestionList{Version: version}
	out.Items, err = a.present(c, list...)
	return out, err
}

// present adds the names of people and agencies.
func (a *SuggestionsAPI) present(c *Call, list ...suggestion.Suggestion) ([]suggestionOut, error) {
	var people []string
	for _, s := range list {
		people = append(people, s.Person, s.DecidedBy)
	}
	names, agencies, err := namesOf(c, a.DB, people)
	if err != nil {
		return nil, err
	}
	author := func(p, ag string) threadAuthor {
		return threadAuthor{PersonRef{ID: p, Name: Text(names[p])}, agencyRefOf(ag, agencies)}
	}
	out := make([]suggestionOut, 0, len(list))
	for _, s := range list {
		o := suggestionOut{ID: s.ID, DraftID: s.Draft, State: s.State, Kind: s.Kind(), Version: s.Version, Parts: []suggestionPart{}, Orphaned: s.Orphaned,
			Quote: s.Quote, Insertion: s.Insertion, Note: s.Note, Author: author(s.Person, s.Agency), CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
			DecidedAt: s.DecidedAt, Reason: s.Reason, LogVersion: s.LogVersion, ThreadID: s.Thread, Hidden: s.Hidden, Abilities: s.Abilities}
		if s.Person == c.Actor.Person {
			o.Key = s.Key
		}
		for _, p := range s.Parts() {
			o.Parts = append(o.Parts, suggestionPart(p))
		}
		if s.DecidedBy != "" {
			by := author(s.DecidedBy, s.DecidedAgency)
			o.DecidedBy = &by
		}
		out = append(out, o)
	}
	return out, nil
}

func (a *SuggestionsAPI) one(c *Call, s suggestion.Suggestion, err error) (suggestionOut, error) {
	if err != nil {
		return suggestionOut{}, err
	}
	list, err := a.present(c, s)
	if err != nil {
		return suggestionOut{}, err
	}
	return list[0], nil
}

type saveSuggestion struct {
	Key     string           `json:"key" doc:"of the caller's choosing, up to 64 bytes; with that of an open suggestion of one's own it is revised"`
	Version int64            `json:"version" doc:"of the text that the parts are for"`
	Parts   []suggestionPart `json:"parts" doc:"in order and apart, up to 200"`
	Note    *string          `json:"note" doc:"why; left as it is when absent"`
}

func (a *SuggestionsAPI) save(c *Call, in saveSuggestion) (suggestionOut, error) {
	parts := make([]suggestion.Part, len(in.Parts))
	for i, p := range in.Parts {
		parts[i] = suggestion.Part(p)
	}
	s, err := a.Suggests.Save(c.Ctx, c.Actor, c.Param("id"), suggestion.Save{Key: in.Key, Version: in.Version, Parts: parts, Note: in.Note})
	return a.one(c, s, err)
}

type suggestionPick struct {
	IDs    []string `json:"ids"`
	Agency string   `json:"agency" doc:"all open ones of this agency, instead of ids"`
}

type suggestionReject struct {
	IDs    []string `json:"ids"`
	Agency string   `json:"agency" doc:"all open ones of this agency, instead of ids"`
	Reason string   `json:"reason"`
}

type suggestionsDecided struct {
	Done []suggestionOut `json:"done"`
	Left []suggestionOut `json:"left" doc:"still open: another one took their text away"`
}

func (a *SuggestionsAPI) acceptMany(c *Call, in suggestionPick) (out suggestionsDecided, err error) {
	done, left, err := a.Suggests.Accept(c.Ctx, c.Actor, c.Param("id"), suggestion.Pick{IDs: in.IDs, Agency: in.Agency})
	if err != nil {
		return out, err
	}
	if out.Done, err = a.present(c, done...); err == nil {
		out.Left, err = a.present(c, left...)
	}
	return out, err
}

func (a *SuggestionsAPI) rejectMany(c *Call, in suggestionReject) (out suggestionsDecided, err error) {
	done, err := a.Suggests.Reject(c.Ctx, c.Actor, c.Param("id"), suggestion.Pick{IDs: in.IDs, Agency: in.Agency}, in.Reason)
	if err != nil {
		return out, err
	}
	out.Left = []suggestionOut{}
	out.Done, err = a.present(c, done...)
	return out, err
}

func (a *SuggestionsAPI) accept(c *Call, _ None) (suggestionOut, error) {
	id := c.Param("id")
	draft, err := a.Suggests.DraftOf(c.Ctx, c.Actor, id)
	if err != nil {
		return suggestionOut{}, err
	}
	done, _, err := a.Suggests.Accept(c.Ctx, c.Actor, draft, suggestion.Pick{IDs: []string{id}})
	if err != nil {
		return suggestionOut{}, err
	}
	return a.one(c, done[0], nil)
}

func (a *SuggestionsAPI) correct(c *Call, _ None) (suggestionOut, error) {
	id := c.Param("id")
	draft, err := a.Suggests.DraftOf(c.Ctx, c.Actor, id)
	if err != nil {
		return suggestionOut{}, err
	}
	s, err := a.Suggests.Correct(c.Ctx, c.Actor, draft, id)
	return a.one(c, s, err)
}

type suggestionReason struct {
	Reason string `json:"reason"`
}

func (a *SuggestionsAPI) reject(c *Call, in suggestionReason) (suggestionOut, error) {
	id := c.Param("id")
	draft, err := a.Suggests.DraftOf(c.Ctx, c.Actor, id)
	if err != nil {
		return suggestionOut{}, err
	}
	done, err := a.Suggests.Reject(c.Ctx, c.Actor, draft, suggestion.Pick{IDs: []string{id}}, in.Reason)
	if err != nil {
		return suggestionOut{}, err
	}
	return a.one(c, done[0], nil)
}

func (a *SuggestionsAPI) withdraw(c *Call, _ None) (suggestionOut, error) {
	s, err := a.Suggests.Withdraw(c.Ctx, c.Actor, c.Param("id"))
	return a.one(c, s, err)
}

type suggestionNote struct {
	Note string `json:"note" doc:"empty takes the words back"`
}

func (a *SuggestionsAPI) explain(c *Call, in suggestionNote) (suggestionOut, error) {
	s, err := a.Suggests.Explain(c.Ctx, c.Actor, c.Param("id"), in.Note)
	return a.one(c, s, err)
}
