package site

import (
	"context"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/glossary"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

func TestTermsOfTheGlossaryAreExplainedBesideAGuide(t *testing.T) {
	w := open(t)
	edition := int64(1)
	terms := []glossary.Term{
		{Words: locale.Text{Ar: "متعامل", En: "customer"}, Definition: locale.Text{Ar: "من يطلب <خدمة>.", En: "Who asks."}},
		{Words: locale.Text{Ar: "بطاقة الخدمة", En: "service card"}, Definition: locale.Text{En: "One page."}},
		{Words: locale.Text{Ar: "ميثاق", En: "charter"}, Definition: locale.Text{Ar: "وعد.", En: "A promise."}},
	}
	w.Terms = func(context.Context, policy.Actor) ([]glossary.Term, int64, error) { return terms, edition, nil }
	w.publish("1", "دليل", "## خدمة المتعامل\n\nيُبلَّغ **المتعاملُ** & يُشكر، ثم المتعامل.[^1]\n\n- تُقرأ `بطاقة الخدمة`\n- وبطاقة الخدمة\n\n[بطاقة الخدمة](https://e.org)\n\n[^1]: ميثاق.\n", nil)
	body := w.get("/guides/gl_1/e/1.0?lang=ar").Body.String()
	if f := faults(body); len(f) > 0 {
		t.Error(f)
	}
	for _, want := range []string{
		`<strong><a class="term" id="use-1" href="#term-1">المتعاملُ</a><span class="side gloss"`, `&amp; يُشكر، ثم المتعامل.`,
		`<a class="term" id="use-2" href="#term-2">وبطاقة الخدمة</a>`, `<dt id="term-1" dir="auto" lang="ar">متعامل <a class="to screen" href="#use-1" aria-label="إلى موضعه في النص: متعامل">↩</a></dt><dd dir="auto" lang="ar">من يطلب &lt;خدمة&gt;.</dd>`,
		`<dd dir="auto" lang="en">One page.</dd>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	if n := strings.Count(body, `class="term"`); n != 2 {
		t.Errorf("%d terms are marked: not each once, or in headings, links, code and footnotes too", n)
	}
	w.actor = policy.Actor{Person: "pe_1", Agency: "ag_2", Roles: []policy.Role{policy.Reader}}
	if signed := w.get("/guides/gl_1/e/1.0?lang=ar").Body.String(); strings.Count(signed, `class="term"`) != 2 {
		t.Error("whoever signs in loses the explanations")
	}
	// What is approved decides the page.
	terms, edition = terms[:1], 2
	if body := w.get("/guides/gl_1/e/1.0?lang=ar").Body.String(); strings.Count(body, `class="term"`) != 1 {
		t.Error("a term that was retired is still explained")
	}
}
