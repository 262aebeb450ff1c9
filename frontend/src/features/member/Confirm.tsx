import type { ReactNode } from "react";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { FaultNote } from "../../ui/States";

/** Asks before something that is felt by others at once. Escape and "back" leave things as they are. */
export function Confirm({ title, action, pending, fault, onConfirm, close, children }: {
  title: ReactNode;
  action: ReactNode;
  pending: boolean;
  fault: unknown;
  onConfirm: () => void;
  close: () => void;
  children: ReactNode;
}) {
  const t = useT();
  return (
    <Dialog title={title} alert onClose={close}>
      <p>{children}</p>
      {fault != null && <FaultNote fault={fault} />}
      <div className="acts">
        <Button tone="danger" pending={pending} onClick={onConfirm}>{action}</Button>
        <Button autoFocus onClick={close}>{t("action.back")}</Button>
      </div>
    </Dialog>
  );
}
