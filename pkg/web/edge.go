package web

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"
	"golang.org/x/time/rate"

	"github.com/multaqa/multaqa/pkg/config"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// maxBody is the limit of a JSON body (threats §3).
const maxBody = 1 << 20

// Edge is what all routes share.
type Edge struct {
	Config *config.Config
	DB     *db.DB
	Log    *slog.Logger
	// Authenticate turns a sign-in token into an actor. An unknown or lapsed
	// token is the zero actor, or a fault of the kind Unauthenticated.
	Authenticate func(ctx context.Context, token string) (policy.Actor, error)

	limits limiter
}

type problem struct {
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	TitleAr   string            `json:"title_ar"`
	TitleEn   string            `json:"title_en"`
	Status    int               `json:"status"`
	Code      string            `json:"code"`
	Fields    map[string]string `json:"fields,omitempty"`
	RequestID string            `json:"request_id"`
}

func (e *Edge) cookieName() string {
	if e.Config.Secure() {
		return "__Host-multaqa"
	}
	return "multaqa"
}

func (e *Edge) token(r *http.Request) string {
	c, err := r.Cookie(e.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

func (e *Edge) setCookie(g *gin.Context, token string, maxAge int) {
	http.SetCookie(g.Writer, &http.Cookie{Name: e.cookieName(), Value: token, Path: "/", MaxAge: maxAge,
		Secure: e.Config.Secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// ActorOf authenticates a request outside the API: pages and files.
func (e *Edge) ActorOf(r *http.Request) policy.Actor {
	t := e.token(r)
	if t == "" {
		return policy.Actor{}
	}
	a, err := e.Authenticate(r.Context(), t)
	if err != nil {
		if fault.Of(err) == nil {
			e.Log.Error("authenticate", "error", err)
		}
		return policy.Actor{}
	}
	return a
}

// begin authenticates, limits the rate and refuses anonymous callers of
// actions that are not public. Which object it is about is decided by the
// domain, with the object's facts.
func (e *Edge) begin(g *gin.Context, action policy.Action) (*Call, bool) {
	c := &Call{Ctx: g.Request.Context(), gin: g, edge: e, Locale: negotiate(g.Request)}
	h := g.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Cookie, Accept-Language")
	if t := e.token(g.Request); t != "" {
		a, err := e.Authenticate(c.Ctx, t)
		if f := fault.Of(err); f != nil && f.Kind == fault.Unauthenticated {
			c.ended = err
		} else if err != nil {
			e.fail(c, err)
			return nil, false
		}
		c.Actor = a
		if a.Locale != "" {
			c.Locale = a.Locale
		}
	}
	key := c.Actor.Person
	if key == "" {
		key = "ip:" + g.ClientIP()
	}
	if !e.limits.allow(key) {
		h.Set("Retry-After", "2")
		e.fail(c, fault.New(fault.RateLimited, "request.too_many"))
		return nil, false
	}
	if err := policy.Check(c.Actor, action, policy.Open("request")); fault.Is(err, "policy.unauthenticated") {
		e.fail(c, err)
		return nil, false
	}
	return c, true
}

var languages = language.NewMatcher([]language.Tag{language.Arabic, language.English})

// negotiate picks the language of the answer: Accept-Language, else Arabic.
func negotiate(r *http.Request) string {
	header := r.Header.Get("Accept-Language")
	if len(header) > 200 {
		return "ar"
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(tags) == 0 {
		return "ar"
	}
	if _, i, conf := languages.Match(tags...); conf != language.No && i == 1 {
		return "en"
	}
	return "ar"
}

// decode reads the body strictly: bounded, one value, no unknown member.
func decode(g *gin.Context, wanted bool, into any) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(g.Writer, g.Request.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fault.New(fault.TooLarge, "request.too_large")
	case err != nil:
		return nil, fault.New(fault.Invalid, "request.unreadable")
	case !wanted || len(bytes.TrimSpace(body)) == 0:
		return body, nil
	}
	if !keepable(body) {
		return nil, fault.New(fault.Invalid, "request.unreadable")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			return nil, fault.New(fault.Invalid, "request.unknown_field").WithField(strings.Trim(name, `"`), "request.unknown_field")
		}
		var typ *json.UnmarshalTypeError
		if errors.As(err, &typ) && typ.Field != "" {
			return nil, fault.New(fault.Invalid, "request.invalid").WithField(typ.Field, "request.wrong_type")
		}
		return nil, fault.New(fault.Invalid, "request.unreadable")
	}
	if dec.More() {
		return nil, fault.New(fault.Invalid, "request.unreadable")
	}
	return body, nil
}

// answer writes the result of a handler.
func (e *Edge) answer(c *Call, route Route, out any, err error) {
	if err != nil {
		e.fail(c, err)
		return
	}
	if route.Out == nil {
		c.gin.Status(http.StatusNoContent)
		c.gin.Writer.WriteHeaderNow()
		return
	}
	body, err := json.Marshal(out)
	if err != nil {
		e.fail(c, err)
		return
	}
	c.gin.Data(http.StatusOK, "application/json; charset=utf-8", body)
}

// fail is the one function that turns errors into answers. Errors that are no
// faults are logged here, once, and answered without detail.
//
// A stale cookie keeps nobody from signing in or from what everybody may see;
// where more is asked, the caller learns that the session ended, and not that
// the thing does not exist.
func (e *Edge) fail(c *Call, err error) {
	if f := fault.Of(err); c.ended != nil && f != nil && (f.Kind == fault.NotFound || f.Code == "policy.unauthenticated") {
		err = c.ended
	}
	status, body := e.problem(c, err)
	c.gin.Abort()
	c.gin.Header("Cache-Control", "no-store") // also where no route said so
	c.gin.Data(status, "application/problem+json; charset=utf-8", body)
}

func (e *Edge) problem(c *Call, err error) (int, []byte) {
	f := fault.Of(err)
	reqID := c.gin.Writer.Header().Get("X-Request-Id")
	if f == nil && db.IsNotText(err) {
		// Words that people fill in are refused by their field; this is a zero in an id or the like.
		f = fault.New(fault.Invalid, "request.not_text")
	}
	if f == nil || f.Kind == fault.Internal {
		if !errors.Is(err, context.Canceled) {
			e.Log.Error("request failed", "request_id", reqID, "route", c.gin.FullPath(), "method", c.gin.Request.Method, "error", err.Error())
		}
		f = fault.New(fault.Internal, "request.internal")
	}
	return e.document(f, c.Locale, reqID)
}

// document is the problem document of a fault, and its status.
func (e *Edge) document(f *fault.Error, language, request string) (int, []byte) {
	text, ok := locale.Fault(f.Code)
	if !ok {
		e.Log.Warn("fault without words", "code", f.Code)
		text, _ = locale.Fault("request.internal")
	}
	p := problem{Type: "about:blank", TitleAr: text.Ar, TitleEn: text.En, Title: text.Ar, Status: f.Kind.Status(), Code: f.Code, Fields: f.Fields, RequestID: request}
	if language == "en" {
		p.Title = text.En
	}
	body, _ := json.Marshal(p)
	if len(f.Facts) > 0 {
		var m map[string]any
		_ = json.Unmarshal(body, &m)
		for k, v := range f.Facts {
			m[k] = v
		}
		body, _ = json.Marshal(m)
	}
	return p.Status, body
}

// otherSite answers a change that another site's page asked for.
func (e *Edge) otherSite(w http.ResponseWriter, r *http.Request) {
	e.refuse(w, r, fault.New(fault.Forbidden, "request.cross_site"))
}

// refuse answers with the problem document of a fault outside the router, in
// the language of the request.
func (e *Edge) refuse(w http.ResponseWriter, r *http.Request, f *fault.Error) {
	h := w.Header()
	request := h.Get("X-Request-Id")
	if request == "" {
		request = id.New("rq")
		h.Set("X-Request-Id", request)
	}
	status, body := e.document(f, negotiate(r), request)
	h.Set("Content-Type", "application/problem+json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// errReplayed ends a transaction whose key another request has used meanwhile.
var errReplayed = errors.New("idempotency key was used meanwhile")

// byReference is the stored status of an answer of which the store keeps the
// reference only: "see other".
const byReference = http.StatusSeeOther

// once runs a mutation at most once for each (person, Idempotency-Key): the
// key is written in the transaction that does the work, so that the two are
// one (threats I11). A repeat gets the first answer, or where again is given
// the thing as it stands now; a repeat with another body is refused.
//
// The store holds a digest of the key and one of the body made with the key.
// A body may be one of few, such as a vote, and whoever reads the store but
// never saw the key must not find out which (threats I16).
//
// Faults: request.key_reused, request.already_applied, request.bad_key.
func (e *Edge) once(c *Call, route Route, body []byte, again func(*Call, string) (any, error), run func(ctx context.Context) (any, error)) {
	key := c.Header("Idempotency-Key")
	if key == "" || c.Actor.Anonymous() {
		out, err := run(c.Ctx)
		e.answer(c, route, out, err)
		return
	}
	if len(key) > 100 || !utf8.ValidString(key) {
		e.fail(c, fault.New(fault.Invalid, "request.bad_key"))
		return
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	request, name := hex.EncodeToString(mac.Sum(nil)), route.Method+" "+c.gin.Request.URL.Path
	sum := sha256.Sum256([]byte(key))
	key = hex.EncodeToString(sum[:])
	if e.replay(c, key, name, request, again) {
		return
	}
	claimed := false
	ctx := db.BeforeCommit(c.Ctx, func(ctx context.Context, tx *db.Tx) error {
		if claimed {
			return nil
		}
		_, err := tx.Exec(ctx, `insert into idempotency (person, key, route, request, status, response, at) values ($1, $2, $3, $4, 0, $5, $6)`,
			c.Actor.Person, key, name, request, []byte{}, int64(tx.Now()))
		if db.IsUnique(err) {
			return errReplayed
		}
		if err == nil {
			tx.AfterCommit(func() { claimed = true })
		}
		return err
	})
	out, err := run(ctx)
	if errors.Is(err, errReplayed) {
		if !e.replay(c, key, name, request, again) {
			e.fail(c, fault.New(fault.Conflict, "request.already_applied"))
		}
		return
	}
	if claimed && err == nil && !c.secret {
		response, merr := json.Marshal(out)
		status := http.StatusOK
		if route.Out == nil {
			response, status = []byte{}, http.StatusNoContent
		}
		if ref, ok := out.(Referred); ok {
			response, status = []byte(ref.reference()), byReference
		}
		if merr == nil {
			serr := e.DB.Transact(c.Ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(c.Ctx, `update idempotency set status = $1, response = $2 where person = $3 and key = $4`, status, response, c.Actor.Person, key)
				return err
			})
			if serr != nil {
				e.Log.Error("store answer", "error", serr)
			}
		}
	}
	e.answer(c, route, out, err)
}

// replay answers from the store when the key is known, and says whether it did.
func (e *Edge) replay(c *Call, key, name, request string, again func(*Call, string) (any, error)) bool {
	var route, was string
	var status int
	var response []byte
	err := e.DB.Read(c.Ctx, func(tx *db.Tx) error {
		return tx.QueryRow(c.Ctx, `select route, request, status, response from idempotency where person = $1 and key = $2`,
			c.Actor.Person, key).Scan(&route, &was, &status, &response)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false
	case err != nil:
		e.fail(c, err)
	case route != name || was != request:
		e.fail(c, fault.New(fault.Conflict, "request.key_reused"))
	case status == 0:
		e.fail(c, fault.New(fault.Conflict, "request.already_applied"))
	case status == http.StatusNoContent:
		c.gin.Status(status)
		c.gin.Writer.WriteHeaderNow()
	case status == byReference && again != nil:
		out, err := again(c, string(response))
		if err == nil {
			response, err = json.Marshal(out)
		}
		if err != nil {
			e.fail(c, err)
			break
		}
		c.gin.Header("Idempotent-Replayed", "true")
		c.gin.Data(http.StatusOK, "application/json; charset=utf-8", response)
	default:
		c.gin.Header("Idempotent-Replayed", "true")
		c.gin.Data(status, "application/json; charset=utf-8", response)
	}
	return true
}

// SweepIdempotency forgets keys older than a day.
func (e *Edge) SweepIdempotency(ctx context.Context) error {
	return e.DB.Transact(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from idempotency where at < $1`, int64(tx.Now().Add(-24*time.Hour)))
		return err
	})
}

// requestID names the request in the log and in error documents.
func requestID() gin.HandlerFunc {
	return func(g *gin.Context) {
		g.Header("X-Request-Id", id.New("rq"))
		g.Next()
	}
}

func (e *Edge) recovery() gin.HandlerFunc {
	return func(g *gin.Context) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				e.Log.Error("panic", "panic", p, "stack", string(debug.Stack()))
				if !g.Writer.Written() {
					e.fail(&Call{Ctx: g.Request.Context(), gin: g, edge: e, Locale: negotiate(g.Request)}, fault.New(fault.Internal, "request.internal"))
				}
			}
		}()
		g.Next()
	}
}

func (e *Edge) access() gin.HandlerFunc {
	return func(g *gin.Context) {
		start := time.Now()
		g.Next()
		route := g.FullPath()
		if route == "" {
			route = "(none)"
		}
		observe(route, g.Request.Method, g.Writer.Status(), time.Since(start))
		e.Log.Debug("request", "method", g.Request.Method, "route", route, "status", g.Writer.Status(),
			"ms", time.Since(start).Milliseconds(), "request_id", g.Writer.Header().Get("X-Request-Id"))
	}
}

// nonce is 128 bits for one page's content security policy.
func nonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// ForgetCallers forgets what callers have spent of their rate, as a restart
// would. It is for tests that ask more in a second than people do.
func (e *Edge) ForgetCallers() {
	e.limits.mu.Lock()
	defer e.limits.mu.Unlock()
	e.limits.buckets = nil
}

// limiter keeps one token bucket a caller: 50 requests a second, bursts of 300.
type limiter struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

func (l *limiter) allow(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buckets == nil || len(l.buckets) > 50000 {
		l.buckets = map[string]*rate.Limiter{}
	}
	b := l.buckets[key]
	if b == nil {
		b = rate.NewLimiter(50, 300)
		l.buckets[key] = b
	}
	return b.Allow()
}
