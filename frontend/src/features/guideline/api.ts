import { queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
import { paged, whole } from "../../api/pages";
import type { AgencyRef, Bi, Edition, Guideline, GuidelineItem, Locale, Page, Visibility } from "../../api/types";
import type { NarrowSearch } from "../narrow/search";

export interface GuidelineFilter {
  q?: string;
  mine?: boolean;
  /** Those with an edition in work. */
  work?: boolean;
  by?: NarrowSearch;
}
export const guidelinesKey = ["guidelines"] as const;
export const guidelinesQuery = (f: GuidelineFilter) =>
  paged<Page<GuidelineItem>>([...guidelinesKey, f], "/guidelines", { q: f.q, mine: f.mine || undefined, state: f.work ? "in_work" : undefined, ...f.by, limit: 100 }, "after");

export const guidelineKey = (id: string) => ["guideline", id] as const;
export const guidelineQuery = (id: string) =>
  queryOptions({ queryKey: guidelineKey(id), queryFn: ({ signal }) => api.get<Guideline>(`/guidelines/${id}`, signal) });
export const editionKey = (id: string) => ["edition", id] as const;
/** A consultation ends by the clock and nobody tells of it, so the hub is asked then; again where this clock is ahead of the hub's. */
export const editionQuery = (id: string) =>
  queryOptions({
    queryKey: editionKey(id),
    queryFn: ({ signal }) => api.get<Edition>(`/editions/${id}`, signal),
    refetchInterval: ({ state: { data: e } }) => (e?.closes_at && e.gates?.some((g) => g.code === "consultation_over" && !g.met) ? untilEnd(Date.parse(e.closes_at) - Date.now()) : false),
  });
/** How long to wait for an end that is so many ms ahead: a little more; past it, a while; and no longer than a timer can. */
const untilEnd = (ms: number) => (ms > 0 ? Math.min(ms + 500, 6 * 3600_000) : 10_000);

export interface NewGuideline {
  title: Bi;
  summary: string;
  language: Locale;
  kind: "agency" | "network";
  workspace_id: string;
  template: string;
  text?: string;
}
export const createGuideline = (body: NewGuideline) => api.post<Edition>("/guidelines", body);
/** An English guideline that renders an Arabic one; what is left out follows the original, its text too. */
export const createTranslation = (translates: string, title: Bi, summary: string) => api.post<Edition>("/guidelines", { translates, title, summary, language: "en" });
/** Says which Arabic guideline another one renders, "" for none, and from which edition of it the one in force was made. */
export const linkTranslation = (gid: string, translates: string, made_from: string) => api.patch<Guideline>(`/guidelines/${gid}`, { translates, ...(made_from ? { made_from } : {}) });
/** Arabic guidelines of an agency, which may be originals. */
export const originalsQuery = (agency: string) =>
  queryOptions({
    queryKey: [...guidelinesKey, "originals", agency],
    queryFn: ({ signal }) => whole<GuidelineItem>("/guidelines", { agency, lang: "ar", limit: 100 }, "after", signal),
  });
export const newEdition = (gid: string) => api.post<Edition>(`/guidelines/${gid}/editions`, {});

export interface Sight {
  gains: AgencyRef[] | null;
  loses: AgencyRef[] | null;
  /** Everybody outside the network. */
  public_gains: boolean;
  public_loses: boolean;
}
export const sightQuery = (gid: string, to: Visibility, agencies: string[]) =>
  queryOptions({
    queryKey: ["sight", gid, to, agencies.join(",")],
    queryFn: ({ signal }) => api.get<Sight>(`/guidelines/${gid}/visibility${query({ to, agencies: agencies.join(",") })}`, signal),
    staleTime: 0,
  });
export const setVisibility = (gid: string, to: Visibility, agencies: string[]) => api.put<Sight>(`/guidelines/${gid}/visibility`, { to, agencies });
