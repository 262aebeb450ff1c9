package transfer

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/fault"
)

func TestParseTakesAPageApart(t *testing.T) {
	for name, c := range map[string]struct {
		in                string
		head, text, title string
		lang, newline     string
		tags              []string
		note              string
	}{
		"plain":         {in: "# العنوان **الأول** {#x}\n\nنص\n", text: "# العنوان **الأول** {#x}\n\nنص\n", title: "العنوان الأول", lang: "ar"},
		"yaml":          {in: "---\ntitle: T\nlang: en-GB\ntags: a, b\n---\nx\n", head: "---\ntitle: T\nlang: en-GB\ntags: a, b\n---\n", text: "x\n", title: "T", lang: "en", tags: []string{"a", "b"}},
		"toml":          {in: "+++\ntitle = 'T'\ntags = ['a']\n+++\nx\n", head: "+++\ntitle = 'T'\ntags = ['a']\n+++\n", text: "x\n", title: "T", lang: "en", tags: []string{"a"}},
		"not front":     {in: "---\n\nwords that go on\n", text: "---\n\nwords that go on\n", title: "key", lang: "en"},
		"liquid front":  {in: "---\ntitle: {{ page.title }}\n---\n## H\n", head: "---\ntitle: {{ page.title }}\n---\n", text: "## H\n", title: "H", lang: "en", note: "front_matter_unread"},
		"crlf":          {in: "# A\r\nb\r\n", text: "# A\nb\n", title: "A", lang: "en", newline: "\r\n"},
		"cr":            {in: "# A\rb\r", text: "# A\nb\n", title: "A", lang: "en", newline: "\r"},
		"setext":        {in: "A *b*\n=====\n", text: "A *b*\n=====\n", title: "A b", lang: "en"},
		"code first":    {in: "```sh\n# no title\n```\n# Yes\n", text: "```sh\n# no title\n```\n# Yes\n", title: "Yes", lang: "en"},
		"hostile title": {in: "---\ntitle: \"a\\u202Eb\\nc\"\n---\nx", head: "---\ntitle: \"a\\u202Eb\\nc\"\n---\n", text: "x", title: "ab c", lang: "en"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := parse("dir/key.md", []byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if c.newline == "" {
				c.newline = "\n"
			}
			if p.Head != c.head || p.Text != c.text || p.Title != c.title || p.Language != c.lang || p.Newline != c.newline || !slices.Equal(p.Tags, c.tags) {
				t.Errorf("got %+v", p)
			}
			if (c.note != "") != slices.Contains(p.Notes, c.note) {
				t.Errorf("notes %v", p.Notes)
			}
			if back := p.file(p.Text); string(back) != c.in {
				t.Errorf("put together %q, want %q", back, c.in)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for code, in := range map[string]string{
		"transfer.not_utf8":          "a\nb\xff",
		"transfer.control_character": "a\x00",
		"transfer.empty":             "\ufeff \n",
		"transfer.too_large":         strings.Repeat("a", maxPage+1),
		"markdown.nesting":           strings.Repeat(">", 60) + " x",
	} {
		if _, err := parse("k.md", []byte(in)); !fault.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func FuzzPage(f *testing.F) {
	f.Add([]byte("---\na: b\n---\n[x](y.md)\r\n"))
	f.Add([]byte("\ufeff+++\n+++\n`[a](b)` <a href='c.md'>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parse("a/b.md", b)
		if err != nil {
			return
		}
		if !utf8.ValidString(p.Title) || p.Title == "" {
			t.Errorf("title %q", p.Title)
		}
		if same := rewrite(p.Text, func(string) (string, bool) { return "", false }); same != p.Text {
			t.Errorf("rewriting nothing changed the text")
		}
		// A text with one kind of line end comes back byte for byte.
		if n := strings.Count(string(b), "\r"); n == 0 && string(p.file(p.Text)) != string(b) {
			t.Errorf("put together %q, want %q", p.file(p.Text), b)
		}
	})
}

func TestLinksAreFoundOutsideCode(t *testing.T) {
	in := "[a](x.md) ![i](x.md \"t\") `[c](x.md)` [d](<x.md>)\n[ref]: x.md\n<a href=\"x.md\">\n~~~\n[f](x.md)\n~~~\n[u](https://e.org/x.md) [y](y.md)\n"
	out := rewrite(in, func(d string) (string, bool) { return "/n", d == "x.md" })
	want := "[a](/n) ![i](/n \"t\") `[c](x.md)` [d](/n)\n[ref]: /n\n<a href=\"/n\">\n~~~\n[f](x.md)\n~~~\n[u](https://e.org/x.md) [y](y.md)\n"
	if out != want {
		t.Errorf("got  %q\nwant %q", out, want)
	}
}

func TestLinksToNamesWithSpacesAndBracketsAreFound(t *testing.T) {
	var seen []string
	out := rewrite("![a](<خريطة المراكز.png> \"t\") ([b](photo(1).png)) `[c](<d e.md>)` [d](<x (2).md#y>)\n[r]: <a b.md>\n[e](<>) [f](<a>b.md>) [g](a(b.md)\n", func(d string) (string, bool) {
		seen = append(seen, d)
		return "/n", strings.HasSuffix(d, ".png") || strings.Contains(d, " ")
	})
	if want := "![a](/n \"t\") ([b](/n)) `[c](<d e.md>)` [d](/n)\n[r]: /n\n[e](<>) [f](<a>b.md>) [g](a(b.md)\n"; out != want {
		t.Errorf("got  %q\nwant %q", out, want)
	}
	if want := []string{"خريطة المراكز.png", "photo(1).png", "x (2).md#y", "a b.md"}; !slices.Equal(seen[:4], want) {
		t.Errorf("seen %q", seen)
	}
	// And the way back: whatever a file is called, its path is read as it was written.
	for _, name := range []string{"photo (1).png", "a).png", "50%.png", "%41#?.png", "it's \"x\" <y>.png", "12:30.png", "خريطة.png"} {
		rel, ok := (&Exporter{}).relative(item{agency: "ag"}, "sub/p.md", "/files/h.png", map[string]place{"/files/h.png": {agency: "ag", key: "img/" + name}})
		var got []string
		rewrite("![x]("+rel+")", func(d string) (string, bool) {
			got, _ = resolve("sub/p.md", d)
			return "", false
		})
		if !ok || len(got) == 0 || got[0] != "img/"+name {
			t.Errorf("%q is written %q and read %q", name, rel, got)
		}
	}
}

func TestResolve(t *testing.T) {
	for _, c := range []struct{ key, dest, want, tail string }{
		{"a/b.md", "c.md#x", "a/c.md", "#x"},
		{"a/b.md", "../c.md", "c.md", ""},
		{"a/b.md", "../../c.md", "", ""},
		{"a/b.md", "/c.md?q", "c.md", "?q"},
		{"a/b.md", "//host/c.md", "", ""},
		{"a/b.md", "mailto:x@y", "", ""},
		{"a/b.md", "#top", "", ""},
		{"a/b.md", "d%20e.md", "a/d e.md", ""},
	} {
		keys, tail := resolve(c.key, c.dest)
		got := ""
		if len(keys) > 0 {
			got = keys[0]
		}
		if got != c.want || tail != c.tail {
			t.Errorf("resolve(%q, %q) = %q, %q", c.key, c.dest, got, tail)
		}
	}
	if keys, _ := resolve("a/b.md", "c/"); !slices.Contains(keys, "a/c/index.md") {
		t.Errorf("keys = %v", keys)
	}
}

func TestCutKeepsWordsAndCharactersWhole(t *testing.T) {
	for _, c := range []struct {
		in   string
		max  int
		want string
	}{
		{"short", 10, "short"},
		{"one two three four", 12, "one two…"},
		{"one two, three four", 12, "one two…"},
		{"one two three", 8, "one two…"}, // the word ends where the room does
		{"دليل الخدمات الرقمية", 16, "دليل الخدمات…"},
		{"a verylongwordthatfills", 10, "a verylon…"},
		{"abcde\u0301fghij", 6, "abcd…"}, // e and its accent go together
		{"مُحَمَّدٌمُحَمَّدٌ", 7, "مُحَ…"},
		{"abc👨\u200d👩\u200d👧def", 6, "abc…"},
		{"ab🇸🇦🇦🇪cd", 6, "ab🇸🇦…"},
	} {
		if got := cut(c.in, c.max); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.in, c.max, got, c.want)
		}
	}
}
