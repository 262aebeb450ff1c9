import "./Member.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import { type FormEvent, useState } from "react";
import { sessionKey, useSession } from "../../api/session";
import type { Bi, SessionRow } from "../../api/types";
import { useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Columns, Section } from "../../ui/Layout";
import { Text } from "../../ui/People";
import { ErrorState, FaultNote, fieldError, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useToast } from "../../ui/Toast";
import { useTitle } from "../../ui/useTitle";
import { changePassword, renameMe, revokeSession, sessionsKey, sessionsQuery } from "./api";
import { BiField } from "./BiField";
import { Confirm } from "./Confirm";
import { PrefsForm, PrefsPreview } from "./PrefsForm";

/** The reader's place in the network, preferences, sessions and password. */
export function AccountPage() {
  const t = useT();
  const session = useSession();
  useTitle(t("account.title"));
  if (!session?.person) return null;
  const { person, seat, agency, roles } = session;
  return (
    <Columns
      label={t("account.me")}
      matn={
        <>
          <h1 className="h-page">{t("account.title")}</h1>
          <Section title={t("account.prefs")} className="mt4"><PrefsForm /></Section>
          <Rename key={person.id} />
          <Sessions />
          <Password />
        </>
      }
      hashiya={
        <>
          <Section title={t("account.me")}>
            <dl className="kv mt2">
              <dt>{t("account.name")}</dt><dd className="b"><Text of={person.name} /></dd>
              <dt>{t("account.email")}</dt><dd><bdi dir="ltr">{person.email}</bdi></dd>
              {agency && <><dt>{t("agencies.name")}</dt><dd><Text of={agency.name} /></dd></>}
              {seat && <><dt>{t("account.seat")}</dt><dd>{t(`seat.${seat.kind}`)} · {t(seat.can_vote ? "account.votes" : "account.votes.no")}</dd></>}
              {roles.length > 0 && <><dt>{t("account.roles")}</dt><dd>{roles.map((r) => translateOr(`role.${r}`, r)).join(t("list.comma"))}</dd></>}
            </dl>
          </Section>
          <Section title={t("welcome.preview")}><PrefsPreview bare /></Section>
        </>
      }
    />
  );
}

// "Chrome · Linux" says more than the browser's whole line; the line stays in the tooltip.
function device(agent: string): string {
  const browser = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox" : /Chrome\//.test(agent) ? "Chrome" : /Safari\//.test(agent) ? "Safari" : "";
  const system = /iPhone|iPad/.test(agent) ? "iOS" : /Android/.test(agent) ? "Android" : /Windows/.test(agent) ? "Windows" : /Mac OS X/.test(agent) ? "macOS" : /Linux/.test(agent) ? "Linux" : "";
  return [browser, system].filter(Boolean).join(" · ");
}

function Rename() {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const person = useSession()?.person;
  const was = person ? asBi(person.name) : { ar: "", en: "" };
  const [name, setName] = useState(was);
  const rename = useMutation({
    mutationFn: (to: Bi) => renameMe(to),
    onSuccess: (s, to) => {
      client.setQueryData(sessionKey, s);
      setName(s.person ? asBi(s.person.name) : to);
      toast(t("account.renamed"), { label: t("action.undo"), act: () => rename.mutate(was) });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!rename.isPending) rename.mutate(name);
  };
  const f = rename.error;
  const same = name.ar === was.ar && name.en === was.en;
  return (
    <Section title={t("account.name")}>
      <p className="meta">{t("account.rename.text")}</p>
      <form className="form mt2" onSubmit={submit}>
        {f && !fieldError(f, "name") && <FaultNote fault={f} />}
        <BiField label={t("account.name")} value={name} error={fieldError(f, "name")} onChange={setName} />
        <div><Button type="submit" pending={rename.isPending} disabled={same}>{t("account.rename")}</Button></div>
      </form>
    </Section>
  );
}

function asBi(name: Bi | string): Bi {
  return typeof name === "string" ? { ar: name, en: name } : name;
}

function Sessions() {
  const t = useT();
  const fmt = useFormat();
  const client = useQueryClient();
  const toast = useToast();
  const list = useQuery(sessionsQuery);
  const [asking, setAsking] = useState<SessionRow | null>(null);
  const end = useMutation({
    mutationFn: (s: SessionRow) => revokeSession(s.id),
    onSuccess: (_, s) => {
      client.invalidateQueries({ queryKey: s.current ? sessionKey : sessionsKey });
      toast(t("account.session.ended"));
      setAsking(null);
    },
  });
  return (
    <Section title={t("account.sessions")}>
      <p className="meta">{t("account.sessions.text")}</p>
      {list.isPending && <Skeleton rows={2} />}
      {list.isError && <ErrorState fault={list.error} retry={() => list.refetch()} />}
      <ul className="reg seslist mt2">
        {list.data?.items.map((s) => (
          <li key={s.id}>
            <div>
              <span className="row wrap">
                <Icon of={MonitorSmartphone} />
                <bdi dir="ltr" title={s.user_agent} className="b">{device(s.user_agent) || t("account.device.unknown")}</bdi>
                {s.current && <Tag tone="agree">{t("account.session.current")}</Tag>}
              </span>
              <span className="meta">{t("account.session.seen", { when: fmt.relative(s.last_seen_at) })} · {t("account.session.since", { when: fmt.moment(s.created_at) })}</span>
            </div>
            {!s.current && <Button small onClick={() => { end.reset(); setAsking(s); }}>{t("account.session.end")}</Button>}
          </li>
        ))}
      </ul>
      {asking && (
        <Confirm title={t("account.session.end.title", { device: device(asking.user_agent) || t("account.device.unknown") })} action={t("account.session.end")} pending={end.isPending} fault={end.error} onConfirm={() => end.mutate(asking)} close={() => setAsking(null)}>
          {t("account.sessions.text")}
        </Confirm>
      )}
    </Section>
  );
}

function Password() {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: () => {
      setCurrent("");
      setNext("");
      client.invalidateQueries({ queryKey: sessionsKey });
      toast(t("account.password.changed"));
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!change.isPending) change.mutate();
  };
  // What was refused is said of what was sent, not of what is typed now.
  const type = (set: (v: string) => void, v: string) => {
    set(v);
    if (change.isError) change.reset();
  };
  const f = change.error;
  const onField = fieldError(f, "current") ?? fieldError(f, "new");
  return (
    <Section title={t("account.password")}>
      <form className="form mt2" style={{ maxInlineSize: 420 }} onSubmit={submit}>
        {f && !onField && <FaultNote fault={f} />}
        <Field label={t("account.password.current")} type="password" dir="ltr" autoComplete="current-password" required value={current} error={fieldError(f, "current")} onChange={(e) => type(setCurrent, e.target.value)} />
        <Field label={t("account.password.new")} hint={t("password.hint")} type="password" dir="ltr" autoComplete="new-password" minLength={12} required value={next} error={fieldError(f, "new")} onChange={(e) => type(setNext, e.target.value)} />
        <div><Button type="submit" pending={change.isPending}>{t("account.password.change")}</Button></div>
      </form>
    </Section>
  );
}
