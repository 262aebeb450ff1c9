/** What the toolbar and the shortcuts do to the text. Every command is one step of undo and keeps Markdown clean. */
import { syntaxTree } from "@codemirror/language";
import { type ChangeSpec, EditorSelection, type EditorState, type StateCommand } from "@codemirror/state";
import type { KeyBinding } from "@codemirror/view";
import { wholeWords } from "./anchors";
import { directionAt } from "./direction";

/** Puts marks around the selection, or the word at the caret, or takes them away. */
function wrap(mark: string): StateCommand {
  return ({ state, dispatch }) => {
    if (state.readOnly) return false;
    const tr = state.changeByRange((range) => {
      const { from, to } = range.empty ? wordAt(state, range.from) : trimmed(state, range.from, range.to);
      const n = mark.length;
      const inside = state.sliceDoc(from, to);
      if (state.sliceDoc(from - n, from) === mark && state.sliceDoc(to, to + n) === mark) {
        return { changes: [{ from: from - n, to: from }, { from: to, to: to + n }], range: EditorSelection.range(from - n, to - n) };
      }
      if (inside.length > 2 * n && inside.startsWith(mark) && inside.endsWith(mark)) {
        return { changes: [{ from, to: from + n }, { from: to - n, to }], range: EditorSelection.range(from, to - 2 * n) };
      }
      const changes: ChangeSpec[] = [{ from, insert: mark }, { from: to, insert: mark }];
      return { changes, range: from === to ? EditorSelection.cursor(from + n) : EditorSelection.range(from + n, to + n) };
    });
    dispatch(state.update(tr, { userEvent: "input.format", scrollIntoView: true }));
    return true;
  };
}

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
