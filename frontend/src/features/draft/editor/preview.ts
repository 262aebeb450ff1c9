/** Live preview: whole lines look like what they are. The text stays as typed, its marks dimmed in place. */
import { syntaxTree } from "@codemirror/language";
import { type Extension, type Range } from "@codemirror/state";
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { redrawn, type Span } from "./redraw";

const line = (cls: string) => Decoration.line({ class: cls });
const heading = [1, 2, 3, 4, 5, 6].map((n) => line(`md-h md-h${n}`));
const kinds = {
  quote: line("md-quote"), list: line("md-list"), table: line("md-table"), tableHead: line("md-table md-table-head"), tableRule: line("md-table md-table-rule"),
  blank: line("md-blank"), code: line("md-block"), rule: line("md-hr"), task: line("md-list md-task"),
};

const token = Decoration.mark({ class: "md-token" });
const hyphenated = /[A-Za-z0-9]+(?:[-\u2010][A-Za-z0-9]+)+/g;

// A hyphen in a Latin name inside an Arabic line would break it over two lines in the wrong order.
function latin(text: string, at: number, out: Range<Decoration>[]): void {
  for (const m of text.matchAll(hyphenated)) if (m[0].length <= 40) out.push(token.range(at + m.index, at + m.index + m[0].length));
}

function build(view: EditorView, spans: readonly Span[] = view.visibleRanges): Range<Decoration>[] {
  const out: Range<Decoration>[] = [];
  const doc = view.state.doc;
  const lines = (from: number, to: number, deco: Decoration) => {
    for (let pos = from; pos <= to; ) {
      const l = doc.lineAt(pos);
      out.push(deco.range(l.from));
      pos = l.to + 1;
    }
  };
  for (const { from, to } of spans) {
    for (let pos = from; pos <= to; ) {
      const l = doc.lineAt(pos);
      // The blank line between two blocks is their spacing, not a line of its own height.
      if (l.length === 0) out.push(kinds.blank.range(l.from));
      latin(l.text, l.from, out);
      pos = l.to + 1;
    }
    syntaxTree(view.state).iterate({
      from,
      to,
      enter(node) {
        // Long blocks begin before what is visible; only their visible lines are styled.
        const a = Math.max(node.from, doc.lineAt(from).from);
        const b = Math.min(node.to, to);
        if (a > b) return;
        const h = /^(?:ATX|Setext)Heading([1-6])$/.exec(node.name);
        if (h) lines(a, b, heading[Number(h[1]) - 1]!);
        else if (node.name === "Blockquote") lines(a, b, kinds.quote);
        else if (node.name === "ListItem") lines(a, Math.min(b, doc.lineAt(a).to), kinds.list);
        else if (node.name === "FencedCode" || node.name === "CodeBlock" || node.name === "HTMLBlock") lines(a, b, kinds.code);
        else if (node.name === "HorizontalRule") lines(a, b, kinds.rule);
        else if (node.name === "TableHeader") lines(a, b, kinds.tableHead);
        else if (node.name === "TableRow") lines(a, b, kinds.table);
        else if (node.name === "TableDelimiter" && node.node.parent?.name === "Table") lines(a, b, kinds.tableRule);
      },
    });
  }
  return out;
}

export function livePreview(): Extension {
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
    { decorations: (p) => p.decorations },
  );
}
