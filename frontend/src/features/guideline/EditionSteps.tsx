import "./Guideline.css";
import { Check, CircleDashed } from "lucide-react";
import type { Edition } from "../../api/types";
import { useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { Icon } from "../../ui/Icon";
import { Section } from "../../ui/Layout";
import { Person, Said } from "../../ui/People";
import { Tag } from "../../ui/Tag";
import { missingOf, NextSteps } from "../draft/EditionActions";
import { editionLook } from "./states";

/** Where an edition stands, what it needs next, and the steps the hub allows the reader. */
export function EditionSteps({ edition: e }: { edition: Edition }) {
  const t = useT();
  const fmt = useFormat();
  const look = editionLook[e.state] ?? editionLook.draft;
  return (
    <Section title={t("guideline.edition", { number: fmt.code(e.number) })} aside={<Tag tone={look.tone} icon={look.icon}>{translateOr(`edition.state.${e.state}`, e.state)}</Tag>}>
      <p className="mt1"><Said of={e.needs} /></p>
      {!!e.gates?.length && (
        <ul className="gates mt2" aria-label={t("guideline.gates")}>
          {e.gates.map((g) => (
            <li key={g.code}>
              <span className={g.met ? "c-agree" : "c-due"}><Icon of={g.met ? Check : CircleDashed} small label={t(g.met ? "ballot.met" : "ballot.unmet")} /></span>
              <div>
                {g.text ? <Said of={g.text} /> : <span>{translateOr(`draft.gate.${g.code}`, g.code, { n: g.count })}</span>}
                {g.missing.length > 0 && <div className="meta"><bdi>{missingOf(e, g).join(" · ")}</bdi></div>}
              </div>
            </li>
          ))}
        </ul>
      )}
      {(e.submitted_by || e.approved_by || e.review_by) && (
        <dl className="kv mt2">
          {e.submitted_by && <><dt>{t("guideline.submitted_by")}</dt><dd><Person of={e.submitted_by} /></dd></>}
          {e.approved_by && <><dt>{t("guideline.approved_by")}</dt><dd><Person of={e.approved_by} /></dd></>}
          {e.review_by && <><dt>{t("guideline.review_by")}</dt><dd>{fmt.dates(e.review_by)}</dd></>}
        </dl>
      )}
      {e.notice && <p className="note due mt2"><bdi>{e.notice}</bdi></p>}
      <NextSteps edition={e} />
    </Section>
  );
}
