/**
 * One live connection: connects, notices a dead line, comes back with back-off and jitter, and brings topics and drafts
 * back with it. It knows nothing of React; socket.ts has the tab's one instance and the hooks.
 */
import type { DraftLink, DraftPort, ServerMessage } from "./protocol";
import { decodeCarets, peekFrame, WireError } from "./wire";

export type ConnectionState =
  /** Not asked for yet, or stopped. */
  | "idle"
  | "connecting"
  | "online"
  /** Lost or not reached; it will be tried again. */
  | "offline"
  /** The hub ended the sign-in session; not tried again until start(). */
  | "signed_out";

/** The clock and the dice, so that tests decide about both. */
export interface ConnectionDeps {
  connect(): WebSocket;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(t: unknown): void;
  now(): number;
  random(): number;
}

const subprotocol = "multaqa.v1";
const backoffFirst = 500;
const backoffLast = 15_000;
// A silent line is probed after 8 s and given up 4 s later, so the banner is there well within 15 s.
const silence = 8_000;
const answerWithin = 4_000;
// The hub takes one ping a second.
const pingEvery = 1_100;
const connectWithin = 10_000;

interface OpenDraft {
  port: DraftPort;
  handle: number | null;
  asked: boolean;
}

export class Connection {
  private ws: WebSocket | null = null;
  private current: ConnectionState = "idle";
  private since = 0;
  private attempts = 0;
  private retryAt: unknown = null;
  private watchdog: unknown = null;
  private heard = 0;
  private pinged = 0;
  private suspicious = false;
  private wantedDelay: number | null = null;
  private topics = new Map<string, Set<(reason: "changed" | "reconnected") => void>>();
  private drafts = new Set<OpenDraft>();
  private listeners = new Set<() => void>();
  private serverSkew = 0;

  constructor(private readonly deps: ConnectionDeps) {}

  get state(): ConnectionState {
    return this.current;
  }
  /** When the state last changed, in the clock of deps. */
  get stateSince(): number {
    return this.since;
  }
  /** Milliseconds to add to this device's clock to get the hub's. */
  get skew(): number {
    return this.serverSkew;
  }

  subscribe(fn: () => void): () => void {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  }

  start(): void {
    if (this.current === "idle" || this.current === "signed_out") this.dial();
  }

  /** Closes for good (sign-out). Drafts and topics stay registered and come back with start(). */
  stop(): void {
    this.clearTimers();
    const ws = this.ws;
    this.ws = null;
    ws?.close(1000);
    this.lost(false);
    this.become("idle");
  }

  /** Tries at once: the person asked, or the device says the network is back. */
  retryNow(): void {
    if (this.current !== "offline") return;
    this.attempts = 0;
    this.dial();
  }

  /** Asks for a sign of life now and gives the line up if there is none in time. */
  probe(): void {
    if (this.current !== "online" || this.suspicious) return;
    if (this.deps.now() - this.pinged < pingEvery) return;
    this.suspicious = true;
    this.pinged = this.deps.now();
    this.send({ t: "ping" });
    this.arm(answerWithin);
  }

  /** Calls fn when the hub says the topic changed, and after every reconnect, since notices may have been missed. */
  watch(topic: string, fn: (reason: "changed" | "reconnected") => void): () => void {
    let fns = this.topics.get(topic);
    if (!fns) {
      fns = new Set();
      this.topics.set(topic, fns);
      if (this.current === "online") this.send({ t: "watch", topics: [topic] });
    }
    fns.add(fn);
    this.start();
    return () => {
      fns.delete(fn);
      if (fns.size > 0 || this.topics.get(topic) !== fns) return;
      this.topics.delete(topic);
      if (this.current === "online") this.send({ t: "unwatch", topics: [topic] });
    };
  }

  /** Whether the hub was asked to tell of the topic. */
  watches(topic: string): boolean {
    return this.topics.has(topic);
  }

  open(port: DraftPort): DraftLink {
    const d: OpenDraft = { port, handle: null, asked: false };
    this.drafts.add(d);
    if (this.current === "online") this.ask(d);
    this.start();
    return {
      push: (encode) => {
        if (d.handle === null || this.ws?.readyState !== 1) return false;
        this.ws.send(encode(d.handle));
        return true;
      },
      presence: (p) => {
        if (d.handle !== null) this.send({ t: "presence", draft: d.handle, ...p });
      },
      typing: (thread) => {
        if (d.handle !== null) this.send({ t: "typing", draft: d.handle, thread });
      },
      reopen: () => {
        if (this.current === "online") this.ask(d);
      },
      probe: () => this.probe(),
      close: () => {
        this.drafts.delete(d);
        if (d.handle !== null) this.send({ t: "close", draft: d.handle });
        d.handle = null;
      },
    };
  }

  private ask(d: OpenDraft): void {
    // A draft that is open is closed first, so that no frame of the old handle mixes with the new one.
    if (d.handle !== null) this.send({ t: "close", draft: d.handle });
    d.handle = null;
    d.asked = true;
    this.send({ t: "open", draft: d.port.draft, ...d.port.openAt() });
  }

  private dial(): void {
    this.clearTimers();
    this.become("connecting");
    const ws = this.deps.connect();
    ws.binaryType = "arraybuffer";
    this.ws = ws;
    let up = false;
    ws.onopen = () => {
      if (this.ws !== ws) return;
      if (ws.protocol !== subprotocol) {
        ws.close(1002);
        return;
      }
      up = true;
      this.heard = this.deps.now();
      this.suspicious = false;
      this.become("online");
      this.arm(silence);
      if (this.topics.size > 0) this.send({ t: "watch", topics: [...this.topics.keys()] });
      for (const d of this.drafts) this.ask(d);
      for (const fns of this.topics.values()) for (const fn of [...fns]) fn("reconnected");
    };
    ws.onmessage = (e: MessageEvent) => {
      if (this.ws !== ws) return;
      this.heard = this.deps.now();
      this.suspicious = false;
      this.attempts = 0;
      if (typeof e.data === "string") this.control(JSON.parse(e.data) as ServerMessage);
      else this.binary(new Uint8Array(e.data as ArrayBuffer));
    };
    ws.onclose = (e: CloseEvent) => {
      if (this.ws !== ws) return;
      this.ws = null;
      this.closed(e.code, up);
    };
    this.watchdog = this.deps.setTimeout(() => {
      if (this.ws === ws && !up) this.abandon();
    }, connectWithin);
  }

  // A socket on a dead line may take minutes to close by itself; it is left behind.
  private abandon(): void {
    const ws = this.ws;
    this.ws = null;
    if (ws) {
      ws.onmessage = null;
      ws.close();
    }
    this.closed(1006, false);
  }

  private closed(code: number, _up: boolean): void {
    this.clearTimers();
    this.lost(code === 4400 || code === 1009);
    if (code === 4401) {
      this.become("signed_out");
      return;
    }
    this.become("offline");
    let delay: number;
    if (this.wantedDelay !== null) delay = this.wantedDelay;
    else if (code === 4429) delay = 10_000;
    else if (code === 4431) delay = 60_000;
    else if (code === 4408 || code === 4430) delay = 100;
    else delay = Math.min(backoffLast, backoffFirst * 2 ** this.attempts);
    this.wantedDelay = null;
    this.attempts++;
    // Full jitter, with a floor so that a fast refusal does not become a storm.
    const wait = 100 + this.deps.random() * delay;
    this.retryAt = this.deps.setTimeout(() => this.dial(), wait);
  }

  private lost(poisoned: boolean): void {
    for (const d of this.drafts) {
      const was = d.asked;
      d.handle = null;
      d.asked = false;
      if (was) d.port.down(poisoned);
    }
  }

  private control(m: ServerMessage): void {
    switch (m.t) {
      case "hello": {
        const at = Date.parse(m.now);
        if (Number.isFinite(at)) this.serverSkew = at - Date.now();
        return;
      }
      case "changed": {
        const fns = this.topics.get(m.topic);
        if (fns) for (const fn of [...fns]) fn("changed");
        return;
      }
      case "opened": {
        for (const d of this.drafts) {
          if (d.port.draft === m.id && d.asked && d.handle === null) {
            d.handle = m.draft;
            d.port.opened(m);
            return;
          }
        }
        // Closed meanwhile by this tab.
        this.send({ t: "close", draft: m.draft });
        return;
      }
      case "denied": {
        for (const d of [...this.drafts]) {
          if (d.port.draft !== m.draft) continue;
          d.handle = null;
          d.port.denied(m.code);
        }
        return;
      }
      case "bye":
        this.wantedDelay = m.retry_ms;
        return;
      case "refused": {
        // What was watched may be seen no more: the page finds out by asking.
        const fns = this.topics.get(m.topic);
        if (fns) for (const fn of [...fns]) fn("changed");
        return;
      }
      case "pong":
        return;
    }
    const d = this.byHandle(m.draft);
    if (!d) return;
    switch (m.t) {
      case "rejected":
        return d.port.rejected(m.seq, m.code);
      case "resync":
        return d.port.resync();
      case "abilities":
        return d.port.abilities(m.abilities);
      case "people":
        return d.port.people(m.came ?? [], m.left ?? []);
      case "typing":
        return d.port.typing(m);
    }
  }

  private binary(bytes: Uint8Array): void {
    let handle: number;
    try {
      const moved = decodeCarets(bytes);
      if (moved) {
        const d = this.byHandle(moved.handle);
        for (const c of moved.carets) d?.port.presence(c);
        return;
      }
      handle = peekFrame(bytes).handle;
    } catch (e) {
      if (!(e instanceof WireError)) throw e;
      this.abandon();
      return;
    }
    this.byHandle(handle)?.port.frame(bytes);
  }

  private byHandle(handle: number): OpenDraft | null {
    for (const d of this.drafts) if (d.handle === handle) return d;
    return null;
  }

  private send(m: object): void {
    if (this.ws?.readyState === 1) this.ws.send(JSON.stringify(m));
  }

  // One timer watches the line: silence leads to a ping, an unanswered ping to giving up.
  private arm(ms: number): void {
    if (this.watchdog !== null) this.deps.clearTimeout(this.watchdog);
    this.watchdog = this.deps.setTimeout(() => {
      this.watchdog = null;
      if (this.current !== "online") return;
      const quiet = this.deps.now() - this.heard;
      if (this.suspicious) {
        this.abandon();
      } else if (quiet >= silence) {
        this.suspicious = true;
        this.pinged = this.deps.now();
        this.send({ t: "ping" });
        this.arm(answerWithin);
      } else {
        this.arm(silence - quiet);
      }
    }, ms);
  }

  private clearTimers(): void {
    if (this.retryAt !== null) this.deps.clearTimeout(this.retryAt);
    if (this.watchdog !== null) this.deps.clearTimeout(this.watchdog);
    this.retryAt = null;
    this.watchdog = null;
  }

  private become(s: ConnectionState): void {
    if (s === this.current) return;
    this.current = s;
    this.since = this.deps.now();
    for (const fn of [...this.listeners]) fn();
  }
}
