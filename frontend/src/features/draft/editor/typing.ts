/**
 * A typed letter goes straight into the text. Left to itself the browser edits the page and the editor reads from the page
 * what was typed; both lay the line out, and in a long text the browser's part alone is a sixth of the frame of a key.
 * Whatever is not one letter at the caret, where both agree where the caret is, stays with the browser: input methods,
 * corrections, accents that replace what was typed, voice.
 */
import { type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

// A key may give two units: a letter beyond the BMP, or lam with alef.
const longest = 2;
// Elsewhere what the browser does with the event has not been measured, and on phones every key is a composition.
const direct = typeof navigator !== "undefined" && /Chrome\//.test(navigator.userAgent) && !/Android|Mobile/.test(navigator.userAgent);

export function typing(): Extension {
  return direct ? EditorView.domEventHandlers({ beforeinput: (e, view) => put(view, e) }) : [];
}

function put(view: EditorView, e: InputEvent): boolean {
  const { state } = view;
  const text = e.data;
  if (e.inputType !== "insertText" || !text || text.length > longest || !e.cancelable || e.isComposing || view.composing || state.readOnly) return false;
  // The browser marks misspelt words only in what it put there itself.
  if (view.contentDOM.spellcheck) return false;
  const { from, to } = state.selection.main;
  const target = e.getTargetRanges()[0];
  if (!target || view.posAtDOM(target.startContainer, target.startOffset) !== from || (from !== to && view.posAtDOM(target.endContainer, target.endOffset) !== to)) return false;
  const insert = () => state.update(state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
  if (!state.facet(EditorView.inputHandler).some((h) => h(view, from, to, text, insert))) view.dispatch(insert());
  return true;
}
