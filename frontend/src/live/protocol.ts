/** Control messages of the socket as they come from the hub (docs/protocol.md). */

export interface Peer {
  client: number;
  person: { id: string; name: { ar: string; en: string } };
  agency: { id: string; short: { ar: string; en: string }; hue: number } | null;
}

/** Somebody writes a comment: in a thread, or a new one (""). */
export interface Typing extends Omit<Peer, "client"> {
  thread: string;
}

export interface Opened {
  t: "opened";
  /** Handle of the draft on this socket. */
  draft: number;
  id: string;
  epoch: string;
  client: number;
  resume: string;
  /** Last sequence of this client in the log. */
  seq: number;
  version: number;
  head: number;
  /** The whole text of `version`; absent when coming back. */
  text?: string;
  peers: Peer[] | null;
  abilities: Record<string, boolean>;
}

export interface Presence {
  client: number;
  version: number;
  anchor: number;
  head: number;
}

export type ServerMessage =
  | { t: "hello"; server: string; now: string; session?: string }
  | { t: "pong" }
  | { t: "changed"; topic: string; at: number }
  | { t: "refused"; topic: string }
  | Opened
  | { t: "denied"; draft: string; code: string }
  | { t: "rejected"; draft: number; seq: number; code: string }
  | { t: "resync"; draft: number }
  | { t: "abilities"; draft: number; abilities: Record<string, boolean> }
  | { t: "people"; draft: number; came?: Peer[]; left?: number[] }
  | ({ t: "typing"; draft: number } & Typing)
  | { t: "bye"; retry_ms: number };

/** What is asked of `open`: nothing for a fresh start, a place in the log for a return. */
export interface OpenAt {
  version?: number;
  epoch?: string;
  resume?: string;
}

/** The far end of one open draft, as the socket sees it. Calls come in the order the hub sent things. */
export interface DraftPort {
  readonly draft: string;
  /** The socket is up: say how to open. Asked again after every reconnect. */
  openAt(): OpenAt;
  opened(m: Opened): void;
  frame(bytes: Uint8Array): void;
  denied(code: string): void;
  rejected(seq: number, code: string): void;
  resync(): void;
  abilities(a: Record<string, boolean>): void;
  /** Who came and who left; oneself may be among those who came. */
  people(came: Peer[], left: number[]): void;
  presence(p: Presence): void;
  typing(t: Typing): void;
  /** The socket is gone; handles are void. `poisoned` when the hub called a message of ours malformed. */
  down(poisoned: boolean): void;
}

/** The near end: what an open draft may do on the socket. */
export interface DraftLink {
  /** Sends a push; false when the draft is not open just now. */
  push(encode: (handle: number) => Uint8Array<ArrayBuffer>): boolean;
  presence(p: { version: number; anchor: number; head: number }): void;
  /** Says that a comment is being written, in a thread or a new one. */
  typing(thread: string): void;
  /** Opens again on the same socket, after a gap or a resync. */
  reopen(): void;
  /** Asks the hub for a sign of life now, because an answer is overdue. */
  probe(): void;
  close(): void;
}
