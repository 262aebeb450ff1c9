package markdown

import (
	"context"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/fault"
)

func stairs(n int, gap string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("  ", i) + "- a\n" + gap)
	}
	return b.String()
}

func TestHostileTextsAreRefusedWithLimitAndLine(t *testing.T) {
	for name, c := range map[string]struct {
		src, code string
		line      int
	}{
		"a wide table":                   {"x\n\n" + strings.Repeat("|a", 300) + "\n" + strings.Repeat("|-", 300) + "\n" + strings.Repeat("|\n", 300), "table", 0},
		"many tables":                    {strings.Repeat("|a|b|\n|-|-|\n"+strings.Repeat("|\n", 98)+"\n", 200), "table", 0},
		"a table of delimiter rows":      {"|a|\n" + strings.Repeat("|-|\n", 5000), "table", 0},
		"nested quotations":              {strings.Repeat(">", 5000) + "a", "nesting", 1},
		"nested lists":                   {"a\n\n" + strings.Repeat("- ", 5000) + "a", "nesting", 3},
		"nested numbers":                 {strings.Repeat("1. ", 5000) + "a", "nesting", 1},
		"nested empty items":             {strings.Repeat("-\t", 5000), "nesting", 1},
		"nested by columns":              {stairs(60, ""), "nesting", 21},
		"nested by columns, with gaps":   {stairs(60, "\n"), "nesting", 0},
		"nested with lazy lines":         {stairs(60, "lazy\n"), "nesting", 0},
		"nested quotes and lists":        {strings.Repeat("> - ", 2000) + "a", "nesting", 1},
		"nested definitions":             {"a\n" + strings.Repeat(": ", 2000) + "a", "nesting", 0},
		"many stars":                     {"# ok\n\n" + strings.Repeat("*a_ ", 20000), "delimiters", 3},
		"many stars over lines":          {strings.Repeat("*a_\n", 20000), "delimiters", 0},
		"many stars over indented lines": {"x\n" + strings.Repeat("      - *a_\n", 20000), "delimiters", 0},
		"many open brackets":             {strings.Repeat("[", 50000), "delimiters", 1},
		"links in links":                 {strings.Repeat("[a](", 20000), "delimiters", 1},
		"images in images":               {strings.Repeat("![a](", 20000), "delimiters", 1},
		"open angle brackets":            {"x " + strings.Repeat("<a ", 20000), "delimiters", 1},
		"many code spans":                {strings.Repeat("`` a ` ", 5000), "delimiters", 1},
		"a heading of stars":             {"# " + strings.Repeat("**a* ", 5000), "delimiters", 1},
		"a heading of stars in a list":   {"- > # " + strings.Repeat("**a* ", 5000), "delimiters", 1},
		"an underlined heading":          {strings.Repeat("**a* ", 5000) + "\n===", "delimiters", 1},
		"a cell of stars":                {"|a|b|\n|-|-|\n|" + strings.Repeat("**a* ", 500) + "|b|", "delimiters", 3},
		"a term of stars":                {strings.Repeat("**a* ", 500) + "\n: b", "delimiters", 1},
		"a note of stars":                {"x[^1]\n\n[^1]: " + strings.Repeat("**a* ", 500), "delimiters", 3},
		"footnotes":                      {strings.Repeat("[^1] ", 100) + "\n\n" + strings.Repeat("[^a]: some words\n\n[^b] [^c]\n\n", 5000), "footnotes", 0},
		"blank lines in lists":           {strings.Repeat("- ", 20) + "a" + strings.Repeat("\n", 60000), "blank_lines", 0},
		"too long":                       {strings.Repeat("a", MaxSource+1), "too_large", 0},
		"headings":                       {strings.Repeat("# a line of some words\n", maxHeadings+1), "headings", maxHeadings + 1},
		"underlined headings":            {strings.Repeat("a line of some words\n=\n", maxHeadings+1), "headings", 2*maxHeadings + 2},
		"headings of a letter":           {strings.Repeat("# a\n", 4000), "dense", 1501},
		"definitions of a letter":        {strings.Repeat("a\n: b\n\n", 4000), "dense", 0},
		"lists in lists on every line":   {strings.Repeat(strings.Repeat("- ", 20)+"a\n", 100), "dense", 0},
		"brackets in short paragraphs":   {strings.Repeat(strings.Repeat("[", 400)+"\n\n", 40), "dense", 0},
	} {
		_, err := Render(context.Background(), []byte(c.src), Options{})
		f := fault.Of(err)
		if f == nil || f.Code != "markdown."+c.code || f.Facts["limit"] == nil {
			t.Errorf("%s: %v, want markdown.%s", name, err, c.code)
		} else if c.line > 0 && f.Facts["line"] != c.line {
			t.Errorf("%s: line %v, want %d", name, f.Facts["line"], c.line)
		}
	}
	if _, err := Render(context.Background(), []byte("---\na: b\n---\n\n"+strings.Repeat(">", 50)+"a"), Options{}); fault.Of(err) == nil || fault.Of(err).Facts["line"] != 5 {
		t.Errorf("lines count the front matter: %v", fault.Of(err))
	}
}

func TestOrdinaryTextsAreNotRefused(t *testing.T) {
	for name, src := range map[string]string{
		"twenty levels":            stairs(20, ""),
		"a long tight list":        strings.Repeat("- **a** [b](c) `d`\n", 2000),
		"a table of 19,900 cells":  "|a|b|c|d|e|\n|-|-|-|-|-|\n" + strings.Repeat("|**1**|`2`|3|4|5|\n", 3900),
		"many paragraphs":          strings.Repeat("**a** _b_ [c](d)\n\n", 5000),
		"code with stars":          "```\n" + strings.Repeat("*a_ ", 20000) + "\n" + strings.Repeat(">", 500) + "\n```",
		"indented code with stars": "    " + strings.Repeat("*a_ ", 20000),
		"deep indentation":         strings.Repeat("- a\n\n                                                  deep\n", 50),
		"many blank lines":         "a" + strings.Repeat("\n", 5000) + "b",
		"a loose nested list":      strings.Repeat("- a\n\n  - b\n\n    - c\n\n", 500),
		"code with remarks":        "```\n" + strings.Repeat("# a\n", maxHeadings+1) + "```",
		"as many headings":         strings.Repeat("# a heading\n\n", 9_000) + strings.Repeat("some more words\n-\n\n", 9_000),
		"escaped":                  strings.Repeat(`\*\[ `, 2000),
	} {
		if _, err := Render(context.Background(), []byte(src), Options{}); err != nil {
			t.Errorf("%s: %v %v", name, err, fault.Of(err))
		}
	}
}

func TestOutputIsBounded(t *testing.T) {
	for name, src := range map[string]string{
		"many blocks":                    strings.Repeat("a\n\n", 250_000),
		"one address, referred to often": "[a]: /" + strings.Repeat("b", 2000) + "\n\n" + strings.Repeat("[a]\n\n", 1500),
		"one title, referred to often":   "[a]: /b \"" + strings.Repeat("b", 5000) + "\"\n\n" + strings.Repeat("[a]\n\n", 1500),
	} {
		if _, err := Render(context.Background(), []byte(src), Options{}); !fault.Is(err, "markdown.output_too_large") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a, _, ok := Link("https://example.gov/" + strings.Repeat("a", maxAddress)); ok {
		t.Errorf("an address of %d bytes", len(a))
	}
}
