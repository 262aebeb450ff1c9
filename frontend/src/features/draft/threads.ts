/** Comment threads of a draft: their shape, and the calls that read and change them. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { Abilities, AgencyRef, Page, PersonRef } from "../../api/types";

export type ThreadKind = "general" | "technical" | "editorial";
export type Outcome = "accepted" | "accepted_in_part" | "rejected" | "noted";

export interface Author {
  person: PersonRef;
  agency: AgencyRef | null;
}
export interface Comment {
  id: string;
  author: Author;
  body: string;
  created_at: string;
  mentions: PersonRef[] | null;
  /** Taken from view by moderation; the body is empty then. */
  hidden?: boolean;
}
export interface Thread {
  id: string;
  state: "open" | "resolved";
  kind: ThreadKind;
  blocking: boolean;
  /** Place in the text of `version`, UTF-16 units. */
  from: number;
  to: number;
  version: number;
  quote: string;
  orphaned: boolean;
  author: Author;
  created_at: string;
  comments: Comment[] | null;
  outcome: Outcome | "" | null;
  outcome_note: string | null;
  abilities: Abilities;
}

export const threadsKey = (draft: string) => ["draft", draft, "threads"] as const;
export const threadsTopic = (draft: string) => `draft/${draft}/threads`;
export const threadsQuery = (draft: string) =>
  queryOptions({ queryKey: threadsKey(draft), queryFn: ({ signal }) => api.get<Page<Thread>>(`/drafts/${draft}/threads`, signal) });

export interface NewThread {
  version: number;
  from: number;
  to: number;
  body: string;
  kind: ThreadKind;
  blocking: boolean;
  mentions: string[];
}
export const createThread = (draft: string, t: NewThread) => api.post<Thread>(`/drafts/${draft}/threads`, t);
export const reply = (thread: string, body: string, mentions: string[]) => api.post<Thread>(`/threads/${thread}/comments`, { body, mentions });
export const resolve = (thread: string, outcome: Outcome, note: string) => api.post<Thread>(`/threads/${thread}/resolve`, { outcome, note });
export const reopen = (thread: string, reason: string) => api.post<Thread>(`/threads/${thread}/reopen`, { reason });

/** Whether any of the named abilities is there. */
export function may(a: Abilities | null | undefined, ...keys: string[]): boolean {
  return keys.some((k) => a?.[k] === true);
}
