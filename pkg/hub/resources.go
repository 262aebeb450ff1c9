package hub

import (
	"net/http"

	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/web"
)

// resources is the table of contents of the API.
func (h *Hub) resources(signIn *web.DemoSignIn) []web.Resource {
	narrow := web.Narrower{Members: h.Members}
	return []web.Resource{
		&web.SessionAPI{Members: h.Members, Demo: signIn},
		&web.AgenciesAPI{Members: h.Members, BaseURL: h.Config.BaseURL},
		&web.WorkspacesAPI{Workspaces: h.Workspaces, Members: h.Members, Guidelines: h.Guidelines},
		&web.GuidelinesAPI{Guidelines: h.Guidelines, Published: h.Publish, Search: h.Search, Ballots: h.Ballots, Narrower: narrow},
		&web.DraftsAPI{DB: h.DB, Drafts: h.Drafts, Comments: h.Comments, Moderation: h.Moderation},
		&web.SuggestionsAPI{DB: h.DB, Suggests: h.Suggests},
		&web.HistoryAPI{DB: h.DB, History: h.History},
		&web.ImagesAPI{Media: h.Media},
		&web.PracticesAPI{Practices: h.Practices, Ballots: h.Ballots, Narrower: narrow},
		&web.BallotsAPI{Ballots: h.Ballots, Narrower: narrow},
		&web.DiscussionsAPI{Discussions: h.Discussions},
		&web.ModerationAPI{Moderation: h.Moderation, Narrower: narrow},
		&web.SectionsAPI{DB: h.DB, Sections: h.Sections},
		&web.TermsAPI{Glossary: h.Glossary, Members: h.Members},
		&web.DeskAPI{Desk: h.Desk},
		sockets{h},
	}
}

// sockets is the live connection.
type sockets struct{ h *Hub }

// Routes registers the resource.
func (s sockets) Routes(r *web.Router) {
	web.Raw(r, "/live", policy.OpenSocket, "The live connection (WebSocket, see docs/protocol.md)", http.StatusSwitchingProtocols, s.h.socket)
}
