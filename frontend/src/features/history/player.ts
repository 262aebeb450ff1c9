/**
 * Plays a draft's history on this device: windows of the log are fetched once and any version in them is made here,
 * so that dragging along the time asks the hub for nothing but the next window.
 */
import { type ChangeSet, Text } from "@codemirror/state";
import { decodeFrame } from "../../live/wire";
import type { Span, Window, Writer } from "./api";
import { Owners } from "./owners";

/** A text with whose it is. */
export interface Moment {
  version: number;
  /** Milliseconds since 1970. */
  at: number;
  doc: Text;
  spans: readonly Span[];
}

/** Updates between two kept moments: a version costs at most so many. */
const step = 128;

/** A moment as it is kept between two questions. */
interface Kept {
  version: number;
  at: number;
  doc: Text;
  owners: Owners;
}

/** One window of the log, decoded. */
export class Reel {
  readonly from: number;
  readonly to: number;
  private readonly updates: { changes: ChangeSet; by: number; at: number }[];
  private readonly kept = new Map<number, Kept>();

  constructor(w: Window) {
    this.from = w.from;
    this.to = w.to;
    const doc = Text.of(w.text.split("\n"));
    const writerOf = new Map(w.clients);
    const raw = Uint8Array.from(atob(w.updates), (c) => c.charCodeAt(0));
    // The runs of the log, behind the header of a frame of draft 0 from version 0.
    const frame = new Uint8Array(raw.length + 3);
    frame[0] = 2;
    frame.set(raw, 3);
    const decoded = raw.length > 0 ? decodeFrame(frame, doc.length).updates : [];
    let at = 0;
    this.updates = decoded.map((u, i) => {
      at += w.times[i] ?? 0;
      return { changes: u.changes, by: writerOf.get(u.client) ?? 0, at };
    });
    this.kept.set(this.from, { version: this.from, at: Date.parse(w.at), doc, owners: Owners.of(w.spans) });
  }

  has(version: number): boolean {
    return version >= this.from && version <= this.to;
  }

  /** The text of a version of this window. */
  moment(version: number): Moment {
    let base = this.from + Math.floor((version - this.from) / step) * step;
    while (!this.kept.has(base)) base -= step;
    let m = this.kept.get(base)!;
    while (m.version < version) {
      const u = this.updates[m.version - this.from]!;
      m = { version: m.version + 1, at: u.at * 1000, doc: u.changes.apply(m.doc), owners: m.owners.after(u.changes, u.by, u.at) };
      if ((m.version - this.from) % step === 0) this.kept.set(m.version, m);
    }
    return { version, at: m.at, doc: m.doc, spans: m.owners.spans() };
  }
}

/** So many windows stand ready to be played; the others are kept as they came, up to so many UTF-16 units of text. */
const ready = 6;
const keptUnits = 16_000_000;
/** So many all over the line come before those around a place. */
const coarse = 8;

/** The windows of one draft that were fetched. */
export class Player {
  private reels: Reel[] = [];
  /** In the order they were last needed, the latest last. */
  private windows = new Map<number, Window>();
  private units = 0;
  private asked = new Map<number, Promise<Window>>();
  readonly writers = new Map<number, Writer>();

  constructor(private readonly fetch: (version: number) => Promise<Window>) {}

  /** The version at once, when its window is here. */
  now(version: number): Moment | null {
    const reel = this.reels.find((r) => r.has(version));
    if (reel) return reel.moment(version);
    for (const w of this.windows.values()) if (version >= w.from && version <= w.to) return this.play(w).moment(version);
    return null;
  }

  /** The version, when its window has come. */
  async at(version: number): Promise<Moment> {
    const here = this.now(version);
    if (here) return here;
    const w = await this.ask(version);
    return this.play(w).moment(Math.min(version, w.to));
  }

  /** Fetches the window of a version that somebody is likely to want next, unless enough is on its way. */
  expect(version: number): void {
    if (this.asked.size > 1 || [...this.windows.values()].some((w) => version >= w.from && version <= w.to)) return;
    this.ask(version).catch(() => {});
  }

  /**
   * Fetches what is not here yet, one window after the other: first the middle of the longest gap, so that soon no place up to the
   * head is far from one that is here; then in turns that and what is nearest to a place that somebody looks at. Ends when all of
   * them are here, when `most` are, when there is no room for more, or when told to.
   */
  async sweep(head: number, stop: AbortSignal, o: { most?: number; near?: () => number } = {}): Promise<void> {
    while (!stop.aborted && this.units < keptUnits && this.windows.size < (o.most ?? Number.POSITIVE_INFINITY)) {
      const near = o.near && this.windows.size > coarse && this.windows.size % 2 === 1 ? o.near() : null;
      const gap = this.gap(head, near);
      if (gap === null) return;
      const w = await this.ask(gap);
      if (gap < w.from || gap > w.to) return;
    }
  }

  // A version that is not here: of the longest gap its middle, or the one nearest to a place.
  private gap(head: number, near: number | null): number | null {
    let best: [number, number] | null = null;
    let closest: number | null = null;
    let from = 0;
    const see = (to: number) => {
      if (to <= from) return;
      if (!best || to - from > best[1] - best[0]) best = [from, to];
      if (near === null) return;
      const here = Math.min(to - 1, Math.max(from, near));
      if (closest === null || Math.abs(here - near) < Math.abs(closest - near)) closest = here;
    };
    for (const w of [...this.windows.values()].sort((a, b) => a.from - b.from)) {
      see(w.from);
      from = Math.max(from, w.to + 1);
    }
    see(head + 1);
    return closest ?? (best && Math.floor((best[0] + best[1] - 1) / 2));
  }

  // A version is asked for once at a time, and the growing last window anew.
  private ask(version: number): Promise<Window> {
    let p = this.asked.get(version);
    if (p) return p;
    p = this.fetch(version).then((w) => {
      for (const x of w.writers) this.writers.set(x.by, x);
      this.keep(w);
      return w;
    });
    this.asked.set(version, p);
    const done = () => this.asked.delete(version);
    p.then(done, done);
    return p;
  }

  private keep(w: Window): void {
    const old = this.windows.get(w.from);
    if (old) {
      this.units -= old.text.length;
      this.reels = this.reels.filter((r) => r.from !== w.from);
    }
    this.windows.delete(w.from);
    this.windows.set(w.from, w);
    this.units += w.text.length;
    for (const [from, x] of this.windows) {
      if (this.units <= keptUnits || from === w.from) break;
      this.windows.delete(from);
      this.units -= x.text.length;
    }
  }

  private play(w: Window): Reel {
    const reel = this.reels.find((r) => r.from === w.from && r.to === w.to) ?? new Reel(w);
    this.reels = [reel, ...this.reels.filter((r) => r.from !== reel.from)].slice(0, ready);
    if (this.windows.delete(w.from)) this.windows.set(w.from, w);
    return reel;
  }
}
