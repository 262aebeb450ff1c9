package markdown

import (
	"context"
	"strings"
	"sync"
	"testing"
)

func TestCacheRendersOnceForAllReaders(t *testing.T) {
	var c Cache
	src := []byte("## الغاية\n\nنص.\n")
	pages := make([]Page, 40)
	var wg sync.WaitGroup
	for i := range pages {
		wg.Go(func() {
			var err error
			if pages[i], err = c.Render(context.Background(), src, Options{Digits: []string{"arab", "latn"}[i%2]}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range pages {
		// One rendering is one slice in memory.
		if &pages[i].HTML[0] != &pages[i%2].HTML[0] {
			t.Fatalf("reader %d has a rendering of their own", i)
		}
	}
	if a, b := string(pages[0].HTML), string(pages[1].HTML); !strings.Contains(a, ">١.١<") || !strings.Contains(b, ">1.1<") {
		t.Errorf("%s\n%s", a, b)
	}
	next, err := c.Render(context.Background(), []byte("## الغاية\n\nنص آخر.\n"), Options{})
	if err != nil || !strings.Contains(string(next.HTML), "آخر") {
		t.Errorf("%s %v", next.HTML, err)
	}
	if _, err := c.Render(context.Background(), []byte(strings.Repeat(">", 100)+"a"), Options{}); err == nil {
		t.Error("what is refused stays refused")
	}
}
