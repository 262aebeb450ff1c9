/** Comment threads of a draft: their shape, and the calls that read and change them. */
import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
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
  /** Taken from view by moderation; the body is empty then, but for who wrote it, who is told why. */
  hidden?: boolean;
  hidden_reason?: string;
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
  /** Of a thread that was read whole. */
  updated_at?: string;
  comments: Comment[] | null;
  outcome: Outcome | "" | null;
  outcome_note: string | null;
  resolved_by: PersonRef | null;
  audience: Audience;
  /** Taken from view by moderation; who began it alone is sent it, and told why. */
  hidden?: boolean;
  hidden_reason?: string;
  proposal: Proposal | null;
  abilities: Abilities;
  /** Set while only its place is here, and what filters and counts need: quote, comments, proposal and abilities come when it is read. */
  brief?: Said;
}
/** What a thread says without its comments being here. */
export interface Said {
  /** The person who looks wrote in it; wrote in it after its first comment; their agency did; they are named. */
  mine: boolean;
  answered: boolean;
  ours: boolean;
  named: boolean;
  /** The wording it proposes is open. */
  proposing: boolean;
  replies: number;
  /** All who wrote in it. */
  authors: readonly Author[];
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
interface Brief {
  id: string;
  by: number;
  kind: ThreadKind;
  state: Thread["state"];
  from: number;
  to: number;
  created_at: string;
  replies: number;
  said?: number[];
  blocking?: boolean;
  orphaned?: boolean;
  inside?: boolean;
  hidden?: boolean;
  proposing?: boolean;
  resolved_by?: string;
  mine?: boolean;
  answered?: boolean;
  ours?: boolean;
  named?: boolean;
}
interface Answer extends Listed {
  version: number;
  briefs: Brief[];
  authors: Author[];
}
/** More threads than this come briefly at first. */
const whole = 200;
/** So many are asked for at a time. */
const some = 100;
/** After the first time only what changed is asked for; stamp is what rights rest on, and with another one all is asked for again. */
export const threadsQuery = (draft: string, stamp: string) =>
  queryOptions({
    queryKey: [...threadsKey(draft), stamp],
    queryFn: async ({ signal, client, queryKey }): Promise<Listed> => {
      const had = client.getQueryData<Listed>(queryKey);
      const got = await api.get<Answer>(`/drafts/${draft}/threads?${had ? `since=${had.at}` : `brief=${whole}`}`, signal);
      // What was read meanwhile is in the list by now.
      return had ? merged(client.getQueryData<Listed>(queryKey) ?? had, got) : opened(got);
    },
    placeholderData: keepPreviousData,
  });

function opened(a: Answer): Listed {
  if (a.briefs.length === 0) return a;
  const items = a.briefs.map((b): Thread => {
    const author = a.authors[b.by]!;
    return {
      id: b.id, state: b.state, kind: b.kind, blocking: !!b.blocking, from: b.from, to: b.to, version: a.version, quote: "", orphaned: !!b.orphaned, author, created_at: b.created_at, comments: null,
      outcome: null, outcome_note: null, resolved_by: b.resolved_by ? { id: b.resolved_by, name: { ar: "", en: "" } } : null, audience: b.inside ? "agency" : "network", hidden: !!b.hidden, proposal: null, abilities: {},
      brief: { mine: !!b.mine, answered: !!b.answered, ours: !!b.ours, named: !!b.named, proposing: !!b.proposing, replies: b.replies, authors: [author, ...(b.said ?? []).map((i) => a.authors[i]!)] },
    };
  });
  return { ...a, items };
}

/** Reads threads that are here briefly, or whose text changed; what cannot be seen any longer leaves the list, and what is newer here stays. */
export async function readThreads(client: QueryClient, draft: string, stamp: string, ids: readonly string[]): Promise<void> {
  for (let i = 0; i < ids.length; i += some) {
    const part = ids.slice(i, i + some);
    const got = await api.get<Answer>(`/drafts/${draft}/threads?ids=${part.join(",")}`);
    const read = new Map(got.items.map((t) => [t.id, t]));
    const asked = new Set(part);
    const newer = (t: Thread) => !t.brief && (t.updated_at ?? "") > (read.get(t.id)?.updated_at ?? t.updated_at ?? "");
    client.setQueryData<Listed>([...threadsKey(draft), stamp], (had) => had && { ...had, items: had.items.flatMap((t) => (asked.has(t.id) && !newer(t) ? (read.get(t.id) ?? []) : t)) });
  }
}

/** Who wrote in a thread. */
export function authorsOf(t: Thread): readonly Author[] {
  return t.brief ? t.brief.authors : [t.author, ...(t.comments ?? []).map((c) => c.author)];
}

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
