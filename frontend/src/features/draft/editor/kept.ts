/**
 * Sections that are given to agencies, on the text of this editor. What they keep from whom is decided by the hub when a
 * change is appended (pkg/section, the same rules); here the writer is told before the change is made.
 */
import { type ChangeSet, EditorState, type Extension, Prec, type Range, StateEffect, StateField, type Text, Transaction } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { interrupts, notParagraph, underline } from "./outline";
import { suggesting } from "./suggestions";

export interface Kept {
  id: string;
  /** Beginning of the heading's line. */
  at: number;
  agency: string;
  hue: number;
  /** The writer's own agency has it. */
  mine: boolean;
  /** Its day has gone by. */
  late: boolean;
  /** What stands beside the heading. */
  label: string;
}
interface Place extends Kept {
  /** Where the section ends, and the end of the line that ended it. */
  end: number;
  guard: number;
  found: boolean;
}

export const setKept = StateEffect.define<readonly Kept[]>();

const heading = /^ {0,3}(#{1,6})(?:[ \t]|$)/;
const fence = /^ {0,3}(`{3,}|~{3,})/;

/** The level and the last line of the heading that begins on a line; null when none does. An underlined one stands below an empty line. */
function headingAt(doc: Text, n: number): { depth: number; last: number } | null {
  const first = doc.line(n).text;
  const depth = heading.exec(first)?.[1]?.length;
  if (depth) return { depth, last: n };
  if (first.trim() === "" || fence.test(first) || notParagraph.test(first) || (n > 1 && doc.line(n - 1).length > 0)) return null;
  for (let k = n + 1; k <= doc.lines; k++) {
    const text = doc.line(k).text;
    const under = underline(text);
    if (under) return { depth: under, last: k };
    if (text.trim() === "" || heading.test(text) || fence.test(text) || interrupts.test(text)) return null;
  }
  return null;
}

/** The extent of the section whose heading begins at a position; null when none begins there. */
export function extent(doc: Text, at: number): { end: number; guard: number } | null {
  if (at < 0 || at > doc.length) return null;
  const first = doc.lineAt(at);
  const head = first.from === at ? headingAt(doc, first.number) : null;
  if (!head) return null;
  let open = "";
  let inBlock = false;
  let paragraph = -1;
  for (let n = head.last + 1; n <= doc.lines; n++) {
    const l = doc.line(n);
    const mark = fence.exec(l.text)?.[1] ?? "";
    const level = heading.exec(l.text)?.[1]?.length ?? 0;
    const under = paragraph >= 0 ? underline(l.text) : 0;
    const guard = Math.min(doc.length, l.to + 1);
    if (open) {
      if (mark && mark[0] === open[0] && mark.length >= open.length && l.text.trim() === mark) {
        open = "";
        inBlock = false;
      }
    } else if (mark) {
      open = mark;
      paragraph = -1;
    } else if (l.text.trim() === "" || level || under) {
      if (level && level <= head.depth) return { end: l.from, guard };
      if (under && under <= head.depth) return { end: paragraph, guard };
      inBlock = false;
      paragraph = -1;
    } else if (paragraph >= 0) {
      if (interrupts.test(l.text)) paragraph = -1;
    } else if (!inBlock) {
      if (!notParagraph.test(l.text)) paragraph = l.from;
      inBlock = true;
    }
  }
  return { end: doc.length, guard: doc.length };
}

function place(doc: Text, k: Kept): Place {
  const e = extent(doc, k.at);
  return { ...k, end: e?.end ?? k.at, guard: e?.guard ?? k.at, found: !!e };
}

/** The beginning of a heading's line after a change: whole lines put there go before it. */
function follow(ch: ChangeSet, at: number): number {
  let assoc = -1;
  ch.iterChanges((fromA, toA, _fromB, _toB, text) => {
    if (fromA === at && toA === at && text.length > 0 && text.line(text.lines).length === 0) assoc = 1;
  }, true);
  return ch.mapPos(at, assoc);
}

/** The places after a change, and the first whose section it would change for another agency than its own. */
export function step(places: readonly Place[], ch: ChangeSet, before: Text, after: Text): { next: Place[]; against: Place | null } {
  let against: Place | null = null;
  const next = places.map((k) => {
    let near = !k.found;
    ch.iterChanges((fromA, toA) => {
      if (toA >= k.at - 1 && fromA <= k.guard) near = true;
    });
    if (!near) {
      const shift = ch.mapPos(k.at, 1) - k.at;
      return { ...k, at: k.at + shift, end: k.end + shift, guard: k.guard + shift };
    }
    const n = place(after, { ...k, at: follow(ch, k.at) });
    if (k.found && !k.mine && !(n.found && after.slice(n.at, n.end).eq(before.slice(k.at, k.end)))) against ??= k;
    return n;
  });
  return { next, against };
}

class Label extends WidgetType {
  constructor(readonly k: Kept) {
    super();
  }
  override eq(o: Label) {
    return o.k.label === this.k.label && o.k.hue === this.k.hue && o.k.late === this.k.late;
  }
  override toDOM() {
    const el = document.createElement("span");
    el.className = `cm-kept-tag ${this.k.mine ? "mine" : ""} ${this.k.late ? "late" : ""}`;
    el.style.setProperty("--hue", `var(--a${this.k.hue})`);
    el.textContent = this.k.label;
    el.dir = "auto";
    return el;
  }
  override ignoreEvent() {
    return true;
  }
}

const lines = new Map<string, Decoration>();
function line(k: Kept): Decoration {
  const key = `${k.hue} ${k.mine}`;
  let d = lines.get(key);
  if (!d) {
    d = Decoration.line({ class: `cm-kept hue${k.hue} ${k.mine ? "mine" : ""}` });
    lines.set(key, d);
  }
  return d;
}

export const keptField = StateField.define<readonly Place[]>({
  create: () => [],
  update(value, tr) {
    let next = value;
    if (tr.docChanged && value.length > 0) next = step(value, tr.changes, tr.startState.doc, tr.newDoc).next;
    for (const e of tr.effects) if (e.is(setKept)) next = e.value.map((k) => place(tr.newDoc, k));
    return next;
  },
  provide: (f) => [
    EditorView.decorations.compute([f], (state) => {
      const out: Range<Decoration>[] = [];
      for (const k of state.field(f)) if (k.found) out.push(Decoration.widget({ widget: new Label(k), side: 1 }).range(state.doc.lineAt(k.at).to));
      return Decoration.set(out, true);
    }),
    // Lines of what is in view only: a section may be the whole text.
    EditorView.decorations.of((view) => bars(view)),
  ],
});

function bars(view: EditorView): DecorationSet {
  const out: Range<Decoration>[] = [];
  for (const k of view.state.field(keptField)) {
    if (!k.found) continue;
    for (const { from, to } of view.visibleRanges) {
      for (let pos = Math.max(from, k.at); pos <= to && pos < k.end; ) {
        const l = view.state.doc.lineAt(pos);
        out.push(line(k).range(l.from));
        pos = l.to + 1;
      }
    }
  }
  return Decoration.set(out, true);
}

/** Keeps the writer out of other agencies' sections. */
export function keptSections(refused: (agency: string) => void): Extension {
  return [
    keptField,
    Prec.highest(
      EditorState.transactionFilter.of((tr) => {
        // What is typed in suggest mode is not in the shared text; suggesting is what the others are invited to.
        if (!tr.docChanged || tr.annotation(Transaction.remote) || suggesting(tr.startState)) return tr;
        const places = tr.startState.field(keptField);
        if (places.every((k) => k.mine || !k.found)) return tr;
        const { against } = step(places, tr.changes, tr.startState.doc, tr.newDoc);
        if (!against) return tr;
        refused(against.agency);
        return [];
      }),
    ),
  ];
}
