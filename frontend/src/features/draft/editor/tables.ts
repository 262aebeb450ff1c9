/**
 * Tables edited as tables, in the text itself. Every command is a few small changes inside the rows it is about, never a
 * table written anew, so what another types in a neighbouring cell at the same time stays where it belongs.
 */
import { syntaxTree } from "@codemirror/language";
import { type ChangeSpec, EditorSelection, type EditorState, type Line, type StateCommand, type Transaction } from "@codemirror/state";

/** A cell of a row: what is between two pipes, and in it the words without the spaces around them. */
export interface Cell {
  from: number;
  to: number;
  text: { from: number; to: number };
}

/** The cells of a row of a table. An escaped pipe belongs to its cell. */
export function cellsOf(line: Line): Cell[] {
  const out: Cell[] = [];
  const { text } = line;
  let start = text.search(/\S/);
  if (start < 0) return out;
  if (text[start] === "|") start++;
  const push = (from: number, to: number) => {
    const inner = text.slice(from, to);
    const lead = inner.trim() === "" ? Math.min(1, inner.length) : inner.length - inner.trimStart().length;
    const end = Math.max(from + lead, from + inner.trimEnd().length);
    out.push({ from: line.from + from, to: line.from + to, text: { from: line.from + from + lead, to: line.from + end } });
  };
  for (let i = start; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "|") {
      push(start, i);
      start = i + 1;
    }
  }
  if (text.slice(start).trim() !== "") push(start, text.length);
  return out;
}

export interface Grid {
  /** Numbers of its first and last line; the second is the rule below the headings. */
  first: number;
  last: number;
  row: number;
  column: number;
}

/** The table around a position, with the line and the column it is in; null outside of tables. */
export function tableAt(state: EditorState, pos: number): Grid | null {
  for (let n: ReturnType<typeof syntaxTree>["topNode"] | null = syntaxTree(state).resolveInner(pos, -1); n; n = n.parent) {
    if (n.name !== "Table") continue;
    return within(state, n.from, n.to, pos);
  }
  for (let n: ReturnType<typeof syntaxTree>["topNode"] | null = syntaxTree(state).resolveInner(pos, 1); n; n = n.parent) {
    if (n.name === "Table") return within(state, n.from, n.to, pos);
  }
  return null;
}

function within(state: EditorState, from: number, to: number, pos: number): Grid {
  const line = state.doc.lineAt(pos);
  const cells = cellsOf(line);
  const i = cells.findIndex((c) => pos <= c.to);
  return { first: state.doc.lineAt(from).number, last: state.doc.lineAt(to).number, row: line.number, column: i < 0 ? Math.max(0, cells.length - 1) : i };
}

function width(state: EditorState, g: Grid): number {
  return cellsOf(state.doc.line(g.first + 1)).length;
}

const emptyRow = (columns: number) => `|${"  |".repeat(columns)}`;

type Edit = (state: EditorState, g: Grid) => { changes: ChangeSpec; caret?: number } | null;

function command(edit: Edit): StateCommand {
  return ({ state, dispatch }) => {
    if (state.readOnly) return false;
    const g = tableAt(state, state.selection.main.head);
    const done = g && edit(state, g);
    if (!done) return false;
    const selection = done.caret === undefined ? undefined : EditorSelection.cursor(done.caret);
    dispatch(state.update({ changes: done.changes, selection, userEvent: "input.table", scrollIntoView: true }));
    return true;
  };
}

/** A new row below the caret's; from the headings, the first of the body. */
export const addRow = command((state, g) => {
  const at = state.doc.line(g.row <= g.first + 1 ? g.first + 1 : g.row).to;
  return { changes: { from: at, insert: `\n${emptyRow(width(state, g))}` }, caret: at + 3 };
});

/** A new row above the caret's; from the first of the body, the new first. */
export const addRowAbove = command((state, g) => {
  if (g.row <= g.first + 1) return null;
  const { from } = state.doc.line(g.row);
  return { changes: { from, insert: `${emptyRow(width(state, g))}\n` }, caret: from + 2 };
});

/** Takes the caret's row away; the caret goes to the same column of the row that comes in its place, or else of the one before. */
export const removeRow = command((state, g) => {
  if (g.row <= g.first + 1) return null;
  const line = state.doc.line(g.row);
  const before = g.row === g.first + 2 ? g.first : g.row - 1;
  const near = g.row < g.last ? g.row + 1 : before;
  const cells = cellsOf(state.doc.line(near));
  const at = cells[Math.min(g.column, cells.length - 1)]?.text.from ?? state.doc.line(near).to;
  return { changes: { from: line.from - 1, to: line.to }, caret: near > g.row ? at - (line.to - line.from + 1) : at };
});

/** Moves a row of the body; it is its neighbour that is put on the other side, so that the row itself is left alone. */
export const moveRow = (step: 1 | -1): StateCommand =>
  command((state, g) => {
    const other = g.row + step;
    if (g.row <= g.first + 1 || other <= g.first + 1 || other > g.last) return null;
    const me = state.doc.line(g.row);
    const line = state.doc.line(other);
    return step === 1
      ? { changes: [{ from: me.from, insert: `${line.text}\n` }, { from: line.from - 1, to: line.to }] }
      : { changes: [{ from: line.from, to: line.to + 1 }, { from: me.to, insert: `\n${line.text}` }] };
  });

function eachRow(state: EditorState, g: Grid, f: (line: Line, cells: Cell[], rule: boolean) => ChangeSpec | null): ChangeSpec[] {
  const out: ChangeSpec[] = [];
  for (let n = g.first; n <= g.last; n++) {
    const line = state.doc.line(n);
    const c = f(line, cellsOf(line), n === g.first + 1);
    if (c) out.push(c);
  }
  return out;
}

/** A new column after the caret's. */
export const addColumn = command((state, g) => ({
  changes: eachRow(state, g, (_l, cells, rule) => {
    const c = cells[g.column];
    return c ? { from: c.to, insert: rule ? "| --- " : "|  " } : null;
  }),
}));

/** A new column before the caret's. */
export const addColumnBefore = command((state, g) => ({
  changes: eachRow(state, g, (line, cells, rule) => {
    const c = cells[g.column];
    if (!c) return null;
    // A row that begins without a pipe gets one behind the new cell.
    return c.from > line.from ? { from: c.from, insert: rule ? " --- |" : "  |" } : { from: c.from, insert: rule ? "| --- |" : "|  |" };
  }),
}));

export const removeColumn = command((state, g) => {
  if (width(state, g) < 2) return null;
  return {
    changes: eachRow(state, g, (line, cells) => {
      const c = cells[g.column];
      if (!c) return null;
      // With the pipe behind it, or the one before where the row ends without.
      return line.text[c.to - line.from] === "|" ? { from: c.from, to: c.to + 1 } : { from: Math.max(line.from, c.from - 1), to: c.to };
    }),
  };
});

/** Changes places with the next column in reading order (1) or the one before (-1). The caret goes along, so that the same column moves on. */
export const moveColumn = (step: 1 | -1): StateCommand =>
  command((state, g) => {
    const other = g.column + step;
    if (other < 0 || other >= width(state, g)) return null;
    const { head } = state.selection.main;
    let caret: number | undefined;
    const changes = eachRow(state, g, (line, cells) => {
      const a = cells[Math.min(g.column, other)];
      const b = cells[Math.max(g.column, other)];
      if (!a || !b) return null;
      const [x, y] = [state.sliceDoc(a.text.from, a.text.to), state.sliceDoc(b.text.from, b.text.to)];
      if (line.number === g.row) {
        const own = step === 1 ? a : b;
        const inside = Math.min(Math.max(0, head - own.text.from), own.text.to - own.text.from);
        caret = step === 1 ? b.text.from + (y.length - x.length) + inside : a.text.from + inside;
      }
      return x === y ? null : [{ from: a.text.from, to: a.text.to, insert: y }, { from: b.text.from, to: b.text.to, insert: x }];
    });
    // Only the rows above move the caret's row, by what their changes add.
    const shift = state.changes(changes).mapPos(state.doc.line(g.row).from, -1) - state.doc.line(g.row).from;
    return { changes, caret: caret === undefined ? undefined : caret + shift };
  });

export type Align = "start" | "center" | "end";

/** Where a column's words stand. The text says left and right; start is no mark, as the side depends on the language. */
export const align = (to: Align): StateCommand =>
  command((state, g) => {
    const rule = cellsOf(state.doc.line(g.first + 1))[g.column];
    if (!rule) return null;
    const insert = to === "center" ? ":-:" : to === "end" ? "--:" : "---";
    return { changes: { from: rule.text.from, to: rule.text.to, insert } };
  });

// All cells in order, without those of the rule.
function order(state: EditorState, g: Grid): Cell[] {
  const out: Cell[] = [];
  for (let n = g.first; n <= g.last; n++) if (n !== g.first + 1) out.push(...cellsOf(state.doc.line(n)));
  return out;
}

function goTo(c: Cell, state: EditorState): Transaction {
  return state.update({ selection: EditorSelection.range(c.text.from, c.text.to), scrollIntoView: true, userEvent: "select" });
}

/** To the next or previous cell in reading order; behind the last one a row is added. */
export const step =
  (by: 1 | -1): StateCommand =>
  ({ state, dispatch }) => {
    const { head } = state.selection.main;
    const g = tableAt(state, head);
    if (!g) return false;
    const cells = order(state, g);
    const here = cells.findIndex((c) => head <= c.to);
    const next = cells[(here < 0 ? cells.length : here) + by];
    if (next) dispatch(goTo(next, state));
    else if (by === 1 && !state.readOnly) {
      const at = state.doc.line(g.last).to;
      dispatch(state.update({ changes: { from: at, insert: `\n${emptyRow(width(state, g))}` }, selection: EditorSelection.cursor(at + 3), userEvent: "input.table", scrollIntoView: true }));
    }
    return true;
  };

/** To the same column of the row below; below the last one a row is added. */
export const below: StateCommand = ({ state, dispatch }) => {
  const { main } = state.selection;
  const g = main.empty ? tableAt(state, main.head) : null;
  if (!g || state.readOnly) return false;
  // Before the first pipe and behind the last one Enter is a new line, as anywhere.
  const line = state.doc.lineAt(main.head);
  if (main.head === line.from || (g.row === g.last && main.head === line.to && line.text.endsWith("|"))) return false;
  const n = g.row === g.first ? g.first + 2 : g.row + 1;
  if (n <= g.last) {
    const cells = cellsOf(state.doc.line(n));
    const c = cells[Math.min(g.column, cells.length - 1)];
    if (!c) return false;
    dispatch(goTo(c, state));
    return true;
  }
  const at = state.doc.line(g.last).to;
  dispatch(state.update({ changes: { from: at, insert: `\n${emptyRow(width(state, g))}` }, selection: EditorSelection.cursor(at + 3 + 3 * g.column), userEvent: "input.table", scrollIntoView: true }));
  return true;
};
