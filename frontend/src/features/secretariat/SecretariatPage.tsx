import "./Secretariat.css";
import "../ballot/Ballot.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useHasRole } from "../../api/session";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { Button, buttonClass } from "../../ui/Button";
import { GoLink } from "../../ui/GoLink";
import { Columns, Section, Single } from "../../ui/Layout";
import { Person, Seal, Text } from "../../ui/People";
import { Closed } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useTitle } from "../../ui/useTitle";
import { ballotsQuery } from "../ballot/api";
import { stateTone, stateWord } from "../ballot/words";
import { AgenciesTable } from "../member/AgenciesTable";
import { AgencyForm } from "../member/AgencyForm";
import { registerQuery } from "../member/api";
import { casesQuery, logQuery } from "../moderation/api";
import { Queue } from "../moderation/Queue";
import { NarrowBar, useNarrowing } from "../narrow/Narrow";
import { practicesByQuery } from "../practice/api";

/** What the secretariat has to see to: moderation, ballots, nominations, agencies. */
export function SecretariatPage() {
  const t = useT();
  const fmt = useFormat();
  const hasRole = useHasRole();
  const [adding, setAdding] = useState(false);
  const register = useQuery(registerQuery("", useNarrowing().by)).data;
  useTitle(t("nav.secretariat"));
  useTopic("ballots", ["ballots"]);
  const mayRead = hasRole("SA", "MO");
  if (!mayRead) return <Single><Closed title={t("secretariat.closed")}>{t("secretariat.closed.text")}</Closed></Single>;
  return (
    <Columns
      label={t("secretariat.margin")}
      matn={
        <>
          <div className="row between wrap">
            <div>
              <p className="meta">{fmt.both(Date.now())}</p>
              <h1 className="h-page">{t("secretariat.title")}</h1>
            </div>
            {hasRole("SA") && (
              <div className="row wrap">
                <Link to="/people" className={buttonClass()}>{t("people.title")}</Link>
                <Link to="/practices" className={buttonClass()}>{t("practices.title")}</Link>
                <Button tone="primary" onClick={() => setAdding(true)}>{t("agencies.add")}</Button>
              </div>
            )}
          </div>
          <NarrowBar facets={register?.narrowing} />
          <Numbers />
          {hasRole("MO") && <Queue />}
          <Section title={t("agencies.title")} className="mt5"><AgenciesTable bar={false} /></Section>
          {adding && <AgencyForm close={() => setAdding(false)} />}
        </>
      }
      hashiya={
        <>
          <BallotDuties />
          <Nominations />
          <Log />
        </>
      }
    />
  );
}

function Numbers() {
  const t = useT();
  const fmt = useFormat();
  const { by } = useNarrowing();
  const agencies = useQuery(registerQuery("", by)).data?.items;
  const moderates = useHasRole()("MO");
  const queue = useQuery({ ...casesQuery("queue", by), enabled: moderates }).data?.items;
  const ballots = useQuery(ballotsQuery("", by)).data?.items;
  const practices = useQuery(practicesByQuery("", by)).data?.items;
  const pending = queue?.filter((i) => i.state === "pending") ?? [];
  const oldest = pending.reduce((min, i) => (min && min < i.created_at ? min : i.created_at), "");
  const closed = ballots?.filter((b) => b.state === "closed" || b.state === "certified").sort((a, b) => b.closes_at.localeCompare(a.closes_at)).slice(0, 5) ?? [];
  const cast = closed.reduce((n, b) => n + b.tally.C, 0);
  const base = closed.reduce((n, b) => n + b.tally.E - b.tally.R, 0);
  return (
    <div className="nums">
      <div><b>{agencies ? fmt.num(agencies.length) : "—"}</b><span className="meta">{t("secretariat.num.agencies", { n: agencies?.filter((a) => a.has_vote).length ?? 0 })}</span></div>
      {moderates && <div><b>{queue ? fmt.num(pending.length) : "—"}</b><span className="meta">{oldest ? t("secretariat.num.queue", { when: fmt.relative(oldest) }) : t("secretariat.num.queue.none")}</span></div>}
      <div><b className={ballots?.some((b) => b.state === "closed") ? "c-due" : ""}>{ballots ? fmt.num(ballots.filter((b) => b.state === "closed").length) : "—"}</b><span className="meta">{t("secretariat.num.certify", { n: ballots?.filter((b) => b.state === "closed").length ?? 0 })}</span></div>
      <div><b>{practices ? fmt.num(practices.filter((p) => p.stage === "nominated").length) : "—"}</b><span className="meta">{t("secretariat.num.screen", { n: practices?.filter((p) => p.stage === "nominated").length ?? 0 })}</span></div>
      <div><b>{base > 0 ? fmt.pct(cast / base) : "—"}</b><span className="meta">{t("secretariat.num.turnout", { n: closed.length })}</span></div>
    </div>
  );
}

function BallotDuties() {
  const t = useT();
  const fmt = useFormat();
  const { by } = useNarrowing();
  const ballots = useQuery(ballotsQuery("", by)).data?.items ?? [];
  const rank = { closed: 0, open: 1, draft: 2, scheduled: 3, certified: 9, cancelled: 9 };
  const rows = ballots.filter((b) => rank[b.state] < 9).sort((a, b) => rank[a.state] - rank[b.state] || a.closes_at.localeCompare(b.closes_at));
  return (
    <Section title={t("secretariat.ballots")} aside={<Link className="meta" to="/ballots">{t("secretariat.all")}</Link>}>
      {rows.length === 0 && <p className="meta mt1">{t("secretariat.ballots.none")}</p>}
      <ul className="reg mt1">
        {rows.slice(0, 8).map((b) => {
          const look = stateTone(b);
          return (
            <li key={b.id} style={{ padding: "9px 0", display: "block" }}>
              <GoLink className="text b" href={`/ballots/${b.id}`}><Text of={b.subject.title} /></GoLink>
              <span className="row wrap">
                <Tag tone={b.state === "closed" ? "due" : look.tone} icon={look.icon}>{b.state === "closed" ? t("secretariat.to_certify") : translateOr(stateWord(b), b.state)}</Tag>
                <span className="meta">{b.state === "open" ? fmt.closes(b.closes_at) : fmt.day(b.closes_at)}{b.tally.E > 0 && <> · {t("ballot.cast.of", { n: b.tally.C, all: b.tally.E - b.tally.R })}</>}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function Nominations() {
  const t = useT();
  const fmt = useFormat();
  const { by } = useNarrowing();
  const rows = useQuery(practicesByQuery("", by)).data?.items.filter((p) => p.stage === "nominated") ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t("secretariat.nominations")}>
      <ul className="reg mt1">
        {rows.slice(0, 6).map((p) => (
          <li key={p.id} style={{ padding: "9px 0", display: "block" }}>
            <Link className="text b" to="/practices/$id" params={{ id: p.id }}><Text of={p.title} /></Link>
            <span className="row between"><Seal agency={p.agency} /><span className="meta">{p.created_at ? fmt.relative(p.created_at) : ""}</span></span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Log() {
  const t = useT();
  const fmt = useFormat();
  const rows = useQuery(logQuery).data?.items ?? [];
  return (
    <Section title={t("moderation.log")}>
      {rows.length === 0 && <p className="meta mt1">{t("moderation.log.none")}</p>}
      <ol className="tl mt2">
        {rows.slice(0, 10).map((r) => (
          <li key={r.at + r.action + (r.item ?? "")} className="did">
            <span>
              {translateOr(`moderation.did.${r.action}`, r.action)}{r.reason && ` · ${translateOr(`moderation.reason.${r.reason}`, r.reason)}`}
              {r.person && <span className="meta" style={{ display: "block" }}><Person of={r.person} /></span>}
            </span>
            <span className="meta">{fmt.relative(r.at)}</span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
