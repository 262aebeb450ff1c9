/** Tables as they are seen and walked through: cells in columns, wide tables that scroll, and the keys. */
import { syntaxTree } from "@codemirror/language";
import { type EditorState, type Extension, Prec, type Range, type StateCommand, Transaction } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { directionAt } from "./direction";
import { redraw, type Span } from "./redraw";
import { suggesting } from "./suggestions";
import { padded, spaced } from "./tablePad";
import { addRow, addRowAbove, below, cellsOf, moveColumn, moveRow, step, tableAt } from "./tables";

// A table that was edited here is put in order when the caret leaves it. Undo does not stop at that.
const tidyTables = ViewPlugin.fromClass(
  class {
    private edited = -1;
    private timer: ReturnType<typeof setTimeout> | null = null;
    constructor(private readonly view: EditorView) {}
    update(u: ViewUpdate) {
      if (u.docChanged && this.edited >= 0) this.edited = u.changes.mapPos(this.edited);
      for (const tr of u.transactions) {
        if (!tr.docChanged || tr.annotation(Transaction.remote) || !(tr.isUserEvent("input") || tr.isUserEvent("delete"))) continue;
        const line = u.state.doc.lineAt(u.state.selection.main.head);
        if (line.text.includes("|") && tableAt(u.state, u.state.selection.main.head)) this.edited = line.from;
      }
      if (this.edited < 0 || !(u.selectionSet || u.docChanged)) return;
      const at = Math.min(this.edited, u.state.doc.length);
      const g = tableAt(u.state, at);
      const row = u.state.doc.lineAt(u.state.selection.main.head).number;
      if (g && row >= g.first && row <= g.last) return;
      this.edited = -1;
      if (g && this.timer === null) this.timer = setTimeout(() => this.tidy(at), 0);
    }
    destroy() {
      if (this.timer !== null) clearTimeout(this.timer);
    }
    private tidy(at: number) {
      this.timer = null;
      const { state } = this.view;
      // In suggest mode every space would be a suggestion.
      if (state.readOnly || suggesting(state) || at > state.doc.length) return;
      const g = tableAt(state, at);
      if (!g) return;
      const line = state.doc.lineAt(at);
      const changes = padded(state, g) ?? spaced(line, cellsOf(line), null);
      if (changes.length > 0) this.view.dispatch({ changes, userEvent: "input.table", annotations: Transaction.addToHistory.of(false) });
    }
  },
);

// ---- cells in columns ---------------------------------------------------------------------------------------------

/** Up to so many columns share the width of the text; more have a width of their own, and the rows scroll together. */
const mostFitting = 8;
const cellMarks = new Map<string, Decoration>();
function cellMark(columns: number, side: string): Decoration {
  const cls = `cm-cell of-${columns > mostFitting ? "many" : columns}${side}`;
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

// What only makes the source readable is not seen here.
const hidden = Decoration.replace({});
const wide = Decoration.line({ class: "md-wide" });
const wideLast = Decoration.line({ class: "md-wide md-wide-last" });
const shownDashes = 3;

interface Drawn {
  cells: DecorationSet;
  /** Lines and hidden spaces. */
  rest: DecorationSet;
}

function build(view: EditorView): Drawn {
  const cells: Range<Decoration>[] = [];
  const rest: Range<Decoration>[] = [];
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
        if (side.length === 0) return false;
        const a = Math.max(first, state.doc.lineAt(Math.max(from, node.from)).number);
        const b = Math.min(last, state.doc.lineAt(Math.min(to, node.to)).number);
        for (let n = a; n <= b; n++) {
          const line = state.doc.line(n);
          if (side.length > mostFitting) rest.push((n === last ? wideLast : wide).range(line.from));
          cellsOf(line).forEach((c, i) => {
            const words = c.text.to - c.text.from;
            if (n === first + 1) {
              if (words > shownDashes) rest.push(hidden.range(c.text.from + 1, c.text.to - 2));
              if (c.to - c.text.to > 1) rest.push(hidden.range(c.text.to + 1, c.to));
              return;
            }
            if (c.to > c.from && i < side.length) cells.push(cellMark(side.length, side[i]!).range(c.from, c.to));
            const pad = words === 0 ? c.from + 2 : c.text.to + 1;
            if (c.to > pad) rest.push(hidden.range(pad, c.to));
          });
        }
        return false;
      },
    });
  }
  return { cells: Decoration.set(cells, true), rest: Decoration.set(rest, true) };
}

function holdsTable(state: EditorState, { from, to }: Span): boolean {
  let found = false;
  syntaxTree(state).iterate({
    from,
    to,
    enter(n) {
      found ||= n.name === "Table";
      return !found && n.name !== "Paragraph";
    },
  });
  return found;
}

const columns = ViewPlugin.fromClass(
  class {
    drawn: Drawn;
    constructor(private readonly view: EditorView) {
      this.drawn = build(view);
      view.contentDOM.addEventListener("scroll", this.together, { capture: true, passive: true });
    }
    update(u: ViewUpdate) {
      const what = redraw(u);
      if (what === "all" || (typeof what === "object" && holdsTable(u.state, what))) this.drawn = build(u.view);
      else if (typeof what === "object") this.drawn = { cells: this.drawn.cells.map(u.changes), rest: this.drawn.rest.map(u.changes) };
      if (u.selectionSet || u.docChanged) this.reveal();
    }
    destroy() {
      this.view.contentDOM.removeEventListener("scroll", this.together, { capture: true });
    }
    // The rows of a wide table are scrolled as one.
    private readonly together = (e: Event) => {
      const row = e.target;
      if (!(row instanceof HTMLElement) || !row.classList.contains("md-wide")) return;
      for (const way of ["previousElementSibling", "nextElementSibling"] as const) {
        for (let x = row[way]; x?.classList.contains("md-wide"); x = x[way]) if (x.scrollLeft !== row.scrollLeft) x.scrollLeft = row.scrollLeft;
      }
    };
    private reveal() {
      const { head } = this.view.state.selection.main;
      this.view.requestMeasure({
        key: this,
        read: (view) => {
          if (!view.hasFocus || head > view.state.doc.length) return null;
          const at = view.domAtPos(head).node;
          const row = (at instanceof Element ? at : at.parentElement)?.closest<HTMLElement>(".md-wide");
          const c = row && view.coordsAtPos(head);
          if (!row || !c) return null;
          const box = row.getBoundingClientRect();
          const by = c.left < box.left + 24 ? c.left - box.left - 60 : c.right > box.right - 24 ? c.right - box.right + 60 : 0;
          return by === 0 ? null : { row, by };
        },
        write: (m) => {
          if (m) m.row.scrollLeft += m.by;
        },
      });
    }
  },
  {
    provide: (p) => {
      const cells = (view: EditorView) => view.plugin(p)?.drawn.cells ?? Decoration.none;
      const rest = (view: EditorView) => view.plugin(p)?.drawn.rest ?? Decoration.none;
      return [
        // Around everything else in the line: a cell that another mark splits would stand in two columns.
        Prec.lowest(EditorView.outerDecorations.of(cells)),
        EditorView.bidiIsolatedRanges.of(cells),
        EditorView.decorations.of(rest),
      ];
    },
  },
);

/** A column goes where the arrow points, on the side the table is read from. */
const column = (left: boolean): StateCommand => (target) => {
  const { state } = target;
  const { head } = state.selection.main;
  if (!tableAt(state, head)) return false;
  moveColumn((directionAt(state, head) === "rtl") === left ? 1 : -1)(target);
  return true;
};

// At the edge of a table nothing moves, rather than what the key does elsewhere.
const row = (by: 1 | -1): StateCommand => (target) => moveRow(by)(target) || tableAt(target.state, target.state.selection.main.head) !== null;

/** Cells in columns, and the keys that move between them. */
export function tables(): Extension {
  return [
    columns,
    tidyTables,
    Prec.highest(
      keymap.of([
        { key: "Tab", run: step(1), shift: step(-1) },
        { key: "Enter", run: below },
        { key: "Mod-Enter", run: addRow, shift: addRowAbove },
        { key: "Alt-ArrowUp", run: row(-1) },
        { key: "Alt-ArrowDown", run: row(1) },
        { key: "Alt-Shift-ArrowLeft", run: column(true) },
        { key: "Alt-Shift-ArrowRight", run: column(false) },
      ]),
    ),
  ];
}
