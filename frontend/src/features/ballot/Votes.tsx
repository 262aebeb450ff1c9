import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CircleDashed } from "lucide-react";
import { useIsMine } from "../../api/session";
import type { Ballot, Choice, ElectorRow } from "../../api/types";
import { useFormat } from "../../locales/format";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Icon } from "../../ui/Icon";
import { Section } from "../../ui/Layout";
import { Text } from "../../ui/People";
import { ErrorState } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { byName } from "../member/useAgencies";
import { NarrowBar, NarrowedOut, useNarrowing } from "../narrow/Narrow";
import { positionsQuery } from "./api";
import { choices, order } from "./words";

/** The positions by agency, as far as a narrowing keeps them: the votes as tiles, and the reasons given with them. */
export function Positions({ ballot }: { ballot: Ballot }) {
  const { by, on } = useNarrowing();
  const some = useQuery({ ...positionsQuery(ballot.id, by), enabled: on, placeholderData: keepPreviousData });
  if (on && some.isError) return <ErrorState fault={some.error} retry={() => some.refetch()} />;
  const b = on && some.data ? some.data : ballot;
  return (
    <>
      {ballot.tally.E > 0 && <Votes ballot={b} whole={ballot} />}
      <Reasons ballot={b} />
    </>
  );
}

/** The votes as named tiles, in the order of the names. */
function Votes({ ballot: b, whole }: { ballot: Ballot; whole: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  const rows = byName(b.electorate ?? [], (r) => r.agency.short, useLocale());
  const all = whole.electorate ?? [];
  // Readers, moderators and experts see the count and not who voted how: no tile may then say that its agency has not voted.
  const unnamed = order.some((c) => whole.tally[c] > 0) && all.every((r) => !r.choice);
  const has = (c: Choice) => rows.filter((r) => r.choice === c).length;
  const count: Record<Choice, number> = rows.length < all.length && !unnamed
    ? { for: has("for"), against: has("against"), abstain: has("abstain"), recuse: has("recuse") }
    : { for: whole.tally.for, against: whole.tally.against, abstain: whole.tally.abstain, recuse: whole.tally.recuse };
  const cast = order.reduce((n, c) => n + count[c], 0);
  const waiting = unnamed ? Math.max(0, all.length - cast) : rows.filter((r) => !r.choice).length;
  const tones = { for: "c-agree", against: "c-against", abstain: "c-neutral", recuse: "c-dim" };
  const sum = (
    <div className="sum grow">
      {order.filter((c) => c !== "recuse" || count.recuse > 0).map((c) => (
        <span key={c} className={tones[c]}>
          <Icon of={choices[c].icon} small /> {t(`ballot.choice.${c}`)} <b>{fmt.num(count[c])}</b>
        </span>
      ))}
      {waiting > 0 && <span className="meta">{t(b.state === "open" ? "ballot.waiting" : "ballot.absent", { n: waiting })}</span>}
    </div>
  );
  return (
    <Section className="mt4" title={t("ballot.votes.title")} aside={unnamed && sum}>
      {!unnamed && <NarrowBar facets={b.narrowing} className="row wrap mt2">{sum}</NarrowBar>}
      {!unnamed && rows.length === 0 && <NarrowedOut facets={b.narrowing} />}
      {unnamed ? <p className="meta mt2">{t("ballot.votes.unnamed")}</p> : (
        <ul className="grid24">
          {rows.map((r) => <Tile key={r.agency.id} row={r} />)}
        </ul>
      )}
    </Section>
  );
}

function Tile({ row }: { row: ElectorRow }) {
  const t = useT();
  const locale = useLocale();
  const mine = useIsMine()(row.agency);
  const look = row.choice ? choices[row.choice] : null;
  const word = row.choice ? t(`ballot.choice.${row.choice}`) : t("ballot.choice.none");
  const by = row.cast_by ? t("ballot.cast.by", { name: pick(row.cast_by.name, locale) }) : "";
  const title = [pick(row.agency.name, locale), word, by].filter(Boolean).join(" · ");
  return (
    <li className={`v ${look?.cls ?? "w"} ${mine ? "me" : ""}`} title={title}>
      <Icon of={look?.icon ?? CircleDashed} />
      <span className="vh">{word}{mine ? ` (${t("ballot.yours")})` : ""}: </span>
      <span><Text of={row.agency.short} /></span>
    </li>
  );
}

/** What the agencies gave as reasons, as published with their votes. */
function Reasons({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const rank: Record<Choice, number> = { against: 0, abstain: 1, recuse: 2, for: 3 };
  const rows = (b.electorate ?? []).filter((r) => r.reason && r.choice).sort((x, y) => rank[x.choice ?? "for"] - rank[y.choice ?? "for"]);
  if (rows.length === 0) return null;
  return (
    <Section className="mt4" title={t("ballot.reasons.title")}>
      <table className="t why mt1">
        <thead>
          <tr>
            <th scope="col" style={{ inlineSize: 130 }}>{t("ballot.reasons.agency")}</th>
            <th scope="col" style={{ inlineSize: 130 }}>{t("ballot.reasons.vote")}</th>
            <th scope="col">{t("ballot.reasons.text")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => r.choice && (
            <tr key={r.agency.id}>
              <th scope="row" className="b"><Text of={r.agency.short} /></th>
              <td><Tag tone={choices[r.choice].tone} icon={choices[r.choice].icon}>{t(`ballot.choice.${r.choice}`)}</Tag></td>
              <td className="text" dir="auto">{r.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
