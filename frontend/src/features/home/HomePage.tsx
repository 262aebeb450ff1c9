import "./Home.css";
import { useQuery } from "@tanstack/react-query";
import { AtSign, BookOpenCheck, CircleCheckBig, FileCheck, FilePen, Flag, Lightbulb, type LucideIcon, MessagesSquare, PenLine, Stamp, UserRoundCheck, Vote } from "lucide-react";
import { useState } from "react";
import { flushSync } from "react-dom";
import { useHasRole, useIsOutside, useSession } from "../../api/session";
import type { Desk, DeskItem } from "../../api/types";
import { useFormat } from "../../locales/format";
import { pick, translateOr, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button, buttonClass } from "../../ui/Button";
import { GoLink } from "../../ui/GoLink";
import { Icon } from "../../ui/Icon";
import { Columns } from "../../ui/Layout";
import { Said, Text } from "../../ui/People";
import { Segmented } from "../../ui/Segmented";
import { Empty, ErrorState, Skeleton } from "../../ui/States";
import { useRegisterKeys } from "../../ui/useRegisterKeys";
import { useTitle } from "../../ui/useTitle";
import { agenciesQuery } from "../member/api";
import { deskQuery } from "./api";
import { HomeMargin } from "./HomeMargin";
import { dayOfWeek, startOfDay } from "../../locales/zone";

type Scope = "mine" | "agency" | "following";

/** What needs the reader, by when; the pulse of the network in the margin. */
export function HomePage() {
  const t = useT();
  const fmt = useFormat();
  const session = useSession();
  const desk = useQuery(deskQuery);
  const [scope, setScope] = useState<Scope>("mine");
  useTitle(t("home.title"));
  const data = desk.data;
  const items = data?.[scope] ?? [];
  const count = (s: Scope) => data?.[s]?.length ?? 0;
  return (
    <Columns
      label={t("home.margin")}
      matn={
        <>
          <div className="row between wrap">
            <div>
              <p className="meta">{fmt.both(Date.now())}</p>
              <h1>{data ? <Heading scope={scope} n={items.length} agency={session?.agency ? session.agency.name : session?.network.name} /> : t("home.title")}</h1>
              {data && <p className="dim"><Summary items={items} /></p>}
            </div>
            <Segmented
              label={t("home.scope")}
              value={scope}
              onChange={setScope}
              options={[
                { value: "mine", label: t("home.scope.mine") },
                ...(session?.agency ? [{ value: "agency" as const, label: <>{t("home.scope.agency")}{count("agency") > 0 && <b>{fmt.num(count("agency"))}</b>}</> }] : []),
                { value: "following", label: t("home.scope.following") },
              ]}
            />
          </div>
          {desk.isPending && <Skeleton />}
          {desk.isError && <ErrorState fault={desk.error} retry={() => desk.refetch()} />}
          {data && (
            <>
              <Ruler desk={data} />
              <Register items={items} scope={scope} />
            </>
          )}
        </>
      }
      hashiya={<HomeMargin />}
    />
  );
}

function Heading({ scope, n, agency }: { scope: Scope; n: number; agency: Parameters<typeof Text>[0]["of"] }) {
  const t = useT();
  const locale = useLocale();
  if (scope === "following") return <>{t("home.following", { n })}</>;
  if (scope === "agency") return <>{t("home.waits.agency", { n, agency: pick(agency, locale) })}</>;
  return <>{t("home.waits.me", { n })}</>;
}

const week = 7 * 86_400_000;

function Summary({ items }: { items: DeskItem[] }) {
  const t = useT();
  if (items.length === 0) return null;
  const urgent = items.filter((i) => i.urgent).length;
  const soon = items.filter((i) => i.due_at && !i.urgent && new Date(i.due_at).getTime() - Date.now() < week).length;
  const parts = [urgent > 0 ? t("home.urgent", { n: urgent }) : "", soon > 0 ? t("home.soon", { n: soon }) : ""].filter(Boolean);
  return <>{parts.length > 0 ? sentence(`${parts.join(t("list.comma"))}${t("list.stop")}`) : t("home.calm", { n: items.length })}</>;
}

// Parts are put together, so the capital of an English sentence is set here; Arabic has none.
function sentence(s: string): string {
  return s.charAt(0).toUpperCase() + s.slice(1);
}

/** Two weeks of deadlines, in reading direction. */
function Ruler({ desk }: { desk: Desk }) {
  const t = useT();
  const locale = useLocale();
  const fmt = useFormat();
  const today = startOfDay(Date.now());
  const days = Array.from({ length: 14 }, (_, i) => new Date(startOfDay(today, i)));
  const seen = new Set<string>();
  const pins = [...desk.mine, ...desk.agency]
    .filter((i) => i.due_at && !seen.has(i.url + i.due_at) && seen.add(i.url + i.due_at))
    .map((i) => ({ item: i, day: Math.round((startOfDay(new Date(i.due_at ?? 0).getTime()) - today) / 86_400_000) }))
    .filter((p) => p.day >= 0 && p.day < 14)
    .sort((a, b) => a.day - b.day)
    .slice(0, 12);
  // A pin takes a day and a half; those that would touch go one line down.
  const ends: number[] = [];
  const placed = pins.map((p) => {
    let level = ends.findIndex((end) => end <= p.day);
    if (level < 0) level = ends.length;
    ends[level] = p.day + 1.5;
    return { ...p, level };
  });
  const height = 62 + Math.max(1, ends.length) * 28;
  return (
    <section className="ruler" aria-label={t("home.ruler")} style={{ minBlockSize: height }}>
      {days.map((d, i) => {
        const off = dayOfWeek(d.getTime()) >= 5;
        return (
          <div key={d.getTime()} className={`d ${i === 0 ? "now" : ""} ${off ? "off" : ""}`}>
            <span className="nw">{fmt.weekday(d, locale === "en")}</span>
            <b>{fmt.dayOfMonth(d)}</b>
          </div>
        );
      })}
      {placed.map(({ item, day, level }) => (
        <GoLink
          key={item.id}
          className="p"
          href={item.url}
          title={`${pick(item.act, locale)}: ${pick(item.title, locale)}`}
          style={{
            insetInlineStart: `calc(${day} * 100% / 14 + 4px)`,
            insetBlockStart: 62 + level * 28,
            ["--k" as string]: item.urgent ? "var(--against)" : day < 5 ? "var(--due)" : "var(--neutral)",
          }}
        >
          {kindName(item)}
          <span className="vh"> {fmt.weekdayDay(item.due_at ?? 0)}</span>
        </GoLink>
      ))}
    </section>
  );
}

function kindName(item: DeskItem): string {
  return translateOr(`desk.kind.${item.kind}`, translateOr(`desk.kind.${item.kind.split(".")[0]}`, ""));
}

const icons: [string, LucideIcon][] = [
  ["ballot.certify", Stamp],
  ["ballot", Vote],
  ["mention", AtSign],
  ["thread", MessagesSquare],
  ["comment", MessagesSquare],
  ["edition.review", FileCheck],
  ["edition.publish", BookOpenCheck],
  ["edition.answers", MessagesSquare],
  ["moderation", Flag],
  ["practice", Lightbulb],
  ["seat", UserRoundCheck],
  ["section", PenLine],
];

function iconOf(kind: string): LucideIcon {
  return icons.find(([prefix]) => kind.startsWith(prefix))?.[1] ?? FilePen;
}

// So many are read with a glance; who has more asks for the rest.
const first = 40;

function Register({ items, scope }: { items: DeskItem[]; scope: Scope }) {
  const t = useT();
  const [whole, setWhole] = useState(false);
  const ref = useRegisterKeys<HTMLOListElement>();
  const secretariat = useHasRole()("SA");
  const outside = useIsOutside();
  const agencies = useQuery({ ...agenciesQuery, enabled: secretariat && items.length === 0 }).data?.items;
  // A network that was just set up is empty because it is new, not because all is done.
  if (items.length === 0 && scope === "mine" && secretariat && agencies && agencies.length < 2) {
    return (
      <Empty
        title={t("home.new")}
        actions={
          <>
            <GoLink className={buttonClass({ small: true, tone: "primary" })} href="/agencies">{t("agencies.add")}</GoLink>
            {agencies[0] && <GoLink className={buttonClass({ small: true })} href={`/agencies/${agencies[0].id}`}>{t("home.new.second")}</GoLink>}
            <GoLink className={buttonClass({ small: true })} href="/guidelines">{t("guideline.new")}</GoLink>
          </>
        }
      >
        {t("home.new.text")}
      </Empty>
    );
  }
  if (items.length === 0) {
    return (
      <Empty
        icon={<span className="c-agree"><Icon of={CircleCheckBig} /></span>}
        title={t(`home.empty.${scope}`)}
        actions={<GoLink className={buttonClass({ small: true })} href={outside ? "/library" : "/practices"}>{t(outside ? "nav.library" : "home.empty.action")}</GoLink>}
      >
        {t("home.empty.text")}
      </Empty>
    );
  }
  const rest = items.length - first;
  const showAll = () => {
    flushSync(() => setWhole(true));
    ref.current?.querySelectorAll<HTMLElement>("[data-row]")[first]?.focus();
  };
  return (
    <>
      <ol className="reg need" ref={ref}>
        {(whole ? items : items.slice(0, first)).map((i) => <Row key={i.id} item={i} />)}
      </ol>
      {!whole && rest > 0 && <p><Button small onClick={showAll}>{t("home.rest", { n: rest })}</Button></p>}
    </>
  );
}

// A ballot and a consultation close at their date; of all else it is the day by which it is wanted.
const ends = /^(ballot\.|edition\.answer)/;

function Row({ item }: { item: DeskItem }) {
  const fmt = useFormat();
  const locale = useLocale();
  const t = useT();
  const due = item.due_at ? new Date(item.due_at).getTime() : null;
  const left = due === null ? null : due - Date.now();
  const tone = item.urgent || (left !== null && left < 0) ? "c-against" : left !== null && left < 5 * 86_400_000 ? "c-due" : "";
  const act = pick(item.act, locale);
  const title = pick(item.title, locale);
  return (
    <li className={item.urgent ? "hot" : ""} data-item={item.id}>
      <span className="k"><Icon of={iconOf(item.kind)} /></span>
      <div>
        <h2>
          <GoLink href={item.url} data-row>
            {act}
            {title && <>{locale === "ar" ? ": " : ": "}<bdi className="q">{title}</bdi></>}
          </GoLink>
        </h2>
        <div className="meta">{/^(mention|thread)/.test(item.kind) ? <Text of={item.meta} /> : <Said of={item.meta} />}</div>
      </div>
      <div className="when">
        {due !== null && left !== null && (
          <>
            <b className={tone}>{left < 0 ? t("home.overdue", { when: fmt.relative(due) }) : ends.test(item.kind) ? fmt.closes(due) : t("home.due", { when: fmt.relative(due) })}</b>
            <span className="meta">{fmt.weekdayDay(due)}{left < 5 * 86_400_000 && <span className="nw"> · {fmt.time(due)}</span>}</span>
          </>
        )}
      </div>
      <div className="act">
        <GoLink href={item.url} tabIndex={-1} className={buttonClass({ tone: item.urgent ? "primary" : "plain" })}>
          {translateOr(`desk.do.${item.kind}`, translateOr(`desk.do.${item.kind.split(".")[0]}`, t("desk.do.open")))}
        </GoLink>
      </div>
    </li>
  );
}
