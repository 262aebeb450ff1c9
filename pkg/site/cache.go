package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzhttp"
)

// page is a page with its compressed forms: gzip is made at once, Brotli at
// its slowest and smallest a little later, once.
type page struct {
	lang   string // "" where the answer has none
	mime   string
	public bool
	tag    string // of the content, without quotes
	body   []byte
	gzip   []byte
	brotli atomic.Pointer[[]byte]
}

// pages keeps rendered pages by what they show, and for readers without an
// account by their address as well, while nothing was published.
type pages struct {
	mu    sync.Mutex
	byTag map[string]*page
	quick map[string]quick
	bytes int
	slow  sync.Mutex // one page is compressed at a time
}

type quick struct {
	page    *page
	version int64
	until   time.Time
}

const (
	// maxCached bounds the cache in bytes; over it, it starts anew.
	maxCached = 64 << 20
	// quickFor is how long an address may lead to a page without a look at
	// what else it shows: the names of the network and its agencies.
	quickFor = 2 * time.Second
	maxQuick = 4096
)

func (p *pages) find(tag string) *page {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byTag[tag]
}

func (p *pages) findQuick(address string, version int64, now time.Time) *page {
	p.mu.Lock()
	defer p.mu.Unlock()
	if q, ok := p.quick[address]; ok && q.version == version && now.Before(q.until) {
		return q.page
	}
	return nil
}

func (p *pages) keepQuick(address string, version int64, now time.Time, pg *page) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.quick == nil || len(p.quick) >= maxQuick {
		p.quick = map[string]quick{}
	}
	p.quick[address] = quick{pg, version, now.Add(quickFor)}
}

// keep compresses the page and keeps it.
func (p *pages) keep(tag, lang string, public bool, body []byte) *page {
	return p.keepAs(tag, lang, "text/html; charset=utf-8", public, body)
}

func (p *pages) keepAs(tag, lang, mime string, public bool, body []byte) *page {
	pg := &page{lang: lang, mime: mime, public: public, tag: tag, body: body}
	var b bytes.Buffer
	if w, err := gzip.NewWriterLevel(&b, gzip.BestCompression); err == nil {
		_, _ = w.Write(body)
		_ = w.Close()
		pg.gzip = b.Bytes()
	}
	p.mu.Lock()
	if p.bytes += len(body) + len(body)/2; p.byTag == nil || p.bytes > maxCached {
		p.byTag, p.quick, p.bytes = map[string]*page{}, nil, len(body)+len(body)/2
	}
	p.byTag[tag] = pg
	p.mu.Unlock()
	go func() {
		p.slow.Lock()
		defer p.slow.Unlock()
		var b bytes.Buffer
		w := brotli.NewWriterLevel(&b, brotli.BestCompression)
		_, _ = w.Write(body)
		if w.Close() == nil {
			small := b.Bytes()
			pg.brotli.Store(&small)
		}
	}()
	return pg
}

// squeeze compresses what never changes while the program runs.
func squeeze(body []byte) (gz, br []byte) {
	var g, b bytes.Buffer
	if w, err := gzip.NewWriterLevel(&g, gzip.BestCompression); err == nil {
		_, _ = w.Write(body)
		_ = w.Close()
	}
	w := brotli.NewWriterLevel(&b, brotli.BestCompression)
	_, _ = w.Write(body)
	_ = w.Close()
	return g.Bytes(), b.Bytes()
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// encodings are what the reader takes of "br" and "gzip".
func encodings(header string) (br, gz bool) {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if key, v, ok := strings.Cut(strings.TrimSpace(params), "="); ok && strings.TrimSpace(key) == "q" {
			if q, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err != nil || q <= 0 {
				continue
			}
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "br":
			br = true
		case "gzip":
			gz = true
		}
	}
	return br, gz
}

// send answers with the page in the form the reader takes. Each form has a tag
// of its own.
func (pg *page) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	body, tag, encoding := pg.body, pg.tag, ""
	br, gz := encodings(r.Header.Get("Accept-Encoding"))
	if small := pg.brotli.Load(); br && small != nil {
		body, tag, encoding = *small, tag+"-br", "br"
	} else if gz && pg.gzip != nil {
		body, tag, encoding = pg.gzip, tag+"-gz", "gzip"
	}
	h.Add("Vary", "Accept-Encoding")
	if pg.public {
		h.Set("Cache-Control", "public, max-age=0, must-revalidate")
		h.Set("ETag", `"`+tag+`"`)
		if matches(r.Header.Get("If-None-Match"), pg.tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	} else {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("Content-Type", pg.mime)
	if pg.lang != "" {
		h.Set("Content-Language", pg.lang)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	} else if strings.Contains(r.Header.Get("Accept-Encoding"), "zstd") {
		h.Set(gzhttp.HeaderNoCompression, "1") // compressed further on, it would share its tag with this form
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// matches says whether the reader has the page in some form.
func matches(header, tag string) bool {
	if header == "*" {
		return true
	}
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == `"`+tag+`"` || part == `"`+tag+`-br"` || part == `"`+tag+`-gz"` {
			return true
		}
	}
	return false
}
