/** Clause numbers in the start margin: scanned soon after every change and moved with the text between scans. */
import { type Extension, Facet, RangeSet, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { EditorView, gutter, GutterMarker, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { type Outline, scanText } from "./outline";

export interface Scan {
  outline: Outline;
  words: number;
}

/** Writes a clause number in the reader's digits, and names the margin's action. */
export const clauseWords = Facet.define<{ digits(s: string): string; open(number: string, pos: number): void }, { digits(s: string): string; open(number: string, pos: number): void }>({
  combine: (v) => v[0] ?? { digits: (s) => s, open: () => {} },
});

class Number_ extends GutterMarker {
  constructor(readonly number: string) {
    super();
  }
  override eq(other: Number_) {
    return other.number === this.number;
  }
  override toDOM(view: EditorView) {
    const el = document.createElement("span");
    el.className = this.number.includes(".") ? "num" : "num sec-num";
    el.textContent = view.state.facet(clauseWords).digits(this.number);
    return el;
  }
}

const scanned = StateEffect.define<Scan>();

const numbers = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(set, tr) {
    let next = tr.docChanged ? set.map(tr.changes) : set;
    for (const e of tr.effects) {
      if (!e.is(scanned)) continue;
      const b = new RangeSetBuilder<GutterMarker>();
      for (const c of e.value.outline.clauses) b.add(c.from, c.from, new Number_(c.number));
      next = b.finish();
    }
    return next;
  },
});

/** Whether the margin shows exactly these numbers. */
function stands(set: RangeSet<GutterMarker>, outline: Outline): boolean {
  const cursor = set.iter();
  for (const c of outline.clauses) {
    if (cursor.from !== c.from || !(cursor.value instanceof Number_) || cursor.value.number !== c.number) return false;
    cursor.next();
  }
  return cursor.value === null;
}

/** Numbers the clauses and tells `onScan` about the contents, soon after every change. */
export function clauseNumbers(onScan: (s: Scan) => void): Extension {
  return [
    numbers,
    gutter({
      class: "cm-clauses",
      markers: (view) => view.state.field(numbers),
      // A jump measures lines after the margin was laid out; laying it out with every update keeps the two in step.
      lineMarkerChange: () => true,
      domEventHandlers: {
        click(view, block) {
          const line = view.state.doc.lineAt(block.from);
          let number = "";
          view.state.field(numbers).between(line.from, line.from, (_f, _t, m) => {
            if (m instanceof Number_) number = m.number;
          });
          if (number) view.state.facet(clauseWords).open(number, line.from);
          return number !== "";
        },
      },
    }),
    ViewPlugin.fromClass(
      class {
        private timer: ReturnType<typeof setTimeout> | null = null;
        private dead = false;
        constructor(private readonly view: EditorView) {
          // The text is seen first; a long one takes a while to be read through.
          requestAnimationFrame(() => this.soon(0));
        }
        update(u: ViewUpdate) {
          if (u.docChanged) this.soon(150);
        }
        destroy() {
          this.dead = true;
          if (this.timer !== null) clearTimeout(this.timer);
        }
        private soon(ms: number) {
          if (this.timer !== null || this.dead) return;
          this.timer = setTimeout(() => {
            this.timer = null;
            if (this.dead) return;
            const s = scanText(this.view.state.doc);
            // Most edits move the numbers and change none; the margin has moved them already.
            if (!stands(this.view.state.field(numbers), s.outline)) this.view.dispatch({ effects: scanned.of(s) });
            onScan(s);
          }, ms);
        }
      },
    ),
  ];
}
