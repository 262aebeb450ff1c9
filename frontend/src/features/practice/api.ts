import { queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
import { paged, whole } from "../../api/pages";
import type { Bi, Evidence, Page, Practice } from "../../api/types";
import type { NarrowSearch } from "../narrow/search";

export const practicesKey = ["practices"] as const;
export interface PracticePageOf extends Page<Practice> {
  /** How many the whole list has at each stage. */
  stages: Record<string, number>;
}
interface PracticeFilter {
  agency?: string;
  stage?: string;
  by?: NarrowSearch;
}
/** Practices page by page. */
export const practicesQuery = (f: PracticeFilter) =>
  paged<PracticePageOf>([...practicesKey, f], "/practices", { agency: f.agency, stage: f.stage, ...f.by, limit: 100 });
/** The newest few, and how many there are. */
export const firstPracticesQuery = (f: PracticeFilter, limit: number) =>
  queryOptions({
    queryKey: [...practicesKey, "first", f, limit],
    queryFn: ({ signal }) => api.get<PracticePageOf>(`/practices${query({ agency: f.agency, stage: f.stage, ...f.by, limit })}`, signal),
  });
/** Every practice, to choose one of them. */
export const allPracticesQuery = queryOptions({
  queryKey: [...practicesKey, "all"],
  queryFn: ({ signal }) => whole<Practice>("/practices", { limit: 200 }, "cursor", signal),
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
