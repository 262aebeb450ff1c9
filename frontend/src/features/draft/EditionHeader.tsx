import { History } from "lucide-react";
import type { Edition, EditionState } from "../../api/types";
import { pick, useT } from "../../locales/i18n";
import { useFormat } from "../../locales/format";
import { useLocale } from "../../locales/prefs";
import type { Peer } from "../../live/protocol";
import { GoLink } from "../../ui/GoLink";
import { Icon } from "../../ui/Icon";
import { Initial, Text } from "../../ui/People";
import { EditionActions } from "./EditionActions";

const stages = ["draft", "review", "ready", "ballot", "published"] as const;
const stageOf: Record<EditionState, number> = {
  draft: 0, in_review: 1, amends_needed: 0, fact_check: 1, fact_check_received: 1, consultation: 1, ready: 2, scheduled: 2, ballot: 3,
  published: 4, superseded: 4, withdrawn: 4, unpublished: 4, discarded: 0,
};

/** Where the edition stands, who is here, and the one next act. */
export function EditionHeader({ edition, peers, stamp }: { edition: Edition; peers: readonly Peer[]; stamp?: string }) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const g = edition.guideline;
  const at = stageOf[edition.state] ?? 0;
  return (
    <section className="dbar" aria-labelledby="edition-title">
      <div className="grow">
        <nav className="crumb" aria-label={t("draft.crumb")}>
          <GoLink href="/guidelines">{t("nav.guidelines")}</GoLink>
          <span aria-hidden="true">/</span>
          <GoLink href={`/guidelines/${g.id}`}>
            <Text of={g.agency?.short} />
          </GoLink>
          <span aria-hidden="true">/</span>
          <span>{t("draft.edition", { n: fmt.code(edition.number) })}</span>
          {edition.draft_id && (
            <GoLink className="to-history" href={`/guidelines/${g.id}/editions/${edition.id}/history`}>
              <Icon of={History} small />
              {t("history.link")}
            </GoLink>
          )}
          <span className="only-sm tag line">{t(`draft.stage.${stages[at]!}`)}</span>
        </nav>
        <h1 className="ttl" id="edition-title">
          <Text of={g.title} />
        </h1>
      </div>
      <ol className="steps hide-sm" aria-label={t("draft.stages")}>
        {stages.map((s, i) => (
          <li key={s} className={i < at ? "did" : i === at ? "on" : ""} aria-current={i === at ? "step" : undefined}>
            <i aria-hidden="true" />
            {t(`draft.stage.${s}`)}
          </li>
        ))}
      </ol>
      <Presence peers={peers} label={(names, n) => t("draft.presence", { n, names })} locale={locale} more={(n) => fmt.num(n)} />
      <div className="acts-end" data-stamp={stamp}>
        <EditionActions edition={edition} />
      </div>
    </section>
  );
}

function Presence({ peers, label, locale, more }: { peers: readonly Peer[]; label: (names: string, n: number) => string; locale: "ar" | "en"; more: (n: number) => string }) {
  // Several tabs of one person are one person.
  const people = [...new Map(peers.map((p) => [p.person.id, p])).values()];
  if (people.length === 0) return null;
  const names = people.map((p) => [pick(p.person.name, locale), p.agency ? pick(p.agency.short, locale) : ""].filter(Boolean).join(" · "));
  const shown = people.length > 4 ? people.slice(0, 3) : people;
  const text = label(names.join(locale === "ar" ? "، " : ", "), people.length);
  return (
    <div className="who hide-sm" role="img" aria-label={text} title={names.join("\n")} data-peers={people.length}>
      {shown.map((p) => (
        <Initial key={p.client} name={pick(p.person.name, locale)} hue={p.agency?.hue} />
      ))}
      {people.length > shown.length && (
        <span className="av" aria-hidden="true">
          {more(people.length - shown.length)}+
        </span>
      )}
    </div>
  );
}
