/** A read-only CodeMirror view whose stretches carry the mark of whoever wrote them. It shows any size: only what is on the screen is drawn. */
import { EditorState, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { Dir } from "../draft/editor/direction";
import { lineDirections } from "../draft/editor/direction";
import { markdownText } from "../draft/editor/markdown";
import { cspNonce } from "../draft/editor/view";
import type { Span } from "./api";

/** How a writer's words look and what is said of them. */
export interface Look {
  hue: number;
  /** Not of the agency that is filtered for. */
  dim: boolean;
  title: (at: number) => string;
}

interface Shown {
  spans: readonly Span[];
  /** Where each span begins, for finding those on the screen. */
  starts: readonly number[];
  look: (by: number) => Look | null;
}

const show = StateEffect.define<Shown>();
const shown = StateField.define<Shown>({
  create: () => ({ spans: [], starts: [], look: () => null }),
  update: (v, tr) => tr.effects.reduce((a, e) => (e.is(show) ? e.value : a), v),
});

function draw(view: EditorView): DecorationSet {
  const { spans, starts, look } = view.state.field(shown);
  const end = view.state.doc.length;
  const out = [];
  for (const { from, to } of view.visibleRanges) {
    let lo = 0;
    let hi = starts.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (starts[mid]! <= from) lo = mid + 1;
      else hi = mid;
    }
    for (let i = Math.max(0, lo - 1); i < spans.length && starts[i]! < to; i++) {
      const [n, by, at] = spans[i]!;
      const l = look(by);
      const a = Math.max(starts[i]!, from);
      const b = Math.min(starts[i]! + n, to, end);
      if (!l || a >= b) continue;
      out.push(Decoration.mark({ class: `by${l.hue ? ` h${l.hue}` : ""}${l.dim ? " dimmed" : ""}`, attributes: { title: l.title(at), "data-by": String(by) } }).range(a, b));
    }
  }
  return Decoration.set(out, true);
}

const authors = ViewPlugin.fromClass(
  class {
    set: DecorationSet;
    constructor(view: EditorView) {
      this.set = draw(view);
    }
    update(u: ViewUpdate) {
      if (u.docChanged || u.viewportChanged || u.transactions.some((t) => t.effects.some((e) => e.is(show)))) this.set = draw(u.view);
    }
  },
  { decorations: (v) => v.set },
);

export function createAuthored(parent: HTMLElement, o: { dir: Dir; lang: string; label: string }): EditorView {
  return new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.lineWrapping,
        EditorView.cspNonce.of(cspNonce()),
        EditorView.contentAttributes.of({ dir: o.dir, lang: o.lang, role: "document", "aria-label": o.label, tabindex: "0" }),
        markdownText(),
        lineDirections(o.dir),
        shown,
        authors,
      ],
    }),
  });
}

/** Puts another version on the screen: only what differs is exchanged, so that the place on the screen is kept. */
export function showMoment(view: EditorView, doc: Text, spans: readonly Span[], look: (by: number) => Look | null): void {
  const starts: number[] = [];
  let at = 0;
  for (const s of spans) {
    starts.push(at);
    at += s[0];
  }
  const old = view.state.doc;
  const effects = show.of({ spans, starts, look });
  if (old.eq(doc)) {
    view.dispatch({ effects });
    return;
  }
  // Versions share their parts, but a common beginning and end of lines is all that is needed here.
  let head = 1;
  while (head <= old.lines && head <= doc.lines && old.line(head).text === doc.line(head).text) head++;
  let tail = 0;
  while (tail < old.lines - head + 1 && tail < doc.lines - head + 1 && old.line(old.lines - tail).text === doc.line(doc.lines - tail).text) tail++;
  const from = head > old.lines || head > doc.lines ? Math.min(old.length, doc.length) : old.line(head).from;
  const plain = head > old.lines || head > doc.lines;
  const oldTo = plain ? old.length : tail > 0 ? old.line(old.lines - tail + 1).from : old.length;
  const newTo = plain ? doc.length : tail > 0 ? doc.line(doc.lines - tail + 1).from : doc.length;
  view.dispatch({ changes: { from, to: Math.max(from, oldTo), insert: doc.slice(from, Math.max(from, newTo)) }, effects });
}
