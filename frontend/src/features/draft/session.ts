/**
 * One draft open in one tab: brings the editor's unconfirmed updates to the hub and the hub's log to the editor, across
 * lost lines, restarts and reloads, and always knows the truth about what is saved.
 *
 * One push is in flight at a time; while it is, later typing is composed into the next. The echo of a push in a frame is
 * its acknowledgement. After a return the log is read up to its head first; what is unconfirmed then is not in the log
 * and is sent again under the same sequences.
 */
import { type ChangeDesc, type EditorState, Text, type TransactionSpec } from "@codemirror/state";
import type { DraftLink, DraftPort, OpenAt, Opened, Peer, Presence, Typing } from "../../live/protocol";
import { caretBefore, decodeFrame, encodePush, identity, WireError } from "../../live/wire";
import { plain, receive, restart, type Shared, shared, take, toBase, toDoc, unsend } from "./collab";
import { type DeviceStore, textOf } from "./device";
import { Keeping, type Place, type Restored } from "./keeping";
import { Typists } from "./typists";

/** The editor, or anything that holds an EditorState with `sharing` in it. */
export interface Host {
  state(): EditorState;
  dispatch(spec: TransactionSpec): void;
}

export type SaveState =
  | "saved"
  | "saving"
  /** Not at the hub, but on this device's disk. */
  | "kept"
  /** Neither; closing the tab loses it. */
  | "unsaved"
  /** The hub refused it; it will not be sent again by itself. */
  | "refused";

export interface Status {
  /** The text is here and may be shown. */
  ready: boolean;
  /** Why the draft cannot be shown or written, as a code of docs/protocol.md; null while all is well. */
  problem: string | null;
  online: boolean;
  save: SaveState;
  /** Device time of the last acknowledgement in milliseconds; 0 before the first. */
  savedAt: number;
  /** Own updates that are not in the log, an offline day's worth being a few. */
  pending: number;
  version: number;
  abilities: Record<string, boolean>;
  peers: readonly Peer[];
  client: number;
  /** After a return with unsent text: how much of others' work it was merged with. Null once dismissed. */
  merged: { theirs: number; people: number } | null;
  /** A text that could not be merged was put aside on this device. */
  aside: boolean;
  /** Device time at which the line was lost; 0 while online. */
  downSince: number;
}

export interface SessionDeps {
  draft: string;
  person: string;
  connect(port: DraftPort): DraftLink;
  store: DeviceStore;
  /** The text is here: build the editor on it and hand it over with attach(). */
  ready(start: Shared): void;
  presence(p: Presence): void;
  left(client: number): void;
  now?(): number;
  setTimeout?(fn: () => void, ms: number): unknown;
  clearTimeout?(t: unknown): void;
  defer?(fn: () => void): void;
}

const overdue = 4_000;
const retryBusy = 1_000;
const presenceEvery = 120;
// Enough of the log to move an anchor that the hub placed a little while ago.
const trailLength = 1_000;
const singly = 100;
const fatal = new Set(["policy.forbidden", "draft.not_writable", "draft.section", "draft.too_large", "draft.update_too_large", "draft.surrogate"]);

export class Session implements DraftPort {
  readonly draft: string;
  readonly typists = new Typists((thread) => this.open && this.link?.typing(thread));
  private link: DraftLink | null = null;
  private host: Host | null = null;
  private start: Shared | null = null;
  private place: Place | null = null;
  private nextSeq = 1;
  private open = false;
  private head = 0;
  private renumber = false;
  private strikes = 0;
  private gaps = 0;
  private readonly kept: Keeping;
  /** When the echo of what was sent is overdue; null while nothing is awaited. */
  private overdueAt: number | null = null;
  /** Runs out no later than that; it is not set anew with every push. */
  private overdueTimer: unknown = null;
  private busyTimer: unknown = null;
  private presenceTimer: unknown = null;
  private wanted: { anchor: number; head: number } | null = null;
  private presenceAt = 0;
  private flushing = false;
  private closed = false;
  private trail: ChangeDesc[] = [];
  private broughtBack = false;
  private early: Uint8Array[] = [];
  private returning: { theirs: number; authors: Set<number> } | null = null;
  private listeners = new Set<() => void>();
  private value: Status = {
    ready: false, problem: null, online: false, save: "saved", savedAt: 0, pending: 0, version: 0, abilities: {}, peers: [], client: 0, merged: null, aside: false, downSince: 0,
  };

  constructor(private readonly deps: SessionDeps, restored?: Restored) {
    this.draft = deps.draft;
    this.kept = new Keeping(deps, { later: (fn, ms) => this.later(fn, ms), clear: (t) => this.clear(t) }, restored);
    this.start = this.kept.start;
    this.place = this.kept.place;
  }

  /** Opens the draft. With a restored record the text is ready at once, offline too. */
  begin(): void {
    if (this.start) {
      this.returning = { theirs: 0, authors: new Set() };
      this.deps.ready(this.start);
    }
    this.link = this.deps.connect(this);
  }

  attach(host: Host): void {
    this.host = host;
    this.start = null;
    this.patch({ ready: true, ...this.counts() });
    if (this.kept.stored) this.patch({ save: this.saveState() });
    const early = this.early;
    this.early = [];
    for (const bytes of early) this.frame(bytes);
    this.caughtUp();
  }

  get status(): Status {
    return this.value;
  }

  subscribe(fn: () => void): () => void {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  }

  /** To be called after every transaction that changed the text here. */
  edited(): void {
    this.patch({ ...this.counts(), save: this.saveState() });
    this.keepSoon();
    this.flushSoon();
  }

  /** Tells the others where the caret is; often called, seldom sent. */
  caret(anchor: number, head: number): void {
    this.wanted = { anchor, head };
    this.presenceSoon();
  }

  /**
   * Where a range of a version of the log is in the text here; null while that version has not arrived. Moves inward, so
   * a range whose text is gone comes back empty.
   */
  locate(version: number, from: number, to: number): { from: number; to: number } | null {
    if (!this.host) return null;
    const s = this.host.state().field(shared);
    if (version > s.version) return null;
    let a = Math.min(from, to);
    let b = Math.max(from, to);
    const behind = Math.min(s.version - version, this.trail.length);
    const over: ChangeDesc[] = [...this.trail.slice(this.trail.length - behind), ...s.unconfirmed.map((u) => u.changes.desc)];
    for (const c of over) {
      // A version older than the trail may not fit; the hub's next answer will.
      if (b > c.length) return { from: Math.min(a, c.length), to: Math.min(a, c.length) };
      a = c.mapPos(a, 1);
      b = Math.max(a, c.mapPos(b, -1));
    }
    const end = this.host.state().doc.length;
    const at = Math.min(toDoc(s, a, a < b ? 1 : -1), end);
    return { from: at, to: Math.max(at, Math.min(toDoc(s, b, -1), end)) };
  }

  /** A range of the editor as the shared text of the log's newest version here has it, for what is sent with that version. */
  shared(from: number, to: number): { from: number; to: number } {
    const s = this.host?.state().field(shared);
    return s ? { from: toBase(s, from), to: toBase(s, to) } : { from, to };
  }

  /** Resolves with the version once everything written here is in the log; rejects when that takes longer than ms. */
  settled(ms = 8_000): Promise<number> {
    const done = () => {
      const s = this.host?.state().field(shared);
      return s && s.unconfirmed.length === 0 && this.open ? s.version : null;
    };
    const now = done();
    if (now !== null) return Promise.resolve(now);
    return new Promise((resolve, reject) => {
      const timer = this.later(() => {
        stop();
        reject(new Error("not saved in time"));
      }, ms);
      const stop = this.subscribe(() => {
        const v = done();
        if (v === null) return;
        stop();
        this.clear(timer);
        resolve(v);
      });
    });
  }

  dismissMerged(): void {
    this.patch({ merged: null });
  }

  /** Writes what is unconfirmed to this device now; for pagehide. */
  async keepNow(): Promise<void> {
    this.kept.settle();
    if (!this.host || !this.place) return;
    const { host } = this;
    const s = host.state().field(shared);
    await this.kept.write(s, this.place, () => host.state().field(shared).unconfirmed);
    if (s.unconfirmed.length > 0) this.patch({ save: this.saveState() });
  }

  /** Leaves the draft. What is unconfirmed stays on this device. */
  close(): void {
    this.closed = true;
    this.typists.close();
    this.kept.close(this.keepNow());
    for (const t of [this.overdueTimer, this.busyTimer, this.presenceTimer]) if (t !== null) this.clear(t);
    this.link?.close();
    this.link = null;
  }

  // ---- from the socket ------------------------------------------------------------------------------------------

  openAt(): OpenAt {
    const s = this.host?.state().field(shared) ?? this.start;
    if (!this.place || !s) return {};
    const { epoch, resume } = this.place;
    return resume === "" ? { version: s.version, epoch } : { version: s.version, epoch, resume };
  }

  opened(m: Opened): void {
    const before = this.place?.client;
    this.place = { epoch: m.epoch, client: m.client, resume: m.resume };
    this.open = true;
    this.head = m.head;
    this.early = [];
    if (m.text !== undefined) {
      const text = Text.of(m.text.split("\n"));
      this.nextSeq = m.seq + 1;
      this.trail = [];
      if (this.host) {
        this.host.dispatch(restart(this.host.state(), m.version, text));
      } else {
        this.start = { version: m.version, confirmed: text, unconfirmed: [] };
        this.deps.ready(this.start);
      }
    } else {
      this.renumber = before !== m.client;
      const sent = (this.host?.state().field(shared) ?? this.start)?.unconfirmed.filter((u) => u.seq > 0) ?? [];
      this.nextSeq = this.renumber ? m.seq + 1 : Math.max(m.seq, ...sent.map((u) => u.seq)) + 1;
    }
    this.patch({
      online: true, problem: null, downSince: 0, abilities: m.abilities, peers: (m.peers ?? []).filter((p) => p.client !== m.client), client: m.client,
      ...this.counts(), save: this.saveState(),
    });
    this.caughtUp();
  }

  frame(bytes: Uint8Array): void {
    if (!this.open) return;
    if (!this.host) {
      this.early.push(bytes);
      return;
    }
    const s = this.host.state().field(shared);
    let updates: ReturnType<typeof decodeFrame>;
    try {
      updates = decodeFrame(bytes, s.confirmed.length);
      if (updates.from !== s.version) throw new WireError(`frame from ${updates.from} at ${s.version}`);
    } catch (e) {
      if (!(e instanceof WireError)) throw e;
      this.gap();
      return;
    }
    for (const u of updates.updates) this.trail.push(u.changes.desc);
    if (this.trail.length > 2 * trailLength) this.trail = this.trail.slice(-trailLength);
    // Beside one's own suggestions each update is looked at by itself, unless there is much to catch up with.
    const single = !!s.overlay && updates.updates.length <= singly;
    let own = 0;
    for (const batch of single ? updates.updates.map((u) => [u]) : [updates.updates]) {
      const taken = receive(this.host.state(), batch);
      own += taken.own;
      this.host.dispatch(taken.spec);
    }
    if (this.returning) {
      for (const u of updates.updates) {
        if (u.client === this.place?.client) continue;
        this.returning.theirs++;
        this.returning.authors.add(u.client);
      }
    }
    this.gaps = 0;
    if (own > 0) {
      this.strikes = 0;
      this.patch({ savedAt: this.now() });
    }
    this.patch({ ...this.counts(), save: this.saveState() });
    if (this.counts().pending > 0 || this.kept.stored) this.keepSoon();
    this.caughtUp();
  }

  denied(code: string): void {
    this.open = false;
    if (code === "draft.client_unknown") {
      this.place = this.place && { ...this.place, resume: "" };
      this.renumber = true;
      this.link?.reopen();
      return;
    }
    if (code === "draft.epoch" || code === "draft.version") {
      // The hub's log is not the one this text grew on. The text is put aside whole, then the draft opened afresh.
      void this.putAside().then(
        () => {
          this.place = null;
          this.link?.reopen();
        },
        () => {},
      );
      return;
    }
    this.patch({ problem: code, online: false, save: this.saveState(code) });
    void this.keepNow();
  }

  rejected(_seq: number, code: string): void {
    this.clearOverdue();
    if (code === "draft.busy" || code === "draft.unavailable") {
      this.busyTimer = this.later(() => {
        this.busyTimer = null;
        this.resend();
        this.stranded();
      }, retryBusy);
      return;
    }
    if (fatal.has(code)) {
      this.patch({ problem: code, save: "refused" });
      void this.keepNow();
      return;
    }
    this.gap();
  }

  resync(): void {
    this.open = false;
    this.clearOverdue();
    this.link?.reopen();
  }

  abilities(a: Record<string, boolean>): void {
    const regained = a["draft.write"] === true && (this.value.problem === "policy.forbidden" || this.value.problem === "draft.not_writable");
    this.patch({ abilities: a, ...(regained ? { problem: null } : {}) });
    if (regained) {
      this.resend();
      this.flushSoon();
    } else this.stranded();
  }

  people(came: Peer[], left: number[]): void {
    const others = came.filter((p) => p.client !== this.place?.client);
    const moved = new Set([...others.map((p) => p.client), ...left]);
    this.patch({ peers: [...this.value.peers.filter((p) => !moved.has(p.client)), ...others] });
    for (const client of left) this.deps.left(client);
  }

  presence(p: Presence): void {
    if (p.client !== this.place?.client) this.deps.presence(p);
  }

  typing(t: Typing): void {
    if (t.person.id !== this.deps.person) this.typists.heard(t);
  }

  down(poisoned: boolean): void {
    const inFlight = this.sent().length > 0;
    this.open = false;
    this.clearOverdue();
    for (const p of this.value.peers) this.deps.left(p.client);
    if (poisoned && inFlight && ++this.strikes >= 2) this.patch({ problem: "draft.malformed" });
    if (this.value.ready) this.returning ??= { theirs: 0, authors: new Set() };
    this.patch({ online: false, peers: [], downSince: this.value.downSince || this.now() });
    this.patch({ save: this.saveState() });
    if (this.value.pending > 0) void this.keepNow();
  }

  // ---- to the hub -----------------------------------------------------------------------------------------------

  private caughtUp(): void {
    if (!this.host || !this.open) return;
    const s = this.host.state().field(shared);
    if (s.version < this.head) return;
    if (this.renumber) {
      this.renumber = false;
      this.host.dispatch(unsend(this.host.state()));
    }
    const waits = this.host.state().field(shared).unconfirmed;
    if (this.sent().length > 0 && this.overdueAt === null && this.busyTimer === null) this.resend();
    else if (this.sent().length === 0) this.clearOverdue();
    if (waits.length === 0 && this.returning) {
      const { theirs, authors } = this.returning;
      this.returning = null;
      if (this.broughtBack) this.patch({ merged: { theirs, people: authors.size } });
      this.broughtBack = false;
    } else if (waits.length > 0 && this.returning) {
      this.broughtBack = true;
    }
    this.flushSoon();
    this.presenceSoon();
  }

  // The text stopped taking what was written here before that was in the log: it is not sent any more, and its writer is told.
  private stranded(): void {
    const s = this.host?.state().field(shared);
    if (!s || !this.open || this.value.problem || this.value.abilities["draft.write"] !== false || s.unconfirmed.length === 0) return;
    // What is on its way may have come before the end; the echo or the refusal says so.
    if (s.version < this.head || this.overdueAt !== null || this.busyTimer !== null) return;
    this.patch({ problem: "draft.not_writable", save: "refused" });
    void this.keepNow();
  }

  private flushSoon(): void {
    if (this.flushing) return;
    this.flushing = true;
    (this.deps.defer ?? queueMicrotask)(() => {
      this.flushing = false;
      this.flush();
    });
  }

  private flush(): void {
    this.stranded();
    if (!this.mayPush() || this.sent().length > 0) return;
    const host = this.host!;
    const batch = take(host.state(), this.place!.client, this.nextSeq);
    if (!batch) return;
    host.dispatch(batch.spec);
    this.nextSeq += batch.count;
    this.resend();
  }

  private mayPush(): boolean {
    return (
      !this.closed && this.open && this.host !== null && this.place !== null && !this.value.problem && this.value.abilities["draft.write"] === true &&
      this.host.state().field(shared).version >= this.head && this.busyTimer === null
    );
  }

  // Sends what has a sequence, as it stands now on the confirmed text.
  private resend(): void {
    if (!this.mayPush()) return;
    const host = this.host!;
    const s = host.state().field(shared);
    const sent = this.sent();
    if (sent.length === 0) return;
    let doc = s.confirmed;
    const changes = sent.map((u) => {
      const c = u.changes.empty ? (identity(doc) ?? u.changes) : u.changes;
      doc = u.changes.apply(doc);
      return c;
    });
    // The caret goes with what was typed: as a place in the text before it, and only while nothing was typed since.
    const caret =
      this.wanted && s.unconfirmed.length === sent.length
        ? { anchor: caretBefore(changes, this.wanted.anchor), head: caretBefore(changes, this.wanted.head) }
        : undefined;
    const went = this.link?.push((handle) => encodePush({ handle, base: s.version, length: s.confirmed.length, seq: sent[0]!.seq, changes, caret }));
    if (went && caret) {
      this.wanted = null;
      this.presenceAt = this.now();
    }
    this.expect();
  }

  private expect(): void {
    this.overdueAt = this.now() + overdue;
    this.overdueTimer ??= this.later(() => this.late(), overdue);
  }

  private late(): void {
    this.overdueTimer = null;
    if (this.overdueAt === null || this.sent().length === 0 || !this.open) return;
    const left = this.overdueAt - this.now();
    if (left > 0) {
      this.overdueTimer = this.later(() => this.late(), left);
      return;
    }
    this.link?.probe();
    this.expect();
  }

  private sent() {
    return this.host?.state().field(shared).unconfirmed.filter((u) => u.seq > 0) ?? [];
  }

  private gap(): void {
    this.open = false;
    this.clearOverdue();
    // A reader that cannot follow the log twice in a row starts over from the line, not in a circle.
    if (++this.gaps > 3) return this.patch({ problem: "draft.malformed" });
    this.link?.reopen();
  }

  private async putAside(): Promise<void> {
    const s = this.host?.state().field(shared) ?? this.start;
    if (!s || s.unconfirmed.length === 0) return;
    try {
      await this.kept.aside(plain(this.host?.state().doc ?? textOf(s)));
      this.patch({ aside: true });
    } catch {
      // Storage refused: the text stays on the screen, where it can be copied, and the draft is not opened over it.
      this.patch({ problem: "draft.epoch", save: "refused" });
      throw new Error("device storage refused");
    }
  }

  // ---- presence, keeping, state ---------------------------------------------------------------------------------

  private presenceSoon(): void {
    if (this.presenceTimer !== null || !this.wanted) return;
    const wait = Math.max(0, this.presenceAt + presenceEvery - this.now());
    this.presenceTimer = this.later(() => {
      this.presenceTimer = null;
      if (!this.wanted || !this.open || !this.host) return;
      const s = this.host.state().field(shared);
      // Positions are of a version of the log; with text in flight they would be of no version. The echo asks again.
      if (s.unconfirmed.length > 0) return;
      this.link?.presence({ version: s.version, anchor: toBase(s, this.wanted.anchor), head: toBase(s, this.wanted.head) });
      this.presenceAt = this.now();
      this.wanted = null;
    }, wait);
  }

  private keepSoon(): void {
    this.kept.soon(() => void this.keepNow());
  }

  private counts(): { pending: number; version: number } {
    const s = this.host?.state().field(shared) ?? this.start;
    return { pending: s?.unconfirmed.length ?? 0, version: s?.version ?? 0 };
  }

  private saveState(problem = this.value.problem): SaveState {
    const s = this.host?.state().field(shared);
    if (!s || s.unconfirmed.length === 0) return "saved";
    if (problem) return "refused";
    if (this.open) return "saving";
    return this.kept.holds(s.unconfirmed) ? "kept" : "unsaved";
  }

  private patch(p: Partial<Status>): void {
    this.value = { ...this.value, ...p };
    for (const fn of [...this.listeners]) fn();
  }

  private now(): number {
    return this.deps.now?.() ?? Date.now();
  }
  private later(fn: () => void, ms: number): unknown {
    return this.deps.setTimeout ? this.deps.setTimeout(fn, ms) : setTimeout(fn, ms);
  }
  private clear(t: unknown): void {
    if (this.deps.clearTimeout) this.deps.clearTimeout(t);
    else clearTimeout(t as ReturnType<typeof setTimeout>);
  }
  private clearOverdue(): void {
    this.overdueAt = null;
  }
}
