/** Sections of a draft that are given to one agency: their shape, and the calls that read and change them. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { Abilities, AgencyRef, PersonRef } from "../../api/types";

export interface Section {
  id: string;
  heading: string;
  level: number;
  /** Beginning of the heading's line in the text of `version`, UTF-16 units. */
  from: number;
  to: number;
  version: number;
  lost: boolean;
  agency: AgencyRef;
  due_at: string | null;
  note: string;
  by: PersonRef;
  created_at: string;
  done_at: string | null;
  done_by: PersonRef | null;
  abilities: Abilities;
}
/** Whether its day has gone by and it is not finished. */
export const overdue = (s: Section, now = Date.now()): boolean => s.due_at !== null && s.done_at === null && Date.parse(s.due_at) < now;
export interface Sections {
  items: Section[];
  version: number;
  abilities: Abilities;
}
export interface SectionTerms {
  agency: string;
  due_at: string | null;
  note: string;
}

export const sectionsKey = (draft: string) => ["draft", draft, "sections"] as const;
export const sectionsTopic = (draft: string) => `draft/${draft}/sections`;
export const sectionsQuery = (draft: string) =>
  queryOptions({ queryKey: sectionsKey(draft), queryFn: ({ signal }) => api.get<Sections>(`/drafts/${draft}/sections`, signal) });
export const assignSection = (draft: string, version: number, from: number, terms: SectionTerms) => api.post<Section>(`/drafts/${draft}/sections`, { version, from, ...terms });
export const changeSection = (id: string, terms: SectionTerms) => api.patch<Section>(`/sections/${id}`, terms);
export const finishSection = (id: string, done: boolean) => api.post<Section>(`/sections/${id}/done`, { done });
export const releaseSection = (id: string) => api.del<Section>(`/sections/${id}`);
