import "./Secretariat.css";
import "../ballot/Ballot.css";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
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
import { firstBallotsQuery } from "../ballot/api";
import { ended, stateTone, stateWord } from "../ballot/words";
import { AgenciesTable } from "../member/AgenciesTable";
import { AgencyForm } from "../member/AgencyForm";
import { registerQuery } from "../member/api";
import { logQuery, queueQuery } from "../moderation/api";
import { Queue } from "../moderation/Queue";
import { NarrowBar, useNarrowing } from "../narrow/Narrow";
import { firstPracticesQuery } from "../practice/api";

/** Rows of each list in the margin; the rest is behind a link. */
const shown = 8;

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
          <NarrowBar facets={register?.narrowing} end={hasRole("SA") && <Button tone="primary" onClick={() => setAdding(true)}>{t("agencies.add")}</Button>}>
            <div className="grow">
              <p className="meta">{fmt.both(Date.now())}</p>
              <h1 className="h-page">{t("secretariat.title")}</h1>
            </div>
            {hasRole("SA") && (
              <>
                <Link to="/people" className={buttonClass()}>{t("people.title")}</Link>
                <Link to="/practices" className={buttonClass()}>{t("practices.title")}</Link>
              </>
            )}
          </NarrowBar>
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
  const queue = useInfiniteQuery({ ...queueQuery("all", by), enabled: moderates }).data?.pages[0];
  const toCertify = useQuery(firstBallotsQuery({ state: "closed", order: "closing", by }, shown)).data?.narrowing?.total;
  const toScreen = useQuery(firstPracticesQuery({ stage: "nominated", by }, shown)).data?.narrowing?.total;
  const closed = useQuery(firstBallotsQuery({ state: "closed,certified", order: "closed", by }, 5)).data?.items ?? [];
  const cast = closed.reduce((n, b) => n + b.tally.C, 0);
  const base = closed.reduce((n, b) => n + b.tally.E - b.tally.R, 0);
  return (
    <div className="nums">
      <div><b>{agencies ? fmt.num(agencies.length) : "—"}</b><span className="meta">{t("secretariat.num.agencies", { n: agencies?.filter((a) => a.has_vote).length ?? 0 })}</span></div>
      {moderates && <div><b>{queue?.narrowing ? fmt.num(queue.narrowing.total) : "—"}</b><span className="meta">{queue?.oldest ? t("secretariat.num.queue", { when: fmt.relative(queue.oldest) }) : t("secretariat.num.queue.none")}</span></div>}
      <div><b className={toCertify ? "c-due" : ""}>{toCertify === undefined ? "—" : fmt.num(toCertify)}</b><span className="meta">{t("secretariat.num.certify", { n: toCertify ?? 0 })}</span></div>
      <div><b>{toScreen === undefined ? "—" : fmt.num(toScreen)}</b><span className="meta">{t("secretariat.num.screen", { n: toScreen ?? 0 })}</span></div>
      <div><b>{base > 0 ? fmt.pct(cast / base) : "—"}</b><span className="meta">{t("secretariat.num.turnout", { n: closed.length })}</span></div>
    </div>
  );
}

function BallotDuties() {
  const t = useT();
  const fmt = useFormat();
  const { by } = useNarrowing();
  const first = (state: string) => firstBallotsQuery({ state, order: "closing", by }, shown);
  const lists = [useQuery(first("closed")).data, useQuery(first("open")).data, useQuery(first("draft,scheduled")).data];
  const rows = lists.flatMap((l) => l?.items ?? []).slice(0, shown);
  const all = lists.reduce((n, l) => n + (l?.narrowing?.total ?? 0), 0);
  return (
    <Section title={t("secretariat.ballots")} aside={<Link className="meta" to="/ballots" search={by}>{t("secretariat.all")}</Link>}>
      {rows.length === 0 && <p className="meta mt1">{t("secretariat.ballots.none")}</p>}
      <ul className="reg mt1">
        {rows.map((b) => {
          const look = stateTone(b);
          return (
            <li key={b.id} style={{ padding: "9px 0", display: "block" }}>
              <GoLink className="text b" href={`/ballots/${b.id}`}><Text of={b.subject.title} /></GoLink>
              <span className="row wrap">
                <Tag tone={b.state === "closed" ? "due" : look.tone} icon={look.icon}>{b.state === "closed" ? t("secretariat.to_certify") : translateOr(stateWord(b), b.state)}</Tag>
                <span className="meta">{b.state === "open" ? fmt.closes(b.closes_at) : fmt.day(ended(b))}{b.tally.E > 0 && <> · {t("ballot.cast.of", { n: b.tally.C, all: b.tally.E - b.tally.R })}</>}</span>
              </span>
            </li>
          );
        })}
      </ul>
      {all > rows.length && <p className="meta mt1">{t("list.shown", { n: rows.length, all })}</p>}
    </Section>
  );
}

function Nominations() {
  const t = useT();
  const fmt = useFormat();
  const { by } = useNarrowing();
  const list = useQuery(firstPracticesQuery({ stage: "nominated", by }, shown)).data;
  const rows = list?.items ?? [];
  const all = list?.narrowing?.total ?? 0;
  if (rows.length === 0) return null;
  return (
    <Section title={t("secretariat.nominations")} aside={<Link className="meta" to="/practices" search={by}>{t("secretariat.all")}</Link>}>
      <ul className="reg mt1">
        {rows.map((p) => (
          <li key={p.id} style={{ padding: "9px 0", display: "block" }}>
            <Link className="text b" to="/practices/$id" params={{ id: p.id }}><Text of={p.title} /></Link>
            <span className="row between"><Seal agency={p.agency} /><span className="meta">{p.created_at ? fmt.relative(p.created_at) : ""}</span></span>
          </li>
        ))}
      </ul>
      {all > rows.length && <p className="meta mt1">{t("list.shown", { n: rows.length, all })}</p>}
    </Section>
  );
}

function Log() {
  const t = useT();
  const fmt = useFormat();
  // Without names the log is the same for everybody, whatever else is narrowed.
  const moderates = useHasRole()("MO");
  const { by, on } = useNarrowing();
  const log = useInfiniteQuery({ ...logQuery(moderates ? by : {}), placeholderData: keepPreviousData });
  const facets = log.data?.pages[0]?.narrowing;
  const [upTo, setUpTo] = useState(10);
  const rows = log.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Section title={t("moderation.log")} aside={on && (facets ? facets.all > 0 && <span className="meta" role="status">{t("narrow.of", { n: facets.total, all: facets.all })}</span> : <span className="meta">{t("moderation.log.whole")}</span>)}>
      {log.data && rows.length === 0 && <p className="meta mt1">{t(facets?.all ? "narrow.none" : "moderation.log.none")}</p>}
      <ol className="tl mt2">
        {rows.slice(0, upTo).map((r, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: without names two lines may be alike, and what is logged stays.
          <li key={`${r.at} ${r.action} ${i}`} className="did">
            <span>
              {translateOr(`moderation.did.${r.action}`, r.action)}{r.reason && ` · ${translateOr(`moderation.reason.${r.reason}`, r.reason)}`}
              {r.person && <span className="meta" style={{ display: "block" }}><Person of={r.person} /></span>}
            </span>
            <span className="meta">{fmt.relative(r.at)}</span>
          </li>
        ))}
      </ol>
      {(rows.length > upTo || log.hasNextPage) && <Button small className="mt1 noprint" pending={log.isFetchingNextPage} onClick={() => {
        setUpTo(upTo + 30);
        if (log.hasNextPage && rows.length <= upTo + 30) log.fetchNextPage();
      }}>{t("action.more")}</Button>}
    </Section>
  );
}
