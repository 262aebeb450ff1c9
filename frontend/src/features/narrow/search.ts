/** The ways in which agencies differ, and by which every list of what they own is narrowed. */
export const axes = ["tier", "kind", "sector", "area"] as const;
export type Axis = (typeof axes)[number];

/** A narrowing as it stands in the address: the values of each axis, with commas. */
export type NarrowSearch = Partial<Record<Axis, string>>;

/** Reads the narrowing of an address; the hub decides whether a value can be one. */
export function narrowSearch(s: Record<string, unknown>): NarrowSearch {
  const out: NarrowSearch = {};
  for (const a of axes) {
    const v = s[a];
    if ((typeof v === "string" || typeof v === "number") && v !== "") out[a] = String(v);
  }
  return out;
}

/** The values of an axis that are chosen. */
export function chosenOf(s: NarrowSearch, axis: Axis): string[] {
  return (s[axis] ?? "").split(",").filter(Boolean);
}

/** The narrowing with other values on one axis. */
export function choose(s: NarrowSearch, axis: Axis, values: string[]): NarrowSearch {
  return { ...s, [axis]: values.length > 0 ? [...values].sort().join(",") : undefined };
}
