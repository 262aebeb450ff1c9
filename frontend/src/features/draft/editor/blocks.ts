/** Footnotes, callouts, and the direction that an author gives a line. */
import type { ChangeSpec, EditorState, StateCommand } from "@codemirror/state";
import { EditorSelection } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { type Dir, directionAt, documentDir, lineMark, textDirection } from "./direction";
import { freeNote } from "./paste";

const noteRef = /\[\^([^\]\s]{1,40})\]/g;

function findLine(state: EditorState, test: (text: string) => number): number | null {
  let pos = 0;
  for (const iter = state.doc.iterLines(); !iter.next().done; pos += iter.value.length + 1) {
    const at = test(iter.value);
    if (at >= 0) return pos + at;
  }
  return null;
}

/** Inserts a footnote and goes to its text; on a footnote, goes to the other end of it. */
export const footnote: StateCommand = ({ state, dispatch }) => {
  const { head } = state.selection.main;
  const line = state.doc.lineAt(head);
  const go = (pos: number | null) => {
    if (pos === null) return false;
    dispatch(state.update({ selection: EditorSelection.cursor(pos), effects: EditorView.scrollIntoView(pos, { y: "center" }), userEvent: "select" }));
    return true;
  };
  const definition = /^\[\^([^\]\s]{1,40})\]:/.exec(line.text);
  if (definition) return go(findLine(state, (t) => (t.startsWith(`[^${definition[1]}]:`) ? -1 : t.indexOf(`[^${definition[1]}]`))));
  for (const m of line.text.matchAll(noteRef)) {
    const from = line.from + m.index;
    if (head < from || head > from + m[0].length) continue;
    const there = findLine(state, (t) => (t.startsWith(`${m[0]}:`) ? m[0].length + 2 : -1));
    if (there !== null) return go(Math.min(there, state.doc.length));
  }
  if (state.readOnly) return false;
  const n = freeNote(state);
  const ref = `[^${n}]`;
  const { doc } = state;
  const last = doc.line(doc.lines);
  const lead = last.length === 0 ? (doc.lines > 1 && doc.line(doc.lines - 1).length > 0 && !doc.line(doc.lines - 1).text.startsWith("[^") ? "\n" : "") : last.text.startsWith("[^") ? "\n" : "\n\n";
  const note = `${lead}${ref}: `;
  dispatch(
    state.update({
      changes: [{ from: head, insert: ref }, { from: doc.length, insert: `${note}\n` }],
      selection: EditorSelection.cursor(doc.length + ref.length + note.length),
      scrollIntoView: true,
      userEvent: "input.format",
    }),
  );
  return true;
};

export type Callout = "NOTE" | "TIP" | "IMPORTANT" | "WARNING" | "CAUTION";

/** Makes the paragraphs of the selection a callout of a kind; on a callout, changes its kind. */
export const callout =
  (kind: Callout): StateCommand =>
  ({ state, dispatch }) => {
    if (state.readOnly) return false;
    const { main } = state.selection;
    let first = state.doc.lineAt(main.from);
    for (let n = first.number; n > 0 && /^\s{0,3}>/.test(state.doc.line(n).text); n--) {
      const m = /^(\s{0,3}>\s*\[!)(\w+)\]/.exec(state.doc.line(n).text);
      if (!m) continue;
      const at = state.doc.line(n).from + m[1]!.length;
      dispatch(state.update({ changes: { from: at, to: at + m[2]!.length, insert: kind }, userEvent: "input.format" }));
      return true;
    }
    first = state.doc.lineAt(main.from);
    const changes: ChangeSpec[] = [];
    const gap = first.number > 1 && state.doc.line(first.number - 1).text.trim() !== "" ? "\n" : "";
    const head = `${gap}> [!${kind}]\n`;
    for (let pos = first.from; pos <= main.to; ) {
      const l = state.doc.lineAt(pos);
      changes.push({ from: l.from, insert: `${pos === first.from ? head : ""}${l.length === 0 && main.from !== main.to ? ">" : "> "}` });
      pos = l.to + 1;
    }
    const set = state.changes(changes);
    dispatch(state.update({ changes: set, selection: { anchor: set.mapPos(main.anchor, 1), head: set.mapPos(main.head, 1) }, scrollIntoView: true, userEvent: "input.format" }));
    return true;
  };

/**
 * Turns the lines of the selection to the other side: by a mark in the text (U+200F or U+200E before the first word),
 * or by taking away the mark that turned them.
 */
export const turnLines: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const { main } = state.selection;
  const want: Dir = directionAt(state, main.from) === "rtl" ? "ltr" : "rtl";
  const changes: ChangeSpec[] = [];
  for (let pos = state.doc.lineAt(main.from).from; pos <= main.to; ) {
    const l = state.doc.lineAt(pos);
    pos = l.to + 1;
    if (l.length === 0) continue;
    const mark = lineMark(l.text);
    const bare = mark.dir ? l.text.slice(0, mark.at) + l.text.slice(mark.at + 1) : l.text;
    const language = state.facet(documentDir);
    const natural = (textDirection(bare, language) ?? language) === want;
    const insert = natural ? "" : want === "rtl" ? "\u200f" : "\u200e";
    if (mark.dir || insert) changes.push({ from: l.from + mark.at, to: l.from + mark.at + (mark.dir ? 1 : 0), insert });
  }
  if (changes.length === 0) return false;
  dispatch(state.update({ changes, userEvent: "input.format" }));
  return true;
};
