import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { PersonRow, Role } from "../../api/types";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Check } from "../../ui/Field";
import { FaultNote } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { grantRole, peopleKey, takeRole } from "./api";

/** The roles that are granted to persons; the others come with a seat. */
export const networkRoles = ["SA", "MO", "EX", "PO", "RD"] as const;

/** Changes a person's network roles, saying first what is gained and lost. */
export function RolesDialog({ person: p, close }: { person: PersonRow; close: () => void }) {
  const t = useT();
  const locale = useLocale();
  const client = useQueryClient();
  const toast = useToast();
  const [roles, setRoles] = useState<Role[]>(p.roles);
  const gains = roles.filter((r) => !p.roles.includes(r));
  const loses = p.roles.filter((r) => !roles.includes(r));
  const names = (list: Role[]) => list.map((r) => t(`role.${r as (typeof networkRoles)[number]}`)).join(t("list.comma"));
  const move = async (take: Role[], give: Role[]) => {
    for (const r of take) await takeRole(p.id, r);
    for (const r of give) await grantRole(p.id, r);
  };
  const refresh = () => client.invalidateQueries({ queryKey: peopleKey });
  const save = useMutation({
    mutationFn: () => move(loses, gains),
    // Also after a fault: a part may have been done.
    onSettled: refresh,
    onSuccess: () => {
      toast(t("people.roles.done"), { label: t("action.undo"), act: () => move(gains, loses).finally(refresh) });
      close();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!save.isPending) save.mutate();
  };
  const same = gains.length + loses.length === 0;
  return (
    <Dialog title={t("people.manage.title", { name: pick(p.name, locale) })} onClose={close}>
      <form className="form" onSubmit={submit}>
        {save.error && <FaultNote fault={save.error} />}
        <p className="meta">{t("people.roles.text")}</p>
        <fieldset>
          <legend className="vh">{t("account.roles")}</legend>
          {networkRoles.map((r) => (
            <Check key={r} label={t(`role.${r}`)} hint={t(`people.role.${r}.text`)} checked={roles.includes(r)} onChange={(e) => setRoles(e.target.checked ? [...roles, r] : roles.filter((x) => x !== r))} />
          ))}
        </fieldset>
        <div aria-live="polite" className="meta">
          {same && t("people.roles.same")}
          {gains.length > 0 && <div>{t("people.roles.gains", { roles: names(gains) })}</div>}
          {loses.length > 0 && <div>{t("people.roles.loses", { roles: names(loses) })}</div>}
        </div>
        <div className="acts">
          <Button type="submit" tone="primary" pending={save.isPending} disabled={same}>{t("people.roles.save")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
