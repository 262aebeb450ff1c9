/**
 * Keeps out of the text what the log refuses: NUL, lone surrogates, halves of a pair, and insertions or texts beyond the
 * limits. It works on transactions, so typing, pasting, dropping, completion and undo all pass it.
 */
import { type ChangeSpec, EditorState, type Extension, Text } from "@codemirror/state";
import { limits, utf8Length } from "../../live/wire";

const high = (c: number) => c >= 0xd800 && c <= 0xdbff;
const low = (c: number) => c >= 0xdc00 && c <= 0xdfff;

function clean(s: string): string {
  return s.replace(/[\0\r]/g, "").replace(/\p{Surrogate}/gu, "\ufffd");
}

/** refuse is told why an edit was not taken: "paste" for one insertion too large, "text" for a text that would be; and the size of the insertion in bytes. */
export function hygiene(refuse: (what: "paste" | "text", bytes?: number) => void): Extension {
  return EditorState.transactionFilter.of((tr) => {
    if (!tr.docChanged) return tr;
    let dirty = false;
    let inserted = 0;
    let longest = 0;
    const doc = tr.startState.doc;
    tr.changes.iterChanges((fromA, toA, _fromB, _toB, text) => {
      const bytes = utf8Length(text);
      inserted += bytes;
      longest = Math.max(longest, bytes);
      if (splits(doc, fromA) || splits(doc, toA)) dirty = true;
      if (text.length > 0) {
        const s = text.sliceString(0, text.length, "\n");
        if (/[\0\r]|\p{Surrogate}/u.test(s)) dirty = true;
      }
    }, true);
    if (longest > limits.updateBytes) {
      refuse("paste", longest);
      return [];
    }
    // Units are at most 3 bytes each (4 for a pair), so the exact count is needed near the limit only.
    if (inserted > 0 && tr.newDoc.length * 3 > limits.textBytes && utf8Length(tr.newDoc) > limits.textBytes) {
      refuse("text");
      return [];
    }
    if (!dirty) return tr;
    const changes: ChangeSpec[] = [];
    tr.changes.iterChanges((fromA, toA, _fromB, _toB, text) => {
      let s = text.sliceString(0, text.length, "\n");
      let from = fromA;
      let to = toA;
      if (splits(doc, from)) {
        from--;
        s = doc.sliceString(from, fromA) + s;
      }
      if (splits(doc, to)) {
        s += doc.sliceString(to, to + 1);
        to++;
      }
      changes.push({ from, to, insert: Text.of(clean(s).split("\n")) });
    }, true);
    return [{ changes, selection: undefined, scrollIntoView: tr.scrollIntoView, userEvent: "input" }];
  });
}

function splits(doc: Text, at: number): boolean {
  if (at <= 0 || at >= doc.length) return false;
  const around = doc.sliceString(at - 1, at + 1);
  return high(around.charCodeAt(0)) && low(around.charCodeAt(1));
}
