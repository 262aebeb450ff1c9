import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { ApiFault } from "../../api/client";
import { enter, sessionQuery } from "../../api/session";
import { pick, translateOr, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button, buttonClass } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { ErrorState, FaultNote, fieldError, Skeleton } from "../../ui/States";
import { useTitle } from "../../ui/useTitle";
import { acceptInvitation, inLanguage, invitationQuery } from "./api";
import { BiField } from "./BiField";
import { Doorway } from "./Doorway";

/** Accepting an invitation by its one-time link. */
export function InvitePage() {
  const t = useT();
  const locale = useLocale();
  const { token } = useParams({ from: "/invite/$token" });
  const client = useQueryClient();
  const navigate = useNavigate();
  const session = useQuery(sessionQuery).data;
  const [name, setName] = useState({ ar: "", en: "" });
  const [password, setPassword] = useState("");
  useTitle(t("invite.title"));
  const send = useMutation({
    mutationFn: async () => inLanguage(await acceptInvitation(token, { name, password }), locale),
    onSuccess: (s) => {
      enter(client, s);
      navigate({ to: "/welcome" });
    },
  });
  // A link that has been used leads nowhere: it is not read again while the next page loads.
  const invitation = useQuery({ ...invitationQuery(token), enabled: !send.isPending && !send.isSuccess });
  const i = invitation.data;
  useEffect(() => {
    if (i?.name) setName(i.name);
  }, [i]);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending) send.mutate();
  };
  const f = send.error;
  const gone = invitation.error instanceof ApiFault && invitation.error.status === 404;
  return (
    <Doorway network={i?.network?.name ?? session?.network.name}>
      <h1>{t(gone ? "invite.gone" : "invite.title")}</h1>
      {invitation.isPending && <Skeleton rows={2} />}
      {invitation.isError && (gone ? <LinkGone /> : <ErrorState fault={invitation.error} retry={() => invitation.refetch()} />)}
      {i && (
        <>
          {!i.agency && i.roles && i.roles.length > 0 && <p className="dim">{t("invite.roles", { roles: i.roles.map((r) => translateOr(`role.${r}`, r)).join(t("list.comma")) })}</p>}
          {i.replaces && <p className="note due mt2">{t("invite.successor")}</p>}
          {i.agency && <p className="dim">{t("invite.text", { agency: pick(i.agency.name, locale) })}</p>}
          {i.agency && i.kind && <p className="dim">{translateOr(`seat.${i.kind}`, i.kind)} · {t(i.can_vote ? "account.votes" : "account.votes.no")}</p>}
          <p className="meta"><bdi dir="ltr">{i.email}</bdi></p>
          <form className="form mt4" onSubmit={submit}>
            {f && <FaultNote fault={f} />}
            <input type="email" hidden readOnly autoComplete="username" value={i.email} />
            <BiField label={t("invite.name")} value={name} error={fieldError(f, "name")} onChange={setName} />
            <Field label={t("invite.password")} hint={t("password.hint")} type="password" dir="ltr" autoComplete="new-password" minLength={12} required value={password} error={fieldError(f, "password")} onChange={(e) => setPassword(e.target.value)} />
            <Button type="submit" tone="primary" wide pending={send.isPending}>{t("invite.submit")}</Button>
          </form>
        </>
      )}
    </Doorway>
  );
}

/** A link that leads nowhere any more: why that may be, and the way on for whoever used it before. */
function LinkGone() {
  const t = useT();
  return (
    <div role="alert">
      <p className="dim">{t("invite.gone.text")}</p>
      <p className="mt3"><Link to="/signin" className={buttonClass({ tone: "primary" })}>{t("signin.enter")}</Link></p>
    </div>
  );
}
