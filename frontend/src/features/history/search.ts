/** What an address of the history page says: two versions and a view. */
export type View = "unified" | "side" | "text" | "credits";
export interface HistorySearch {
  from?: number;
  to?: number;
  view?: View;
}

/** Reads the search of a deep link; what is not a version is left out. */
export function historySearch(s: Record<string, unknown>): HistorySearch {
  const version = (v: unknown) => (Number.isSafeInteger(Number(v)) && Number(v) >= 0 && v !== "" && v !== null && v !== undefined ? Number(v) : undefined);
  const view = ["side", "text", "credits"].includes(String(s.view)) ? (s.view as View) : undefined;
  const out: HistorySearch = {};
  const from = version(s.from);
  const to = version(s.to);
  if (from !== undefined) out.from = from;
  if (to !== undefined) out.to = to;
  if (view) out.view = view;
  return out;
}
