/**
 * Clauses and contents of a Markdown text: headings, and the numbers in the start margin. A heading of level 2 opens
 * section n; below it every paragraph is clause n.m. A text without level-2 headings numbers nothing.
 *
 * This is a scan by lines, not a parse, and what it found in a part of the text that did not change is kept; reading mode
 * shows the hub's own numbers.
 */
import type { Text } from "@codemirror/state";

export interface Heading {
  /** Start of the heading's line. */
  from: number;
  level: number;
  text: string;
  /** "2" for a section, "" when it carries no number. */
  number: string;
}
export interface Clause {
  from: number;
  number: string;
}
export interface Outline {
  headings: Heading[];
  /** Every numbered line in order, sections and paragraphs. */
  clauses: Clause[];
}

const fence = /^ {0,3}(`{3,}|~{3,})/;
const atx = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
/** What begins another block than a paragraph, where a paragraph could begin. */
export const notParagraph = /^(?: {4}|\t| {0,3}(?:>|[-*+](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$)|[|<]|\[[^\]]*\]:|(?:[-*_][ \t]*){3,}$))/;

/** What ends an open paragraph by beginning another block. */
export const interrupts = /^ {0,3}(?:[><]|[-*+][ \t]+[^ \t]|1[.)][ \t]+[^ \t]|(?:[*_][ \t]*){3,}$)/;
/** The level of the heading that a line makes of the paragraph above it, or 0. */
export function underline(line: string): 0 | 1 | 2 {
  const m = /^ {0,3}(?:(=+)|-+)[ \t]*$/.exec(line);
  return m ? (m[1] ? 1 : 2) : 0;
}

/** What the lines before leave behind for the next one. */
interface Carry {
  /** The fence that is open, "" outside of code. */
  fence: string;
  /** The line before belongs to the same block. */
  inBlock: boolean;
  frontMatter: boolean;
  /** The text has begun. */
  begun: boolean;
  /** The paragraph that is open: how far back it began, and its text so far. */
  paragraph: { back: number; text: string } | null;
}

/** A heading (level 1 to 6) or the first line of a paragraph (level 0), from the start of its run of lines. */
interface Mark {
  at: number;
  level: number;
  text: string;
  /** An underline made a heading of the paragraph that began there, perhaps in a run before. */
  was?: "paragraph";
}

const start: Carry = { fence: "", inBlock: false, frontMatter: false, begun: false, paragraph: null };

/** Scans a run of lines from what the lines before left; numbers are given later, over all runs. */
function marksOf(lines: Iterable<string>, from: Carry): { marks: Mark[]; after: Carry } {
  const marks: Mark[] = [];
  let { fence: open, inBlock, frontMatter, begun } = from;
  let paragraph = from.paragraph ? { at: -from.paragraph.back, text: from.paragraph.text } : null;
  let pos = 0;
  for (const line of lines) {
    const at = pos;
    pos += line.length + 1;
    if (!begun) {
      begun = true;
      if (line === "---") {
        frontMatter = true;
        continue;
      }
    }
    if (frontMatter) {
      if (line === "---" || line === "...") frontMatter = false;
      continue;
    }
    const f = fence.exec(line);
    if (open) {
      if (f && f[1]![0] === open[0] && f[1]!.length >= open.length && line.trim() === f[1]) open = "";
      continue;
    }
    if (f) {
      open = f[1]!;
      inBlock = true;
      paragraph = null;
      continue;
    }
    if (line.trim() === "") {
      inBlock = false;
      paragraph = null;
      continue;
    }
    const h = atx.exec(line);
    if (h) {
      inBlock = false;
      paragraph = null;
      marks.push({ at, level: h[1]!.length, text: bare(h[2] ?? "") });
      continue;
    }
    const under = paragraph ? underline(line) : 0;
    if (paragraph && under) {
      marks.push({ at: paragraph.at, level: under, text: bare(paragraph.text), was: "paragraph" });
      inBlock = false;
      paragraph = null;
      continue;
    }
    if (paragraph) {
      // A heading of many lines is none that anybody meant; only so much of it is kept.
      if (interrupts.test(line)) paragraph = null;
      else if (paragraph.text.length < 400) paragraph.text += ` ${line.trim()}`;
    } else if (!inBlock && !notParagraph.test(line)) {
      marks.push({ at, level: 0, text: "" });
      paragraph = { at, text: line.trim().slice(0, 400) };
    }
    inBlock = true;
  }
  return { marks, after: { fence: open, inBlock, frontMatter, begun, paragraph: paragraph && { back: pos - paragraph.at, text: paragraph.text } } };
}

/** Numbers runs of marks that follow each other; `base` is where a run starts in the text. */
function number(runs: Iterable<{ base: number; marks: readonly Mark[] }>): Outline {
  const headings: Heading[] = [];
  const clauses: Clause[] = [];
  let section = 0;
  let paragraph = 0;
  for (const { base, marks } of runs) {
    for (const m of marks) {
      const from = base + m.at;
      if (m.level === 0) {
        if (section > 0) clauses.push({ from, number: `${section}.${++paragraph}` });
        continue;
      }
      if (m.was && clauses[clauses.length - 1]?.from === from) {
        clauses.pop();
        paragraph--;
      }
      let n = "";
      if (m.level === 2) {
        n = String(++section);
        paragraph = 0;
        clauses.push({ from, number: n });
      }
      headings.push({ from, level: m.level, text: m.text, number: n });
    }
  }
  return { headings, clauses };
}

/** The outline of lines; `lines` yields them without their breaks. */
export function outlineOf(lines: Iterable<string>): Outline {
  return number([{ base: 0, marks: marksOf(lines, start).marks }]);
}

interface Leaf {
  before: Carry;
  marks: readonly Mark[];
  after: Carry;
  words: number;
}

// Leaves of a text never change and are shared by the texts before and after an edit, so an edit costs one of them.
const leaves = new WeakMap<Text, Leaf>();

function* linesOf(doc: Text): Iterable<string> {
  for (const iter = doc.iterLines(); !iter.next().done; ) yield iter.value;
}

const sameCarry = (a: Carry, b: Carry) => a.fence === b.fence && a.inBlock === b.inBlock && a.frontMatter === b.frontMatter && a.begun === b.begun && a.paragraph?.back === b.paragraph?.back && a.paragraph?.text === b.paragraph?.text;

/** Outline and number of words of a text. After a small edit it costs about a millisecond, whatever the length. */
export function scanText(doc: Text): { outline: Outline; words: number } {
  const runs: { base: number; marks: readonly Mark[] }[] = [];
  let carry = start;
  let words = 0;
  let base = 0;
  const visit = (t: Text) => {
    if (t.children) {
      for (const c of t.children) visit(c);
      return;
    }
    let leaf = leaves.get(t);
    if (!leaf || !sameCarry(leaf.before, carry)) {
      const { marks, after } = marksOf(linesOf(t), carry);
      let n = leaf?.words ?? 0;
      if (!leaf) for (const line of linesOf(t)) n += countWords(line);
      leaf = { before: carry, marks, after, words: n };
      leaves.set(t, leaf);
    }
    runs.push({ base, marks: leaf.marks });
    carry = leaf.after;
    words += leaf.words;
    base += t.length + 1;
  };
  visit(doc);
  return { outline: number(runs), words };
}

/** A heading's words without their marks. */
function bare(s: string): string {
  return s.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[*_`~]+/g, "").trim();
}

/** The number of the clause a position stands in, or "". */
export function clauseAt(o: Outline, pos: number): string {
  let lo = 0;
  let hi = o.clauses.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (o.clauses[mid]!.from <= pos) lo = mid + 1;
    else hi = mid;
  }
  return lo > 0 ? o.clauses[lo - 1]!.number : "";
}

const word = /[\p{L}\p{N}][\p{L}\p{N}\p{M}'’_-]*/gu;

/** Words of a text, marks not counted. */
export function countWords(s: string): number {
  let n = 0;
  for (const _ of s.matchAll(word)) n++;
  return n;
}
