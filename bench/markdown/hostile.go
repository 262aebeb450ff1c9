package main

import (
	"fmt"
	"strings"

	"github.com/multaqa/multaqa/pkg/markdown"
)

// likeOrdinary stands for ordinary pages where the corpus is absent.
func likeOrdinary(size int) string {
	const part = "## صياغة الرسالة\n\nتبدأ الرسالة بما **يهمّ** المتعامل: النتيجة أولًا، ثم [المطلوب منه](https://example.gov/a)، ثم الموعد. Use `GET /v1` here.\n\n" +
		"- بند أول\n- بند ثانٍ مع *توكيد*\n  - فرع\n\n| الخدمة | Service | رمز |\n|---|:-:|--:|\n| رخصة | licence | `BP-01` |\n| شهادة | certificate | `BC-02` |\n\n> اقتباس من نص سابق، وفيه سطران\n> اثنان.\n\n"
	return repeat(part, size)
}

func repeat(part string, size int) string { return strings.Repeat(part, max(1, size/len(part))) }

// knots repeats mark up to the inline limit and pads the paragraph with text.
func knots(mark string, size int) string {
	n := 1
	for _, c := range mark {
		if strings.ContainsRune("*_~[]`<", c) {
			n++
		}
	}
	n = markdown.MaxMarks / max(1, n-1)
	return repeat(strings.Repeat(mark, n)+"\n\n", size)
}

func stairs(size int) string {
	var b strings.Builder
	for i := range markdown.MaxNesting {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return repeat(b.String()+"\n", size)
}

// hostile are texts of about size bytes, each as large as the limits let its pattern be, and some beyond the limits.
var hostile = map[string]func(size int) string{
	"stars":            func(n int) string { return knots("*a_ ", n) },
	"stars-tight":      func(n int) string { return knots("**a*b", n) },
	"underscores":      func(n int) string { return knots("_", n) },
	"tildes":           func(n int) string { return knots("~a~~", n) },
	"brackets":         func(n int) string { return knots("[", n) },
	"closing-brackets": func(n int) string { return knots("[a]", n) },
	"links-in-links":   func(n int) string { return knots("[a](", n) },
	"images":           func(n int) string { return knots("![a](b", n) },
	"backticks":        func(n int) string { return repeat(ticks()+"\n\n", n) },
	"angles":           func(n int) string { return knots("<a ", n) },
	"comments":         func(n int) string { return knots("<!-- ", n) },
	"long-lines":       func(n int) string { return knots("[a](b) ", n/2) + "\n\n" + strings.Repeat("a ", n/4) },
	"entities":         func(n int) string { return repeat("&amp;&#1;&x;", n) },
	"backslashes":      func(n int) string { return repeat(`\*`, n) },
	"addresses":        func(n int) string { return repeat("http://a.b www.c.d a@b.c ", n) },
	"address-run":      func(n int) string { return repeat("http://a.b/", n) },
	"at-signs":         func(n int) string { return repeat("a@", n) },
	"colons":           func(n int) string { return repeat("http:", n) },
	"quotes":           func(n int) string { return repeat(strings.Repeat(">", markdown.MaxNesting)+" a\n", n) },
	"lazy-quotes":      func(n int) string { return repeat(strings.Repeat(">", markdown.MaxNesting)+" a\nb\n", n) },
	"lists":            func(n int) string { return repeat(strings.Repeat("- ", markdown.MaxNesting)+"a\n", n) },
	"stairs":           stairs,
	"empty-items":      func(n int) string { return repeat("-\n", n) },
	"blank-in-lists":   func(n int) string { return strings.Repeat("- ", markdown.MaxNesting) + "a\n" + strings.Repeat("\n", n) },
	"gaps-in-lists": func(n int) string {
		return strings.Repeat("- ", markdown.MaxNesting) + "a\n" + repeat(strings.Repeat("\n", 150)+strings.Repeat(" ", 40)+"a\n", n)
	},
	"one-cell-tables": func(n int) string { return tables(n, 1, 1) },
	"wide-table":      func(n int) string { return tables(n, 1000, 18) },
	"table-of-rules":  func(n int) string { return "|a|\n" + repeat("|-|\n", n) },
	"rules-in-text":   func(n int) string { return repeat("a\n|-|-|\n", n) },
	"reference-names": func(n int) string { return references(n) },
	"one-reference": func(n int) string {
		return "[a]: /" + strings.Repeat("b", n/2) + "\n\n" + repeat("[a] ", min(n/2, 900))
	},
	"footnotes":     func(n int) string { return notes(n) },
	"same-headings": func(n int) string { return repeat("# a\n", n) },
	"underlined":    func(n int) string { return repeat("a\n=\n", n) },
	"definitions":   func(n int) string { return repeat("a\n: b\n\n", n) },
	"html-blocks":   func(n int) string { return repeat("<div>\n\n", n) },
	"open-comment":  func(n int) string { return repeat("<!-- a\n", n) },
	"processing":    func(n int) string { return repeat("<?\n", n) },
	"open-fences":   func(n int) string { return repeat("```\n\n~~~\n", n) },
	"tabs":          func(n int) string { return repeat("\t\ta\n", n) },
	"spaces":        func(n int) string { return strings.Repeat(" ", n) + "a" },
	"one-line":      func(n int) string { return strings.Repeat("ا", n/2) },
	"lines":         func(n int) string { return repeat("ا\n", n) },
	"checkboxes":    func(n int) string { return repeat("- [x] a\n", n) },
	"alerts":        func(n int) string { return repeat("> [!NOTE]\n> a\n\n", n) },
	"titles":        func(n int) string { return repeat("[a](b \"c", n) },
	"front-matter":  func(n int) string { return "---\n" + repeat("a: b\n", n) },
	// Beyond the limits: refused.
	"deep-quotes":   func(n int) string { return strings.Repeat(">", n) },
	"deep-lists":    func(n int) string { return strings.Repeat("- ", n/2) + "a" },
	"too-many-star": func(n int) string { return repeat("*a_ ", n) },
	"star-lines":    func(n int) string { return repeat("*a_\n", n) },
	"bracket-lines": func(n int) string { return repeat("[\n", n) },
	"huge-table":    func(n int) string { return tables(n, 5000, 5000) },
}

func ticks() string {
	var b strings.Builder
	for i, n := 1, 0; n+i <= markdown.MaxMarks; i++ {
		b.WriteString(strings.Repeat("`", i) + " ")
		n += i
	}
	return b.String()
}

func tables(size, cols, rows int) string {
	var b strings.Builder
	cells := 0
	for b.Len() < size && cells+cols*(rows+1) <= markdown.MaxCells || b.Len() == 0 {
		b.WriteString(strings.Repeat("|a", cols) + "\n" + strings.Repeat("|-", cols) + "\n" + strings.Repeat("|\n", rows) + "\n")
		cells += cols * (rows + 1)
	}
	return b.String() + strings.Repeat("a ", max(0, (size-b.Len())/2))
}

func references(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "[r%d]: /a\n\n[r%d]\n\n", i, i)
	}
	return b.String()
}

func notes(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size/2 && i < 1900; i++ {
		fmt.Fprintf(&b, "[^%d]: a\n\nx[^%d]\n\n", i, i)
	}
	return b.String() + strings.Repeat("a ", max(0, (size-b.Len())/2))
}
