package markdown

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// FuzzRender renders whatever passes: no panic, nothing that runs, and no more than the bound.
func FuzzRender(f *testing.F) {
	for _, s := range []string{"# عنوان\n\nنص **غامق** [رابط](https://x.example)", "<script>alert(1)</script>", "[a](java\tscript:alert(1))", "| a | b |\n|---|---|\n| 1 | 2 |",
		"---\ntitle: x\n---\n> [!note]\n> x[^1]\n\n[^1]: y", "![x](data:text/html,<b>)\n\n- [ ] a\n  1. b", "\u202e# a\u2066\r\nb\rc"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		front, body := Split(src)
		if len(front)+len(body) != len(src) || !bytes.HasSuffix(src, body) {
			t.Fatalf("%q was split into %q and %q", src, front, body)
		}
		page, err := Render(context.Background(), src, Options{})
		if err != nil {
			return
		}
		low := strings.ToLower(string(page.HTML))
		for _, bad := range []string{"<script", "<iframe", "<object", "<style", "<svg", `="javascript:`, `="data:text`} {
			if strings.Contains(low, bad) {
				t.Fatalf("%q became %q", src, page.HTML)
			}
		}
	})
}
