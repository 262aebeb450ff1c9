/**
 * What has to be drawn anew after an update, for what follows from the lines on the screen and their grammar. Markdown's
 * outermost blocks do not know each other: a key that leaves the block around it what it was and where it was has changed
 * nothing outside of it. So it costs one paragraph and not the screen.
 */
import { syntaxTree } from "@codemirror/language";
import type { EditorState, Range } from "@codemirror/state";
import { Decoration, type DecorationSet, type EditorView, type ViewUpdate } from "@codemirror/view";

export interface Span {
  from: number;
  to: number;
}

// Several plugins ask about the same update.
const answers = new WeakMap<ViewUpdate, Span | "all" | "none">();

/** A span of whole lines, of the text as it is now; "all" for everything visible. */
export function redraw(u: ViewUpdate): Span | "all" | "none" {
  const known = answers.get(u);
  if (known !== undefined) return known;
  const a = look(u);
  answers.set(u, a);
  return a;
}

// What was on the screen after the last update of a view.
const screens = new WeakMap<EditorView, Span>();

function look(u: ViewUpdate): Span | "all" | "none" {
  const old = screens.get(u.view);
  const { from: top, to: bottom } = u.view.viewport;
  screens.set(u.view, { from: top, to: bottom });
  // A viewport that only moved with the text shows the same lines.
  const moved = !old || u.changes.mapPos(old.from, -1) !== top || u.changes.mapPos(old.to, 1) !== bottom;
  const same = syntaxTree(u.startState) === syntaxTree(u.state);
  if (!u.docChanged) return moved || u.viewportChanged || !same ? "all" : "none";
  if (same || moved || syntaxTree(u.state).length < bottom) return "all";
  // What was drawn while the parser had not come so far is plain text; the key that completes the tree draws it anew.
  if (syntaxTree(u.startState).length < old.to) return "all";
  let from = -1;
  let to = -1;
  let pieces = 0;
  let broken = false;
  u.changes.iterChanges((fromA, toA, _fromB, _toB, text) => {
    pieces++;
    from = fromA;
    to = toA;
    broken = text.lines > 1;
  });
  if (pieces !== 1 || broken) return "all";
  const before = u.startState.doc.lineAt(from);
  if (to > before.to) return "all";
  const now = u.state.doc.lineAt(u.changes.mapPos(before.from, -1));
  const a = block(u.startState, before.from);
  const b = block(u.state, now.from);
  const shift = u.changes.newLength - u.changes.length;
  if (!a || !b || a.name !== b.name || a.from !== b.from || a.to + shift !== b.to) return "all";
  // A list may be longer than the screen.
  return { from: Math.max(top, u.state.doc.lineAt(b.from).from), to: Math.min(bottom, u.state.doc.lineAt(b.to).to) };
}

function block(state: EditorState, lineFrom: number): { name: string; from: number; to: number } | null {
  const { text, from } = state.doc.lineAt(lineFrom);
  const lead = text.search(/\S/);
  if (lead < 0) return null;
  let n = syntaxTree(state).resolveInner(from + lead, 1);
  if (!n.parent) return null;
  while (n.parent?.parent) n = n.parent;
  return { name: n.name, from: n.from, to: n.to };
}

/** Decorations with those of whole lines replaced by others. */
export function anew(set: DecorationSet, span: Span, by: readonly Range<Decoration>[]): DecorationSet {
  return set.update({ filterFrom: span.from, filterTo: span.to, filter: () => false, add: by, sort: true });
}

/** Decorations after an update: mapped, and built anew where that is needed. `build` gives those of a list of spans, by default of all that is visible. */
export function redrawn(set: DecorationSet, u: ViewUpdate, build: (view: EditorView, spans?: readonly Span[]) => readonly Range<Decoration>[]): DecorationSet {
  const what = redraw(u);
  if (what === "none") return set;
  return what === "all" ? Decoration.set(build(u.view) as Range<Decoration>[], true) : anew(set.map(u.changes), what, build(u.view, [what]));
}
