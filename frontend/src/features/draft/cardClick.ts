/** A press anywhere on a closed card of the margin opens it. */
import type { MouseEvent } from "react";

const acts = "a, button, input, label, select, textarea, summary";

/** Calls open unless the press was one of the card's own buttons, of a dialog that only React counts as inside, or ended the choosing of words. */
export function opensCard(open: () => void) {
  return (e: MouseEvent<HTMLElement>) => {
    const { target, currentTarget } = e;
    if (!(target instanceof Element) || !currentTarget.contains(target) || target.closest(acts)) return;
    if (window.getSelection()?.toString() && window.getSelection()?.containsNode(target, true)) return;
    open();
  };
}
