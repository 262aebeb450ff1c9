import { useT } from "../locales/i18n";
import { Button } from "./Button";

/** The rest of a list, a page at a time, and how much of it is here. */
export function More({ list, shown, all }: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  shown: number;
  /** Rows of the whole list, where the hub counts them. */
  all?: number;
}) {
  const t = useT();
  if (!list.hasNextPage) return null;
  return (
    <div className="row wrap mt3 noprint">
      <Button pending={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>{t("action.more")}</Button>
      {all !== undefined && <span className="meta" role="status">{t("list.shown", { n: shown, all })}</span>}
    </div>
  );
}
