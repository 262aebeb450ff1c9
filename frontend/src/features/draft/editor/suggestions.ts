/**
 * Suggestions in the text. Others' are drawn on it: what they would take away is struck through, what they would put there
 * stands beside it and is not in the document. One's own, in suggest mode, are text: what is typed is in the editor and not in the shared
 * text (collab.ts, the overlay), and what is deleted stays and is struck through. So caret, selection, input methods and undo
 * work in suggested text as anywhere.
 */
import { invertedEffects } from "@codemirror/commands";
import { ChangeSet, type ChangeDesc, EditorSelection, EditorState, type Extension, Facet, type Range, StateEffect, StateField, Transaction, type TransactionSpec } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { type Absorbed, absorbing, lay, shared, toBase } from "../collab";
import { directionAt } from "./direction";

export interface Span {
  from: number;
  to: number;
}
/** A part of a suggestion: `insert` instead of [from, to). */
export interface Part extends Span {
  insert: string;
}
/** Somebody's suggestion as it is drawn. */
export interface Drawn {
  id: string;
  hue: number;
  parts: readonly Part[];
  /** What a screen reader is told before the inserted text. */
  label: string;
}
/** One of one's own suggestions, as it is to be saved: positions are those of the shared text. */
export interface Group {
  key: string | null;
  /** Place in the editor. */
  from: number;
  to: number;
  /** Its places in the editor, one for each part. */
  at: readonly Span[];
  parts: Part[];
  /** What it says, without places: the same text means there is nothing to save. */
  says: string;
}
interface Mark extends Span {
  key: string;
}
interface Own {
  /** Struck ranges of the shared text, in order and apart. */
  struck: readonly Span[];
  /** Which places belong to which saved suggestion. */
  marks: readonly Mark[];
}

const strike = StateEffect.define<Span>({ map: mapSpan });
const unstrike = StateEffect.define<Span>({ map: mapSpan });
const setOwn = StateEffect.define<Own>();
export const setDrawn = StateEffect.define<readonly Drawn[]>();
export const setActiveSuggestion = StateEffect.define<string | null>();

// The undo history keeps spans of the text as it would be after undoing and maps them over what others write to the text as it is, which may be shorter.
function mapSpan(s: Span, c: ChangeDesc): Span | undefined {
  const from = c.mapPos(Math.min(s.from, c.length), 1);
  const to = c.mapPos(Math.min(s.to, c.length), -1);
  return from < to ? { from, to } : undefined;
}

/** What of the ranges is left, unit for unit: what was put inside one is not part of it. */
export function kept(spans: readonly Span[], changes: ChangeDesc): Span[] {
  const out: Span[] = [];
  if (spans.length === 0) return out;
  changes.iterGaps((posA, posB, length) => {
    for (const s of spans) {
      const from = Math.max(s.from, posA);
      const to = Math.min(s.to, posA + length);
      if (from < to) out.push({ from: from - posA + posB, to: to - posA + posB });
    }
  });
  return merge(out);
}

function merge(spans: Span[]): Span[] {
  const out: Span[] = [];
  for (const s of [...spans].sort((a, b) => a.from - b.from)) {
    const last = out[out.length - 1];
    if (last && s.from <= last.to) last.to = Math.max(last.to, s.to);
    else if (s.from < s.to) out.push({ ...s });
  }
  return out;
}

/** The parts of `spans` outside `holes`; both in order and apart. */
function without(spans: readonly Span[], holes: readonly Span[]): Span[] {
  let left = spans.map((s) => ({ ...s }));
  for (const h of holes) {
    left = left.flatMap((s) => (h.to <= s.from || h.from >= s.to ? [s] : [{ from: s.from, to: Math.max(s.from, h.from) }, { from: Math.min(s.to, h.to), to: s.to }].filter((x) => x.from < x.to)));
  }
  return left;
}

function within(spans: readonly Span[], s: Span): Span[] {
  return spans.map((x) => ({ from: Math.max(x.from, s.from), to: Math.min(x.to, s.to) })).filter((x) => x.from < x.to);
}

// Inward, so that what others write beside it does not become part of it; what one writes there oneself touches it.
function moveMarks(marks: readonly Mark[], changes: ChangeDesc): Mark[] {
  return marks.map((m) => {
    const a = changes.mapPos(m.from, 1);
    const b = changes.mapPos(m.to, -1);
    return { key: m.key, from: Math.min(a, b), to: Math.max(a, b) };
  });
}

export const own = StateField.define<Own>({
  create: () => ({ struck: [], marks: [] }),
  update(value, tr) {
    let { struck, marks } = value;
    if (tr.docChanged) {
      struck = kept(struck, tr.changes);
      marks = moveMarks(marks, tr.changes);
    }
    for (const e of tr.effects) {
      if (e.is(strike)) struck = merge([...struck, e.value]);
      else if (e.is(unstrike)) struck = without(struck, [e.value]);
      else if (e.is(setOwn)) ({ struck, marks } = e.value);
    }
    return struck === value.struck && marks === value.marks ? value : { struck, marks };
  },
});

interface Others {
  list: readonly Drawn[];
  active: string | null;
}
export const others = StateField.define<Others>({
  create: () => ({ list: [], active: null }),
  update(value, tr) {
    let next = value;
    if (tr.docChanged && value.list.length > 0) {
      // One that was just accepted is text now; the hub's word of it comes a moment later.
      const came = new Set<string>();
      if (tr.annotation(Transaction.remote)) tr.changes.iterChanges((_a, _b, _c, _d, text) => text.length > 0 && came.add(text.toString()));
      const still = came.size > 0 ? value.list.filter((d) => !(d.parts.some((p) => p.insert !== "" && came.has(p.insert) && tr.changes.touchesRange(p.from, p.to)))) : value.list;
      next = { ...value, list: still.map((d) => ({ ...d, parts: d.parts.flatMap((p) => follow(p, tr.changes)) })).filter((d) => d.parts.length > 0) };
    }
    for (const e of tr.effects) {
      if (e.is(setDrawn)) next = { ...next, list: e.value };
      else if (e.is(setActiveSuggestion)) next = { ...next, active: e.value };
    }
    return next;
  },
});

// The text of a part stands behind what is left of its range.
function follow(p: Part, changes: ChangeDesc): Part[] {
  if (p.from === p.to) {
    const at = changes.mapPos(p.from, 1);
    return [{ from: at, to: at, insert: p.insert }];
  }
  const left = kept([p], changes);
  return left.map((s, i) => ({ ...s, insert: i === left.length - 1 ? p.insert : "" }));
}

/** Whether what is typed is a suggestion. */
export function suggesting(state: EditorState): boolean {
  return !!state.field(shared).overlay;
}

/** Own suggested text, in the editor's positions. */
export function inserted(state: EditorState): Span[] {
  const out: Span[] = [];
  state.field(shared).overlay?.iterChangedRanges((_fromA, _toA, from, to) => out.push({ from, to }));
  return merge(out);
}

/** One's own suggestions: what stands together is one, and what belonged to one stays one when others write between. */
export function groups(state: EditorState): Group[] {
  const s = state.field(shared);
  const { struck, marks } = state.field(own);
  const ins = inserted(state);
  const places = merge([...struck.map((x) => ({ ...x })), ...ins]);
  const part = (at: Span): Part => ({
    from: toBase(s, at.from),
    to: toBase(s, at.to),
    insert: within(ins, at).map((x) => state.doc.sliceString(x.from, x.to, "\n")).join(""),
  });
  const taken = new Set<Span>();
  const out: Group[] = [];
  const add = (key: string | null, at: Span[]) => {
    const parts = at.map(part);
    const gone = at.flatMap((x) => within(struck, x)).map((x) => state.doc.sliceString(x.from, x.to, "\n"));
    out.push({ key, from: at[0]!.from, to: at[at.length - 1]!.to, at, parts, says: JSON.stringify([gone, parts.map((p) => p.insert)]) });
  };
  for (const m of marks) {
    const at = places.filter((p) => !taken.has(p) && p.from <= m.to && p.to >= m.from);
    for (const p of at) taken.add(p);
    if (at.length > 0) add(m.key, at);
  }
  for (const p of places) if (!taken.has(p)) add(null, [p]);
  return out;
}

/** Which saved suggestions have nothing left here: they were taken back or became one with another. */
export function emptied(state: EditorState): string[] {
  const there = new Set(groups(state).map((g) => g.key));
  return state.field(own).marks.map((m) => m.key).filter((k) => !there.has(k));
}

/** Says which place belongs to which suggestion, after saving. */
export function markOwn(state: EditorState, marks: readonly Mark[]): TransactionSpec {
  return { effects: setOwn.of({ struck: state.field(own).struck, marks }) };
}
export function ownMarks(state: EditorState): readonly Mark[] {
  return state.field(own).marks;
}

/** Begins suggest mode, or puts more of one's own suggestions into the text. Parts are in the editor's positions. */
export function layIn(state: EditorState, items: readonly { key: string; parts: readonly Part[] }[]): TransactionSpec {
  const end = state.doc.length;
  const parts = items.flatMap((i) => i.parts);
  const changes = ChangeSet.of(
    parts.filter((p) => p.insert !== "").map((p) => ({ from: Math.min(p.to, end), insert: state.toText(p.insert) })),
    end,
  );
  const before = state.field(shared).overlay ?? ChangeSet.empty(end);
  const at = (p: Span): Span => ({ from: changes.mapPos(p.from, -1), to: changes.mapPos(p.to, 1) });
  const { struck, marks } = state.field(own);
  const spec = lay(state, changes, before.compose(changes));
  const strikes = kept(parts.filter((p) => p.from < p.to), changes);
  return {
    ...spec,
    effects: setOwn.of({
      // What is own suggested text cannot be struck.
      struck: merge([...kept(struck, changes), ...strikes]),
      marks: [
        ...moveMarks(marks, changes),
        ...items.filter((i) => i.parts.length > 0).map((i) => ({ key: i.key, from: at(i.parts[0]!).from, to: at(i.parts[i.parts.length - 1]!).to })),
      ],
    }),
  };
}

/** Takes one's own suggestions out of the text, all of them and suggest mode with them, or those with the keys. */
export function takeOut(state: EditorState, keys: readonly string[] | null): TransactionSpec {
  const value = state.field(own);
  const gone = groups(state).filter((g) => keys === null || (g.key !== null && keys.includes(g.key)));
  const holes = inserted(state).filter((s) => keys === null || gone.some((g) => s.from < g.to && s.to > g.from));
  const changes = ChangeSet.of(holes, state.doc.length);
  const overlay = keys === null ? null : (state.field(shared).overlay?.compose(changes) ?? null);
  const struck = keys === null ? [] : kept(without(value.struck, gone), changes);
  const marks = keys === null ? [] : moveMarks(value.marks.filter((m) => !keys.includes(m.key)), changes);
  return { ...lay(state, changes, overlay), effects: setOwn.of({ struck, marks }) };
}

// One's own suggestion, accepted, comes as an update that says the same on the shared text: then what is struck goes, what is suggested there is text,
// and what was typed behind it since stays suggested.
function absorb(state: EditorState, over: ChangeSet): Absorbed | null {
  const parts: Part[] = [];
  over.iterChanges((from, to, _fromB, _toB, text) => parts.push({ from, to, insert: text.sliceString(0, text.length, "\n") }));
  const g = groups(state).find((x) => x.parts.length === parts.length && x.parts.every((p, i) => p.from === parts[i]!.from && p.to === parts[i]!.to && p.insert.startsWith(parts[i]!.insert)));
  if (!g) return null;
  const { struck, marks } = state.field(own);
  const ins = inserted(state);
  const text: Span[] = [];
  g.at.forEach((at, i) => {
    let left = parts[i]!.insert.length;
    for (const x of within(ins, at)) {
      const n = Math.min(left, x.to - x.from);
      if (n > 0) text.push({ from: x.from, to: x.from + n });
      left -= n;
    }
  });
  const gone = g.at.flatMap((at) => within(struck, at));
  const changes = ChangeSet.of(gone, state.doc.length);
  const doc = changes.apply(state.doc);
  // What is suggested still is all that stands between the shared text and the editor's.
  const still = ChangeSet.of(kept(without(ins, merge(text)), changes), doc.length);
  if (still.newLength !== over.newLength) return null;
  return {
    overlay: still.invert(doc),
    changes,
    effects: [setOwn.of({ struck: kept(without(struck, gone), changes), marks: moveMarks(marks.filter((m) => m.key !== g.key), changes) })],
  };
}

export interface SuggestWords {
  /** Said when something was struck or suggested. */
  deleted(text: string): string;
  hue: number;
  picked(id: string): void;
  changed(): void;
}
export const suggestWords = Facet.define<SuggestWords, SuggestWords>({ combine: (v) => v[0] ?? { deleted: (s) => s, hue: 1, picked: () => {}, changed: () => {} } });

// In suggest mode what would delete text of the others strikes it instead. Undo does not pass here: it brings back its own effects.
const instead = EditorState.transactionFilter.of((tr) => {
  if (!tr.docChanged || !suggesting(tr.startState) || tr.annotation(Transaction.remote)) return tr;
  const state = tr.startState;
  const ins = inserted(state);
  const { struck } = state.field(own);
  const changes: { from: number; to?: number; insert?: ReturnType<EditorState["toText"]> }[] = [];
  const strikes: Span[] = [];
  let takes = false;
  let first = -1;
  let end = 0;
  let adds = false;
  tr.changes.iterChanges((from, to, _fromB, _toB, text) => {
    const base = without([{ from, to }].filter((s) => s.from < s.to), ins);
    if (base.length > 0) takes = true;
    strikes.push(...without(base, struck));
    for (const s of within(ins, { from, to })) changes.push({ from: s.from, to: s.to });
    if (text.length > 0) {
      changes.push({ from: to, insert: text });
      adds = true;
    }
    if (first < 0) first = from;
    end = to;
  }, true);
  if (!takes) return tr;
  const set = state.changes(changes);
  const head = adds ? set.mapPos(end, 1) : tr.isUserEvent("delete.forward") ? set.mapPos(end, 1) : set.mapPos(first, -1);
  const said = strikes.map((s) => state.doc.sliceString(s.from, s.to, " ")).join(" ").slice(0, 120);
  const effects: StateEffect<unknown>[] = strikes.flatMap((s) => kept([s], set)).map((s) => strike.of(s));
  if (said.trim()) effects.push(EditorView.announce.of(state.facet(suggestWords).deleted(said)));
  return [{ changes: set, effects, selection: EditorSelection.cursor(head), scrollIntoView: true, userEvent: tr.annotation(Transaction.userEvent) }];
});

// What a suggestion would put there, drawn and not in the document.
class Proposed extends WidgetType {
  constructor(private readonly text: string, private readonly hue: number, private readonly id: string, private readonly label: string, private readonly active: boolean, private readonly dir: string) {
    super();
  }
  override eq(o: Proposed) {
    return o.text === this.text && o.hue === this.hue && o.id === this.id && o.active === this.active && o.dir === this.dir && o.label === this.label;
  }
  override get lineBreaks() {
    return this.text.split("\n").length - 1;
  }
  override toDOM() {
    const el = document.createElement("ins");
    el.className = `cm-sg-ins drawn h${this.hue}${this.active ? " on" : ""}`;
    el.dataset.suggestion = this.id;
    el.dir = this.dir;
    const said = document.createElement("span");
    said.className = "vh";
    said.textContent = this.label;
    el.append(said, this.text);
    return el;
  }
  override ignoreEvent() {
    return false;
  }
}

// A struck line break has no glyph of its own.
class Joined extends WidgetType {
  override eq() {
    return true;
  }
  override toDOM() {
    const el = document.createElement("del");
    el.className = "cm-sg-del";
    el.textContent = "¶";
    el.setAttribute("aria-hidden", "true");
    return el;
  }
}
const joined = Decoration.widget({ widget: new Joined(), side: 1 });

function draw(state: EditorState): DecorationSet {
  const out: Range<Decoration>[] = [];
  const end = state.doc.length;
  const struckOut = (s: Span, cls: string, id?: string) => {
    const from = Math.min(s.from, end);
    const to = Math.min(s.to, end);
    if (from >= to) return;
    out.push(Decoration.mark({ tagName: "del", class: `cm-sg-del ${cls}`, attributes: id ? { "data-suggestion": id } : undefined }).range(from, to));
    for (let line = state.doc.lineAt(from); line.to < to; line = state.doc.line(line.number + 1)) out.push(joined.range(line.to));
  };
  const { list, active } = state.field(others);
  for (const d of list) {
    const on = d.id === active;
    for (const p of d.parts) {
      struckOut(p, `h${d.hue}${on ? " on" : ""}`, d.id);
      if (p.insert !== "") {
        const at = Math.min(p.to, end);
        out.push(Decoration.widget({ widget: new Proposed(p.insert, d.hue, d.id, d.label, on, directionAt(state, at)), side: 1 }).range(at));
      }
    }
  }
  if (suggesting(state)) {
    const { hue } = state.facet(suggestWords);
    const { struck, marks } = state.field(own);
    const keyOf = (s: Span) => marks.find((m) => m.from <= s.to && m.to >= s.from)?.key;
    for (const s of struck) struckOut(s, `own h${hue}${active && keyOf(s) === active ? " on" : ""}`, keyOf(s));
    for (const s of inserted(state)) {
      const key = keyOf(s);
      out.push(Decoration.mark({ tagName: "ins", class: `cm-sg-ins own h${hue}${active && key === active ? " on" : ""}`, attributes: key ? { "data-suggestion": key } : undefined }).range(s.from, s.to));
    }
  }
  return Decoration.set(out, true);
}

/** Suggestions drawn in the text and, in suggest mode, made of what is typed. */
export function suggestions(): Extension {
  return [
    own,
    others,
    absorbing.of(absorb),
    instead,
    // Undo of a strike lifts it, and the other way round.
    invertedEffects.of((tr) =>
      tr.effects.flatMap((e) => {
        if (!e.is(strike) && !e.is(unstrike)) return [];
        const back = e.is(strike) ? unstrike : strike;
        return kept([e.value], tr.changes.invertedDesc).map((s) => back.of(s));
      }),
    ),
    EditorView.decorations.compute([others, own, shared, suggestWords], draw),
    EditorView.updateListener.of((u) => {
      if (!suggesting(u.state)) return;
      const mine = u.transactions.some((tr) => !tr.annotation(Transaction.remote) && (tr.docChanged || tr.effects.some((e) => e.is(strike) || e.is(unstrike))));
      if (mine) u.state.facet(suggestWords).changed();
    }),
    EditorView.domEventHandlers({
      click(e, view) {
        const el = e.target instanceof Element ? e.target.closest("[data-suggestion]") : null;
        const id = el?.getAttribute("data-suggestion");
        if (id) view.state.facet(suggestWords).picked(id);
        return false;
      },
    }),
  ];
}
