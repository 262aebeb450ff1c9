/** What must not reorder the line around it: code, addresses and marked words stand by themselves in a line that is read the other way. */
import { syntaxTree } from "@codemirror/language";
import { type Extension, Prec, type Range } from "@codemirror/state";
import { Decoration, type DecorationSet, Direction, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { NodeProp } from "@lezer/common";

const mark = (dir: string, bidiIsolate: Direction | null) => Decoration.mark({ class: "cm-iso", inclusive: true, attributes: { dir }, bidiIsolate });
const marks = { ltr: mark("ltr", Direction.LTR), rtl: mark("rtl", Direction.RTL), auto: mark("auto", null) };

// bidiIsolates of @codemirror/language adds a node once for every range that it lies in, and breaks where a folded address parts what is visible inside a
// node that holds another.
function build(view: EditorView): Range<Decoration>[] {
  const out: Range<Decoration>[] = [];
  const seen = new Set<string>();
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from,
      to,
      enter(node) {
        const dir = node.type.prop(NodeProp.isolate);
        const key = `${node.name} ${node.from} ${node.to}`;
        if (!dir || node.from === node.to || seen.has(key)) return;
        seen.add(key);
        out.push(marks[dir].range(node.from, node.to));
      },
    });
  }
  return out;
}

/** Isolates the nodes that the grammar marks with NodeProp.isolate, in the browser's drawing and in the editor's own caret movement. */
export function isolates(): Extension {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      tree: ReturnType<typeof syntaxTree>;
      constructor(view: EditorView) {
        this.tree = syntaxTree(view.state);
        this.decorations = Decoration.set(build(view), true);
      }
      update(u: ViewUpdate) {
        const tree = syntaxTree(u.state);
        if (tree === this.tree && !u.docChanged && !u.viewportChanged) return;
        this.tree = tree;
        this.decorations = Decoration.set(build(u.view), true);
      }
    },
    {
      provide: (p) => {
        const of = (view: EditorView) => view.plugin(p)?.decorations ?? Decoration.none;
        return [EditorView.outerDecorations.of(of), Prec.lowest(EditorView.bidiIsolatedRanges.of(of))];
      },
    },
  );
}
