import { useQuery } from "@tanstack/react-query";
import { useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { GoLink } from "../../ui/GoLink";
import { Section } from "../../ui/Layout";
import { Said, Seal, Text } from "../../ui/People";
import { useIsGuest, useIsMine } from "../../api/session";
import { agenciesQuery } from "../member/api";
import { firstBallotsQuery } from "../ballot/api";
import { ended } from "../ballot/words";
import { pulseQuery } from "./api";
import { latestQuery } from "../library/api";
import { firstPracticesQuery } from "../practice/api";

/** The next ballot to close, the pulse of the network, and what happened last. */
export function HomeMargin() {
  const t = useT();
  const fmt = useFormat();
  const isMine = useIsMine();
  const ballots = !useIsGuest(); // a guest has none to ask for
  const open = useQuery({ ...firstBallotsQuery({ state: "open", order: "closing" }, 1), enabled: ballots }).data;
  const decided = useQuery({ ...firstBallotsQuery({ state: "closed,certified", order: "closed" }, 3), enabled: ballots }).data?.items ?? [];
  const agencies = useQuery(agenciesQuery).data?.items;
  const practices = useQuery(firstPracticesQuery({}, 1)).data;
  const library = useQuery(latestQuery).data;
  const pulse = useQuery(pulseQuery).data;
  const next = open?.items[0];
  const published = [...(library?.items ?? [])].sort((a, b) => b.published_at.localeCompare(a.published_at)).slice(0, 3);
  const rolling = practices && (practices.stages.approved ?? 0) + (practices.stages.rolling_out ?? 0);
  return (
    <>
      {next && (
        <Section title={t("home.next.title")} className="near">
          <div className="when">
            <div className="day">{fmt.month(next.closes_at)}<b>{fmt.dayOfMonth(next.closes_at)}</b>{fmt.weekday(next.closes_at)}</div>
            <div>
              <GoLink className="b text" href={`/ballots/${next.id}`}><Text of={next.subject.title} /></GoLink>
              <div className="meta">{fmt.closes(next.closes_at)} · {fmt.time(next.closes_at)}</div>
            </div>
          </div>
          <p className="meta"><Said of={next.needs} /></p>
        </Section>
      )}
      <Section title={t("home.pulse")}>
        {pulse && <Bars weeks={pulse.weeks} />}
        <dl className="pulse">
          {agencies && pulse && <><dt>{t("home.pulse.active")}</dt><dd>{fmt.num(pulse.active)} <span className="meta">{t("home.pulse.of", { n: agencies.length })}</span></dd></>}
          {open?.narrowing && <><dt>{t("home.pulse.ballots")}</dt><dd>{fmt.num(open.narrowing.total)}</dd></>}
          {library && <><dt>{t("home.pulse.published")}</dt><dd>{fmt.num(library.total)}</dd></>}
          {practices?.narrowing && <><dt>{t("home.pulse.practices")}</dt><dd>{fmt.num(practices.narrowing.total)}</dd></>}
          {rolling !== undefined && <><dt>{t("home.pulse.rolling")}</dt><dd>{fmt.num(rolling)}</dd></>}
        </dl>
      </Section>
      {(decided.length > 0 || published.length > 0) && (
        <Section title={t("home.latest")}>
          <ul className="feed mt1">
            {decided.map((b) => (
              <li key={b.id}>
                {translateOr(`ballot.result.${b.result}`, t("ballot.state.closed"))}{": "}
                <GoLink className="text" href={`/ballots/${b.id}`}><Text of={b.subject.title} /></GoLink>{" "}
                <span className="meta">· {t("ballot.votes.for_against", { yes: b.tally.for, no: b.tally.against })} <span className="nw">· {fmt.day(ended(b))}</span></span>
              </li>
            ))}
            {published.map((g) => (
              <li key={g.id}>
                <Seal agency={g.agency} mine={isMine(g.agency)} /> {t("home.published")}{" "}
                <GoLink className="text" href={`/guidelines/${g.id}`}><Text of={g.title} /></GoLink>{" "}
                <span className="meta nw">· {fmt.day(g.published_at)}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

const week = 7 * 86_400_000;

/** Twelve weeks as bars in reading direction, the last one in ink; for whoever listens, the sentence and the table. */
function Bars({ weeks }: { weeks: number[] }) {
  const t = useT();
  const fmt = useFormat();
  const most = Math.max(1, ...weeks);
  const begins = (i: number) => Date.now() - (weeks.length - i) * week;
  return (
    <figure className="bars">
      <div aria-hidden="true">
        {weeks.map((n, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a week is its place.
          <i key={i} style={{ blockSize: `${Math.max(4, Math.round((n / most) * 100))}%` }} title={`${fmt.day(begins(i))}: ${fmt.num(n)}`} />
        ))}
      </div>
      <figcaption className="row between meta">
        <span aria-hidden="true">{fmt.month(begins(0))}</span>
        <span>{t("home.pulse.week", { n: weeks.at(-1) ?? 0 })}</span>
      </figcaption>
      <table className="vh">
        <caption>{t("home.pulse.weeks")}</caption>
        <tbody>
          {weeks.map((n, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a week is its place.
            <tr key={i}><th scope="row">{fmt.day(begins(i))}</th><td>{fmt.num(n)}</td></tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
