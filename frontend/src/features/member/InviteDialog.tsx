import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { AgencyDetail, Seat } from "../../api/types";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Check, Field, Select } from "../../ui/Field";
import { FaultNote, fieldError } from "../../ui/States";
import { invitationsKey, invite } from "./api";
import { BiField } from "./BiField";
import { OneTimeLink } from "./OneTimeLink";

const kinds = ["principal", "alternate", "writer", "reader"] as const;
const roles = ["SA", "MO"] as const;

/** Offers a seat of an agency by a one-time link: a new one, or the successor's place on the seat that is given. */
export function InviteDialog({ agency: a, seat, close }: { agency: AgencyDetail; seat?: Seat; close: () => void }) {
  const t = useT();
  const locale = useLocale();
  const secretariat = a.kind === "secretariat";
  // The network's roles, and the principal's seat, are given by who may change the agency.
  const all = !!a.abilities?.["agency.update"];
  const taken = (k: string) => a.seats.filter((s) => s.kind === k).length;
  const open = kinds.filter((k) => (k === "principal" ? all && taken(k) === 0 : k !== "alternate" || taken(k) < 2));
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [name, setName] = useState({ ar: "", en: "" });
  const [kind, setKind] = useState<string>(seat?.kind ?? (secretariat ? "writer" : open[0] ?? "writer"));
  const [vote, setVote] = useState(true);
  const [role, setRole] = useState("");
  const mayVote = !seat && !role && a.has_vote && (kind === "principal" || kind === "alternate");
  const send = useMutation({
    mutationFn: () =>
      invite(a.id, { email: email.trim(), name, kind, roles: role ? [role] : [], can_vote: mayVote && vote, ...(seat ? { replaces: seat.id } : {}) }),
    onSuccess: () => client.invalidateQueries({ queryKey: invitationsKey }),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending) send.mutate();
  };
  const f = send.error;
  const url = send.data?.url;
  const title = seat
    ? t("agency.replace.title", { name: pick(seat.person.name, locale) })
    : t("agency.invite.title", { agency: pick(a.name, locale) });
  return (
    <Dialog title={title} onClose={close}>
      {url ? (
        <OneTimeLink url={url} close={close} />
      ) : (
        <form className="form" onSubmit={submit}>
          {f && <FaultNote fault={f} />}
          {seat && <p>{t("agency.replace.text")}</p>}
          <Field label={t("signin.email")} type="email" dir="ltr" required value={email} error={fieldError(f, "email")} onChange={(e) => setEmail(e.target.value)} />
          <BiField label={t("account.name")} value={name} error={fieldError(f, "name")} onChange={setName} />
          {!seat && <Select label={t("agency.invite.kind")} value={kind} error={fieldError(f, "kind")} onChange={(e) => setKind(e.target.value)} options={open.map((k) => ({ value: k, label: t(`seat.${k}`) }))} />}
          {all && !seat && kind !== "reader" && (
            <Select
              label={t("agency.invite.role")}
              hint={t("agency.invite.role.hint")}
              value={role}
              error={fieldError(f, "roles")}
              onChange={(e) => setRole(e.target.value)}
              options={[{ value: "", label: t("agency.invite.role.none") }, ...roles.map((r) => ({ value: r, label: t(`role.${r}`) }))]}
            />
          )}
          {mayVote && <Check label={t("agency.invite.can_vote")} checked={vote} onChange={(e) => setVote(e.target.checked)} />}
          <div className="acts">
            <Button type="submit" tone="primary" pending={send.isPending}>{t("agency.invite.send")}</Button>
            <Button onClick={close}>{t("action.cancel")}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
