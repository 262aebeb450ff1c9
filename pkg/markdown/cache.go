package markdown

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"sync"

	"golang.org/x/sync/singleflight"
)

// Cache keeps rendered pages by what they are made of, so that a text is
// rendered once for all its readers. It is bounded; over the bound it starts
// anew. The zero value is ready, and it is safe for concurrent use. What it
// returns is shared: callers change nothing in it.
type Cache struct {
	mu    sync.Mutex
	pages map[[32]byte]Page
	bytes int
	once  singleflight.Group
}

// maxCache bounds the pages a Cache keeps, in bytes of HTML and words.
const maxCache = 32 << 20

// Render is Render, at most once for each source and options while the page is
// kept.
//
// Faults: those of Render.
func (c *Cache) Render(ctx context.Context, src []byte, o Options) (Page, error) {
	h := sha256.New()
	h.Write([]byte(Version + "\x00" + o.Language + "\x00" + o.Digits + "\x00" + strconv.FormatBool(o.Rooted) + "\x00"))
	for _, a := range o.Anchors {
		fmt.Fprintf(h, "%d %s\x00", a.Offset, a.ID)
	}
	h.Write([]byte{0})
	h.Write(src)
	key := [32]byte(h.Sum(nil))
	c.mu.Lock()
	page, ok := c.pages[key]
	c.mu.Unlock()
	if ok {
		return page, nil
	}
	v, err, _ := c.once.Do(string(key[:]), func() (any, error) {
		// One reader leaving must not fail the others who wait.
		page, err := Render(context.WithoutCancel(ctx), src, o)
		if err != nil {
			return Page{}, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.bytes += 2 * len(page.HTML); c.pages == nil || c.bytes > maxCache {
			c.pages, c.bytes = map[[32]byte]Page{}, 2*len(page.HTML)
		}
		c.pages[key] = page
		return page, nil
	})
	if err != nil {
		return Page{}, err
	}
	return v.(Page), nil
}
