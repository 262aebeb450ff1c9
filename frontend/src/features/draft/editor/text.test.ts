import { EditorSelection, EditorState, Text } from "@codemirror/state";
import { markdown, markdownLanguage } from "@codemirror/lang-markdown";
import { addressesOf } from "./addresses";
import { guideLanguage } from "./markdown";
import { ensureSyntaxTree } from "@codemirror/language";
import { describe, expect, it } from "vitest";
import { place } from "../placement";
import { wholeWords } from "./anchors";
import { bold, bulletList, heading } from "./commands";
import { directionAt, documentDir, textDirection } from "./direction";
import { extent } from "./kept";
import { clauseAt, countWords, outlineOf, scanText } from "./outline";

describe("direction of a line", () => {
  const cases: [string, "rtl" | "ltr" | null][] = [
    ["- [x] راجعت الجهة", "rtl"],
    ["| --- | --- |", null],
    ["", null],
    ["@salma مرحبا", "rtl"],
    ["PDF مرفق", "rtl"],
    ["[Q-Flow](https://example.org) هو النظام", "rtl"],
    ["`npm ci` أمر التثبيت", "rtl"],
    ["https://example.org/path راجع الرابط", "rtl"],
    ["1. First step", "ltr"],
    ["## Scope and purpose", "ltr"],
    ["The term ملتقى means a meeting place", "ltr"],
    ["> اقتباس", "rtl"],
    ["> [!NOTE]", null],
    ["٢٫٣ — ١٢", null],
    ["(٣) سلمى", "rtl"],
    ["![صورة](a.png)", "rtl"],
  ];
  for (const [text, want] of cases) it(JSON.stringify(text), () => expect(textDirection(text, "rtl")).toBe(want));

  it("keeps code and empty lines where they belong", () => {
    const doc = "نص\n\n```\nسطر رمز\n```\n\nEnglish line here\n";
    let state = EditorState.create({ doc, extensions: [documentDir.of("rtl"), markdown({ base: markdownLanguage })] });
    // On a busy machine the first parse runs out of its time; finish it, and let the state see it.
    ensureSyntaxTree(state, doc.length, 10_000);
    state = state.update({}).state;
    const dirs = [];
    for (let n = 1; n <= state.doc.lines; n++) dirs.push(directionAt(state, state.doc.line(n).from));
    expect(dirs).toEqual(["rtl", "rtl", "ltr", "ltr", "ltr", "rtl", "ltr", "rtl"]);
  });
});

describe("marks in brackets", () => {
  const signs = (doc: string) => {
    const out: string[] = [];
    guideLanguage.parser.parse(doc).iterate({ enter: (n) => void (/^(?:BracketSign|Link)$/.test(n.name) && out.push(`${n.name} ${doc.slice(n.from, n.to)}`)) });
    return out;
  };
  it("of callouts and footnotes are signs, and links stay links", () => {
    expect(signs("> [!NOTE]\n> نص [^١] ثم [رابط](/a) و[مرجع].\n")).toEqual(["BracketSign [!NOTE]", "BracketSign [^١]", "Link [رابط](/a)", "Link [مرجع]"]);
    expect(signs("![صورة](/a.png) [^ليس حاشية]")).toEqual(["Link [^ليس حاشية]"]);
  });
  it("a footnote of one word has its own direction", () => {
    const doc = "[^1]: القانون\n\n[a]: /b\n";
    let state = EditorState.create({ doc, extensions: [documentDir.of("rtl"), guideLanguage] });
    ensureSyntaxTree(state, doc.length, 10_000);
    state = state.update({}).state;
    expect([directionAt(state, 0), directionAt(state, doc.indexOf("[a]"))]).toEqual(["rtl", "ltr"]);
  });
  it("finds the addresses that are folded, and no others", () => {
    const id = "/guides/gl_06h098pn95r713r9okla0hvqv8";
    const line = `[دليل](${id}) و[بند](${id}/e/2.1#p-k3f9) و[خارجي](https://a.example/guides/x) و[قصير](/guides/a)`;
    expect(addressesOf(line).map(([a, b]) => line.slice(a, b))).toEqual([`(${id})`, `(${id}/e/2.1#p-k3f9)`]);
  });
});

describe("contents and clause numbers", () => {
  const text = "---\ntitle: x\n---\n# عنوان\nمقدمة\n\n## الغاية\n\nفقرة أولى\nتتمّتها\n\n- بند قائمة\n\nفقرة ثانية\n\n```\n## ليس عنوانًا\n```\n\n### فرع **غامق**\n\nفقرة\n\n## القياس\n\n| أ | ب |\n| - | - |\n\nفقرة";
  const o = outlineOf(text.split("\n"));
  it("numbers sections and their paragraphs", () => {
    expect(o.headings.map((h) => [h.level, h.number, h.text])).toEqual([[1, "", "عنوان"], [2, "1", "الغاية"], [3, "", "فرع غامق"], [2, "2", "القياس"]]);
    expect(o.clauses.map((c) => c.number)).toEqual(["1", "1.1", "1.2", "1.3", "2", "2.1"]);
    for (const h of o.headings) expect(text.slice(h.from)).toMatch(/^#/);
  });
  it("underlined headings, also across the leaves of a long text", () => {
    const body = "فقرة قبل\n\nالغاية\n---\n\nفقرة\n\nالقياس **كله**\nوتتمّته\n---\n\n- بند\n---\nسطر\n\nالخاتمة\n====\n\n> قول\n---\n";
    const want = [[2, "1", "الغاية"], [2, "2", "القياس كله وتتمّته"], [1, "", "الخاتمة"]];
    const o2 = outlineOf(body.split("\n"));
    expect(o2.headings.map((h) => [h.level, h.number, h.text])).toEqual(want);
    expect(o2.clauses.map((c) => c.number)).toEqual(["1", "1.1", "2"]);
    expect(body.slice(o2.headings[1]!.from)).toMatch(/^القياس/);
    for (let pad = 0; pad < 70; pad++) {
      const long = `${"- سطر\n".repeat(pad)}\n${body}`;
      const scan = scanText(Text.of(long.split("\n"))).outline;
      expect(scan.headings.map((h) => h.text)).toEqual(want.map((w) => w[2]));
      for (const h of scan.headings) expect(long.slice(h.from)).toMatch(/^(?:الغاية|القياس|الخاتمة)/);
      expect(scan).toEqual(outlineOf(long.split("\n")));
    }
  });
  it("a section that is given ends where an underlined heading begins", () => {
    const doc = Text.of("# أ\nنص\n\nب\n---\nنص\n\nج\nتتمّة\n===\nنص".split("\n"));
    const all = doc.toString();
    const guard = (s: string) => all.indexOf(s) + s.length;
    expect(extent(doc, 0)).toEqual({ end: all.indexOf("ج"), guard: guard("===\n") });
    expect(extent(doc, all.indexOf("ب"))).toEqual({ end: all.indexOf("ج"), guard: guard("===\n") });
    expect(extent(doc, all.indexOf("تتمّة"))).toBeNull();
  });
  it("finds the clause of a position", () => {
    expect(clauseAt(o, text.indexOf("تتمّتها"))).toBe("1.1");
    expect(clauseAt(o, 0)).toBe("");
    expect(clauseAt(o, text.length)).toBe("2.1");
  });
  it("counts words with their diacritics as one", () => {
    expect(countWords("مُدّة إنجازِ الخدمة، Q-Flow و ٨٥٪")).toBe(6);
  });
});

describe("anchors on whole words", () => {
  const doc = Text.of(["لا تتجاوز مُدّة الانتظار 👍🏽 عشرين"]);
  it("grows inside words and shrinks at spaces", () => {
    const text = doc.toString();
    const at = text.indexOf("تجاوز");
    const r = wholeWords(doc, at, text.indexOf("دّة") + 1);
    expect(doc.sliceString(r.from, r.to)).toBe("تتجاوز مُدّة");
  });
  it("never ends inside a surrogate pair", () => {
    const i = doc.toString().indexOf("👍");
    const r = wholeWords(doc, i + 1, i + 1);
    expect(r.from).toBe(i);
  });
});

describe("commands", () => {
  const run = (doc: string, from: number, to: number, cmd: typeof bold) => {
    let state = EditorState.create({ doc, selection: EditorSelection.range(from, to), extensions: guideLanguage });
    cmd({ state, dispatch: (tr) => void (state = tr.state) });
    return state.doc.toString();
  };
  it("marks each block of a selection by itself, behind its sign", () => {
    const plain = "## عنوان\n\n- بند أوّل هنا\n- ثانٍ\n\nختام";
    const marked = "## **عنوان**\n\n- **بند أوّل هنا**\n- **ثانٍ**\n\n**ختام**";
    expect(run(plain, 0, plain.length, bold)).toBe(marked);
    expect(run(plain.replace("أوّل", "**أوّل**"), 0, plain.length + 4, bold)).toBe(marked);
    expect(run(marked, 0, marked.length, bold)).toBe(plain);
    const table = "| أ | ب\\|ج |\n| --- | --- |\n| ١ | |\n";
    expect(run(table, 0, table.length, bold)).toBe("| **أ** | **ب\\|ج** |\n| --- | --- |\n| **١** | |\n");
  });
  it("toggles bold", () => {
    expect(run("مدّة الخدمة", 0, 4, bold)).toBe("**مدّة** الخدمة");
    expect(run("**مدّة** الخدمة", 2, 6, bold)).toBe("مدّة الخدمة");
    expect(run("مدّة الخدمة ", 5, 12, bold)).toBe("مدّة **الخدمة** ");
    expect(run("****", 2, 2, bold)).toBe("");
  });
  it("turns lines into headings and lists and back", () => {
    expect(run("- بند", 0, 0, heading(2))).toBe("## بند");
    expect(run("## بند", 0, 0, heading(2))).toBe("بند");
    expect(run("أ\n\nب", 0, 4, bulletList)).toBe("- أ\n\n- ب");
  });
});

describe("cards in the margin", () => {
  it("keep their lines, never overlap, and yield to the active one", () => {
    const cards = [{ id: "a", top: 0, height: 100 }, { id: "b", top: 20, height: 50 }, { id: "c", top: 300, height: 80 }, { id: "d", top: 310, height: 40 }];
    expect([...place(cards, null).tops]).toEqual([["a", 0], ["b", 112], ["c", 300], ["d", 392]]);
    const p = place(cards, "d").tops;
    expect(p.get("d")).toBe(310);
    expect(p.get("c")).toBe(218);
    const tight = place([{ id: "a", top: 0, height: 100 }, { id: "b", top: 10, height: 50 }], "b").tops;
    expect(tight.get("b")).toBe(112);
    expect(tight.get("a")).toBe(0);
  });
});
