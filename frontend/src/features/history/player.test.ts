import { ChangeSet, Text } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { encodeFrame, type WireUpdate } from "../../live/wire";
import type { Block, Bucket, Span, Window } from "./api";
import { fold, marks, startOf, tally, timeOf } from "./marks";
import { Owners } from "./owners";
import { Player, Reel } from "./player";

function random(seed: number) {
  let s = seed;
  return (n: number) => {
    s = (s * 1664525 + 1013904223) >>> 0;
    return s % n;
  };
}

/** A log of random updates, as the hub sends it, with every text and the writer of every unit. */
function log(seed: number, n: number) {
  const r = random(seed);
  let doc = Text.of(["# دليل", "", "نصٌّ أول"]);
  const start = doc;
  let units: number[] = Array.from({ length: doc.length }, () => 0);
  const updates: WireUpdate[] = [];
  const texts = [doc.toString()];
  const owners = [units];
  const words = ["م", "ُ", "خدمة ", "\n", "a", "- "];
  for (let i = 0; i < n; i++) {
    const from = r(doc.length + 1);
    const to = r(3) === 0 ? Math.min(doc.length, from + r(9)) : from;
    const insert = to === from || r(2) === 0 ? words[r(words.length)]! : "";
    const changes = ChangeSet.of({ from, to, insert }, doc.length);
    const client = 1 + r(3);
    updates.push({ client, seq: i + 1, changes });
    doc = changes.apply(doc);
    units = [...units.slice(0, from), ...Array.from({ length: insert.length }, () => client), ...units.slice(to)];
    texts.push(doc.toString());
    owners.push(units);
  }
  return { start, updates, texts, owners };
}

const unitsOf = (spans: readonly Span[]) => spans.flatMap(([n, by]) => Array.from({ length: n }, () => by));

function windowOf(seed: number, n: number) {
  const l = log(seed, n);
  const frame = encodeFrame(0, 0, l.updates);
  const body = String.fromCharCode(...frame.slice(3));
  const w: Window = {
    from: 100, to: 100 + n, at: "2026-11-01T00:00:00Z", text: l.start.toString(), spans: [[l.start.length, 0, 0]], updates: btoa(body),
    times: l.updates.map((_, i) => (i === 0 ? 1_800_000_000 : 60)), clients: [[1, 1], [2, 2], [3, 3]], writers: [],
  };
  return { w, ...l };
}

describe("a window", () => {
  it("plays to the text and the authorship of every version, in any order", () => {
    const { w, texts, owners } = windowOf(7, 600);
    const reel = new Reel(w);
    const r = random(3);
    for (let i = 0; i < 300; i++) {
      const v = r(601);
      const m = reel.moment(100 + v);
      expect(m.doc.toString()).toBe(texts[v]);
      expect(unitsOf(m.spans)).toEqual(owners[v]);
      expect(m.version).toBe(100 + v);
    }
    expect(reel.moment(101).at).toBe(1_800_000_000_000);
    expect(reel.moment(102).at).toBe(1_800_000_060_000);
  });
  it("is fetched once, however often it is asked for", async () => {
    const { w, texts } = windowOf(9, 50);
    let asked = 0;
    const p = new Player(() => {
      asked++;
      return Promise.resolve(w);
    });
    expect(p.now(120)).toBeNull();
    const [a, b] = await Promise.all([p.at(120), p.at(120)]);
    expect(a.doc.toString()).toBe(texts[20]);
    expect(b.version).toBe(120);
    expect(p.now(149)?.doc.toString()).toBe(texts[49]);
    expect(asked).toBe(1);
  });
  it("gets the whole line while nothing else is asked, the middle of the longest gap first", async () => {
    const asked: number[] = [];
    const size = 100;
    const head = 730;
    const p = new Player((v) => {
      asked.push(v);
      const from = Math.floor(v / size) * size;
      return Promise.resolve({ ...windowOf(3, 0).w, from, to: Math.min(head, from + size), updates: "", times: [] });
    });
    await p.sweep(head, new AbortController().signal);
    expect(asked.map((v) => Math.floor(v / size)).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(asked.slice(0, 3).map((v) => Math.floor(v / size))).toEqual([3, 5, 1]);
    expect(p.now(0)).not.toBeNull();
    asked.length = 0;
    const q = new Player((v) => {
      asked.push(Math.floor(v / size));
      return Promise.resolve({ ...windowOf(3, 0).w, from: Math.floor(v / size) * size, to: Math.min(3_999, Math.floor(v / size) * size + size), updates: "", times: [] });
    });
    await q.sweep(3_999, new AbortController().signal, { most: 8, near: () => 50 });
    expect(asked).toHaveLength(8);
    await q.sweep(3_999, new AbortController().signal, { near: () => 50 });
    expect(asked.slice(8, 16)).toContain(0);
    expect(asked.slice(8, 16)).toContain(1);
    expect([...asked].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    asked.length = 8;
    const told = new AbortController();
    told.abort();
    await p.sweep(10_000, told.signal);
    expect(asked).toHaveLength(8);
    q.expect(5);
    expect(asked).toHaveLength(8);
  });
  it("keeps whose each unit is and since when through changes of many parts, as going over all spans would", () => {
    const r = random(11);
    // Many hands, so that there are many pieces.
    const units: [number, number][] = Array.from({ length: 900 }, () => [r(5), r(9)]);
    let naive: Span[] = [];
    const join = (list: Iterable<Span>) => {
      const out: Span[] = [];
      for (const [n, by, at] of list) {
        const last = out[out.length - 1];
        if (last?.[1] === by) out[out.length - 1] = [last[0] + n, by, Math.max(last[2], at)];
        else if (n > 0) out.push([n, by, at]);
      }
      return out;
    };
    naive = join(units.map(([by, at]): Span => [1, by, at]));
    let owners = Owners.of(naive);
    let length = 900;
    for (let i = 0; i < 400; i++) {
      const parts = Array.from({ length: 1 + r(3) }, () => r(length + 1)).sort((a, b) => a - b).filter((p, k, all) => k === 0 || p > all[k - 1]! + 6);
      const changes = ChangeSet.of(parts.map((from) => ({ from, to: Math.min(length, from + r(6)), insert: "x".repeat(r(4)) })), length);
      const by = r(5);
      const flat = naive.flatMap(([n, who, at]) => Array.from({ length: n }, (): Span => [1, who, at]));
      const next: Span[] = [];
      let pos = 0;
      changes.iterChanges((fromA, toA, fromB, toB) => {
        next.push(...flat.slice(pos, fromA), [toB - fromB, by, 10 + i]);
        pos = toA;
      }, true);
      next.push(...flat.slice(pos));
      naive = join(next.filter(([n]) => n > 0));
      owners = owners.after(changes, by, 10 + i);
      length = changes.newLength;
      expect(owners.spans()).toEqual(naive);
    }
  });
  it("joins neighbours of one writer", () => {
    expect(Owners.of([[5, 1, 10]]).after(ChangeSet.of({ from: 5, insert: "xy" }, 5), 1, 20).spans()).toEqual([[7, 1, 20]]);
    expect(Owners.of([[5, 1, 10]]).after(ChangeSet.of({ from: 2, to: 4 }, 5), 2, 20).spans()).toEqual([[3, 1, 10]]);
  });
});

const bucket = (from: number, to: number, at: string): Bucket => ({ from, to, at, until: at, counts: [] });

describe("the time line", () => {
  it("marks where days begin and keeps them apart", () => {
    const all = Array.from({ length: 60 }, (_, i) => bucket(i * 10, i * 10 + 10, new Date(Date.UTC(2026, 8, 1 + i, 9)).toISOString()));
    const m = marks(all, 600);
    expect(m.length).toBeGreaterThan(1);
    expect(m.length).toBeLessThanOrEqual(9);
    for (let i = 1; i < m.length; i++) expect(m[i]!.version - m[i - 1]!.version).toBeGreaterThanOrEqual(600 / 9);
  });
  it("says days where there are several, and hours only within one", () => {
    const at = (d: number, h: number) => new Date(2026, 8, d, h).toISOString();
    expect(marks([bucket(0, 10, at(1, 9)), bucket(10, 20, at(8, 14))], 20).map((m) => m.unit)).toEqual(["day", "day"]);
    expect(marks([bucket(0, 10, at(1, 9)), bucket(10, 20, at(1, 14))], 20).map((m) => m.unit)).toEqual(["hour", "hour"]);
  });
  it("tells the time of a version from its bucket", () => {
    const b = { ...bucket(10, 20, "2026-11-01T00:00:00Z"), until: "2026-11-01T10:00:00Z" };
    expect(timeOf([bucket(0, 10, "2026-10-01T00:00:00Z"), b], 15, "2026-09-01T00:00:00Z")).toBe(Date.parse("2026-11-01T05:00:00Z"));
    expect(timeOf([b], 0, "2026-09-01T00:00:00Z")).toBe(Date.parse("2026-09-01T00:00:00Z"));
  });
  it("begins a comparison at the last moment with a name", () => {
    const rev = (version: number, kind: "named" | "step" | "began" | "restored") => ({ id: "", version, kind, name: "", step: "", origin: null, restored: -1, person: null, agency: null, at: "" });
    expect(startOf([rev(0, "began"), rev(5, "named"), rev(8, "restored"), rev(9, "step")], 9)).toBe(5);
  });
});

const block = (kind: Block["kind"], text: string): Block => ({ kind, old: [0, 1], new: [0, 1], other: 0, by: [], parts: [{ op: kind === "same" ? "=" : "+", text, by: 1 }] });

describe("folding", () => {
  it("shows changes with one paragraph around and folds the rest", () => {
    const blocks = [block("same", "a"), block("same", ""), block("same", "b"), block("inserted", "c"), block("same", "d"), block("same", "e"), block("same", "f")];
    const shown = fold(blocks, (b) => b.kind !== "same", new Set());
    expect(shown).toEqual([{ kind: "block", at: 0 }, { kind: "block", at: 2 }, { kind: "block", at: 3 }, { kind: "block", at: 4 }, { kind: "fold", from: 5, to: 6, lines: 2 }]);
    expect(fold(blocks, (b) => b.kind !== "same", new Set([5]))).toHaveLength(6);
  });
  it("keeps the heading of a table whose row changed", () => {
    const row = (kind: Block["kind"], text: string) => block(kind, `| ${text} |`);
    const blocks = [block("same", "a"), block("same", "b"), row("same", "head"), block("same", "|---|"), row("same", "1"), row("same", "2"), row("same", "3"), row("changed", "4"), row("same", "5")];
    expect(fold(blocks, (b) => b.kind !== "same", new Set())).toEqual([
      { kind: "fold", from: 0, to: 1, lines: 2 }, { kind: "block", at: 2 }, { kind: "block", at: 3 }, { kind: "fold", from: 4, to: 5, lines: 2 },
      { kind: "block", at: 6 }, { kind: "block", at: 7 }, { kind: "block", at: 8 },
    ]);
  });
  it("counts what people call changes", () => {
    expect(tally([block("inserted", "a"), block("inserted", ""), block("changed", "b"), block("moved", "c"), block("moved_away", "c")])).toEqual({ added: 1, removed: 0, moved: 1, changed: 1, all: 3 });
  });
});
