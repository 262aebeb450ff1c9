import { queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
import type { AgencyRef, Bi, Locale, Narrowing } from "../../api/types";
import type { NarrowSearch } from "../narrow/search";

export type TermState = "proposed" | "approved" | "rejected" | "retired";
export interface Discouraged {
  lang: Locale;
  text: string;
}
export interface TermInput {
  words: Bi;
  definition: Bi;
  discouraged: Discouraged[];
}
export interface Term extends TermInput {
  id: string;
  state: TermState;
  agency: AgencyRef | null;
  own: boolean;
  note: string;
  edition: number;
  version: number;
  updated_at: string;
  next: TermState[];
}
export interface Glossary {
  items: Term[];
  edition: number;
  abilities: Record<string, boolean>;
  narrowing?: Narrowing;
}

export const termsKey = ["terms"] as const;
export const termsQuery = (state: TermState | "") =>
  queryOptions({
    queryKey: [...termsKey, state],
    queryFn: ({ signal }) => api.get<Glossary>(`/terms${query({ state: state || undefined })}`, signal),
    staleTime: 300_000,
  });
/** Terms of some states, with commas, as words and a narrowing leave them. */
export const glossaryQuery = (state: string, q: string, by: NarrowSearch) =>
  queryOptions({
    queryKey: [...termsKey, state, q, by],
    queryFn: ({ signal }) => api.get<Glossary>(`/terms${query({ state, q, ...by })}`, signal),
  });
export const proposeTerm = (body: TermInput) => api.post<Term>("/terms", body);
export const changeTerm = (t: Term, body: TermInput) => api.patch<Term>(`/terms/${t.id}`, { ...body, version: t.version });
export const moveTerm = (t: Term, to: TermState, note: string) => api.post<Term>(`/terms/${t.id}/state`, { version: t.version, to, note });
