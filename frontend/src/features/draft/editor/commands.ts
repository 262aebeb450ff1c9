/** What the toolbar and the shortcuts do to the text. Every command is one step of undo and keeps Markdown clean. */
import { syntaxTree } from "@codemirror/language";
import { type ChangeSpec, EditorSelection, type EditorState, type StateCommand } from "@codemirror/state";
import type { KeyBinding } from "@codemirror/view";
import { wholeWords } from "./anchors";
import { directionAt } from "./direction";
import { tableAt } from "./tables";

interface Piece {
  from: number;
  to: number;
}

/** Puts marks around the selection, or the word at the caret, or takes them away; marks hold within one block, so each line has its own. */
function wrap(mark: string): StateCommand {
  const n = mark.length;
  return ({ state, dispatch }) => {
    if (state.readOnly) return false;
    const around = ({ from, to }: Piece) => state.sliceDoc(from - n, from) === mark && state.sliceDoc(to, to + n) === mark;
    const inside = ({ from, to }: Piece) => to - from > 2 * n && state.sliceDoc(from, from + n) === mark && state.sliceDoc(to - n, to) === mark;
    const tr = state.changeByRange((range) => {
      const all = range.empty ? [wordAt(state, range.from)] : pieces(state, range.from, range.to);
      const off = all.every((p) => around(p) || inside(p));
      const changes = state.changes(
        all.flatMap((p): ChangeSpec[] => {
          const [a, b] = around(p) ? [p.from - n, p.to] : [p.from, p.to - n];
          if (off) return [{ from: a, to: a + n }, { from: b, to: b + n }];
          if (around(p) || inside(p)) return [];
          // A word within that bears the mark already would end it.
          const within = n > 1 ? [...state.sliceDoc(p.from, p.to).matchAll(/\*\*/g)].map((m) => ({ from: p.from + m.index, to: p.from + m.index + n })) : [];
          return [{ from: p.from, insert: mark }, ...within, { from: p.to, insert: mark }];
        }),
      );
      const { from } = all[0]!;
      const { to } = all.at(-1)!;
      return { changes, range: from === to ? EditorSelection.cursor(from + (off ? -n : n)) : EditorSelection.range(changes.mapPos(from, 1), changes.mapPos(to, -1)) };
    });
    dispatch(state.update(tr, { userEvent: "input.format", scrollIntoView: true }));
    return true;
  };
}

/** What of a selection can bear marks: of each line what stands behind its sign, of a table's row each cell. */
function pieces(state: EditorState, from: number, to: number): Piece[] {
  const out: Piece[] = [];
  for (let pos = from; pos <= to; ) {
    const line = state.doc.lineAt(pos);
    pos = line.to + 1;
    const a = Math.max(from, line.from + block.exec(line.text)![0].length);
    const b = Math.min(to, line.to);
    if (a >= b) continue;
    const row = tableRow.test(line.text) && tableAt(state, line.from);
    if (row && tableRule.test(line.text)) continue;
    for (const m of state.sliceDoc(a, b).matchAll(row ? cell : /^.*$/g)) {
      const p = trimmed(state, a + m.index, a + m.index + m[0].length);
      if (state.sliceDoc(p.from, p.to).trim() !== "") out.push(p);
    }
  }
  return out.length > 0 ? out : [{ from, to }];
}

const tableRow = /\|/;
const tableRule = /^[\s|:-]+$/;
const cell = /(?:\\.|[^|\\])+/g;

function wordAt(state: EditorState, pos: number): { from: number; to: number } {
  const w = state.wordAt(pos);
  return w ? { from: w.from, to: w.to } : { from: pos, to: pos };
}

function trimmed(state: EditorState, from: number, to: number): { from: number; to: number } {
  const text = state.sliceDoc(from, to);
  if (text.trim() === "") return { from, to };
  return { from: from + (text.length - text.trimStart().length), to: to - (text.length - text.trimEnd().length) };
}

/** Every line the selection touches, once. */
function lines(state: EditorState): { from: number; to: number; text: string }[] {
  const out: { from: number; to: number; text: string }[] = [];
  for (const r of state.selection.ranges) {
    for (let pos = r.from; pos <= r.to; ) {
      const l = state.doc.lineAt(pos);
      if (out[out.length - 1]?.from !== l.from) out.push(l);
      pos = l.to + 1;
    }
  }
  return out;
}

const block = /^(\s*)(?:(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?|#{1,6}\s+|>\s?)?/;

/** Gives the lines a prefix of a kind, replacing the one they have, or takes it off if all of them have it. */
function prefix(is: RegExp, make: (i: number) => string): StateCommand {
  return ({ state, dispatch }) => {
    if (state.readOnly) return false;
    const all = lines(state);
    const some = all.filter((l) => l.text.trim() !== "");
    const target = some.length > 0 ? some : all;
    const off = target.every((l) => is.test(l.text));
    const changes = target.map((l, i) => {
      const m = block.exec(l.text)!;
      return { from: l.from + m[1]!.length, to: l.from + m[0].length, insert: off ? "" : make(i) };
    });
    dispatch(state.update({ changes, userEvent: "input.format", scrollIntoView: true }));
    return true;
  };
}

export const bold = wrap("**");
export const emphasis = wrap("*");
export const inlineCode = wrap("`");
export const heading = (level: number): StateCommand => prefix(new RegExp(`^\\s*#{${level}}\\s`), () => `${"#".repeat(level)} `);
export const bulletList = prefix(/^\s*[-*+]\s/, () => "- ");
export const numberedList = prefix(/^\s*\d{1,9}[.)]\s/, (i) => `${i + 1}. `);
export const quote = prefix(/^\s*>/, () => "> ");

/** Inserts a table of two columns below the line, its first heading selected. */
export function table(words: { heading: string; cell: string }): StateCommand {
  return ({ state, dispatch }) => {
    if (state.readOnly) return false;
    const line = state.doc.lineAt(state.selection.main.head);
    const lead = line.text.trim() === "" ? "" : "\n\n";
    const row = `| ${words.cell} | ${words.cell} |`;
    const text = `${lead}| ${words.heading} | ${words.heading} |\n| --- | --- |\n${row}\n${row}\n`;
    const at = line.to + lead.length + 2;
    dispatch(state.update({ changes: { from: line.to, insert: text }, selection: EditorSelection.range(at, at + words.heading.length), userEvent: "input.format", scrollIntoView: true }));
    return true;
  };
}

const markOf: Record<string, string> = { StrongEmphasis: "bold", Emphasis: "emphasis", ATXHeading1: "h1", ATXHeading2: "heading", ATXHeading3: "h3", BulletList: "bullets", OrderedList: "numbers", Blockquote: "quote", Link: "link", Table: "table" };

/** Which marks the caret stands in, as words with spaces between, for the pressed state of the toolbar; in a table also its side, "rtl" or "ltr". */
export function active(state: EditorState): string {
  const at = state.selection.main;
  const out = new Set<string>();
  for (let n: ReturnType<typeof syntaxTree>["topNode"] | null = syntaxTree(state).resolveInner(at.head, at.empty ? -1 : 1); n; n = n.parent) {
    const mark = markOf[n.name];
    if (mark) out.add(mark);
    if (mark === "table") out.add(directionAt(state, at.head));
  }
  return [...out].join(" ");
}

export const formatKeys: readonly KeyBinding[] = [
  { key: "Mod-b", run: bold, preventDefault: true },
  { key: "Mod-i", run: emphasis, preventDefault: true },
  { key: "Mod-e", run: inlineCode },
  { key: "Mod-Alt-1", run: heading(1), preventDefault: true },
  { key: "Mod-Alt-2", run: heading(2), preventDefault: true },
  { key: "Mod-Alt-3", run: heading(3), preventDefault: true },
  { key: "Mod-Alt-4", run: heading(4), preventDefault: true },
  { key: "Mod-Shift-8", run: bulletList },
  { key: "Mod-Shift-7", run: numberedList },
  { key: "Mod-Shift-9", run: quote },
];

/** What a new comment stands on: the selection, or the word at the caret, on whole words; null on nothing. */
export function commentRange(state: EditorState): { from: number; to: number } | null {
  const { from, to } = state.selection.main;
  const r = wholeWords(state.doc, from, to);
  return state.sliceDoc(r.from, r.to).trim() === "" ? null : r;
}
