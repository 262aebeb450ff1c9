package site

import (
	"net/http"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"github.com/multaqa/multaqa/pkg/fault"
)

// answers bounds how often one address answers "was this useful?": five at
// once, then one every ten seconds. Addresses are kept in memory only.
type answers struct {
	mu      sync.Mutex
	callers map[string]*rate.Limiter
}

func (a *answers) allow(caller string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.callers == nil || len(a.callers) > 20000 {
		a.callers = map[string]*rate.Limiter{}
	}
	l := a.callers[caller]
	if l == nil {
		l = rate.NewLimiter(0.1, 5)
		a.callers[caller] = l
	}
	return l.Allow()
}

// answered is the edition in the path if this browser has answered for it: a
// cookie of the page's own path that says so and nothing else.
func answered(r *http.Request) string {
	if c, err := r.Cookie("answered"); err == nil && c.Value == "1" {
		return "answered"
	}
	return ""
}

// Post answers the form of a guide, "was this useful?", and says whether the
// path is the site's. caller is the address of the sender.
func (s *Site) Post(w http.ResponseWriter, r *http.Request, caller string) bool {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) != 5 || parts[0] != "guides" || parts[2] != "e" || parts[4] != "useful" {
		return false
	}
	lang := s.lang(w, r)
	w.Header().Set("Cache-Control", "no-store")
	if !s.answers.allow(caller) {
		w.Header().Set("Retry-After", "10")
		s.render(w, r, http.StatusTooManyRequests, "note.html", lang, about{Title: words["too_often"].In(lang)}, guideURL(parts[1], parts[3]))
		return true
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1024)
	answer := r.PostFormValue("useful")
	if answer != "yes" && answer != "no" {
		s.render(w, r, http.StatusBadRequest, "note.html", lang, about{Title: words["unclear"].In(lang)}, guideURL(parts[1], parts[3]))
		return true
	}
	if answered(r) == "" {
		if err := s.Guides.Answer(r.Context(), s.Actor(r), parts[1], parts[3], answer == "yes"); err != nil {
			if fault.Of(err) == nil {
				s.Log.Error("keep answer", "error", err)
			}
			s.fail(w, r, lang, err)
			return true
		}
	}
	page := guideURL(parts[1], parts[3])
	http.SetCookie(w, &http.Cookie{Name: "answered", Value: "1", Path: page, MaxAge: 180 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true})
	http.Redirect(w, r, page+"#useful", http.StatusSeeOther)
	return true
}
