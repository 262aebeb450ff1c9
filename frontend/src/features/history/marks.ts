/** Pure parts of the history page: where dates stand on the time line, what a version is called, and which blocks are folded. */
import type { Block, Bucket, Revision } from "./api";
import { type Row, rowsOf } from "./rows";

export interface Mark {
  version: number;
  at: number;
  unit: "month" | "day" | "hour";
}

const keyOf = {
  month: (d: Date) => `${d.getFullYear()}-${d.getMonth()}`,
  day: (d: Date) => `${d.getFullYear()}-${d.getMonth()}-${d.getDate()}`,
  hour: (d: Date) => `${d.getFullYear()}-${d.getMonth()}-${d.getDate()}-${d.getHours()}`,
};

/**
 * At most about `most` marks where a month, day or hour begins, none closer to the next than a share of the line. Hours are
 * only of one day: of several, they would say nothing.
 */
export function marks(buckets: readonly Bucket[], head: number, most = 7): Mark[] {
  const day = (b: Bucket | undefined) => (b ? keyOf.day(new Date(b.at)) : "");
  const oneDay = day(buckets[0]) === day(buckets.at(-1));
  for (const unit of oneDay ? (["hour", "day", "month"] as const) : (["day", "month"] as const)) {
    const out: Mark[] = [];
    let last = "";
    for (const b of buckets) {
      const at = Date.parse(b.at);
      const key = keyOf[unit](new Date(at));
      if (key !== last) out.push({ version: b.from, at, unit });
      last = key;
    }
    if (out.length <= most || unit === "month") return spread(out, head, most);
  }
  return [];
}

function spread(list: Mark[], head: number, most: number): Mark[] {
  const gap = head / (most + 2);
  const out: Mark[] = [];
  for (const m of list) {
    const before = out[out.length - 1];
    if (!before || m.version - before.version >= gap) out.push(m);
  }
  return out;
}

/** When a version was, as far as the time line knows. */
export function timeOf(buckets: readonly Bucket[], version: number, created: string): number {
  let lo = 0;
  let hi = buckets.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (buckets[mid]!.to < version) lo = mid + 1;
    else hi = mid;
  }
  const b = buckets[lo];
  if (version <= 0 || !b) return Date.parse(b && version > 0 ? b.until : (created ?? ""));
  const share = (version - b.from) / Math.max(1, b.to - b.from);
  return Date.parse(b.at) + share * (Date.parse(b.until) - Date.parse(b.at));
}

/** The revision a comparison begins with unless told otherwise: the last one before the head that was more than an automatic one. */
export function startOf(revisions: readonly Revision[], head: number): number {
  let from = 0;
  for (const r of revisions) if (r.version < head && (r.kind === "step" || r.kind === "named" || r.kind === "began")) from = Math.max(from, r.version);
  return from;
}

export type Shown = { kind: "block"; at: number } | { kind: "fold"; from: number; to: number; lines: number };

const blank = (b: Block) => b.parts.every((p) => p.text.trim() === "");

/**
 * What is shown of a comparison: changes with one paragraph around them, the rest folded. Blank lines are the space between
 * paragraphs. A row of a table is never shown without the heading that says what its columns are.
 */
export function fold(blocks: readonly Block[], changed: (b: Block) => boolean, opened: ReadonlySet<number>, rows: ReadonlyMap<number, Row> = rowsOf(blocks)): Shown[] {
  const near = new Set<number>();
  let before = -1;
  let owed = false;
  blocks.forEach((b, i) => {
    if (blank(b)) return;
    if (changed(b)) {
      if (before >= 0) near.add(before);
      near.add(i);
      owed = true;
    } else if (owed) {
      near.add(i);
      owed = false;
    }
    before = i;
  });
  for (const i of [...near]) {
    const row = rows.get(i);
    if (row) for (let at = row.first; at < i && rows.get(at)?.kind !== "body"; at++) near.add(at);
  }
  const out: Shown[] = [];
  let hidden: number[] = [];
  const flush = () => {
    if (hidden.length === 0) return;
    const from = hidden[0]!;
    if (hidden.length < 2 || opened.has(from)) for (const at of hidden) out.push({ kind: "block", at });
    else out.push({ kind: "fold", from, to: hidden[hidden.length - 1]!, lines: hidden.length });
    hidden = [];
  };
  blocks.forEach((b, i) => {
    if (blank(b)) return;
    if (near.has(i)) {
      flush();
      out.push({ kind: "block", at: i });
    } else hidden.push(i);
  });
  flush();
  return out;
}

/** Counts of a comparison, by what people call them. */
export function tally(blocks: readonly Block[]): { added: number; removed: number; moved: number; changed: number; all: number } {
  const n = { added: 0, removed: 0, moved: 0, changed: 0, all: 0 };
  for (const b of blocks) {
    if (blank(b)) continue;
    if (b.kind === "inserted") n.added++;
    else if (b.kind === "deleted") n.removed++;
    else if (b.kind === "moved") n.moved++;
    else if (b.kind === "changed") n.changed++;
  }
  n.all = n.added + n.removed + n.moved + n.changed;
  return n;
}
