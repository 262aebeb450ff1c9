/**
 * The unconfirmed half of a shared text: what this tab wrote that the hub's log does not hold yet, and how updates of the
 * log are taken in under it.
 *
 * It follows @codemirror/collab with four differences that the protocol needs. Own updates are known by client number
 * and sequence, not by their place in the list. Every update of the log is mapped by itself, never composed with its
 * neighbours first, because mapping over a composition can order two insertions differently than the hub did. What was
 * never sent is composed while it waits, so a day offline is a few updates; what was sent once is never merged again.
 * And an echo that differs from what is held here is taken as the truth, so a disagreement heals instead of staying.
 */
import { Annotation, ChangeSet, EditorState, type Extension, Facet, type StateEffect, StateField, type Text, Transaction, type TransactionSpec } from "@codemirror/state";
import { insertedBytes, limits, type WireUpdate } from "../../live/wire";

/** An own update. It has a sequence from the moment it is first sent; 0 before. */
export interface LocalUpdate {
  changes: ChangeSet;
  client: number;
  seq: number;
}

export interface Shared {
  /** Version of the log that `confirmed` is the text of. */
  version: number;
  confirmed: Text;
  /** Own updates on top of `confirmed`, in order: first the sent ones, then the ones that wait. */
  unconfirmed: readonly LocalUpdate[];
  /**
   * In suggest mode, what stands between the shared text and the editor's: own suggested insertions, and nothing but insertions. Typing
   * extends it then, and nothing is sent.
   */
  overlay?: ChangeSet | null;
}

/** What an update of the log that is one's own suggestion, accepted, makes of the overlay and of the editor's text. */
export interface Absorbed {
  overlay: ChangeSet;
  changes: ChangeSet;
  effects: readonly StateEffect<unknown>[];
}
/**
 * Recognises one's own suggestion in an update, given on the shared text as it is here: what stands in the editor as suggested is the
 * text then, and is not written a second time.
 */
export const absorbing = Facet.define<(state: EditorState, over: ChangeSet) => Absorbed | null>();

const startAt = Facet.define<Shared, Shared | null>({ combine: (v) => v[0] ?? null });
const settle = Annotation.define<Shared>();

// A waiting update stops growing here, so that one update stays well below the hub's limits.
const composeSections = 2_000;
const composeBytes = 32 * 1024;

/** The shared state; updates itself from every transaction that changes the text. */
export const shared: StateField<Shared> = StateField.define<Shared>({
  create(state) {
    return state.facet(startAt) ?? { version: 0, confirmed: state.doc, unconfirmed: [] };
  },
  update(value, tr) {
    const settled = tr.annotation(settle);
    if (settled) return settled;
    if (!tr.docChanged) return value;
    if (value.overlay) return { ...value, overlay: value.overlay.compose(tr.changes) };
    return { ...value, unconfirmed: append(value.unconfirmed, tr.changes) };
  },
});

/** Starts sharing at a place in the log, or with what an earlier page load left behind. */
export function sharing(start: Shared): Extension {
  return [startAt.of(start), shared];
}

function append(list: readonly LocalUpdate[], changes: ChangeSet): readonly LocalUpdate[] {
  const last = list[list.length - 1];
  if (last && last.seq === 0) {
    const composed = last.changes.compose(changes);
    if (composed.empty) return list.slice(0, -1);
    const sections = (composed as unknown as { sections: number[] }).sections.length / 2;
    if (sections <= composeSections && insertedBytes(composed) <= composeBytes) {
      return [...list.slice(0, -1), { changes: composed, client: 0, seq: 0 }];
    }
  }
  return [...list, { changes, client: 0, seq: 0 }];
}

/** Whether two changes say the same. */
export function same(a: ChangeSet, b: ChangeSet): boolean {
  return a.length === b.length && a.newLength === b.newLength && JSON.stringify(a.toJSON()) === JSON.stringify(b.toJSON());
}

/** What taking in some updates of the log did, besides changing the text. */
export interface Taken {
  spec: TransactionSpec;
  /** Own updates among them. */
  own: number;
  /** Own updates whose echo differed from what was held here. */
  healed: number;
}

/**
 * Takes in updates of the log that begin at the version held here; one at a time they may be one's own suggestions, accepted.
 * The transaction moves the text, keeps the undo history of this person only, and never passes a filter.
 */
export function receive(state: EditorState, updates: readonly WireUpdate[]): Taken {
  const start = state.field(shared);
  let confirmed = start.confirmed;
  let unconfirmed = start.unconfirmed;
  let overlay = start.overlay ?? null;
  let own = 0;
  let healed = 0;
  const steps: ChangeSet[] = [];
  let effects: readonly StateEffect<unknown>[] = [];
  for (const u of updates) {
    const first = unconfirmed[0];
    let over = u.changes;
    if (first && first.seq === u.seq && first.client === u.client && first.seq > 0) {
      unconfirmed = unconfirmed.slice(1);
      own++;
      if (same(first.changes, u.changes)) {
        confirmed = u.changes.apply(confirmed);
        continue;
      }
      healed++;
      over = first.changes.invert(confirmed).compose(u.changes);
    }
    confirmed = u.changes.apply(confirmed);
    const mapped: LocalUpdate[] = [];
    for (const mine of unconfirmed) {
      const changes = mine.changes.map(over);
      over = over.map(mine.changes, true);
      if (mine.seq === 0 && changes.empty) continue;
      mapped.push({ ...mine, changes });
    }
    unconfirmed = mapped;
    if (overlay) {
      const found: Absorbed | null = updates.length > 1 || over.empty ? null : state.facet(absorbing).reduce<Absorbed | null>((got, f) => got ?? f(state, over), null);
      const moved: ChangeSet = found ? found.overlay : overlay.map(over);
      over = found ? found.changes : over.map(overlay, true);
      overlay = moved;
      if (found) effects = found.effects;
    }
    if (!over.empty) steps.push(over);
  }
  const next: Shared = { version: start.version + updates.length, confirmed, unconfirmed, overlay };
  return { spec: { ...settleSpec(composeAll(steps, state.doc.length), next), effects }, own, healed };
}

// Pairwise, so that catching up over thousands of updates does not go quadratic in the sections.
function composeAll(steps: ChangeSet[], length: number): ChangeSet {
  if (steps.length === 0) return ChangeSet.empty(length);
  let level = steps;
  while (level.length > 1) {
    const up: ChangeSet[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const b = level[i + 1];
      up.push(b ? level[i]!.compose(b) : level[i]!);
    }
    level = up;
  }
  return level[0]!;
}

function settleSpec(changes: ChangeSet, next: Shared): TransactionSpec {
  return {
    changes,
    annotations: [Transaction.addToHistory.of(false), Transaction.remote.of(true), settle.of(next)],
    filter: false,
  };
}

/** Gives the updates that wait their sequences, at most one push full of them. Null when there is nothing to send. */
export function take(state: EditorState, client: number, nextSeq: number): { spec: TransactionSpec; count: number } | null {
  const value = state.field(shared);
  let seq = nextSeq;
  let count = 0;
  let bytes = 0;
  const unconfirmed = value.unconfirmed.map((u) => {
    if (u.seq > 0 || count >= limits.pushUpdates || bytes >= limits.pushBytes / 2) return u;
    bytes += insertedBytes(u.changes) + 64;
    if (count > 0 && bytes > limits.pushBytes / 2) {
      bytes = limits.pushBytes;
      return u;
    }
    count++;
    return { changes: u.changes, client, seq: seq++ };
  });
  if (count === 0) return null;
  return { spec: { annotations: settle.of({ ...value, unconfirmed }) }, count };
}

/** Forgets the sequences of what is unconfirmed: it will be sent under another client number. */
export function unsend(state: EditorState): TransactionSpec {
  const value = state.field(shared);
  return { annotations: settle.of({ ...value, unconfirmed: value.unconfirmed.map((u) => ({ changes: u.changes, client: 0, seq: 0 })) }) };
}

/** Replaces the confirmed text by another one that did not come through the log, dropping what is unconfirmed. */
export function restart(state: EditorState, version: number, text: Text): TransactionSpec {
  const changes = ChangeSet.of({ from: 0, to: state.doc.length, insert: text }, state.doc.length);
  const overlay = state.field(shared).overlay ? ChangeSet.empty(text.length) : null;
  return settleSpec(changes, { version, confirmed: text, unconfirmed: [], overlay });
}

/** Changes the editor's text and the overlay with it, past filters and past undo: suggestions that come, go, or leave the screen. */
export function lay(state: EditorState, changes: ChangeSet, overlay: ChangeSet | null): TransactionSpec {
  return settleSpec(changes, { ...state.field(shared), overlay });
}

/** Where a position of the shared text is in the editor's. */
export function toDoc(s: Shared, pos: number, assoc: -1 | 1): number {
  return s.overlay ? s.overlay.mapPos(pos, assoc) : pos;
}

/** Where a position of the editor's text is in the shared one; inside own suggested text it is that text's place. */
export function toBase(s: Shared, pos: number): number {
  return s.overlay ? s.overlay.invertedDesc.mapPos(pos, 1) : pos;
}

/** The text with line breaks as they are in the log, whatever the device prefers. */
export function plain(doc: Text): string {
  return doc.sliceString(0, doc.length, "\n");
}
