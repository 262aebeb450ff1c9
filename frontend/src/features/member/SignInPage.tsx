import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { enter, sessionQuery } from "../../api/session";
import type { Session } from "../../api/types";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Initial, Text } from "../../ui/People";
import { FaultNote, fieldError } from "../../ui/States";
import { signIn } from "./api";
import { Doorway } from "./Doorway";

/** E-mail and password; in the demo network also the accounts to try. */
export function SignInPage() {
  const t = useT();
  const { next, ended } = useSearch({ from: "/signin" });
  const session = useQuery(sessionQuery).data;
  const client = useQueryClient();
  const router = useRouter();
  const navigate = useNavigate();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const arrive = useMutation({
    mutationFn: (a: { email: string; password: string }) => signIn(a.email.trim(), a.password),
    onSuccess: (s: Session) => {
      enter(client, s);
      router.history.push(next ?? "/");
    },
  });
  useEffect(() => {
    if (session?.setup_required) navigate({ to: "/setup" });
  }, [session, navigate]);
  useEffect(() => {
    document.title = t("signin.title");
  }, [t]);
  const fault = arrive.error;
  const onField = fieldError(fault, "email");
  return (
    <Doorway network={session?.network.name}>
      <h1>{t("signin.title")}</h1>
      <p className="dim mt1">
        {t("signin.for")} <a href="/published">{t("signin.library")}</a>.
      </p>
      {ended && <p className="note due mt3" role="status">{t("signin.ended")}</p>}
      <form
        className="form mt5"
        onSubmit={(e) => {
          e.preventDefault();
          if (!arrive.isPending) arrive.mutate({ email, password });
        }}
      >
        {fault && !onField && <FaultNote fault={fault} />}
        <Field label={t("signin.email")} type="email" dir="ltr" name="email" autoComplete="username" required value={email} error={onField} onChange={(e) => setEmail(e.target.value)} />
        <Field label={t("signin.password")} type="password" dir="ltr" name="password" autoComplete="current-password" required value={password} error={fieldError(fault, "password")} onChange={(e) => setPassword(e.target.value)} />
        <Button type="submit" tone="primary" wide pending={arrive.isPending}>{t("signin.enter")}</Button>
      </form>
      {session?.demo && <DemoAccounts demo={session.demo} pending={arrive.isPending} choose={(mail) => arrive.mutate({ email: mail, password: session.demo?.password ?? "" })} />}
    </Doorway>
  );
}

function DemoAccounts({ demo, choose, pending }: { demo: NonNullable<Session["demo"]>; choose: (email: string) => void; pending: boolean }) {
  const t = useT();
  const locale = useLocale();
  return (
    <section aria-label={t("signin.demo")}>
      <div className="or">{t("signin.demo")}</div>
      <p className="meta">{t("signin.demo.text")} <bdi dir="ltr"><code>{demo.password}</code></bdi></p>
      <ul className="demo mt2">
        {demo.accounts.map((a) => (
          <li key={a.email}>
            <button type="button" aria-disabled={pending || undefined} onClick={() => !pending && choose(a.email)}>
              <Initial name={pick(a.name, locale)} />
              <span className="grow">
                <b><Text of={a.name} /></b>
                <span className="meta"><Text of={a.agency} /> · <Text of={a.label} /></span>
              </span>
              <bdi dir="ltr" className="meta hide-sm">{a.email}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
