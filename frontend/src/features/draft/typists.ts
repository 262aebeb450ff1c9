/** Who is writing a comment just now, in which thread. */
import { useSyncExternalStore } from "react";
import type { Typing } from "../../live/protocol";
import type { Session } from "./session";

/** A notice is good for so long; whoever goes on writing gives another. */
const lapse = 6_000;
const pace = 2_500;

export class Typists {
  private list: readonly { of: Typing; until: number }[] = [];
  private said = { thread: "", at: Number.NEGATIVE_INFINITY };
  private timer: ReturnType<typeof setTimeout> | null = null;
  private listeners = new Set<() => void>();

  constructor(private readonly tell: (thread: string) => void) {}

  get now() {
    return this.list;
  }
  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };

  /** To be called at every key in a comment; seldom sent. */
  type(thread: string): void {
    const now = Date.now();
    if (thread === this.said.thread && now - this.said.at < pace) return;
    this.said = { thread, at: now };
    this.tell(thread);
  }

  heard(t: Typing): void {
    this.set([...this.list.filter((x) => x.of.person.id !== t.person.id), { of: t, until: Date.now() + lapse }]);
  }

  /** Their comment is here. */
  done(person: string): void {
    if (this.list.some((x) => x.of.person.id === person)) this.set(this.list.filter((x) => x.of.person.id !== person));
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
  }

  private set(list: readonly { of: Typing; until: number }[]): void {
    this.list = list;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (list.length > 0) {
      const next = Math.min(...list.map((x) => x.until)) - Date.now();
      this.timer = setTimeout(() => this.set(this.list.filter((x) => x.until > Date.now())), Math.max(50, next + 20));
    }
    for (const fn of [...this.listeners]) fn();
  }
}

export function useTypists(session: Session, thread: string): readonly Typing[] {
  const list = useSyncExternalStore(session.typists.subscribe, () => session.typists.now);
  return list.filter((x) => x.of.thread === thread).map((x) => x.of);
}
