/** Going through the margin by keyboard: from the text to its cards and back, and on when a card is gone. */
import type { EditorView } from "@codemirror/view";
import { type RefObject, useEffect } from "react";
import { anchors } from "./editor/anchors";
import { tableAt } from "./editor/tables";

const cards = "[data-thread-card], [data-suggestion-card]";
const fields = "textarea, input:not([type=checkbox], [type=radio]), select, [contenteditable], [role=dialog]:not(.sheet), [role=menu]";
const questions = "[role=dialog], [role=alertdialog]";
const idOf = (card: Element | null | undefined) => card?.getAttribute("data-thread-card") ?? card?.getAttribute("data-suggestion-card") ?? null;

// On a phone the open card stands in the sheet, after the list.
function focusCard(id: string): boolean {
  const card = [...document.querySelectorAll<HTMLElement>(cards)].findLast((c) => idOf(c) === id);
  card?.focus({ preventScroll: true });
  return !!card;
}

/** A card that stands beside the text. */
export interface Standing {
  id: string;
  /** Its place in the editor's text; -1 where it has none. */
  from: number;
}

/**
 * Alt with the arrows goes through what stands in the margin, in the order of the text; beside the text J and K do, by their place on the keyboard.
 * Alt with Enter goes from the text into the card that is open, or the one nearest to the caret.
 */
export function useMarginKeys(view: EditorView | null, active: string | null, standing: () => readonly Standing[], activate: (id: string) => void): void {
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.shiftKey || e.defaultPrevented || !view) return;
      const inText = e.target instanceof Node && view.contentDOM.contains(e.target);
      const arrows = e.altKey && (e.key === "ArrowDown" || e.key === "ArrowUp");
      const letters = !e.altKey && (e.code === "KeyJ" || e.code === "KeyK");
      const enter = e.altKey && e.key === "Enter" && inText;
      if (!arrows && !letters && !enter) return;
      // In a table the arrows move its rows.
      if (arrows && inText && tableAt(view.state, view.state.selection.main.head)) return;
      if ((letters && inText) || (!inText && e.target instanceof HTMLElement && e.target.closest(fields))) return;
      const composer = document.querySelector<HTMLElement>("form.c.new textarea");
      const order = [...standing()].sort((a, b) => a.from - b.from);
      if (order.length === 0 && !(enter && composer)) return;
      e.preventDefault();
      e.stopPropagation();
      if (enter && composer) return composer.focus();
      const i = order.findIndex((c) => c.id === active);
      let next: number;
      if (enter) {
        const { head } = view.state.selection.main;
        const far = (c: Standing) => (c.from < 0 ? Number.POSITIVE_INFINITY : Math.abs(c.from - head));
        next = i >= 0 ? i : order.reduce((best, c, k) => (far(c) < far(order[best]!) ? k : best), 0);
      } else {
        const down = arrows ? e.key === "ArrowDown" : e.code === "KeyJ";
        if (i < 0) next = down ? 0 : order.length - 1;
        else next = (i + (down ? 1 : order.length - 1)) % order.length;
      }
      const { id } = order[next]!;
      activate(id);
      // By letters one is in the margin already, and what opens is to be heard.
      if (letters || enter) requestAnimationFrame(() => focusCard(id));
    };
    document.addEventListener("keydown", press, true);
    return () => document.removeEventListener("keydown", press, true);
  }, [view, active, standing, activate]);
}

/**
 * Keeps the focus of whoever is in the margin: what had it may go with an answer that was sent, a decision, or somebody else's. Then the card has it, or the next,
 * or the last, or the text. Escape goes back to the text.
 */
export function useMarginFocus(margin: RefObject<HTMLElement | null>, view: EditorView | null, place: (id: string) => number | null): void {
  useEffect(() => {
    const el = margin.current;
    if (!el || !view) return;
    let last: { on: HTMLElement; id: string; top: number; keys: boolean } | null = null;
    const topOf = (card: Element) => card.getBoundingClientRect().top - el.getBoundingClientRect().top;
    const note = (e: FocusEvent) => {
      if (!(e.target instanceof HTMLElement)) return;
      const card = e.target.closest(cards);
      const id = el.contains(card) ? idOf(card) : null;
      if (card && id) last = { on: e.target, id, top: topOf(card), keys: e.target.matches(":focus-visible") };
      // A question belongs to the card it was asked from.
      else if (!e.target.closest(questions)) last = null;
    };
    // Whoever pressed beside it has left.
    const leave = (e: PointerEvent) => {
      if (e.target instanceof Element && !e.target.closest(cards) && !e.target.closest(questions)) last = null;
    };
    const look = () => {
      if (!last || document.activeElement !== document.body) return;
      if (last.on.isConnected && !last.on.matches(":disabled")) return;
      const { id, top, keys } = last;
      last = null;
      if (focusCard(id)) return;
      const rest = [...el.querySelectorAll<HTMLElement>(cards)].sort((a, b) => topOf(a) - topOf(b));
      const next = rest.find((c) => topOf(c) >= top - 8) ?? rest.at(-1);
      if (next) next.focus({ preventScroll: !keys });
      else view.focus();
    };
    const gone = new MutationObserver(look);
    gone.observe(el, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
    const back = (e: KeyboardEvent) => {
      if (e.key !== "Escape" || e.defaultPrevented || !(e.target instanceof Element) || e.target.closest("form")) return;
      const id = idOf(e.target.closest(cards));
      if (!id) return;
      e.preventDefault();
      const at = place(id);
      view.focus();
      if (at !== null) view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
    };
    document.addEventListener("focusin", note);
    document.addEventListener("pointerdown", leave);
    el.addEventListener("keydown", back);
    return () => {
      gone.disconnect();
      document.removeEventListener("focusin", note);
      document.removeEventListener("pointerdown", leave);
      el.removeEventListener("keydown", back);
    };
  }, [margin, view, place]);
}

/** Where a thread's words begin in the editor's text; null where they are gone. */
export function placeOfThread(view: EditorView, id: string): number | null {
  return view.state.field(anchors).list.find((a) => a.id === id)?.from ?? null;
}
