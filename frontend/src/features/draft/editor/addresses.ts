/** Addresses that nobody reads: of a link to a guideline of the network only the words stand in the line, its address as three dots. The text keeps it whole. */
import { type Extension, type Range } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate, WidgetType } from "@codemirror/view";
import { redrawn, type Span } from "./redraw";

class Dots extends WidgetType {
  constructor(readonly text: string) {
    super();
  }
  override eq(o: Dots) {
    return o.text === this.text;
  }
  override toDOM() {
    const el = document.createElement("span");
    el.className = "md-url";
    el.textContent = this.text;
    return el;
  }
}

/** Stands for what is left out of an address. */
export const dots = Decoration.replace({ widget: new Dots("…") });
// With its brackets: they would part from it at the end of a line.
const whole = Decoration.replace({ widget: new Dots("(…)") });

const address = /\]\(\/guides\/gl_[0-9a-z]{20,}(?:\/e\/[0-9.]+)?(?:#[^\s()]*)?\)/g;

/** Where the addresses of a line's links to guidelines stand with their brackets, from and to in the line. */
export function addressesOf(line: string): [number, number][] {
  if (!line.includes("](/guides/")) return [];
  return [...line.matchAll(address)].map((m) => [m.index + 1, m.index + m[0].length]);
}

function build(view: EditorView, spans: readonly Span[] = view.visibleRanges): Range<Decoration>[] {
  const out: Range<Decoration>[] = [];
  const { doc } = view.state;
  for (const { from, to } of spans) {
    for (let pos = from; pos <= to; ) {
      const line = doc.lineAt(pos);
      for (const [a, b] of addressesOf(line.text)) out.push(whole.range(line.from + a, line.from + b));
      pos = line.to + 1;
    }
  }
  return out;
}

/** Folds the addresses of links to guidelines; the caret and the delete key take one as a whole. */
export function foldedAddresses(): Extension {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = Decoration.set(build(view), true);
      }
      update(u: ViewUpdate) {
        this.decorations = redrawn(this.decorations, u, build);
      }
    },
    { decorations: (p) => p.decorations, provide: (p) => EditorView.atomicRanges.of((view) => view.plugin(p)?.decorations ?? Decoration.none) },
  );
}
