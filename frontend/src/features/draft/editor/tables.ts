/**
 * Tables edited as tables, in the text itself. Every command is a few small changes inside the rows it is about, never a
 * table written anew, so what another types in a neighbouring cell at the same time stays where it belongs.
 */
import { syntaxTree } from "@codemirror/language";
import { type ChangeSpec, EditorSelection, type EditorState, type Extension, type Line, Prec, type Range, type StateCommand, Transaction } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap, ViewPlugin, type ViewUpdate } from "@codemirror/view";

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

export const removeRow = command((state, g) => {
  if (g.row <= g.first + 1) return null;
  const line = state.doc.line(g.row);
  return { changes: { from: line.from - 1, to: line.to } };
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

/** Changes places with the next column in reading order (1) or the one before (-1). */
export const moveColumn = (step: 1 | -1): StateCommand =>
  command((state, g) => {
    const other = g.column + step;
    if (other < 0 || other >= width(state, g)) return null;
    return {
      changes: eachRow(state, g, (_l, cells) => {
        const a = cells[Math.min(g.column, other)];
        const b = cells[Math.max(g.column, other)];
        if (!a || !b) return null;
        const [x, y] = [state.sliceDoc(a.text.from, a.text.to), state.sliceDoc(b.text.from, b.text.to)];
        return x === y ? null : [{ from: a.text.from, to: a.text.to, insert: y }, { from: b.text.from, to: b.text.to, insert: x }];
      }),
    };
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

// One space on both sides of every cell of a row.
function neat(line: Line): ChangeSpec[] {
  const out: ChangeSpec[] = [];
  for (const c of cellsOf(line)) {
    const last = c.to === line.to;
    const lead = line.text.slice(c.from - line.from, c.text.from - line.from);
    const tail = line.text.slice(c.text.to - line.from, c.to - line.from);
    if (c.text.from === c.text.to) continue;
    if (lead !== " " && !(c.from === line.from)) out.push({ from: c.from, to: c.text.from, insert: " " });
    if (tail !== " " && !last) out.push({ from: c.text.to, to: c.to, insert: " " });
  }
  return out;
}

// A row that was edited here is put in order when the caret leaves it; rows of others are left alone.
const tidyRows = ViewPlugin.fromClass(
  class {
    private edited = -1;
    private timer: ReturnType<typeof setTimeout> | null = null;
    constructor(private readonly view: EditorView) {}
    update(u: ViewUpdate) {
      if (u.docChanged && this.edited >= 0) this.edited = u.changes.mapPos(this.edited);
      for (const tr of u.transactions) {
        if (tr.docChanged && !tr.annotation(Transaction.remote) && tr.isUserEvent("input") && tableAt(u.state, u.state.selection.main.head)) {
          this.edited = u.state.doc.lineAt(u.state.selection.main.head).from;
        }
      }
      if (this.edited < 0 || !(u.selectionSet || u.docChanged)) return;
      const line = u.state.doc.lineAt(Math.min(this.edited, u.state.doc.length));
      const { head } = u.state.selection.main;
      if (head >= line.from && head <= line.to) return;
      this.edited = -1;
      this.timer = setTimeout(() => this.tidy(line.from), 0);
    }
    destroy() {
      if (this.timer !== null) clearTimeout(this.timer);
    }
    private tidy(at: number) {
      const { state } = this.view;
      if (state.readOnly || at > state.doc.length || !tableAt(state, at)) return;
      const changes = neat(state.doc.lineAt(at));
      if (changes.length > 0) this.view.dispatch({ changes, userEvent: "input.table", annotations: Transaction.addToHistory.of(false) });
    }
  },
);

// ---- cells in columns ---------------------------------------------------------------------------------------------

const mostColumns = 8;
const cellMarks = new Map<string, Decoration>();
function cellMark(columns: number, side: string): Decoration {
  const cls = `cm-cell of-${columns}${side}`;
  let d = cellMarks.get(cls);
  if (!d) {
    d = Decoration.mark({ class: cls, inclusive: true, bidiIsolate: null });
    cellMarks.set(cls, d);
  }
  return d;
}

function sides(state: EditorState, first: number): string[] {
  return cellsOf(state.doc.line(first + 1)).map((c) => {
    const t = state.sliceDoc(c.text.from, c.text.to);
    return t.startsWith(":") && t.endsWith(":") ? " center" : t.endsWith(":") ? " right" : t.startsWith(":") ? " left" : "";
  });
}

function build(view: EditorView): DecorationSet {
  const out: Range<Decoration>[] = [];
  const { state } = view;
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(state).iterate({
      from,
      to,
      enter(node) {
        if (node.name !== "Table") return;
        const first = state.doc.lineAt(node.from).number;
        const last = state.doc.lineAt(node.to).number;
        const side = sides(state, first);
        if (side.length === 0 || side.length > mostColumns) return false;
        const a = Math.max(first, state.doc.lineAt(Math.max(from, node.from)).number);
        const b = Math.min(last, state.doc.lineAt(Math.min(to, node.to)).number);
        for (let n = a; n <= b; n++) {
          if (n === first + 1) continue;
          cellsOf(state.doc.line(n)).forEach((c, i) => {
            if (c.to > c.from && i < side.length) out.push(cellMark(side.length, side[i]!).range(c.from, c.to));
          });
        }
        return false;
      },
    });
  }
  return Decoration.set(out, true);
}

const columns = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = build(view);
    }
    update(u: ViewUpdate) {
      if (u.docChanged || u.viewportChanged || syntaxTree(u.startState) !== syntaxTree(u.state)) this.decorations = build(u.view);
    }
  },
  {
    // Around everything else in the line: a cell that another mark splits would stand in two columns.
    provide: (p) => {
      const cells = (view: EditorView) => view.plugin(p)?.decorations ?? Decoration.none;
      return [Prec.lowest(EditorView.outerDecorations.of(cells)), EditorView.bidiIsolatedRanges.of(cells)];
    },
  },
);

/** Cells in columns, and the keys that move between them. */
export function tables(): Extension {
  return [
    columns,
    tidyRows,
    Prec.highest(
      keymap.of([
        { key: "Tab", run: step(1), shift: step(-1) },
        { key: "Enter", run: below },
        { key: "Alt-ArrowUp", run: moveRow(-1) },
        { key: "Alt-ArrowDown", run: moveRow(1) },
      ]),
    ),
  ];
}
