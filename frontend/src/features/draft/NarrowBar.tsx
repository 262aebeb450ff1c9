import { ListFilter, Search } from "lucide-react";
import { Button as Trigger, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { type Look, looks, looksLike, type Narrow, wide } from "./narrow";
import type { Thread, ThreadKind } from "./threads";

/**
 * Under the filter, in one line: a search, and behind a button a way of looking, a kind and an agency. Choices with nothing behind them
 * are not offered. What is chosen is said under it, with the way back; else a narrowed list would look like all there is.
 */
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
  const chosen = (narrow.look === "all" ? 0 : 1) + (narrow.kind ? 1 : 0) + (narrow.agency ? 1 : 0);
  return (
    <search className="narrow">
      <label className="find input">
        <span className="vh">{t("comment.find")}</span>
        <Icon of={Search} small />
        <input type="search" dir={narrow.words ? "auto" : undefined} placeholder={t("comment.find.hint")} value={narrow.words} onChange={(e) => onNarrow({ ...narrow, words: e.target.value })} />
      </label>
      <DialogTrigger>
        <Trigger className={`iconbtn ${chosen ? "on" : ""}`} aria-label={t("comment.narrow", { n: chosen })}>
          <Icon of={ListFilter} />
        </Trigger>
        <Popover className="menu narrow-more" placement="bottom end">
          <Dialog aria-label={t("comment.look")}>
            <label>
              <span className="lab">{t("comment.look")}</span>
              <select className="input" value={narrow.look} onChange={(e) => onNarrow({ ...narrow, look: e.target.value as Look })}>
                {looks.map((l) => (count.get(l) || l === "all" || l === narrow.look) && <option key={l} value={l}>{t(`comment.look.${l}`, { n: count.get(l) ?? 0 })}</option>)}
              </select>
            </label>
            <label>
              <span className="lab">{t("thread.kind")}</span>
              <select className="input" value={narrow.kind} onChange={(e) => onNarrow({ ...narrow, kind: e.target.value as ThreadKind | "" })}>
                <option value="">{t("comment.kinds")}</option>
                {(["general", "technical", "editorial"] as const).map((k) => <option key={k} value={k}>{t("comment.of", { what: t(`thread.kind.${k}`), n: kinds.get(k) ?? 0 })}</option>)}
              </select>
            </label>
            <label>
              <span className="lab">{t("comment.agency")}</span>
              <select className="input" value={narrow.agency} onChange={(e) => onNarrow({ ...narrow, agency: e.target.value })}>
                <option value="">{t("comment.agencies")}</option>
                {[...agencies].map(([id, a]) => <option key={id} value={id}>{t("comment.of", { what: a.name, n: a.n })}</option>)}
              </select>
            </label>
          </Dialog>
        </Popover>
      </DialogTrigger>
      <p className={narrow === wide ? "vh" : "said meta"}>
        <span role="status">{t("comment.shown", { n: shown })}</span>
        {narrow !== wide && shown > 0 && <Button small tone="quiet" onClick={() => onNarrow(wide)}>{t("comment.none.clear")}</Button>}
      </p>
    </search>
  );
}
