/**
 * The binary half of the socket protocol (docs/protocol.md, "Binary form"): pushes, frames and the ChangeSets in them.
 * Decoding is as strict as the hub's own decoder, because ChangeSet.fromJSON is not a validator.
 */
import { ChangeSet, type ChangeSpec, type Text } from "@codemirror/state";

/** A message that is not of the protocol. The draft is opened again; the text is never touched by it. */
export class WireError extends Error {
  constructor(what: string) {
    super(what);
    this.name = "WireError";
  }
}

/** One update of the log: the client number and sequence it was sent under, and the change it made. */
export interface WireUpdate {
  client: number;
  seq: number;
  changes: ChangeSet;
}

export interface Push {
  /** Handle of the draft on this socket. */
  handle: number;
  /** Version the first change applies to, and the length of the text there in UTF-16 units. */
  base: number;
  length: number;
  /** Sequence of the first change; the others follow it. */
  seq: number;
  changes: readonly ChangeSet[];
  /** The caret and the other end of its selection in the text of the base version; absent when it is not told. */
  caret?: { anchor: number; head: number } | undefined;
}

export const limits = {
  /** Updates in one push. */
  pushUpdates: 100,
  /** Bytes of one push; the hub takes 256 KiB, the rest is headroom. */
  pushBytes: 240 * 1024,
  /** Bytes of UTF-8 that one update may insert. */
  updateBytes: 240 * 1024,
  /** Bytes of UTF-8 of a whole text. */
  textBytes: 2 * 1024 * 1024,
  sections: 10_000,
} as const;

const kindPush = 1;
const kindFrame = 2;
const kindCarets = 3;
const keep = 0;
const remove = 1;
const insert = 2;
const replace = 3;
const maxVarint = 2 ** 31;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Growing byte buffer with the two things the protocol writes: varints and text. */
export class Writer {
  private bytes = new Uint8Array(256);
  length = 0;

  byte(b: number): void {
    this.reserve(1);
    this.bytes[this.length++] = b;
  }

  uv(n: number): void {
    if (!Number.isInteger(n) || n < 0 || n >= maxVarint) throw new WireError(`varint ${n}`);
    this.reserve(5);
    while (n >= 0x80) {
      this.bytes[this.length++] = (n % 0x80) | 0x80;
      n = Math.floor(n / 0x80);
    }
    this.bytes[this.length++] = n;
  }

  raw(b: Uint8Array): void {
    this.reserve(b.length);
    this.bytes.set(b, this.length);
    this.length += b.length;
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  private reserve(n: number): void {
    if (this.length + n <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + n));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/** Strict reader over one message. */
export class Reader {
  at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  get end(): boolean {
    return this.at === this.bytes.length;
  }

  byte(): number {
    const b = this.bytes[this.at];
    if (b === undefined) throw new WireError("message ends early");
    this.at++;
    return b;
  }

  uv(): number {
    let n = 0;
    let scale = 1;
    for (let i = 0; i < 5; i++) {
      const b = this.byte();
      n += (b & 0x7f) * scale;
      if (b < 0x80) {
        if (b === 0 && i > 0) throw new WireError("varint not in its shortest form");
        if (n >= maxVarint) throw new WireError("varint too large");
        return n;
      }
      scale *= 0x80;
    }
    throw new WireError("varint too long");
  }

  text(bytes: number): string {
    if (bytes > this.bytes.length - this.at) throw new WireError("text ends early");
    const part = this.bytes.subarray(this.at, this.at + bytes);
    this.at += bytes;
    let s: string;
    try {
      s = decoder.decode(part);
    } catch {
      throw new WireError("text is not UTF-8");
    }
    if (s.includes("\r") || s.includes("\0")) throw new WireError("text holds CR or NUL");
    return s;
  }
}

/** Writes one change; the last keep is left out. A change without sections is one that keeps everything. */
export function writeChange(w: Writer, changes: ChangeSet): void {
  const json = changes.toJSON() as (number | [number, ...string[]])[];
  let count = json.length;
  if (count > 0 && typeof json[count - 1] === "number") count--;
  if (count > limits.sections) throw new WireError("too many sections");
  w.uv(count);
  for (let i = 0; i < count; i++) {
    const part = json[i]!;
    if (typeof part === "number") {
      w.uv(part * 4 + keep);
    } else if (part.length === 1) {
      w.uv(part[0] * 4 + remove);
    } else {
      const bytes = encoder.encode(part.slice(1).join("\n"));
      if (part[0] === 0) {
        w.uv(bytes.length * 4 + insert);
      } else {
        w.uv(part[0] * 4 + replace);
        w.uv(bytes.length);
      }
      w.raw(bytes);
    }
  }
}

/** Reads one change on a text of the given length. */
export function readChange(r: Reader, length: number): ChangeSet {
  const count = r.uv();
  if (count > limits.sections) throw new WireError("too many sections");
  const json: (number | (number | string)[])[] = [];
  let used = 0;
  let last = -1;
  for (let i = 0; i < count; i++) {
    const head = r.uv();
    const op = head % 4;
    const n = Math.floor(head / 4);
    if (n === 0) throw new WireError("empty section");
    if (op === last && (op === keep || op === remove)) throw new WireError("sections that should be one");
    last = op;
    if (op === keep) {
      if (i === count - 1) throw new WireError("keep at the end");
      json.push(n);
      used += n;
    } else if (op === remove) {
      json.push([n]);
      used += n;
    } else if (op === insert) {
      json.push([0, ...r.text(n).split("\n")]);
    } else {
      const bytes = r.uv();
      if (bytes === 0) throw new WireError("replacement without text");
      json.push([n, ...r.text(bytes).split("\n")]);
      used += n;
    }
    if (used > length) throw new WireError("change is longer than the text");
  }
  if (used < length) json.push(length - used);
  return ChangeSet.fromJSON(json);
}

/** Encodes a push; the changes apply one after the other, the first to the text of the base version. */
export function encodePush(p: Push): Uint8Array<ArrayBuffer> {
  const w = new Writer();
  w.byte(kindPush);
  w.uv(p.handle);
  w.uv(p.base);
  w.uv(p.length);
  w.uv(p.seq);
  w.uv(p.changes.length);
  for (const c of p.changes) writeChange(w, c);
  if (p.caret) {
    w.uv(p.caret.anchor);
    w.uv(p.caret.head);
  }
  return w.done();
}

/** Where a caret behind changes was before them; what they inserted is mapped to where it went in. */
export function caretBefore(changes: readonly ChangeSet[], pos: number): number {
  for (let i = changes.length - 1; i >= 0; i--) {
    const c = changes[i]!;
    pos = c.invertedDesc.mapPos(Math.min(pos, c.newLength), 1);
  }
  return pos;
}

/** The hub's side of encodePush, for tests that play the hub. */
export function decodePush(bytes: Uint8Array): Push {
  const r = new Reader(bytes);
  if (r.byte() !== kindPush) throw new WireError("not a push");
  const p: Push & { changes: ChangeSet[] } = { handle: r.uv(), base: r.uv(), length: r.uv(), seq: r.uv(), changes: [] };
  const count = r.uv();
  if (count < 1 || count > limits.pushUpdates) throw new WireError("number of updates");
  let length = p.length;
  for (let i = 0; i < count; i++) {
    const c = readChange(r, length);
    p.changes.push(c);
    length = c.newLength;
  }
  if (!r.end) {
    p.caret = { anchor: r.uv(), head: r.uv() };
    if (Math.max(p.caret.anchor, p.caret.head) > p.length) throw new WireError("caret beyond the text");
  }
  if (!r.end) throw new WireError("trailing bytes");
  return p;
}

/** Handle and first version of a frame, without reading its changes. */
export function peekFrame(bytes: Uint8Array): { handle: number; from: number } {
  const r = new Reader(bytes);
  if (r.byte() !== kindFrame) throw new WireError("not a frame");
  return { handle: r.uv(), from: r.uv() };
}

/** Carets that moved; null when the message is of another kind. */
export function decodeCarets(bytes: Uint8Array): { handle: number; carets: { client: number; version: number; anchor: number; head: number }[] } | null {
  if (bytes[0] !== kindCarets) return null;
  const r = new Reader(bytes);
  r.byte();
  const handle = r.uv();
  const carets = [];
  while (!r.end) carets.push({ client: r.uv(), version: r.uv(), anchor: r.uv(), head: r.uv() });
  return { handle, carets };
}

/** The hub's side of decodeCarets, for tests that play the hub. */
export function encodeCarets(handle: number, carets: readonly { client: number; version: number; anchor: number; head: number }[]): Uint8Array<ArrayBuffer> {
  const w = new Writer();
  w.byte(kindCarets);
  w.uv(handle);
  for (const c of carets) for (const n of [c.client, c.version, c.anchor, c.head]) w.uv(n);
  return w.done();
}

/** Decodes a frame whose first change applies to a text of the given length. */
export function decodeFrame(bytes: Uint8Array, length: number): { handle: number; from: number; updates: WireUpdate[] } {
  const r = new Reader(bytes);
  if (r.byte() !== kindFrame) throw new WireError("not a frame");
  const handle = r.uv();
  const from = r.uv();
  const updates: WireUpdate[] = [];
  do {
    const head = r.uv();
    const client = Math.floor(head / 2);
    const seq = r.uv();
    const count = head % 2 === 0 ? 1 : r.uv();
    if (head % 2 === 1 && count < 2) throw new WireError("run of one");
    for (let i = 0; i < count; i++) {
      const changes = readChange(r, length);
      updates.push({ client, seq: seq + i, changes });
      length = changes.newLength;
    }
  } while (!r.end);
  return { handle, from, updates };
}

/** The hub's side of decodeFrame, for tests that play the hub. */
export function encodeFrame(handle: number, from: number, updates: readonly WireUpdate[]): Uint8Array<ArrayBuffer> {
  const w = new Writer();
  w.byte(kindFrame);
  w.uv(handle);
  w.uv(from);
  for (let i = 0; i < updates.length; ) {
    let n = 1;
    const first = updates[i]!;
    while (i + n < updates.length && updates[i + n]!.client === first.client && updates[i + n]!.seq === first.seq + n) n++;
    w.uv(first.client * 2 + (n > 1 ? 1 : 0));
    w.uv(first.seq);
    if (n > 1) w.uv(n);
    for (let k = 0; k < n; k++) writeChange(w, updates[i + k]!.changes);
    i += n;
  }
  return w.done();
}

/** Bytes of UTF-8 that a change inserts; its cost on the wire, near enough. */
export function insertedBytes(changes: ChangeSet): number {
  let n = 0;
  changes.iterChanges((_fa, _ta, _fb, _tb, text) => {
    n += utf8Length(text);
  }, true);
  return n;
}

/** Bytes of UTF-8 of a text, without building them. */
export function utf8Length(text: Text): number {
  let n = 0;
  for (const iter = text.iter(); !iter.next().done; ) n += stringBytes(iter.value);
  return n;
}

function stringBytes(s: string): number {
  let n = s.length;
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    // Two units of a pair count 1 each above and are 4 bytes together.
    if (c >= 0xd800 && c <= 0xdfff) n += 1;
    else if (c >= 0x800) n += 2;
    else if (c >= 0x80) n += 1;
  }
  return n;
}

/**
 * A change that says nothing new but is not empty. An update that was sent once keeps its sequence even when others have
 * since deleted all it touched, and a push takes no change without sections: one character is replaced by itself.
 * Null for an empty text, where no such change exists.
 */
export function identity(doc: Text): ChangeSet | null {
  if (doc.length === 0) return null;
  const first = doc.sliceString(0, Math.min(2, doc.length));
  const code = first.codePointAt(0)!;
  const to = code > 0xffff ? 2 : 1;
  const spec: ChangeSpec = { from: 0, to, insert: doc.slice(0, to) };
  return ChangeSet.of(spec, doc.length);
}
