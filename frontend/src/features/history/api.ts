import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
import type { Abilities, AgencyRef, PersonRef } from "../../api/types";
import { unpadded } from "./rows";

/** Who wrote: a person acting for an agency, under the number that counts, spans and parts name. 0 is nobody: what the draft began with. */
export interface Writer {
  by: number;
  person: PersonRef;
  agency: AgencyRef | null;
}
export interface Count {
  by: number;
  updates: number;
  inserted: number;
  deleted: number;
}
export interface Bucket {
  from: number;
  to: number;
  at: string;
  until: string;
  counts: Count[];
}
export type RevisionKind = "began" | "step" | "named" | "before_restore" | "restored";
export interface Revision {
  id: string;
  version: number;
  kind: RevisionKind;
  name: string;
  step: string;
  origin: { edition_id: string; number: string; published_at: string } | null;
  restored: number;
  person: PersonRef | null;
  agency: AgencyRef | null;
  at: string;
  /** Of named ones. */
  abilities?: Abilities | null;
}
export interface Timeline {
  draft_id: string;
  edition_id: string;
  head: number;
  created_at: string;
  buckets: Bucket[];
  writers: Writer[];
  revisions: Revision[];
  abilities: Abilities;
}
/** UTF-16 units, writer, seconds since 1970. */
export type Span = [number, number, number];
export interface Share {
  by: number;
  words: number;
}
export interface Section {
  title: string;
  level: number;
  from: number;
  shares: Share[];
}
export interface Version {
  version: number;
  at: string;
  sections: Section[];
  writers: Writer[];
}
export interface Window {
  from: number;
  to: number;
  at: string;
  text: string;
  spans: Span[];
  updates: string;
  times: number[];
  clients: [number, number][];
  writers: Writer[];
}
export interface Part {
  op: "=" | "+" | "-";
  text: string;
  by: number;
}
export type BlockKind = "same" | "changed" | "inserted" | "deleted" | "moved_away" | "moved";
export interface Block {
  kind: BlockKind;
  old: [number, number];
  new: [number, number];
  other: number;
  parts: Part[];
  by: { by: number; at: string }[];
}
export interface Change {
  by: number;
  added: number;
  removed: number;
}
export interface Diff {
  from: number;
  to: number;
  from_at: string;
  to_at: string;
  blocks: Block[];
  changes: Change[];
  writers: Writer[];
}

export const timelineKey = (draft: string) => ["draft", draft, "history"] as const;
/** Others may be writing: the head is looked at now and then. */
export const timelineQuery = (draft: string) =>
  queryOptions({ queryKey: timelineKey(draft), queryFn: ({ signal }) => api.get<Timeline>(`/drafts/${draft}/history`, signal), refetchInterval: 10_000 });
/** Two versions never differ otherwise than they do now. */
export const diffQuery = (draft: string, from: number, to: number) =>
  queryOptions({
    queryKey: ["draft", draft, "diff", from, to] as const,
    queryFn: async ({ signal }) => {
      const diff = await api.get<Diff>(`/drafts/${draft}/history/diff${query({ from, to })}`, signal);
      return { ...diff, blocks: unpadded(diff.blocks) };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });
export const versionQuery = (draft: string, version: number) =>
  queryOptions({
    queryKey: ["draft", draft, "version", version] as const,
    queryFn: ({ signal }) => api.get<Version>(`/drafts/${draft}/history/text${query({ version })}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });
export const fetchWindow = (draft: string, version: number, signal?: AbortSignal) =>
  api.get<Window>(`/drafts/${draft}/history/window${query({ version })}`, signal);

export const nameRevision = (draft: string, body: { version: number; name: string }) => api.post<Revision>(`/drafts/${draft}/revisions`, body);
export const renameRevision = (id: string, name: string) => api.patch<Revision>(`/revisions/${id}`, { name });
export const unnameRevision = (id: string) => api.del<unknown>(`/revisions/${id}`);
export const restoreVersion = (draft: string, version: number) => api.post<Revision>(`/drafts/${draft}/restore`, { version });
