import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import { EditorState, type RangeSet } from "@codemirror/state";
import { type Decoration, EditorView, type ViewUpdate } from "@codemirror/view";
import { afterEach, expect, test, vi } from "vitest";
import { lineDirections } from "./direction";
import { markdownText } from "./markdown";
import { livePreview } from "./preview";
import { redraw } from "./redraw";
import { tables } from "./tableView";
import { glossaryTerms, setTerms } from "./terms";

const sample = `# دليل الخدمة

تُعلن المدّة للمتعامل **قبل** بدء الخدمة عبر Q-Flow-2 أو ما يماثله
وتُراجَع كل ستة أشهر.

- بند أوّل
- بند ثانٍ
  - فرع

> ملاحظة
> ثانية

| نوع | مدّة |
| --- | :-: |
| أ | 10 |

Service owner publishes it.

\`\`\`js
const x = 1;
\`\`\`

1. أوّل
2. ثانٍ

آخر سطر`;

const term = { id: "t1", words: { ar: "المتعامل", en: "Customer" }, definitions: {}, discouraged: [], edition: 1 };
const views: EditorView[] = [];
afterEach(() => {
  for (const v of views.splice(0)) v.destroy();
  vi.useRealTimers();
});

function open(doc: string, seen?: (u: ViewUpdate) => void): EditorView {
  const view = new EditorView({
    parent: document.body,
    state: EditorState.create({ doc, extensions: [markdownText(), lineDirections("rtl"), livePreview(), tables(), glossaryTerms(), seen ? EditorView.updateListener.of(seen) : []] }),
  });
  views.push(view);
  view.dispatch({ effects: setTerms.of([term as never]) });
  return view;
}

/** Every decoration that functions of the view give, in order. */
function drawn(view: EditorView): string[] {
  const out: string[] = [];
  for (const facet of [EditorView.decorations, EditorView.outerDecorations]) {
    for (const source of view.state.facet(facet)) {
      const set: RangeSet<Decoration> = typeof source === "function" ? source(view) : source;
      for (const c = set.iter(); c.value; c.next()) {
        const s = c.value.spec as { class?: string; attributes?: { dir?: string } };
        out.push(`${c.from}-${c.to} ${s.class ?? ""} ${s.attributes?.dir ?? ""}`);
      }
    }
  }
  return out.sort();
}

function random(seed: number) {
  let s = seed;
  return (n: number) => (s = (s * 1103515245 + 12345) & 0x7fffffff) % n;
}

test("whatever is typed, what is drawn is what a text opened afresh shows", () => {
  vi.useFakeTimers();
  const pieces = ["ك", "x", " ", "\n", "`", "```", "#", "# ", "> ", "- ", "|", "*", "**", "---", "===", "    ", "[", "](u)", "<div>", "المتعامل", "Q-Flow", "\u200f", "\n\n"];
  const kinds = new Map<string, number>();
  for (let seed = 1; seed <= 4; seed++) {
    const next = random(seed);
    const view = open(sample, (u) => {
      const r = redraw(u);
      kinds.set(typeof r === "object" ? "some" : r, (kinds.get(typeof r === "object" ? "some" : r) ?? 0) + 1);
    });
    for (let i = 0; i < 20; i++) {
      const { length } = view.state.doc;
      const from = next(length + 1);
      const to = next(4) === 0 ? Math.min(length, from + next(6)) : from;
      const insert = next(5) === 0 ? "" : pieces[next(pieces.length)]!;
      view.dispatch({ changes: { from, to, insert }, userEvent: "input.type" });
      vi.runAllTimers();
      ensureSyntaxTree(view.state, view.state.doc.length, 5_000);
      const fresh = open(view.state.doc.toString());
      ensureSyntaxTree(fresh.state, fresh.state.doc.length, 5_000);
      expect(drawn(view), `seed ${seed}, edit ${i}: ${JSON.stringify({ from, to, insert })} in\n${view.state.doc}`).toEqual(drawn(fresh));
      fresh.destroy();
    }
  }
  // Both ways were taken.
  expect(kinds.get("some") ?? 0).toBeGreaterThan(10);
  expect(kinds.get("all") ?? 0).toBeGreaterThan(10);
}, 60_000);

test("a key in a paragraph draws that paragraph only", () => {
  let said: unknown = null;
  const view = open(sample, (u) => {
    if (u.docChanged) said = redraw(u);
  });
  // On a busy machine the first parse runs out of its time; finish it, and let the state see it.
  ensureSyntaxTree(view.state, sample.length, 5_000);
  view.dispatch({});
  const at = sample.indexOf("قبل");
  view.dispatch({ changes: { from: at, insert: "م" } });
  const span = said as { from: number; to: number };
  expect(view.state.sliceDoc(span.from, span.to)).toBe("تُعلن المدّة للمتعامل **مقبل** بدء الخدمة عبر Q-Flow-2 أو ما يماثله\nوتُراجَع كل ستة أشهر.");
  view.dispatch({ changes: { from: sample.indexOf("تُعلن"), insert: "```" } });
  expect(said).toBe("all");
});

test("a key that finds the parser behind draws what it had not come to", () => {
  vi.useFakeTimers(); // no parser at work between the keys
  // A clock on which every look takes a second: the parser is out of time after its first step.
  let clock = 0;
  const slow = vi.spyOn(Date, "now").mockImplementation(() => (clock += 1_000));
  const view = open(sample);
  expect(syntaxTree(view.state).length).toBeLessThan(sample.length);
  slow.mockRestore();
  const at = sample.indexOf("قبل");
  view.dispatch({ changes: { from: at, insert: "م" } });
  ensureSyntaxTree(view.state, view.state.doc.length, 5_000);
  view.dispatch({ changes: { from: at, insert: "م" } });
  const fresh = open(view.state.doc.toString());
  ensureSyntaxTree(fresh.state, fresh.state.doc.length, 5_000);
  fresh.dispatch({});
  expect(drawn(view)).toEqual(drawn(fresh));
});
