import { Search } from "lucide-react";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Icon } from "../../ui/Icon";
import { type Look, looks, looksLike, type Narrow } from "./narrow";
import type { Thread, ThreadKind } from "./threads";

/** Under the filter: a way of looking, a kind, an agency, and a search. Choices with nothing behind them are not offered. */
export function NarrowBar({ list, narrow, onNarrow, me, shown }: { list: Thread[]; narrow: Narrow; onNarrow: (n: Narrow) => void; me: string | undefined; shown: number }) {
  const t = useT();
  const locale = useLocale();
  const count = new Map<Look, number>();
  const kinds = new Map<ThreadKind, number>();
  const agencies = new Map<string, { name: string; n: number }>();
  for (const th of list) {
    for (const l of looks) if (looksLike(th, l, me)) count.set(l, (count.get(l) ?? 0) + 1);
    kinds.set(th.kind, (kinds.get(th.kind) ?? 0) + 1);
    const a = th.author.agency;
    if (a) agencies.set(a.id, { name: pick(a.short, locale), n: (agencies.get(a.id)?.n ?? 0) + 1 });
  }
  return (
    <search className="narrow">
      <label className="find">
        <span className="vh">{t("comment.find")}</span>
        <Icon of={Search} small />
        <input className="input" type="search" dir="auto" placeholder={t("comment.find")} value={narrow.words} onChange={(e) => onNarrow({ ...narrow, words: e.target.value })} />
      </label>
      <label>
        <span className="vh">{t("comment.look")}</span>
        <select className="input" value={narrow.look} onChange={(e) => onNarrow({ ...narrow, look: e.target.value as Look })}>
          {looks.map((l) => (count.get(l) || l === "all" || l === narrow.look) && <option key={l} value={l}>{t(`comment.look.${l}`, { n: count.get(l) ?? 0 })}</option>)}
        </select>
      </label>
      <label>
        <span className="vh">{t("thread.kind")}</span>
        <select className="input" value={narrow.kind} onChange={(e) => onNarrow({ ...narrow, kind: e.target.value as ThreadKind | "" })}>
          <option value="">{t("comment.kinds")}</option>
          {(["general", "technical", "editorial"] as const).map((k) => <option key={k} value={k}>{t("comment.of", { what: t(`thread.kind.${k}`), n: kinds.get(k) ?? 0 })}</option>)}
        </select>
      </label>
      <label>
        <span className="vh">{t("comment.agency")}</span>
        <select className="input" value={narrow.agency} onChange={(e) => onNarrow({ ...narrow, agency: e.target.value })}>
          <option value="">{t("comment.agencies")}</option>
          {[...agencies].map(([id, a]) => <option key={id} value={id}>{t("comment.of", { what: a.name, n: a.n })}</option>)}
        </select>
      </label>
      <span className="vh" role="status">{t("comment.shown", { n: shown })}</span>
    </search>
  );
}
