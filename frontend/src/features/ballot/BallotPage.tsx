import "./Ballot.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Check, Download, Printer, X } from "lucide-react";
import { seen } from "../../api/client";
import { useSession } from "../../api/session";
import type { Ballot, Practice } from "../../api/types";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { pick, translateOr, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button, ButtonAnchor } from "../../ui/Button";
import { GoLink } from "../../ui/GoLink";
import { Icon } from "../../ui/Icon";
import { Columns, Section, Single } from "../../ui/Layout";
import { Person, Said, Seal, Text } from "../../ui/People";
import { ErrorState, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useTitle } from "../../ui/useTitle";
import { editionQuery } from "../guideline/api";
import { deskQuery } from "../home/api";
import { practiceQuery } from "../practice/api";
import { ballotKey, ballotQuery, certificateUrl } from "./api";
import { Discussion } from "../discussion/Discussion";
import { BallotActions } from "./BallotActions";
import { Gauges, QuorumBar } from "./Gauges";
import { MyVote } from "./MyVote";
import { Positions } from "./Votes";
import { arithmetic, deadline, ended, majority, stateTone, stateWord } from "./words";

/** A ballot while it is prepared, open and decided: one address for its whole life. */
export function BallotPage() {
  const { id } = useParams({ from: "/shell/ballots/$id" });
  useTopic(`ballot/${id}`, ballotKey(id));
  const locale = useLocale();
  const ballot = useQuery(ballotQuery(id));
  const b = seen(ballot);
  const practice = useQuery({ ...practiceQuery(b?.subject.id ?? ""), enabled: b?.subject.kind === "practice" }).data;
  useTitle(b ? pick(b.subject.title, locale) : undefined);
  if (ballot.isPending) return <Single><Skeleton rows={8} /></Single>;
  if (!b) return <Single><ErrorState fault={ballot.error} retry={() => ballot.refetch()} /></Single>;
  return <Page ballot={b} practice={practice} />;
}

function Page({ ballot: b, practice }: { ballot: Ballot; practice?: Practice }) {
  const t = useT();
  const session = useSession();
  const decided = b.state === "closed" || b.state === "certified";
  const mayVote = b.state === "open" && b.abilities["ballot.cast"];
  return (
    <>
      <Columns
        className={mayVote ? "has-stick" : ""}
        label={session?.agency ? t("ballot.margin") : t("ballot.quorum.title")}
        matn={
          <>
            <Head ballot={b} practice={practice} />
            {decided && <Outcome ballot={b} />}
            {!decided && practice && <Case practice={practice} />}
            <div className="motion">
              <div className="meta">{t("ballot.motion")}</div>
              <p><Text of={b.question} /></p>
            </div>
            {b.subject.kind === "edition" && <EditionText id={b.subject.id} />}
            <Positions ballot={b} />
            {b.discussion && <div id="discussion"><Discussion id={b.discussion} /></div>}
            {decided && practice && <Case practice={practice} />}
          </>
        }
        hashiya={
          <>
            {b.state !== "draft" && b.state !== "scheduled" && <MyVote ballot={b} key={`${b.id}-${b.mine?.choice ?? ""}-${b.mine?.reason ?? ""}`} />}
            {decided && <Owed ballot={b} />}
            {decided ? <Verify ballot={b} /> : b.state === "open" || b.tally.E > 0 ? <Quorum ballot={b} /> : <Terms ballot={b} />}
            <BallotActions ballot={b} />
            <Course ballot={b} practice={practice} />
          </>
        }
      />
      {mayVote && <Stick ballot={b} />}
    </>
  );
}

/** To what is voted on: a practice's card, or an edition's text. */
function SubjectLink({ ballot: b }: { ballot: Ballot }) {
  const edition = useQuery({ ...editionQuery(b.subject.id), enabled: b.subject.kind === "edition" }).data;
  if (b.subject.kind !== "edition") return <GoLink href={`/practices/${b.subject.id}`}><Text of={b.subject.title} /></GoLink>;
  if (!edition) return <Text of={b.subject.title} />;
  return <GoLink href={`/guidelines/${edition.guideline.id}/editions/${edition.id}`}><Text of={b.subject.title} /></GoLink>;
}

function Head({ ballot: b, practice }: { ballot: Ballot; practice?: Practice }) {
  const t = useT();
  const fmt = useFormat();
  const look = stateTone(b);
  return (
    <div className="hd">
      <div className="crumb">
        {b.subject.kind === "edition" ? <Link to="/guidelines">{t("nav.guidelines")}</Link> : <Link to="/practices">{t("nav.practices")}</Link>} /{" "}
        <SubjectLink ballot={b} /> / <span>{t("ballot.round", { n: b.round })}</span>
      </div>
      <div className="row wrap gap3 mt1">
        <h1 className="h-doc"><Text of={b.subject.title} /></h1>
        <Tag tone={look.tone} icon={look.icon}>{translateOr(stateWord(b), b.state)}</Tag>
      </div>
      <div className="row wrap meta gap3">
        {practice && <span className="row">{t("ballot.by")} <Seal agency={practice.agency} full /></span>}
        {b.opens_at && <span>{t(b.state === "scheduled" ? "ballot.will_open" : "ballot.opened", { when: b.state === "scheduled" ? fmt.moment(b.opens_at) : fmt.day(b.opens_at) })}</span>}
        <span>{t("ballot.rule")}</span>
        {b.next_round && <GoLink href={`/ballots/${b.next_round}`}>{t("ballot.next")}</GoLink>}
        {b.previous && <GoLink href={`/ballots/${b.previous}`}>{t("ballot.previous")}</GoLink>}
      </div>
    </div>
  );
}

function Case({ practice: p }: { practice: Practice }) {
  const t = useT();
  const fmt = useFormat();
  const facts = p.evidence ?? [];
  return (
    <div className="two">
      <div>
        <div className="jadwal" />
        <h2>{t("practice.problem")}</h2>
        <p className="text" dir="auto">{p.problem}</p>
      </div>
      <div>
        <div className="jadwal" />
        <h2>{t("practice.evidence")}</h2>
        {facts.slice(0, 2).map((e) => (
          <div key={e.date + e.text}>
            <p className="text" dir="auto">{e.text}</p>
            <p className="meta">{fmt.day(e.date)}{e.source && <> · <bdi>{e.source}</bdi></>}</p>
          </div>
        ))}
        {facts.length === 0 && <p className="meta">{t("practice.evidence.none")}</p>}
        <hr className="mt2" />
        <dl className="kv mt2">
          {p.cost && <><dt>{t("practice.cost")}</dt><dd dir="auto">{p.cost}</dd></>}
          <dt>{t("practice.card")}</dt>
          <dd><Link to="/practices/$id" params={{ id: p.id }}>{facts.length > 2 ? t("practice.evidence.all", { n: facts.length }) : t("practice.card.open")}</Link></dd>
        </dl>
      </div>
    </div>
  );
}

/** The text that an adoption is about: whose it is, and the way to read it. */
function EditionText({ id }: { id: string }) {
  const t = useT();
  const fmt = useFormat();
  const e = useQuery(editionQuery(id)).data;
  if (!e) return null;
  return (
    <p className="row wrap gap3 mt2">
      <GoLink href={`/guidelines/${e.guideline.id}/editions/${e.id}`}>{t("ballot.read_text")}</GoLink>
      <span className="meta">{t("guideline.edition", { number: fmt.code(e.number) })}</span>
      <Seal agency={e.guideline.agency} full />
    </p>
  );
}

function Outcome({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  const { tally: y } = b;
  const absent = y.E - y.R - y.C;
  const colour = { agree: "var(--agree)", against: "var(--against)", due: "var(--due)", neutral: "var(--ink-2)", line: "var(--ink-2)", lapis: "var(--lapis)" }[stateTone(b).tone];
  const parts = [
    t("ballot.votes.for_against", { yes: y.for, no: y.against }),
    y.abstain > 0 ? t("ballot.said.abstain", { n: y.abstain }) : "",
    y.R > 0 ? t("ballot.said.recuse", { n: y.R }) : "",
    absent > 0 ? t("ballot.said.absent", { n: absent }) : "",
  ].filter(Boolean);
  return (
    <div className="res" style={{ ["--k" as string]: colour }}>
      <div className="big">{translateOr(b.subject.kind === "edition" ? `ballot.outcome.edition.${b.result}` : `ballot.outcome.${b.result}`, translateOr(`ballot.outcome.${b.result}`, t("ballot.state.closed")))}</div>
      <div className="said">{parts.join(t("list.comma"))}{t("list.stop")}{b.result === "not_quorate" && ` ${t("ballot.outcome.not_quorate.text")}`}{b.result === "tie" && <> {t(b.round > 1 ? "ballot.outcome.tie.last" : "ballot.outcome.tie.text")} {b.discussion && <a href="#discussion">{t("ballot.outcome.tie.discussion")}</a>}</>}</div>
      <div className="meta">{fmt.dates(ended(b))}</div>
      <div style={{ maxInlineSize: 520 }}><QuorumBar ballot={b} /></div>
    </div>
  );
}

function Quorum({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  return (
    <Section
      title={t("ballot.quorum.title")}
      aside={b.state === "open" ? <Tag tone="due">{fmt.closes(deadline(b))}</Tag> : undefined}
    >
      <p className="b mt1" role="status"><Said of={b.needs} /></p>
      {b.state === "open" && b.notice_closes_at && <p className="note due mt2">{t("ballot.notice", { when: fmt.moment(b.notice_closes_at) })}{b.notice_reason && <> <bdi className="text">{b.notice_reason}</bdi></>}</p>}
      {b.extended_from && <p className="meta mt2">{t("ballot.extended", { from: fmt.moment(b.extended_from), to: fmt.moment(b.closes_at) })}</p>}
      <Gauges ballot={b} />
    </Section>
  );
}

/** What was settled about a ballot before it opens. */
function Terms({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  return (
    <Section title={t("ballot.terms")}>
      <dl className="kv mt2">
        <dt>{t("ballot.verify.majority")}</dt>
        <dd>{b.threshold === "simple" || b.threshold === "two_thirds" ? t(`ballot.threshold.${b.threshold}.tick`) : t(`ballot.threshold.${b.threshold as "double"}`)}</dd>
        <dt>{t("ballot.verify.quorum")}</dt>
        <dd>{fmt.pct(b.quorum / 100)}</dd>
        <dt>{t("ballot.new.reason")}</dt>
        <dd>{translateOr(`ballot.new.reason.${b.reason_required}`, b.reason_required)}</dd>
        {b.state === "scheduled" && b.opens_at && <><dt>{t("ballot.opens_at")}</dt><dd>{fmt.moment(b.opens_at)}</dd></>}
        <dt>{t("ballot.closes_at")}</dt>
        <dd>{fmt.moment(b.closes_at)}</dd>
      </dl>
      {b.state === "draft" && <p className="meta mt2">{t("ballot.terms.draft")}</p>}
    </Section>
  );
}

function Verify({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const m = majority(b);
  const { quorum_line: q, threshold_line: line } = b;
  const mark = (ok: boolean) => <span className={ok ? "c-agree" : "c-against"}><Icon of={ok ? Check : X} small label={t(ok ? "ballot.met" : "ballot.unmet")} /></span>;
  return (
    <Section title={t("ballot.verify")}>
      <dl className="kv mt2">
        <dt>{t("ballot.verify.quorum")}</dt>
        <dd>
          {mark(q.met)} {t("ballot.verify.quorum.line", { cast: q.cast, base: b.tally.E - b.tally.R, needed: q.needed })}
          <div className="meta"><bdi dir="ltr">{fmt.code(`${q.cast}×100 ${q.met ? "≥" : "<"} ${b.quorum}×${b.tally.E - b.tally.R}`)}</bdi></div>
        </dd>
        <dt>{t("ballot.verify.majority")}</dt>
        <dd>
          {mark(line.met)} {m && m.of > 0 ? `${t("ballot.majority.count", { yes: m.yes, of: m.of })} = ${fmt.pct(m.share)} ` : ""}
          ({t(`ballot.threshold.${b.threshold as "simple"}.tick`)})
          {(b.threshold_lines ?? [line]).map((l) => <div className="meta" key={l.sign + l.lhs}><bdi>{fmt.code(arithmetic(pick(l.text, locale)))}</bdi></div>)}
        </dd>
        <dt>{t("ballot.verify.closed")}</dt>
        <dd>{fmt.moment(ended(b))}{b.close_cause && <div className="meta">{translateOr(`ballot.cause.${b.close_cause}`, b.close_cause)}</div>}</dd>
        {b.tally.R > 0 && <><dt>{t("ballot.choice.recuse")}</dt><dd>{t("ballot.recused.note", { n: b.tally.R })}</dd></>}
        <dt>{t("ballot.verify.certified")}</dt>
        <dd>{b.state === "certified" ? (b.certified_at ? <>{fmt.moment(b.certified_at)} · <Person of={b.certified_by} /></> : t("ballot.state.certified")) : t("ballot.verify.waiting")}</dd>
      </dl>
      {b.state === "certified" && <p className="meta mt2">{t("ballot.certificate.hash")} <bdi dir="ltr" className="hash">{b.certificate_hash}</bdi></p>}
      {b.state === "certified" && (
        <div className="row mt3">
          <ButtonAnchor small href={certificateUrl(b.id)} download={`ballot-${b.id}.json`}>
            <Icon of={Download} small />
            {t("ballot.certificate")}
          </ButtonAnchor>
          <Button small tone="quiet" onClick={() => window.print()}><Icon of={Printer} small />{t("action.print")}</Button>
        </div>
      )}
    </Section>
  );
}

/** What waits for the reader or their agency because of the result; nothing when nothing does. */
function Owed({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const desk = useQuery(deskQuery).data;
  const subject = b.subject.kind === "practice" ? `/practices/${b.subject.id}` : `/editions/${b.subject.id}`;
  const items = [...(desk?.mine ?? []), ...(desk?.agency ?? [])].filter((i) => i.url.includes(`/ballots/${b.id}`) || i.url.endsWith(subject));
  if (items.length === 0) return null;
  return (
    <Section title={t("ballot.owed")}>
      <ul className="reg">
        {items.map((i) => (
          <li key={i.id} style={{ padding: "8px 0" }}>
            <GoLink className="b" href={i.url}>{pick(i.act, locale)}</GoLink>
            <span className="meta">{i.due_at ? fmt.closes(i.due_at) : <Said of={i.meta} />}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Course({ ballot: b, practice }: { ballot: Ballot; practice?: Practice }) {
  const t = useT();
  const fmt = useFormat();
  const decided = b.state === "closed" || b.state === "certified";
  const steps: { key: string; label: string; when: string; state: string }[] = [];
  if (practice?.created_at) steps.push({ key: "n", label: t("ballot.course.nominated"), when: fmt.day(practice.created_at), state: "did" });
  if (b.opens_at) steps.push({ key: "o", label: t(b.state === "scheduled" ? "ballot.opens_at" : "ballot.course.opened"), when: fmt.day(b.opens_at), state: b.state === "draft" ? "" : b.state === "scheduled" ? "now" : b.tally.E > 0 ? "did" : "" });
  if (b.state === "cancelled") steps.push({ key: "x", label: t("ballot.state.cancelled"), when: "", state: "now" });
  else {
    steps.push({ key: "c", label: t("ballot.course.closes"), when: fmt.day(b.closed_at ?? deadline(b)), state: decided ? "did" : b.state === "open" ? "now" : "" });
    steps.push({ key: "r", label: t("ballot.course.certified"), when: b.certified_at ? fmt.day(b.certified_at) : "", state: b.state === "certified" ? "did" : b.state === "closed" ? "now" : "" });
  }
  const notes = (b.history ?? []).filter((h) => (h.reason || h.cause || h.event === "ballot.discuss" || h.event === "ballot.extend") && h.event !== "ballot.vote");
  return (
    <Section title={t("ballot.course")}>
      <ol className="tl mt2">
        {steps.map((s) => (
          <li key={s.key} className={s.state} aria-current={s.state === "now" ? "step" : undefined}>
            <span>{s.label}</span>
            <span className="meta">{s.when}</span>
          </li>
        ))}
      </ol>
      {notes.length > 0 && (
        <ul className="reg mt2">
          {notes.map((h) => (
            <li key={h.at + (h.event ?? h.kind)} style={{ padding: "8px 0" }}>
              <span className="b">{translateOr(`ballot.event.${(h.event ?? h.kind ?? "").replace(/^ballot\./, "")}`, h.event ?? h.kind ?? "")}</span>
              {h.reason && <span className="text" dir="auto">{h.reason}</span>}
              {h.cause && <span className="meta"><Said of={h.cause} /></span>}
              <span className="meta"><Person of={h.person} /> · {fmt.moment(h.at)}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Stick({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  return (
    <div className="stick">
      <span className="grow">
        <b className={b.mine ? "c-agree" : "c-due"}>{b.mine ? t("ballot.recorded", { choice: t(`ballot.choice.${b.mine.choice}`) }) : t("ballot.stick.not_voted")}</b>
        <span className="meta" style={{ display: "block" }}>{t("ballot.cast.of", { n: b.tally.C, all: b.tally.E - b.tally.R })} · {fmt.closes(deadline(b))}</span>
      </span>
      <a className="btn primary" href="#my-vote">{t(b.mine ? "ballot.stick.change" : "ballot.stick.vote")}</a>
    </div>
  );
}
