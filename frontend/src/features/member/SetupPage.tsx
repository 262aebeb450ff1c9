import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { enter, sessionQuery } from "../../api/session";
import type { Bi } from "../../api/types";
import { useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button, buttonClass } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { FaultNote, fieldError } from "../../ui/States";
import { useTitle } from "../../ui/useTitle";
import { inLanguage, setUp } from "./api";
import { BiField } from "./BiField";
import { Doorway } from "./Doorway";

const blank: Bi = { ar: "", en: "" };

/** The first run of an empty hub, with the one-time token of its console. */
export function SetupPage() {
  const t = useT();
  const locale = useLocale();
  const { token: given = "" } = useSearch({ from: "/setup" });
  const session = useQuery(sessionQuery).data;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [form, setForm] = useState({ token: given, network_name: blank, agency_name: blank, name: blank, email: "", password: "" });
  useTitle(t("setup.title"));
  const send = useMutation({
    mutationFn: async () => inLanguage(await setUp(form), locale),
    onSuccess: (s) => {
      enter(client, s);
      navigate({ to: "/welcome" });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending) send.mutate();
  };
  const f = send.error;
  if (session && !session.setup_required) {
    return (
      <Doorway network={session.network.name}>
        <h1>{t("setup.done")}</h1>
        <p className="dim">{t("setup.done.text")}</p>
        <p className="mt3"><Link to="/signin" className={buttonClass({ tone: "primary" })}>{t("signin.enter")}</Link></p>
      </Doorway>
    );
  }
  return (
    <Doorway>
      <h1>{t("setup.title")}</h1>
      <p className="dim">{t("setup.text")}</p>
      <form className="form mt4" onSubmit={submit}>
        {f && <FaultNote fault={f} />}
        <Field label={t("setup.token")} dir="ltr" autoComplete="off" required value={form.token} error={fieldError(f, "token")} onChange={(e) => setForm({ ...form, token: e.target.value.trim() })} />
        <BiField label={t("setup.network")} value={form.network_name} error={fieldError(f, "network_name")} onChange={(v) => setForm({ ...form, network_name: v })} />
        <BiField label={t("setup.agency")} value={form.agency_name} error={fieldError(f, "agency_name")} onChange={(v) => setForm({ ...form, agency_name: v })} />
        <BiField label={t("setup.name")} value={form.name} error={fieldError(f, "name")} onChange={(v) => setForm({ ...form, name: v })} />
        <Field label={t("signin.email")} type="email" dir="ltr" autoComplete="username" required value={form.email} error={fieldError(f, "email")} onChange={(e) => setForm({ ...form, email: e.target.value })} />
        <Field label={t("signin.password")} hint={t("password.hint")} type="password" dir="ltr" autoComplete="new-password" minLength={12} required value={form.password} error={fieldError(f, "password")} onChange={(e) => setForm({ ...form, password: e.target.value })} />
        <Button type="submit" tone="primary" wide pending={send.isPending}>{t("setup.submit")}</Button>
      </form>
    </Doorway>
  );
}
