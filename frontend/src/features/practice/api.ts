import { queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
import type { Bi, Evidence, Page, Practice } from "../../api/types";
import type { NarrowSearch } from "../narrow/search";

export const practicesKey = ["practices"] as const;
export const practicesQuery = queryOptions({
  queryKey: practicesKey,
  queryFn: ({ signal }) => api.get<Page<Practice>>(`/practices${query({ limit: 200 })}`, signal),
});
/** Practices of one agency, or "" all, as far as a narrowing keeps them. */
export const practicesByQuery = (agency: string, by: NarrowSearch) =>
  queryOptions({
    queryKey: [...practicesKey, agency, by],
    queryFn: ({ signal }) => api.get<Page<Practice>>(`/practices${query({ agency, ...by, limit: 200 })}`, signal),
  });
export const practiceKey = (id: string) => ["practice", id] as const;
export const practiceQuery = (id: string) =>
  queryOptions({ queryKey: practiceKey(id), queryFn: ({ signal }) => api.get<Practice>(`/practices/${id}`, signal) });

export interface PracticeInput {
  title: Bi;
  problem: string;
  context: string;
  evidence: Evidence[];
  cost: string;
  contacts: string;
  axis?: string;
}
export const nominate = (body: PracticeInput) => api.post<Practice>("/practices", body);
export const amend = (id: string, body: Partial<PracticeInput> & { base?: string }) => api.patch<Practice>(`/practices/${id}`, body);
export const shareWith = (id: string, people: string[]) => api.put<Practice>(`/practices/${id}/partners`, { people });
export const moveStage = (id: string, to: string, reason: string, into = "") =>
  api.post<Practice>(`/practices/${id}/stage`, { to, reason, ...(into ? { into } : {}) });
