/** The rows of a table in a comparison: which blocks are rows, and the cells of one. */
import type { Block, Part } from "./api";

/** A row's place in its table: above the rule, the rule itself, or below; `first` is the block its table begins with. */
export interface Row {
  kind: "head" | "rule" | "body";
  first: number;
}

const rowOf = /^ {0,3}\|.*\|[ \t]*$/;
const ruleOf = /^ {0,3}\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*$/;

const textOf = (b: Block, not: Part["op"]): string => b.parts.filter((p) => p.op !== not).map((p) => p.text).join("");
/** The block's text on the sides where it stands. */
const sidesOf = (b: Block): string[] => [...(b.old[1] > b.old[0] || b.kind === "moved" ? [textOf(b, "+")] : []), ...(b.new[1] > b.new[0] || b.kind === "moved_away" ? [textOf(b, "-")] : [])];

/** The blocks that are rows of a table on every side where they stand: only runs of rows with a rule are tables. */
export function rowsOf(blocks: readonly Block[]): Map<number, Row> {
  const out = new Map<number, Row>();
  const every = (i: number, re: RegExp) => {
    const b = blocks[i];
    const sides = b ? sidesOf(b).filter((s) => s !== "") : [];
    return sides.length > 0 && sides.every((s) => re.test(s));
  };
  for (let first = 0; first < blocks.length; first++) {
    if (!every(first, rowOf)) continue;
    let end = first;
    while (every(end, rowOf)) end++;
    const rules = Array.from({ length: end - first }, (_, k) => first + k).filter((i) => every(i, ruleOf));
    // The rule of the old text may stand beside that of the new one.
    if (rules.length > 0) for (let i = first; i < end; i++) out.set(i, { kind: rules.includes(i) ? "rule" : i < rules[0]! ? "head" : "body", first });
    first = end;
  }
  return out;
}

/** The cells of a row, each with its share of the parts: a sign that came or went divides as one that stayed. */
export function cellsOf(parts: readonly Part[]): Part[][] {
  const cells: Part[][] = [[]];
  for (const part of parts) {
    part.text.split(/(?<!\\)\|/).forEach((text, i) => {
      if (i > 0) cells.push([]);
      if (text !== "") cells.at(-1)!.push({ ...part, text });
    });
  }
  // The room between a sign and the words is nobody's change: the editor lines the signs up by itself.
  for (const c of cells) {
    while (c[0]?.text.trim() === "") c.shift();
    while (c.at(-1)?.text.trim() === "") c.pop();
  }
  // What is outside the first and the last sign is no cell.
  if (cells[0]!.length === 0) cells.shift();
  if (cells.length > 1 && cells.at(-1)?.length === 0) cells.pop();
  return cells;
}

/** The same blocks, with rows that only got other room around their words, and rules that only grew, as rows that stayed. */
export function unpadded(blocks: readonly Block[]): Block[] {
  const rows = rowsOf(blocks);
  return blocks.map((b, i) => {
    const row = rows.get(i);
    if (!row || b.kind !== "changed") return b;
    const [was, now] = [textOf(b, "+"), textOf(b, "-")];
    const alike = row.kind === "rule" ? sameRule(was, now) : cellTexts(was) === cellTexts(now);
    return alike ? { ...b, kind: "same" as const, parts: [{ op: "=" as const, text: now, by: 0 }], by: [] } : b;
  });
}

const cellTexts = (line: string): string => JSON.stringify(cellsOf([{ op: "=", text: line, by: 0 }]).map((c) => c.map((p) => p.text).join("").trim()));

/** Whether the columns that both have stand alike; that one came or went is said by its cells. */
function sameRule(was: string, now: string): boolean {
  const [a, b] = [was, now].map((s) => s.replace(/\s/g, "").replace(/-+/g, "-")) as [string, string];
  return a.startsWith(b) || b.startsWith(a);
}
