import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";

/**
 * A modal dialog; only for what cannot be undone, or for a short form. Focus is kept inside and returned after.
 * The caller renders it while it is open.
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
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
