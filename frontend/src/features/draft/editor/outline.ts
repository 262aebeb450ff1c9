/**
 * Clauses and contents of a Markdown text: headings, and the numbers in the start margin. A heading of level 2 opens
 * section n; below it every paragraph is clause n.m. A text without level-2 headings numbers nothing.
 *
 * This is a scan by lines, not a parse: it runs in idle time over texts of any length, and reading mode shows the
 * hub's own numbers.
 */
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
const notParagraph = /^(?: {4}|\t| {0,3}(?:>|[-*+](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$)|[|<]|\[[^\]]*\]:|(?:[-*_][ \t]*){3,}$))/;

/** Scans lines; `lines` yields them without their breaks. */
export function outlineOf(lines: Iterable<string>): Outline {
  const headings: Heading[] = [];
  const clauses: Clause[] = [];
  let section = 0;
  let paragraph = 0;
  let open = "";
  let inBlock = false;
  let pos = 0;
  let first = true;
  let frontMatter = false;
  for (const line of lines) {
    const from = pos;
    pos += line.length + 1;
    if (first) {
      first = false;
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
      continue;
    }
    if (line.trim() === "") {
      inBlock = false;
      continue;
    }
    const h = atx.exec(line);
    if (h) {
      inBlock = false;
      const level = h[1]!.length;
      let number = "";
      if (level === 2) {
        number = String(++section);
        paragraph = 0;
        clauses.push({ from, number });
      }
      headings.push({ from, level, text: bare(h[2] ?? ""), number });
      continue;
    }
    if (!inBlock && section > 0 && !notParagraph.test(line)) clauses.push({ from, number: `${section}.${++paragraph}` });
    inBlock = true;
  }
  return { headings, clauses };
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
