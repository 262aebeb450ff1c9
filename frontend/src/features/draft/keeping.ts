/**
 * What was written here and is not at the hub yet, kept on this device's disk: under a key of its own, which a lock tells
 * other tabs not to take up while this one lives.
 */
import type { Shared } from "./collab";
import { plain } from "./collab";
import { type DeviceRecord, type DeviceStore, newKey, revive } from "./device";

/** Where in the hub's log a session is: what a record is worth nothing without. */
export interface Place {
  epoch: string;
  client: number;
  resume: string;
}

export interface Restored {
  record: DeviceRecord;
  release: () => void;
}

const keepAfter = 250;

interface Clock {
  later(fn: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

export class Keeping {
  /** What an earlier page load left, if it could be read. */
  readonly start: Shared | null = null;
  readonly place: Place | null = null;
  private readonly key: string;
  private release: (() => void) | null = null;
  private timer: unknown = null;
  private onDisk = false;
  private written: readonly unknown[] | null = null;
  private closed = false;

  constructor(private readonly of: { draft: string; person: string; store: DeviceStore }, private readonly clock: Clock, restored?: Restored) {
    this.key = restored?.record.key ?? newKey();
    if (restored) {
      const start = revive(restored.record);
      this.release = restored.release;
      if (start) {
        this.onDisk = true;
        this.start = start;
        this.place = { epoch: restored.record.epoch, client: restored.record.client, resume: restored.record.resume };
      } else void of.store.remove(this.key);
    }
    if (this.release) return;
    void of.store.lock(this.key).then(
      (r) => {
        if (this.closed) r?.();
        else this.release = r;
      },
      () => {},
    );
  }

  /** There is a record on the disk, perhaps an old one. */
  get stored(): boolean {
    return this.onDisk;
  }

  /** Exactly this is on the disk. */
  holds(unconfirmed: readonly unknown[]): boolean {
    return this.written === unconfirmed;
  }

  /** Writes in a moment, once for all that is typed until then. */
  soon(write: () => void): void {
    if (this.timer !== null || this.closed) return;
    this.timer = this.clock.later(write, keepAfter);
  }

  /** Writes what is unconfirmed, or removes the record when nothing is; resolves also when the disk refused. `now` tells what is unconfirmed by then. */
  async write(s: Shared, place: Place, now: () => readonly unknown[]): Promise<void> {
    if (s.unconfirmed.length === 0) {
      if (!this.onDisk) return;
      this.onDisk = false;
      await this.of.store.remove(this.key).catch(() => {});
      return;
    }
    const record: DeviceRecord = {
      key: this.key, draft: this.of.draft, person: this.of.person, ...place, version: s.version, text: plain(s.confirmed),
      unconfirmed: s.unconfirmed.map((u) => ({ changes: u.changes.toJSON(), client: u.client, seq: u.seq })), at: Date.now(),
    };
    try {
      await this.of.store.save(record);
      this.onDisk = true;
      // What was typed while the disk wrote is not on it yet; a further write is due then.
      if (now() === s.unconfirmed) this.written = s.unconfirmed;
    } catch {
      this.written = null;
    }
  }

  /** No write is due any more. */
  settle(): void {
    if (this.timer !== null) this.clock.clear(this.timer);
    this.timer = null;
  }

  /** A text that does not fit the hub's log, put where the page finds it again. Rejects when the disk refuses. */
  aside(text: string): Promise<unknown> {
    return this.of.store.setAside({ key: newKey(), draft: this.of.draft, person: this.of.person, text, at: Date.now() });
  }

  /** Lets other tabs take the record up, after what is being written. */
  close(last: Promise<void>): void {
    this.closed = true;
    void last.finally(() => this.release?.());
    this.settle();
  }
}
