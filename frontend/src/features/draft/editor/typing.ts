/**
 * A typed letter goes straight into the text. Left to itself the browser edits the page and the editor reads from the page
 * what was typed; both lay the line out, and in a long text the browser's part alone is a sixth of the frame of a key.
 * Whatever is not one letter at the caret, where both agree where the caret is, stays with the browser: input methods,
 * corrections, accents that replace what was typed, voice.
 */
import { type Extension } from "@codemirror/state";
import { EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

// A key may give two units: a letter beyond the BMP, or lam with alef.
const longest = 2;
// Elsewhere what the browser does with the event has not been measured, and on phones every key is a composition.
const direct = typeof navigator !== "undefined" && /Chrome\//.test(navigator.userAgent) && !/Android|Mobile/.test(navigator.userAgent);

// A caret that keeps so much of the page above and below it, in pixels, is still in sight after one more letter, also when the letter opens a line.
const room = 200;
// Without a line becoming higher the caret may go down its paragraph: so many letters are less than a line.
const lettersPerLook = 30;

/**
 * Knows whether the caret is well in sight. Bringing it there is asked of the page after every key otherwise, and the answer, nearly always that
 * there is nothing to do, costs the key part of its frame; here it is found out between keys.
 */
class Sight {
  private clear = false;
  private letters = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly lose = () => {
    this.clear = false;
  };
  constructor(private readonly view: EditorView) {
    document.addEventListener("scroll", this.lose, { capture: true, passive: true });
  }
  update(u: ViewUpdate) {
    if (u.geometryChanged || (u.selectionSet && !u.docChanged) || u.focusChanged) this.clear = false;
  }
  /** Whether one more letter needs no look; one look, between keys, serves some of them, until the caret, the lines or the page move. */
  enough(): boolean {
    if (++this.letters > lettersPerLook) this.clear = false;
    if (!this.clear) this.timer ??= setTimeout(this.look, 60);
    return this.clear;
  }
  destroy() {
    document.removeEventListener("scroll", this.lose, { capture: true });
    if (this.timer !== null) clearTimeout(this.timer);
  }
  private readonly look = () => {
    this.timer = null;
    this.view.requestMeasure({
      key: this,
      read: (view) => {
        const at = view.coordsAtPos(view.state.selection.main.head);
        if (!at) return false;
        let [top, bottom] = [0, innerHeight];
        for (let n: HTMLElement | null = view.dom; n; n = n.parentElement) {
          if (n.scrollHeight <= n.clientHeight) continue;
          const r = n.getBoundingClientRect();
          [top, bottom] = [Math.max(top, r.top), Math.min(bottom, r.bottom)];
        }
        return at.top >= top + room && at.bottom <= bottom - room;
      },
      write: (clear) => {
        this.clear = clear;
        this.letters = 0;
      },
    });
  };
}

const sight = ViewPlugin.fromClass(Sight);

export function typing(): Extension {
  return direct ? [sight, EditorView.domEventHandlers({ beforeinput: (e, view) => put(view, e) })] : [];
}

function put(view: EditorView, e: InputEvent): boolean {
  const { state } = view;
  const text = e.data;
  if (e.inputType !== "insertText" || !text || text.length > longest || !e.cancelable || e.isComposing || view.composing || state.readOnly) return false;
  // The browser marks misspelt words only in what it put there itself.
  if (view.contentDOM.spellcheck) return false;
  const { from, to } = state.selection.main;
  if (!meant(view, e, from, to)) return false;
  const seen = view.plugin(sight)?.enough() ?? false;
  const insert = () => state.update(state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: !seen });
  if (!state.facet(EditorView.inputHandler).some((h) => h(view, from, to, text, insert))) view.dispatch(insert());
  return true;
}

// Where the browser is about to type. It names no range where only plain text may be written, as in this editor; it is the page's selection then,
// also for what replaces text before the caret, which it selects first.
function meant(view: EditorView, e: InputEvent, from: number, to: number): boolean {
  const range = e.getTargetRanges()[0];
  if (range) return view.posAtDOM(range.startContainer, range.startOffset) === from && (from === to || view.posAtDOM(range.endContainer, range.endOffset) === to);
  const s = view.contentDOM.ownerDocument.getSelection();
  if (!s?.anchorNode || !s.focusNode || !view.contentDOM.contains(s.anchorNode) || !view.contentDOM.contains(s.focusNode)) return false;
  if (s.isCollapsed !== (from === to)) return false;
  const { anchor, head } = view.state.selection.main;
  return view.posAtDOM(s.anchorNode, s.anchorOffset) === anchor && view.posAtDOM(s.focusNode, s.focusOffset) === head;
}
