import { CircleDashed } from "lucide-react";
import { useIsMine } from "../../api/session";
import type { Ballot, Choice, ElectorRow } from "../../api/types";
import { useFormat } from "../../locales/format";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Icon } from "../../ui/Icon";
import { Section } from "../../ui/Layout";
import { Text } from "../../ui/People";
import { Tag } from "../../ui/Tag";
import { choices, order } from "./words";

/** The votes as named tiles, in the order of the register of agencies. */
export function Votes({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  const rows = b.electorate ?? [];
  const count: Record<Choice, number> = { for: b.tally.for, against: b.tally.against, abstain: b.tally.abstain, recuse: b.tally.recuse };
  // Readers, moderators and experts see the count and not who voted how: no tile may then say that its agency has not voted.
  const unnamed = order.some((c) => count[c] > 0) && rows.every((r) => !r.choice);
  const cast = order.reduce((n, c) => n + count[c], 0);
  const waiting = unnamed ? Math.max(0, rows.length - cast) : rows.filter((r) => !r.choice).length;
  const tones = { for: "c-agree", against: "c-against", abstain: "c-neutral", recuse: "c-dim" };
  return (
    <Section
      className="mt4"
      title={t("ballot.votes.title")}
      aside={
        <div className="sum">
          {order.filter((c) => c !== "recuse" || count.recuse > 0).map((c) => (
            <span key={c} className={tones[c]}>
              <Icon of={choices[c].icon} small /> {t(`ballot.choice.${c}`)} <b>{fmt.num(count[c])}</b>
            </span>
          ))}
          {waiting > 0 && <span className="meta">{t(b.state === "open" ? "ballot.waiting" : "ballot.absent", { n: waiting })}</span>}
        </div>
      }
    >
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
export function Reasons({ ballot: b }: { ballot: Ballot }) {
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
