import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Role } from "../../api/types";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field, Select } from "../../ui/Field";
import { FaultNote, fieldError } from "../../ui/States";
import { invitationsKey, inviteAlone } from "./api";
import { BiField } from "./BiField";
import { OneTimeLink } from "./OneTimeLink";
import { networkRoles } from "./RolesDialog";

/** Invites somebody without a seat: an expert, a partner, a reader, or one of the secretariat. */
export function InviteAlone({ close }: { close: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [name, setName] = useState({ ar: "", en: "" });
  const [role, setRole] = useState<Role>("EX");
  const send = useMutation({
    mutationFn: () => inviteAlone({ email: email.trim(), name, roles: [role] }),
    onSuccess: () => client.invalidateQueries({ queryKey: invitationsKey }),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending) send.mutate();
  };
  const f = send.error;
  // Experts and partners first: they are whom this is for.
  const order = [...networkRoles].sort((a, b) => Number(b === "EX" || b === "PO") - Number(a === "EX" || a === "PO"));
  return (
    <Dialog title={t("people.invite")} onClose={close}>
      {send.data ? (
        <OneTimeLink url={send.data.url} close={close} />
      ) : (
        <form className="form" onSubmit={submit}>
          {f && <FaultNote fault={f} />}
          <p className="meta">{t("people.invite.text")}</p>
          <Field label={t("signin.email")} type="email" dir="ltr" required value={email} error={fieldError(f, "email")} onChange={(e) => setEmail(e.target.value)} />
          <BiField label={t("account.name")} required={false} value={name} error={fieldError(f, "name")} onChange={setName} />
          <Select label={t("people.invite.as")} value={role} error={fieldError(f, "roles")} onChange={(e) => setRole(e.target.value as Role)} options={order.map((r) => ({ value: r, label: t(`role.${r}`) }))} />
          <div className="acts">
            <Button type="submit" tone="primary" pending={send.isPending}>{t("agency.invite.send")}</Button>
            <Button onClick={close}>{t("action.cancel")}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
