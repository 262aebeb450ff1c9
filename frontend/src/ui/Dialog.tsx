import { type ReactNode, useEffect, useRef } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";

/**
 * A modal dialog; only for what cannot be undone, or for a short form. Focus goes to its first field (on a touch screen, where
 * that would bring up the keyboard over the words, to the dialog), is kept inside and returned after. Without a field it goes
 * to the act, or to the way back where the act cannot be undone. The caller renders it while it is open.
 */
export function Dialog({ title, onClose, wide, alert, children }: {
  title: ReactNode;
  onClose: () => void;
  wide?: boolean;
  /** Asks about something that cannot be undone. */
  alert?: boolean;
  children: ReactNode;
}) {
  return (
    <ModalOverlay className="overlay" isOpen isDismissable={!alert} onOpenChange={(open) => !open && onClose()}>
      <Modal className={`modal ${wide ? "wide" : ""}`}>
        <AriaDialog role={alert ? "alertdialog" : "dialog"}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          <FirstFocus alert={alert ?? false}>{children}</FirstFocus>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

const fields = 'input:not([type="hidden"]), select, textarea, [role="spinbutton"]';

// Inside the dialog, so that its effect comes before the one by which the dialog would take the focus itself.
function FirstFocus({ alert, children }: { alert: boolean; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const el = box.current;
    if (!el || el.contains(document.activeElement)) return;
    const usable = (x: HTMLElement) => !x.matches(":disabled, [aria-hidden] *, [hidden] *") && x.getClientRects().length > 0;
    let last: Element | null = null;
    const place = () => {
      if (last && document.activeElement !== last) return;
      const field = [...el.querySelectorAll<HTMLElement>(fields)].find(usable);
      if (field && matchMedia("(pointer: coarse)").matches) return;
      const acts = [...el.querySelectorAll<HTMLElement>(".acts button")].filter(usable);
      last = field ?? (alert ? acts.at(-1) : acts[0]) ?? null;
      if (last instanceof HTMLElement) last.focus();
    };
    place();
    // What the fields choose from may still be on its way; nobody who has begun is moved.
    const late = new MutationObserver(place);
    late.observe(el, { childList: true, subtree: true });
    const begun = () => late.disconnect();
    for (const e of ["keydown", "pointerdown"]) el.addEventListener(e, begun, { once: true });
    return begun;
  }, [alert]);
  return <div ref={box}>{children}</div>;
}
