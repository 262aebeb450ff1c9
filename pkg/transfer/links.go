package transfer

import (
	"net/url"
	"path"
	"regexp"
	"strings"
)

// destination finds where a link or image may point: inline ](dest), with round
// brackets in pairs, and ](<dest>), with spaces; definitions [label]: dest; and
// href or src of raw HTML. A match that is no link costs nothing: only
// destinations that name an imported page or image are changed.
var destination = regexp.MustCompile(`(?:\]\(\s*|^ {0,3}\[[^\]\n]+\]:\s*)(?:<([^<>\n]+)>|((?:[^\s<>"'()]|\([^\s<>"'()]*\))+))|(?:href|src)=["']([^\s<>"')]+)`)

// rewrite passes every destination of a text, outside code, through to, which
// returns the new one and true, or false to leave it.
func rewrite(md string, to func(dest string) (string, bool)) string {
	if !strings.Contains(md, "](") && !strings.Contains(md, "]:") && !strings.Contains(md, "=") {
		return md
	}
	lines := strings.SplitAfter(md, "\n")
	fence := ""
	changed := false
	for i, line := range lines {
		if mark := fenceOf(strings.TrimSpace(line)); mark != "" && (fence == "" || strings.HasPrefix(mark, fence)) {
			if fence == "" {
				fence = mark
			} else {
				fence = ""
			}
			continue
		}
		if fence != "" {
			continue
		}
		if out := rewriteLine(line, to); out != line {
			lines[i], changed = out, true
		}
	}
	if !changed {
		return md
	}
	return strings.Join(lines, "")
}

func rewriteLine(line string, to func(string) (string, bool)) string {
	matches := destination.FindAllStringSubmatchIndex(line, -1)
	if matches == nil {
		return line
	}
	code := codeSpans(line)
	var b strings.Builder
	last := 0
	for _, m := range matches {
		from, end := m[2], m[3]
		for g := 4; from < 0; g += 2 {
			from, end = m[g], m[g+1]
		}
		if inside(code, from) {
			continue
		}
		if dest, ok := to(line[from:end]); ok {
			// The editor shows images whose address stands without pointed brackets, and what it is changed to needs none.
			if m[2] >= 0 && !strings.ContainsAny(dest, " ()") {
				from, end = from-1, end+1
			}
			b.WriteString(line[last:from])
			b.WriteString(dest)
			last = end
		}
	}
	b.WriteString(line[last:])
	return b.String()
}

// codeSpans are the ranges between equal runs of backquotes.
func codeSpans(line string) (spans [][2]int) {
	for i := 0; i < len(line); {
		if line[i] != '`' {
			i++
			continue
		}
		n := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
		end := -1
		for j := i + n; j < len(line); {
			if line[j] != '`' {
				j++
				continue
			}
			k := len(line[j:]) - len(strings.TrimLeft(line[j:], "`"))
			if k == n {
				end = j + k
				break
			}
			j += k
		}
		if end < 0 {
			i += n
			continue
		}
		spans = append(spans, [2]int{i, end})
		i = end
	}
	return spans
}

func inside(spans [][2]int, at int) bool {
	for _, s := range spans {
		if at >= s[0] && at < s[1] {
			return true
		}
	}
	return false
}

// resolve turns a relative destination on the page with this key into the keys
// it may mean, best first, and its fragment or query. An address with a scheme,
// a host, or only a fragment names no page.
func resolve(key, dest string) (keys []string, tail string) {
	if i := strings.IndexAny(dest, "?#"); i >= 0 {
		dest, tail = dest[:i], dest[i:]
	}
	if dest == "" || strings.HasPrefix(dest, "//") || strings.Contains(dest, ":") {
		return nil, ""
	}
	if plain, err := url.PathUnescape(dest); err == nil {
		dest = plain
	}
	base := path.Dir(key)
	if strings.HasPrefix(dest, "/") {
		base, dest = ".", strings.TrimLeft(dest, "/")
	}
	k := path.Join(base, dest)
	if k == ".." || strings.HasPrefix(k, "../") {
		return nil, ""
	}
	keys = []string{k}
	if ext := strings.ToLower(path.Ext(k)); ext != ".md" && ext != ".markdown" {
		trimmed := strings.TrimSuffix(k, ".html")
		keys = append(keys, trimmed+".md", path.Join(trimmed, "index.md"), path.Join(trimmed, "README.md"))
	}
	return keys, tail
}
