/**
 * Whose each part of a text is, kept in pieces: an update touches one of them, so going through thousands of updates costs about the
 * same in a text of many hands as in one of a single hand.
 */
import type { ChangeSet } from "@codemirror/state";
import type { Span } from "./api";

// A piece holds at most so many spans.
const most = 64;

interface Piece {
  spans: readonly Span[];
  /** UTF-16 units. */
  length: number;
}

function put(out: Span[], n: number, by: number, at: number): void {
  if (n <= 0) return;
  const last = out[out.length - 1];
  if (last && last[1] === by) out[out.length - 1] = [last[0] + n, by, Math.max(last[2], at)];
  else out.push([n, by, at]);
}

function pieces(spans: readonly Span[]): Piece[] {
  const out: Piece[] = [];
  const size = spans.length <= most ? most : most / 2;
  for (let i = 0; i < spans.length; i += size) {
    const part = spans.slice(i, i + size);
    out.push({ spans: part, length: part.reduce((n, s) => n + s[0], 0) });
  }
  return out;
}

export class Owners {
  private constructor(private readonly list: readonly Piece[]) {}

  /** Neighbours of one writer are joined, with the later time. */
  static of(spans: readonly Span[]): Owners {
    const joined: Span[] = [];
    for (const [n, by, at] of spans) put(joined, n, by, at);
    return new Owners(pieces(joined));
  }

  /** After a change by a writer. */
  after(changes: ChangeSet, by: number, at: number): Owners {
    let list = this.list;
    // From the left to the right, each where the ones before it have put it.
    changes.iterChanges((fromA, toA, fromB, toB) => {
      list = splice(list, fromB, toA - fromA, toB - fromB, by, at);
    }, true);
    return new Owners(list);
  }

  spans(): Span[] {
    return this.list.flatMap((p) => p.spans);
  }
}

function splice(list: readonly Piece[], from: number, removed: number, inserted: number, by: number, at: number): readonly Piece[] {
  let first = 0;
  let base = 0;
  while (first < list.length - 1 && base + list[first]!.length < from) base += list[first++]!.length;
  let last = first;
  let end = base + (list[first]?.length ?? 0);
  while (last < list.length - 1 && end < from + removed) end += list[++last]!.length;
  // One more on either side, so that neighbours of one writer become one also where pieces meet.
  if (first > 0) base -= list[--first]!.length;
  if (last < list.length - 1) last++;
  const out: Span[] = [];
  let pos = base;
  let done = false;
  const write = () => {
    if (done) return;
    done = true;
    put(out, inserted, by, at);
  };
  for (let i = first; i <= last && i < list.length; i++) {
    for (const [n, who, when] of list[i]!.spans) {
      const before = Math.min(n, Math.max(0, from - pos));
      put(out, before, who, when);
      if (pos + n >= from && before < n) write();
      const after = pos + n - Math.max(pos, Math.min(pos + n, from + removed));
      put(out, Math.min(after, n - before), who, when);
      pos += n;
    }
  }
  write();
  return [...list.slice(0, first), ...pieces(out), ...list.slice(last + 1)];
}
