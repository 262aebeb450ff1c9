/**
 * A hub in memory for tests: the authority of docs/protocol.md over fake sockets in virtual time, with latency, lost
 * lines and pushes that are taken without the answer ever arriving.
 */
import { Text } from "@codemirror/state";
import { Connection, type ConnectionDeps } from "./connection";
import { decodePush, encodeCarets, encodeFrame, type WireUpdate, WireError } from "./wire";

/** Timers that run when the test says so, in order. */
export class VirtualTime {
  now = 1_000_000;
  private queue: { at: number; n: number; fn: () => void }[] = [];
  private n = 0;

  set(fn: () => void, ms: number): unknown {
    const job = { at: this.now + Math.max(0, ms), n: this.n++, fn };
    this.queue.push(job);
    return job;
  }
  clear(job: unknown): void {
    this.queue = this.queue.filter((j) => j !== job);
  }
  /** Runs everything due within ms; lets promises settle between jobs. */
  async run(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await settle();
      let next: (typeof this.queue)[number] | undefined;
      for (const j of this.queue) if (j.at <= end && (!next || j.at < next.at || (j.at === next.at && j.n < next.n))) next = j;
      if (!next) break;
      this.queue.splice(this.queue.indexOf(next), 1);
      this.now = Math.max(this.now, next.at);
      next.fn();
    }
    this.now = end;
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await Promise.resolve();
}

class FakeDraft {
  readonly initial: Text;
  doc: Text;
  log: WireUpdate[] = [];
  seqs = new Map<number, number>();
  resumes = new Map<number, string>();
  clients = 0;
  holders = new Map<number, { socket: FakeSocket; handle: number }>();
  constructor(text: string) {
    this.initial = Text.of(text.split("\n"));
    this.doc = this.initial;
  }
  textAt(version: number): Text {
    let d = this.initial;
    for (const u of this.log.slice(0, version)) d = u.changes.apply(d);
    return d;
  }
}

class FakeSocket {
  binaryType = "";
  protocol = "multaqa.v1";
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: unknown }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  handles = new Map<number, { id: string; client: number }>();
  private nextHandle = 1;
  private arrival = 0;
  private departure = 0;

  constructor(private readonly hub: FakeHub) {
    hub.time.set(() => {
      if (this.readyState !== 0) return;
      if (hub.unreachable) {
        this.drop(1006);
        return;
      }
      this.readyState = 1;
      hub.sockets.add(this);
      this.onopen?.();
      this.toClient({ t: "hello", server: "fake", now: new Date(0).toISOString() });
    }, hub.latency());
  }

  // From the client, in order, after a latency; lost if the line is cut meanwhile.
  send(data: string | Uint8Array): void {
    this.departure = Math.max(this.departure, this.hub.time.now + this.hub.latency());
    this.hub.time.set(() => {
      if (this.readyState === 1) this.hub.receive(this, data, this.handles);
    }, this.departure - this.hub.time.now);
  }

  toClient(data: object | Uint8Array<ArrayBuffer>): void {
    this.arrival = Math.max(this.arrival, this.hub.time.now + this.hub.latency());
    this.hub.time.set(() => {
      if (this.readyState !== 1) return;
      this.onmessage?.({ data: data instanceof Uint8Array ? data.buffer : JSON.stringify(data) });
    }, this.arrival - this.hub.time.now);
  }

  close(): void {
    this.drop(1000);
  }

  drop(code: number): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.hub.sockets.delete(this);
    for (const [, h] of this.handles) this.hub.forget(h.id, h.client, this);
    this.hub.time.set(() => this.onclose?.({ code }), 0);
  }

  handle(id: string, client: number): number {
    const n = this.nextHandle++;
    this.handles.set(n, { id, client });
    return n;
  }
}

export class FakeHub {
  readonly time = new VirtualTime();
  readonly sockets = new Set<FakeSocket>();
  readonly drafts = new Map<string, FakeDraft>();
  /** New sockets fail while set. */
  unreachable = false;
  write = true;
  maxLatency = 40;
  /** Sequences accepted twice or changes that did not fit: must stay empty. */
  readonly faults: string[] = [];

  constructor(private readonly rand: () => number) {}

  draft(id: string, text: string): void {
    this.drafts.set(id, new FakeDraft(text));
  }
  text(id: string): string {
    return this.drafts.get(id)!.doc.toString();
  }
  version(id: string): number {
    return this.drafts.get(id)!.log.length;
  }

  connection(): { connection: Connection; cut(): void } {
    let last: FakeSocket | null = null;
    const deps: ConnectionDeps = {
      connect: () => {
        last = new FakeSocket(this);
        return last as unknown as WebSocket;
      },
      setTimeout: (fn, ms) => this.time.set(fn, ms),
      clearTimeout: (t) => this.time.clear(t),
      now: () => this.time.now,
      random: this.rand,
    };
    return { connection: new Connection(deps), cut: () => last?.drop(1006) };
  }

  latency(): number {
    return 1 + this.rand() * this.maxLatency;
  }

  forget(id: string, client: number, socket: FakeSocket): void {
    const d = this.drafts.get(id);
    if (d?.holders.get(client)?.socket === socket) d.holders.delete(client);
  }

  receive(s: FakeSocket, data: string | Uint8Array, handles: FakeSocket["handles"]): void {
    if (typeof data !== "string") return this.push(s, data, handles);
    // biome-ignore lint/suspicious/noExplicitAny: a client's message is read field by field.
    const m = JSON.parse(data) as any;
    switch (m.t) {
      case "ping":
        return s.toClient({ t: "pong" });
      case "open":
        return this.open(s, m);
      case "close": {
        const h = handles.get(m.draft);
        handles.delete(m.draft);
        if (h) this.forget(h.id, h.client, s);
        return;
      }
      case "presence": {
        const h = handles.get(m.draft);
        const d = h && this.drafts.get(h.id);
        if (!h || !d) return;
        const p = m as unknown as { version: number; anchor: number; head: number };
        for (const to of d.holders.values()) {
          to.socket.toClient(encodeCarets(to.handle, [{ client: h.client, version: p.version, anchor: p.anchor, head: p.head }]));
        }
      }
    }
  }

  private open(s: FakeSocket, m: { draft?: string; version?: number; resume?: string }): void {
    const id = m.draft!;
    const d = this.drafts.get(id);
    if (!d) return s.toClient({ t: "denied", draft: id, code: "draft.not_found" });
    let client = 0;
    if (m.resume) {
      for (const [c, r] of d.resumes) if (r === m.resume) client = c;
      if (client === 0) return s.toClient({ t: "denied", draft: id, code: "draft.client_unknown" });
      const old = d.holders.get(client);
      if (old && old.socket !== s) {
        old.socket.handles.delete(old.handle);
        old.socket.toClient({ t: "denied", draft: id, code: "draft.client_taken" });
      }
    } else {
      client = ++d.clients;
      d.resumes.set(client, `${client}.${Math.floor(this.rand() * 1e9)}`);
    }
    const handle = s.handle(id, client);
    d.holders.set(client, { socket: s, handle });
    const returning = m.version !== undefined;
    s.toClient({
      t: "opened", draft: handle, id, epoch: "e", client, resume: d.resumes.get(client), seq: d.seqs.get(client) ?? 0,
      version: returning ? m.version : d.log.length, head: d.log.length, ...(returning ? {} : { text: d.doc.toString() }),
      peers: [], abilities: { "draft.read": true, "draft.write": this.write, "comment.create": true },
    });
    if (returning && m.version! < d.log.length) s.toClient(encodeFrame(handle, m.version!, d.log.slice(m.version)));
  }

  private push(s: FakeSocket, data: Uint8Array, handles: FakeSocket["handles"]): void {
    let p: ReturnType<typeof decodePush>;
    try {
      p = decodePush(data);
    } catch (e) {
      if (!(e instanceof WireError)) throw e;
      this.faults.push(e.message);
      return s.drop(4400);
    }
    const h = handles.get(p.handle);
    const d = h && this.drafts.get(h.id);
    if (!h || !d || d.holders.get(h.client)?.socket !== s) return;
    if (!this.write) return s.toClient({ t: "rejected", draft: p.handle, seq: p.seq, code: "policy.forbidden" });
    if (p.caret) {
      const moved = { client: h.client, version: p.base, ...p.caret };
      for (const to of d.holders.values()) to.socket.toClient(encodeCarets(to.handle, [moved]));
    }
    if (d.textAt(p.base).length !== p.length) {
      this.faults.push("draft.base");
      return s.toClient({ t: "rejected", draft: p.handle, seq: p.seq, code: "draft.base" });
    }
    const at = d.log.length;
    let pending = p.changes.map((changes, i) => ({ client: h.client, seq: p.seq + i, changes }));
    for (const logged of d.log.slice(p.base)) {
      if (pending[0] && logged.client === h.client && logged.seq === pending[0].seq) {
        pending = pending.slice(1);
        continue;
      }
      let over = logged.changes;
      pending = pending.map((u) => {
        const changes = u.changes.map(over);
        over = over.map(u.changes, true);
        return { ...u, changes };
      });
    }
    const last = d.seqs.get(h.client) ?? 0;
    pending = pending.filter((u) => u.seq > last);
    if (pending[0] && pending[0].seq !== last + 1) {
      this.faults.push("draft.sequence");
      return s.toClient({ t: "rejected", draft: p.handle, seq: p.seq, code: "draft.sequence" });
    }
    for (const u of pending) {
      d.doc = u.changes.apply(d.doc);
      d.log.push(u);
      d.seqs.set(u.client, u.seq);
    }
    if (pending.length > 0) for (const { socket, handle } of d.holders.values()) socket.toClient(encodeFrame(handle, at, d.log.slice(at)));
  }
}

/** A seeded generator in [0, 1), so that a failing run can be repeated. */
export function seeded(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = s;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

