/**
 * Comment anchors on the text of this editor. They come from the hub as positions of a version, are moved with every
 * change here, and are drawn on whole words, because a highlight that ends inside an Arabic word breaks its joining.
 */
import { type ChangeDesc, type EditorState, type Extension, type Range, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

export interface Anchor {
  id: string;
  from: number;
  to: number;
  open: boolean;
  blocking: boolean;
}
interface Anchors {
  /** By their places in the text. */
  list: readonly Anchor[];
  active: string | null;
  /** The range a new comment is being written on. */
  draft: { from: number; to: number } | null;
}

export const setAnchors = StateEffect.define<readonly Anchor[]>();
export const setActive = StateEffect.define<string | null>();
export const setDraftRange = StateEffect.define<{ from: number; to: number } | null>();

// Inward on both sides: what is typed at the edge of an anchor does not belong to it.
function move<T extends { from: number; to: number }>(a: T, changes: ChangeDesc): T {
  const from = changes.mapPos(a.from, 1);
  const to = changes.mapPos(a.to, -1);
  return { ...a, from, to: Math.max(from, to) };
}

// Of thousands of anchors a key touches hardly one: those before it stay as they are, those behind it only shift.
function moveAll(list: readonly Anchor[], changes: ChangeDesc): readonly Anchor[] {
  if (list.length === 0) return list;
  let first = Number.POSITIVE_INFINITY;
  let last = -1;
  changes.iterChangedRanges((fromA, toA) => {
    first = Math.min(first, fromA);
    last = Math.max(last, toA);
  });
  if (last < 0) return list;
  const shift = changes.newLength - changes.length;
  return list.map((a) => {
    if (a.to < first) return a;
    if (a.from > last) return shift === 0 ? a : { id: a.id, from: a.from + shift, to: a.to + shift, open: a.open, blocking: a.blocking };
    return move(a, changes);
  });
}

export const anchors = StateField.define<Anchors>({
  create: () => ({ list: [], active: null, draft: null }),
  update(value, tr) {
    let next = value;
    if (tr.docChanged && (value.list.length > 0 || value.draft)) {
      next = { ...value, list: moveAll(value.list, tr.changes), draft: value.draft && move(value.draft, tr.changes) };
    }
    for (const e of tr.effects) {
      if (e.is(setAnchors)) next = { ...next, list: [...e.value].sort((a, b) => a.from - b.from) };
      else if (e.is(setActive)) next = { ...next, active: e.value };
      else if (e.is(setDraftRange)) next = { ...next, draft: e.value };
    }
    return next;
  },
});

// Thousands of anchors move with a key; only those on the screen are drawn.
const drawn = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = draw(view.state, view.state.field(anchors), view.viewport);
    }
    update(u: ViewUpdate) {
      const value = u.state.field(anchors);
      if (u.docChanged || u.viewportChanged || value !== u.startState.field(anchors)) this.decorations = draw(u.state, value, u.view.viewport);
    }
  },
  { decorations: (p) => p.decorations },
);

// The same marks again and again: what is equal by identity is not compared by its parts.
const marks = new Map<string, Decoration>();
function markOf(cls: string, id: string | undefined): Decoration {
  const key = `${cls} ${id ?? ""}`;
  let d = marks.get(key);
  if (!d) {
    if (marks.size > 10_000) marks.clear();
    d = Decoration.mark({ class: cls, attributes: id ? { "data-thread": id } : undefined });
    marks.set(key, d);
  }
  return d;
}

function draw(state: EditorState, value: Anchors, seen: { from: number; to: number }): DecorationSet {
  const out: Range<Decoration>[] = [];
  const add = (from: number, to: number, cls: string, id?: string) => {
    const r = wholeWords(state.doc, from, to);
    if (r.from >= r.to) return;
    out.push(markOf(cls, id).range(r.from, r.to));
  };
  for (const a of value.list) {
    if (a.to < seen.from || a.from > seen.to) continue;
    const active = a.id === value.active;
    if (a.open || active) add(a.from, a.to, `cm-anchor${active ? " on" : ""}${a.blocking ? " blocking" : ""}`, a.id);
  }
  if (value.draft) add(value.draft.from, value.draft.to, "cm-anchor on");
  return Decoration.set(out, true);
}

const wordChar = /[\p{L}\p{N}\p{M}\u0640\u200c\u200d]/u;

/** The range grown to whole words and shrunk by the spaces at its ends. */
export function wholeWords(doc: Text, from: number, to: number): { from: number; to: number } {
  const end = Math.min(doc.length, to);
  let a = Math.max(0, Math.min(from, end));
  let b = end;
  const first = doc.lineAt(a);
  const last = doc.lineAt(b);
  while (a > first.from && inWord(first.text, a - first.from)) a--;
  while (b < last.to && inWord(last.text, b - last.from)) b++;
  const text = doc.sliceString(a, b);
  const lead = text.length - text.trimStart().length;
  if (lead === text.length) return { from: a, to: b };
  return { from: a + lead, to: b - (text.length - text.trimEnd().length) };
}

// Whether the place between two units lies inside a word, or inside a surrogate pair.
function inWord(line: string, at: number): boolean {
  const before = line.charCodeAt(at - 1);
  if (before >= 0xd800 && before <= 0xdbff) return true;
  return wordChar.test(line[at - 1] ?? "") && wordChar.test(line[at] ?? "");
}

/** Anchors drawn in the text; tells which thread was clicked. */
export function threadAnchors(onPick: (id: string) => void): Extension {
  return [
    anchors,
    drawn,
    EditorView.domEventHandlers({
      click(e) {
        const el = e.target instanceof Element ? e.target.closest("[data-thread]") : null;
        const id = el?.getAttribute("data-thread");
        if (id) onPick(id);
        return false;
      },
    }),
  ];
}
