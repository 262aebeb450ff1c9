/** Suggestions of a draft: their shape, the calls, and the one that brings what is typed in suggest mode to the hub. */
import { queryOptions } from "@tanstack/react-query";
import type { EditorView } from "@codemirror/view";
import { useSyncExternalStore } from "react";
import { ApiFault, api } from "../../api/client";
import type { Abilities, Page } from "../../api/types";
import { shared } from "./collab";
import { newKey } from "./device";
import { emptied, groups, markOwn, ownMarks, suggesting } from "./editor/suggestions";
import type { SaveState, Session } from "./session";
import type { Author } from "./threads";

export interface SuggestionPart {
  from: number;
  to: number;
  insert: string;
}
export interface Suggestion {
  id: string;
  /** One's own: saving with it revises. Empty for others'. */
  key: string;
  state: "open" | "accepted" | "rejected" | "withdrawn";
  kind: "insert" | "delete" | "replace";
  /** The text that the parts are for. */
  version: number;
  parts: SuggestionPart[];
  orphaned: boolean;
  quote: string;
  insertion: string;
  note: string;
  author: Author;
  created_at: string;
  decided_by: Author | null;
  decided_at: string | null;
  reason: string;
  /** The thread that proposes it as a wording, whose card shows it; empty for one that stands alone. */
  thread_id: string;
  /** By moderation; its author alone is sent a hidden one. */
  hidden: boolean;
  abilities: Abilities;
}
export interface Decided {
  done: Suggestion[];
  left: Suggestion[];
}

export const suggestionsKey = (draft: string) => ["draft", draft, "suggestions"] as const;
export const suggestionsTopic = (draft: string) => `draft/${draft}/suggestions`;
export const suggestionsQuery = (draft: string) =>
  queryOptions({ queryKey: suggestionsKey(draft), queryFn: ({ signal }) => api.get<Page<Suggestion>>(`/drafts/${draft}/suggestions`, signal) });

interface Saved {
  key: string;
  version: number;
  parts: SuggestionPart[];
  note?: string;
}
export const saveSuggestion = (draft: string, s: Saved) => api.post<Suggestion>(`/drafts/${draft}/suggestions`, s);
export const acceptSuggestion = (id: string) => api.post<Suggestion>(`/suggestions/${id}/accept`, {});
/** Into a text that is approved, and stays so: its spelling alone. */
export const correctSuggestion = (id: string) => api.post<Suggestion>(`/suggestions/${id}/correct`, {});
export const rejectSuggestion = (id: string, reason: string) => api.post<Suggestion>(`/suggestions/${id}/reject`, { reason });
export const withdrawSuggestion = (id: string) => api.post<Suggestion>(`/suggestions/${id}/withdraw`, {});
export const explainSuggestion = (id: string, note: string) => api.put<Suggestion>(`/suggestions/${id}/note`, { note });
/** Several at once: those with the ids, or all of an agency's. */
export type Picked = { ids: string[] } | { agency: string };
export const acceptMany = (draft: string, which: Picked) => api.post<Decided>(`/drafts/${draft}/suggestions/accept`, which);
export const rejectMany = (draft: string, which: Picked, reason: string) => api.post<Decided>(`/drafts/${draft}/suggestions/reject`, { ...which, reason });

// ---- what this device keeps until the hub has it -----------------------------------------------------------------

interface Kept {
  items: Saved[];
  /** Ids to take back. */
  gone: string[];
}
const prefix = (draft: string, person: string) => `multaqa.suggest.${draft}.${person}.`;

/** Brings what was left behind to the hub, and says whether there was something; what it refuses for good is let go. */
export async function sendLeftovers(draft: string, person: string): Promise<boolean> {
  const start = prefix(draft, person);
  const names = Array.from({ length: localStorage.length }, (_, i) => localStorage.key(i) ?? "").filter((k) => k.startsWith(start));
  for (const name of names) {
    let kept: Kept;
    try {
      kept = JSON.parse(localStorage.getItem(name) ?? "") as Kept;
    } catch {
      localStorage.removeItem(name);
      continue;
    }
    try {
      for (const item of kept.items) await settle(() => saveSuggestion(draft, item));
      for (const id of kept.gone) await settle(() => withdrawSuggestion(id));
      localStorage.removeItem(name);
    } catch {
      return false; // no line: the next time tries again
    }
  }
  return names.length > 0;
}

// What was decided meanwhile, or may no longer be, is no reason to try for ever.
async function settle(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (e) {
    if (!(e instanceof ApiFault) || e.status === 0 || e.status >= 500 || e.status === 429) throw e;
  }
}

// ---- the saver ---------------------------------------------------------------------------------------------------

export interface SaverStatus {
  save: SaveState;
  savedAt: number;
  /** Suggestions that the hub does not have as they are here. */
  pending: number;
  /** The last refusal, until the next success. */
  fault: unknown;
}

const pause = 700;
const again = 3_000;

/**
 * Saves one's own suggestions as one pauses: each place is one, saved again when it grew. One call at a time. Until the hub has it,
 * the device does, written at every change, so closing the tab loses nothing.
 */
export class Saver {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private running = false;
  private dirty = false;
  private closed = false;
  private readonly says = new Map<string, string>();
  private readonly ids = new Map<string, string>();
  private readonly name: string;
  private listeners = new Set<() => void>();
  private value: SaverStatus = { save: "saved", savedAt: 0, pending: 0, fault: null };

  constructor(
    private readonly draft: string,
    person: string,
    private readonly session: Session,
    private readonly view: EditorView,
    private readonly stored: () => void,
  ) {
    this.name = prefix(draft, person) + newKey();
  }

  get status(): SaverStatus {
    return this.value;
  }
  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };

  /** Whether something here is newer than at the hub. */
  get busy(): boolean {
    return this.dirty || this.running;
  }

  /** One's own suggestion as the hub has it. */
  knows(key: string, id: string, says: string): void {
    this.ids.set(key, id);
    this.says.set(key, says);
  }
  /** Whether the hub has it as it is here. */
  saved(key: string, says: string): boolean {
    return this.says.get(key) === says;
  }
  has(key: string): boolean {
    return this.ids.has(key);
  }
  forget(key: string): void {
    this.ids.delete(key);
    this.says.delete(key);
  }

  /** To be called after every change of one's own suggestions. */
  changed(): void {
    if (this.closed) return;
    this.dirty = true;
    // The editor is still at work when it tells of a change.
    queueMicrotask(() => this.note());
  }

  private note(): void {
    if (this.closed || !this.dirty) return;
    this.keep();
    this.patch({ save: this.session.status.online ? "saving" : this.kept ? "kept" : "unsaved", pending: this.waiting().length });
    this.soon(pause);
  }

  /** Saves now what waits; resolves when it is at the hub, or was refused, or there is no line. */
  async flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.dirty || this.running) await this.run();
  }

  close(): void {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private soon(ms: number): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.run();
    }, ms);
  }

  private current: Promise<void> | null = null;
  private run(): Promise<void> {
    this.current ??= this.work().finally(() => {
      this.current = null;
    });
    return this.current;
  }

  private waiting() {
    if (!suggesting(this.view.state)) return [];
    return groups(this.view.state).filter((g) => g.key === null || this.says.get(g.key) !== g.says);
  }

  private async work(): Promise<void> {
    this.running = true;
    try {
      // Positions are of a version of the log, so what was written in the text itself goes first.
      if (this.view.state.field(shared).unconfirmed.length > 0) await this.session.settled();
      while (this.dirty && suggesting(this.view.state)) {
        this.dirty = false;
        this.nameAll();
        const version = this.view.state.field(shared).version;
        // All of it is read now: the text may leave the screen while this goes on.
        const gone = emptied(this.view.state);
        for (const g of this.waiting()) {
          const key = g.key!;
          const made = await saveSuggestion(this.draft, { key, version, parts: g.parts });
          this.ids.set(key, made.id);
          this.says.set(key, g.says);
        }
        for (const key of gone) {
          const id = this.ids.get(key);
          if (id) await settle(() => withdrawSuggestion(id));
          this.forget(key);
        }
        if (gone.length > 0 && suggesting(this.view.state)) {
          const back = new Set(groups(this.view.state).map((g) => g.key));
          this.view.dispatch(markOwn(this.view.state, ownMarks(this.view.state).filter((m) => !gone.includes(m.key) || back.has(m.key))));
        }
      }
      if (suggesting(this.view.state)) this.keep();
      else localStorage.removeItem(this.name);
      this.patch({ save: "saved", savedAt: Date.now(), pending: 0, fault: null });
      this.stored();
    } catch (e) {
      this.dirty = true;
      this.keep();
      const refused = e instanceof ApiFault && e.status >= 400 && e.status < 500 && e.status !== 429;
      this.patch({ save: refused ? "refused" : this.kept ? "kept" : "unsaved", pending: this.waiting().length, fault: refused ? e : null });
      if (refused) this.stored();
      else if (!this.closed) this.soon(again);
    } finally {
      this.running = false;
    }
  }

  // Every place gets a key before it is sent, so that sending it twice makes one suggestion.
  private nameAll(): void {
    const all = groups(this.view.state);
    if (all.every((g) => g.key !== null)) return;
    const marks = ownMarks(this.view.state).filter((m) => !all.some((g) => g.key === m.key));
    this.view.dispatch(markOwn(this.view.state, [...marks, ...all.map((g) => ({ key: g.key ?? newKey(), from: g.from, to: g.to }))]));
  }

  private kept = true;
  private keep(): void {
    // Once the text is off the screen what was kept of it stands until it is sent.
    if (!suggesting(this.view.state)) return;
    this.nameAll();
    const s = this.view.state.field(shared);
    // Text of one's own that the log does not have yet would put the places elsewhere; it is saved first, then this.
    const items = s.unconfirmed.length > 0 ? [] : this.waiting().map((g) => ({ key: g.key!, version: s.version, parts: g.parts }));
    const gone = emptied(this.view.state).flatMap((k) => this.ids.get(k) ?? []);
    try {
      if (items.length === 0 && gone.length === 0) localStorage.removeItem(this.name);
      else localStorage.setItem(this.name, JSON.stringify({ items, gone } satisfies Kept));
      this.kept = s.unconfirmed.length === 0 || this.waiting().length === 0;
    } catch {
      this.kept = false;
    }
  }

  private patch(p: Partial<SaverStatus>): void {
    this.value = { ...this.value, ...p };
    for (const fn of [...this.listeners]) fn();
  }
}

const idle: SaverStatus = { save: "saved", savedAt: 0, pending: 0, fault: null };
const nobody = () => () => {};

/** How it stands with one's own suggestions. */
export function useSaver(saver: Saver | null): SaverStatus {
  return useSyncExternalStore(saver ? saver.subscribe : nobody, () => saver?.status ?? idle);
}
