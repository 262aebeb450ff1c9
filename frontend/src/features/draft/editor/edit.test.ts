import { EditorSelection, EditorState, type StateCommand } from "@codemirror/state";
import { ensureSyntaxTree } from "@codemirror/language";
import { describe, expect, it } from "vitest";
import { callout, footnote, turnLines } from "./blocks";
import { documentDir, textDirection } from "./direction";
import { toMarkdown } from "./fromHtml";
import { images, shownImages } from "./images";
import { guideLanguage } from "./markdown";
import { breadth, padded } from "./tablePad";
import { addColumn, addColumnBefore, addRow, addRowAbove, align, below, cellsOf, moveColumn, moveRow, removeColumn, removeRow, step, tableAt } from "./tables";

const md = (html: string, note = 1) => toMarkdown(html, { language: "rtl", note });

describe("a clipboard's HTML becomes clean Markdown", () => {
  const cases: [string, string, string | null][] = [
    ["plain spans are plain text", "<span>نص</span><span> آخر</span>", null],
    ["headings lose their weight, paragraphs stay apart", "<h2><b>الغاية</b></h2><p>فقرة <b>أولى</b></p><p>فقرة <i>ثانية</i></p>", "## الغاية\n\nفقرة **أولى**\n\nفقرة *ثانية*"],
    ["lists in lists", "<ul><li>أ<ul><li>ب</li></ul></li><li>ج</li></ul>", "- أ\n  - ب\n- ج"],
    ["numbered lists keep their start", '<ol start="3"><li>أ</li><li>ب</li></ol>', "3. أ\n4. ب"],
    ["a document of Google is not bold", '<b style="font-weight:normal"><p><span style="font-weight:700">مهم</span> نص</p><p>ثانٍ</p></b>', "**مهم** نص\n\nثانٍ"],
    ["tables, their pipes escaped", "<table><tr><th>أ</th><th align=center>ب</th></tr><tr><td>س|ص</td><td align=center><p>سطر</p><p>آخر</p></td></tr></table>", "| أ | ب |\n| --- | :-: |\n| س\\|ص | سطر آخر |"],
    ["cells that span", "<table><tr><td colspan=2>أ</td></tr><tr><td>ب</td><td>ج</td></tr></table>", "| أ |  |\n| --- | --- |\n| ب | ج |"],
    ["a table for looks is none", "<table><tr><td><h2>عنوان</h2><p>نص</p></td></tr></table>", "## عنوان\n\nنص"],
    ["links that lead somewhere", '<p><a href="https://example.org/a">رابط</a> <a href="javascript:alert(1)">خطر</a> <a href="#x">هنا</a></p>', "[رابط](https://example.org/a) خطر هنا"],
    ["no scripts, styles or foreign files", '<style>p{}</style><script>alert(1)</script><p>نص <b>غامق</b><img src="file:///c:/x.png" onerror="alert(1)"></p>', "نص **غامق**"],
    ["characters of Markdown stay characters", "<p>2 * 3 * 4 و a_b_c <b>غ</b></p>", "2 \\* 3 \\* 4 و a\\_b\\_c **غ**"],
    ["a bold word in pieces is one", "<p><b><span>كل</span></b><b><span>مة</span></b><b> أخرى</b> نص <i>س</i> <i>ص</i></p><p>تالٍ</p>", "**كلمة أخرى** نص *س* *ص*\n\nتالٍ"],
    ["a list inside of Google's lists stays inside", "<ul><li>أ</li><ul><li>ب</li></ul><li>ج</li></ul><ol><ul><li>وحيد</li></ul></ol>", "- أ\n  - ب\n- ج\n\n1. - وحيد"],
    ["a cell over two rows keeps the columns", "<table><tr><th>أ</th><th>ب</th><th>ج</th></tr><tr><td>١</td><td rowspan=2 colspan=2>٢</td></tr><tr><td>٣</td></tr><tr><td>٤</td><td>٥</td><td>٦</td></tr></table>", "| أ | ب | ج |\n| --- | --- | --- |\n| ١ | ٢ |  |\n| ٣ |  |  |\n| ٤ | ٥ | ٦ |"],
    ["line breaks stay, at no end and in no heading", "<h2>أ<br>ب</h2><p>سطر<br>آخر<br></p><p>قبل<br><br>بعد</p><table><tr><td>س<br>ص</td><td>ع</td></tr></table>", "## أ ب\n\nسطر\\\nآخر\n\nقبل\n\nبعد\n\n| س ص | ع |\n| --- | --- |"],
    ["boxes stay ticked", "<ul><li><input type=checkbox checked> تم</li><li><p><input type=checkbox>لم</p></li></ul><p><input type=checkbox checked>نص <b>غ</b></p>", "- [x] تم\n- [ ] لم\n\nنص **غ**"],
    ["a turned block says so", '<p dir="rtl">English words only</p><p dir="ltr">English</p>', "\u200fEnglish words only\n\nEnglish"],
  ];
  for (const [name, html, want] of cases) it(name, () => expect(md(html)).toBe(want));

  it("takes what was tracked as Word shows it in the end: inserted words stay, deleted ones go, struck ones stay struck", () =>
    expect(md('<p>المدّة <del cite="mailto:x" datetime="2026-03-01T09:00">خمسة</del><ins cite="mailto:x" datetime="2026-03-01T09:00">ثلاثة</ins> أيام، <s>ملغى</s></p>')).toBe("المدّة ثلاثة أيام، ~~ملغى~~"));
  it("Word's lists, which are paragraphs", () => {
    const p = (level: number, mark: string, text: string) =>
      `<p class=MsoListParagraphCxSpMiddle dir=RTL style='mso-list:l0 level${level} lfo1'><![if !supportLists]><span style='mso-list:Ignore'>${mark}<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]><span lang=AR-SA>${text}<o:p></o:p></span></p>\n`;
    expect(md(`<p class=MsoNormal>قبل</p>${p(1, "·", "أول")}${p(2, "o", "فرع")}${p(1, "·", "ثانٍ")}<p class=MsoNormal>بعد</p>${p(1, "1.", "مرقّم")}${p(1, "2.", "تالٍ")}`)).toBe(
      "قبل\n\n- أول\n  - فرع\n- ثانٍ\n\nبعد\n\n1. مرقّم\n2. تالٍ",
    );
  });
  it("Word's footnotes", () => {
    const html = `<p class=MsoNormal>نص<a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1"><span class=MsoFootnoteReference>[1]</span></a> تتمّة</p><div style='mso-element:footnote-list'><hr><div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a href="#_ftnref1" name="_ftn1">[1]</a> شرح الحاشية</p></div></div>`;
    expect(md(html, 4)).toContain("نص[^4] تتمّة");
    expect(md(html, 4)).toContain("[^4]: شرح الحاشية");
  });
});

function stateOf(doc: string, from: number, to = from): EditorState {
  let s = EditorState.create({ doc, selection: EditorSelection.range(from, to), extensions: [guideLanguage, documentDir.of("rtl")] });
  // On a busy machine the first parse runs out of its time; finish it, and let the state see it.
  ensureSyntaxTree(s, doc.length, 10_000);
  s = s.update({}).state;
  return s;
}
function run(doc: string, at: number, cmd: StateCommand): { text: string; caret: number; touched: number } {
  let s = stateOf(doc, at);
  let touched = 0;
  cmd({ state: s, dispatch: (tr) => {
    tr.changes.iterChanges((a, b) => { touched += b - a; });
    s = tr.state;
  } });
  return { text: s.doc.toString(), caret: s.selection.main.head, touched };
}

describe("tables", () => {
  const t = "قبل\n\n| أ | ب |\n| --- | :-: |\n| ١ | ٢ |\n| ٣ | ٤\\|٥ |\n\nبعد";
  const at = (s: string) => t.indexOf(s);
  it("adds and removes rows", () => {
    expect(run(t, at("١"), addRow).text).toContain("| ١ | ٢ |\n|  |  |\n| ٣");
    expect(run(t, at("أ"), addRow).text).toContain("| --- | :-: |\n|  |  |\n| ١");
    expect(run(t, at("١"), removeRow).text).not.toContain("١");
    expect(run(t, at("أ"), removeRow).text).toBe(t);
    // The next press takes the next row, then the one before, and never the headings.
    const rows = "| أ | ب |\n| --- | --- |\n| س | ع |\n| ف | ص |\n| ق | ر |\n";
    let left = run(rows, rows.indexOf("ص"), removeRow);
    expect([left.text.includes("ص"), left.text.slice(left.caret, left.caret + 1)]).toEqual([false, "ر"]);
    left = run(left.text, left.caret, removeRow);
    expect([left.text.includes("ر"), left.text.slice(left.caret, left.caret + 1)]).toEqual([false, "ع"]);
    left = run(left.text, left.caret, removeRow);
    expect([left.text, left.text.slice(left.caret, left.caret + 1)]).toEqual(["| أ | ب |\n| --- | --- |\n", "ب"]);
  });
  it("adds, removes and moves columns", () => {
    expect(run(t, at("أ"), addColumn).text).toContain("| أ |  | ب |\n| --- | --- | :-: |\n| ١ |  | ٢ |\n| ٣ |  | ٤\\|٥ |");
    expect(run(t, at("ب |"), addColumn).text).toContain("| أ | ب |  |\n| --- | :-: | --- |");
    expect(run(t, at("أ"), removeColumn).text).toContain("| ب |\n| :-: |\n| ٢ |\n| ٤\\|٥ |");
    expect(run(t, at("أ"), moveColumn(1)).text).toContain("| ب | أ |\n| :-: | --- |\n| ٢ | ١ |\n| ٤\\|٥ | ٣ |");
    expect(run(t, at("أ"), moveColumn(-1)).text).toBe(t);
    const long = "| أول | ب | ج |\n| --- | --- | --- |\n| طويل جدا | د | ه |\n";
    const once = run(long, long.indexOf("طويل") + 2, moveColumn(1));
    expect(once.text.slice(0, once.caret).endsWith("| د | طو")).toBe(true);
    const twice = run(once.text, once.caret, moveColumn(1));
    expect(twice.text).toBe("| ب | ج | أول |\n| --- | --- | --- |\n| د | ه | طويل جدا |\n");
    const there = run(twice.text, twice.caret, moveColumn(-1));
    expect(run(there.text, there.caret, moveColumn(-1)).text).toBe(long);
  });
  it("adds rows above and columns before", () => {
    expect(run(t, at("٣"), addRowAbove).text).toContain("| ١ | ٢ |\n|  |  |\n| ٣");
    expect(run(t, at("أ"), addRowAbove).text).toBe(t);
    expect(run(t, at("ب |"), addColumnBefore).text).toContain("| أ |  | ب |\n| --- | --- | :-: |\n| ١ |  | ٢ |");
    expect(run("a | b\n--- | ---\n1 | 2", 0, addColumnBefore).text).toBe("|  |a | b\n| --- |--- | ---\n|  |1 | 2");
  });
  it("puts the pipes below each other, whatever stands over the letters, in small changes", () => {
    expect(breadth("مُدَّةُ")).toBe(3);
    const pad = (doc: string) => {
      const s = stateOf(doc, 2);
      const changes = s.changes(padded(s, tableAt(s, 2)!) ?? []);
      return { text: changes.apply(s.doc).toString(), changes };
    };
    const want = "| الخدمة | المُدَّة   |\n| ------ | :-----: |\n| رخصة   | ٣ أيام  |\n|        | س\\|ص    |";
    const got = pad("|الخدمة|المُدَّة|\n|---|:-:|\n| رخصة   |   ٣ أيام|\n||س\\|ص|");
    expect(got.text.replace(/ +\|/g, " |").replace(/-+/g, "-")).toBe(want.replace(/ +\|/g, " |").replace(/-+/g, "-"));
    const widths = got.text.split("\n").map((l) => l.split(/(?<!\\)\|/).map((c) => breadth(c)).join());
    expect(new Set(widths).size).toBe(1);
    expect(pad(got.text).text).toBe(got.text);
    // No word is taken away or written again.
    got.changes.iterChanges((_a, _b, _c, _d, text) => expect(text.toString()).toMatch(/^[ -]*$/));
    // One long cell does not push all others away.
    const long = pad(`| أ | ب |\n| --- | --- |\n| ${"ط".repeat(60)} | ٢ |`).text.split("\n");
    expect(long[0]).toBe("| أ   | ب   |");
  });
  it("moves rows and leaves the moved row itself alone", () => {
    const r = run(t, at("١"), moveRow(1));
    expect(r.text).toContain("| ٣ | ٤\\|٥ |\n| ١ | ٢ |\n\nبعد");
    expect(r.text.slice(r.caret).startsWith("١")).toBe(true);
    expect(run(t, at("١"), moveRow(-1)).text).toBe(t);
  });
  it("aligns a column by its rule alone", () => {
    const r = run(t, at("أ"), align("end"));
    expect(r.text).toBe(t.replace("| ---", "| --:"));
    expect(r.touched).toBe(3);
  });
  it("goes from cell to cell in reading order, and adds a row behind the last", () => {
    const next = run(t, at("ب |"), step(1));
    expect(t.slice(next.caret - 1, next.caret)).toBe("١");
    const end = run(t, at("٤"), step(1));
    expect(end.text).toContain("٥ |\n|  |  |\n\nبعد");
    const down = run(t, at("ب |"), below);
    expect(t.slice(down.caret - 1, down.caret)).toBe("٢");
  });
  it("reads cells with escaped pipes and without outer ones", () => {
    const s = EditorState.create({ doc: "a \\| b | c\n|x||z|" });
    expect(cellsOf(s.doc.line(1)).map((c) => s.sliceDoc(c.text.from, c.text.to))).toEqual(["a \\| b", "c"]);
    expect(cellsOf(s.doc.line(2)).map((c) => s.sliceDoc(c.text.from, c.text.to))).toEqual(["x", "", "z"]);
  });
  it("two who change one table at once keep both changes", () => {
    const s = stateOf(t, at("أ"));
    let mine = s.changes([]);
    addColumn({ state: s, dispatch: (tr) => { mine = tr.changes; } });
    const theirs = s.changes({ from: at("٢"), to: at("٢") + 1, insert: "اثنان" });
    const a = theirs.map(mine).apply(mine.apply(s.doc)).toString();
    const b = mine.map(theirs, true).apply(theirs.apply(s.doc)).toString();
    expect(a).toBe(b);
    expect(a).toContain("| ١ |  | اثنان |");
  });
});

describe("footnotes, callouts and directions", () => {
  it("adds a footnote with the next number and goes between its ends", () => {
    const doc = "نص أول[^2] وثانٍ\n\n[^2]: شرح\n";
    const r = run(doc, 2, footnote);
    expect(r.text).toBe("نص[^3] أول[^2] وثانٍ\n\n[^2]: شرح\n[^3]: \n");
    expect(r.text.slice(0, r.caret).endsWith("[^3]: ")).toBe(true);
    const there = run(doc, doc.indexOf("[^2]") + 2, footnote);
    expect(doc.slice(there.caret)).toBe("شرح\n");
    const back = run(doc, doc.length - 2, footnote);
    expect(back.caret).toBe(doc.indexOf("[^2]"));
  });
  it("makes a callout and changes its kind", () => {
    const r = run("قبل\n\nنص مهم", 8, callout("WARNING"));
    expect(r.text).toBe("قبل\n\n> [!WARNING]\n> نص مهم");
    expect(run(r.text, r.text.length, callout("NOTE")).text).toBe("قبل\n\n> [!NOTE]\n> نص مهم");
  });
  it("turns a line by a mark in the text and turns it back by taking it away", () => {
    const r = run("- PDF file only", 4, turnLines);
    expect(r.text).toBe("- \u200fPDF file only");
    expect(textDirection(r.text, "rtl")).toBe("rtl");
    expect(run(r.text, 4, turnLines).text).toBe("- PDF file only");
    expect(run("## عنوان", 5, turnLines).text).toBe("## \u200eعنوان");
  });
});

describe("images", () => {
  const hooks = { send: () => Promise.reject(new Error("no")), failed: () => {}, words: () => ({ alt: "وصف", missing: "بلا وصف", sending: () => "" }) };
  const a = `/files/${"a".repeat(64)}.png`;
  const b = `/files/${"b".repeat(64)}.jpg`;
  it("shows those of the hub, and follows edits of their lines only", () => {
    let s = EditorState.create({ doc: `نص\n\n![خريطة](${a})\n\n![بعيدة](https://example.org/x.png)\n`, extensions: images(hooks) });
    expect(shownImages(s)).toEqual([a]);
    s = s.update({ changes: { from: 0, insert: `![ب](${b})\n` } }).state;
    expect(shownImages(s)).toEqual([b, a]);
    s = s.update({ changes: { from: 0, to: 1 } }).state;
    expect(shownImages(s)).toEqual([a]);
    s = s.update({ changes: { from: s.doc.toString().indexOf("![خريطة"), to: s.doc.toString().indexOf("![خريطة") + 8, insert: "" } }).state;
    expect(shownImages(s)).toEqual([]);
  });
});
