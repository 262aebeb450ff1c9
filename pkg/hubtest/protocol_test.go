package hubtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// part is what stands in a page from a heading to the next.
func part(t *testing.T, page, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n"+heading+"\n")
	if !ok {
		t.Fatalf("the page has no %q", heading)
	}
	before, _, _ := strings.Cut(rest, "\n## ")
	return before
}

// all are the distinct first groups of a pattern, sorted.
func all(pattern, in string) []string {
	var out []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(in, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return out
}

// sources are the Go files of a package, tests left out, joined.
func sources(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
	must(t, err)
	var b strings.Builder
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(f)
		must(t, err)
		b.Write(raw)
	}
	return b.String()
}

func missing(have, want []string) (out []string) {
	for _, w := range want {
		if !slices.Contains(have, w) {
			out = append(out, w)
		}
	}
	return out
}

// docs/protocol.md and the program name the same messages, topics, codes and
// reasons to close a socket, and every message has a policy.
func TestTheProtocolPageIsTheProgram(t *testing.T) {
	raw, err := os.ReadFile("../../docs/protocol.md")
	must(t, err)
	page := string(raw)
	program := sources(t, "live")

	var messages []string
	for _, m := range live.Messages {
		if !policy.Known(m.Action) {
			t.Errorf("message %s has no policy", m.Type)
		}
		if m.Type != "push" { // the binary one
			messages = append(messages, m.Type)
		}
	}
	slices.Sort(messages)
	const typed = `\{"t":"([a-z]+)"`
	if told := all(typed, part(t, page, "## Control: client to server")); !slices.Equal(told, messages) {
		t.Errorf("from the client: the page has %v, the program takes %v", told, messages)
	}
	sent := all(`(?:"t\\?": ?\\?|\bT: )"([a-z]+)`, program)
	if told := all(typed, part(t, page, "## Control: server to client")); !slices.Equal(told, sent) {
		t.Errorf("from the server: the page has %v, the program sends %v", told, sent)
	}
	binary := part(t, page, "## Binary form")
	for _, kind := range []string{"push   = 0x01", "frame  = 0x02", "carets = 0x03"} {
		if !strings.Contains(binary, kind) {
			t.Errorf("the binary form lacks %s", kind)
		}
	}

	codes := part(t, page, "## Codes")
	inProgram := all(`"(draft\.[a-z_]+)"`, regexp.MustCompile(`failpoint\.[A-Za-z]+\("[^"]*"`).ReplaceAllString(program+sources(t, "draft")+sources(t, "section"), ""))
	inPage := all("`((?:draft)\\.[a-z_]+)`", codes)
	for _, c := range inPage {
		if _, ok := locale.Fault(c); !ok {
			t.Errorf("code %s of the page has no words", c)
		}
	}
	policyCodes := []string{"draft.write", "draft.read"} // actions, not faults
	for _, c := range missing(inPage, inProgram) {
		if _, fault := locale.Fault(c); fault && !slices.Contains(policyCodes, c) {
			t.Errorf("code %s of the program is not on the page", c)
		}
	}
	if denied, _, _ := strings.Cut(codes[strings.Index(codes, "In `denied`"):], "\n\n"); !strings.Contains(denied, "`draft.unavailable`") || !strings.Contains(denied, "`draft.too_many`") {
		t.Error("`denied` lacks a code")
	}
	closes := all(`= (4[0-9]{3})\b`, program)
	if told := missing(all(`\| (4[0-9]{3}) \|`, codes), closes); len(told) > 0 || len(closes) < 6 {
		t.Errorf("closing codes %v of %v are not on the page", told, closes)
	}

	topics := part(t, page, "## Topics")
	var patterns []string
	for _, topic := range NewWorld(t).Hub.Live.Topics() {
		patterns = append(patterns, topic.Pattern)
	}
	slices.Sort(patterns)
	if told := all("(?m)^\\| `([^`]+)` \\|", topics); !slices.Equal(told, patterns) {
		t.Errorf("topics: the page has %v, the program %v", told, patterns)
	}
}
