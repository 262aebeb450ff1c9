/** Spaces that make the source of a table readable: its pipes stand below each other. Small changes inside cells, never rows written anew. */
import type { ChangeSpec, EditorState, Line } from "@codemirror/state";
import { type Cell, cellsOf, type Grid } from "./tables";

// A column is not padded for the sake of one long cell, and a row that is wider than a screen is not read by its pipes.
const mostWidth = 32;
const mostRow = 140;
const mostRows = 200;

const unseen = /[\p{M}\u061c\u200b-\u200f\u2066-\u2069]/gu;

/** Letters as they are counted in a column of text: marks over them take no room. */
export function breadth(s: string): number {
  return [...s.replace(unseen, "")].length;
}

function set(out: ChangeSpec[], from: number, to: number, want: number): void {
  const have = to - from;
  if (have < want) out.push({ from: to, insert: " ".repeat(want - have) });
  else if (have > want) out.push({ from: to - (have - want), to });
}

/** Changes that put one space around the words of every cell of a row; with widths, as many as their columns need. */
export function spaced(line: Line, cells: readonly Cell[], widths: readonly number[] | null): ChangeSpec[] {
  const out: ChangeSpec[] = [];
  cells.forEach((c, i) => {
    const words = line.text.slice(c.text.from - line.from, c.text.to - line.from);
    const room = widths?.[i] ?? 0;
    const closed = line.text[c.to - line.from] === "|";
    if (words === "") {
      if (widths && closed) set(out, c.from, c.to, room + 2);
      return;
    }
    // A row need not begin with a pipe.
    if (c.from > line.from) {
      const lead = line.text.slice(c.from - line.from, c.text.from - line.from);
      if (lead !== " ") out.push({ from: c.from, to: c.text.from, insert: " " });
    }
    if (!closed) return;
    const tail = line.text.slice(c.text.to - line.from, c.to - line.from);
    if (/[^ ]/.test(tail)) out.push({ from: c.text.to, to: c.to, insert: " " });
    else set(out, c.text.to, c.to, 1 + Math.max(0, room - breadth(words)));
  });
  return out;
}

/** Changes that put the pipes of a table below each other; null for a table that is too large for that. */
export function padded(state: EditorState, g: Grid): ChangeSpec[] | null {
  if (g.last - g.first > mostRows) return null;
  const rows: { line: Line; cells: Cell[] }[] = [];
  for (let n = g.first; n <= g.last; n++) {
    const line = state.doc.line(n);
    rows.push({ line, cells: cellsOf(line) });
  }
  const columns = rows[1]?.cells.length ?? 0;
  const widths = Array.from({ length: columns }, () => 3);
  rows.forEach(({ cells }, r) => {
    if (r === 1) return;
    cells.slice(0, columns).forEach((c, i) => {
      const w = breadth(state.sliceDoc(c.text.from, c.text.to));
      if (w <= mostWidth) widths[i] = Math.max(widths[i]!, w);
    });
  });
  if (widths.reduce((a, b) => a + b + 3, 1) > mostRow) return null;
  return rows.flatMap(({ line, cells }, r) => {
    if (r !== 1) return spaced(line, cells.slice(0, columns), widths);
    const out: ChangeSpec[] = [];
    cells.forEach((c, i) => {
      const rule = state.sliceDoc(c.text.from, c.text.to);
      if (!/^:?-+:?$/.test(rule)) return;
      const dashes = rule.replace(/:/g, "").length;
      const want = Math.max(1, widths[i]! - (rule.length - dashes));
      const at = c.text.from + (rule.startsWith(":") ? 1 : 0);
      if (dashes < want) out.push({ from: at, insert: "-".repeat(want - dashes) });
      else if (dashes > want) out.push({ from: at, to: at + dashes - want });
    });
    // Spaces first: where a rule is not set off from its pipe, both are put at one place.
    return [...spaced(line, cells, null), ...out];
  });
}
