/** Comment threads of a draft: their shape, and the calls that read and change them. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
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
export type Audience = "network" | "agency";
/** The wording that a comment proposes: a suggestion. */
export interface Proposal {
  id: string;
  state: "open" | "accepted" | "rejected" | "withdrawn";
  orphaned: boolean;
  quote: string;
  insertion: string;
  decided_by: Author | null;
  log_version: number;
  abilities: Abilities;
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
  resolved_by: PersonRef | null;
  audience: Audience;
  proposal: Proposal | null;
  abilities: Abilities;
}

export const threadsKey = (draft: string) => ["draft", draft, "threads"] as const;
export const threadsTopic = (draft: string) => `draft/${draft}/threads`;
/** What an agency keeps inside is told on a topic of its own. */
export const insideTopic = (draft: string, agency: string) => `inside/${draft}.${agency}`;
interface Listed extends Page<Thread> {
  gone: string[];
  /** What to ask for changes since. */
  at: number;
}
/** After the first time only what changed is asked for; stamp is what rights rest on, and with another one all is asked for again. */
export const threadsQuery = (draft: string, stamp: string) =>
  queryOptions({
    queryKey: [...threadsKey(draft), stamp],
    queryFn: async ({ signal, client, queryKey }) => {
      const had = client.getQueryData<Listed>(queryKey);
      const got = await api.get<Listed>(`/drafts/${draft}/threads${had ? `?since=${had.at}` : ""}`, signal);
      return had ? merged(had, got) : got;
    },
    placeholderData: keepPreviousData,
  });

function merged(had: Listed, got: Listed): Listed {
  const fresh = new Map(got.items.map((t) => [t.id, t]));
  const gone = new Set(got.gone);
  const items = had.items.filter((t) => !gone.has(t.id)).map((t) => {
    const next = fresh.get(t.id);
    fresh.delete(t.id);
    return next ?? t;
  });
  return { ...got, items: [...items, ...fresh.values()].sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : a.id < b.id ? -1 : 1)) };
}

export interface NewThread {
  version: number;
  from: number;
  to: number;
  body: string;
  kind: ThreadKind;
  blocking: boolean;
  mentions: string[];
  audience: Audience;
  proposal?: string;
}
export const createThread = (draft: string, t: NewThread) => api.post<Thread>(`/drafts/${draft}/threads`, t);
export const reply = (thread: string, body: string, mentions: string[]) => api.post<Thread>(`/threads/${thread}/comments`, { body, mentions });
export const resolve = (thread: string, outcome: Outcome, note: string) => api.post<Thread>(`/threads/${thread}/resolve`, { outcome, note });
export const reopen = (thread: string, reason: string) => api.post<Thread>(`/threads/${thread}/reopen`, { reason });

export const widen = (thread: string) => api.post<Thread>(`/threads/${thread}/widen`, {});
export const anchorThread = (thread: string, place: { version: number; from: number; to: number }) => api.post<Thread>(`/threads/${thread}/anchor`, place);
export const acceptProposal = (suggestion: string) => api.post<unknown>(`/suggestions/${suggestion}/accept`, {});
export const rejectProposal = (suggestion: string, reason: string) => api.post<unknown>(`/suggestions/${suggestion}/reject`, { reason });

/** Whether any of the named abilities is there. */
export function may(a: Abilities | null | undefined, ...keys: string[]): boolean {
  return keys.some((k) => a?.[k] === true);
}
