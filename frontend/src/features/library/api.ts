import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client";
import { paged } from "../../api/pages";
import type { LibraryAnswer } from "../../api/types";
import type { NarrowSearch } from "../narrow/search";

export interface LibraryFilter {
  q?: string;
  agency?: string;
  lang?: string;
  by?: NarrowSearch;
  /** The words as typed, and no other forms of them. */
  exact?: boolean;
}

/** Published guides page by page. */
export const libraryQuery = (f: LibraryFilter) =>
  paged<LibraryAnswer>(["library", f], "/library", { q: f.q, agency: f.agency, lang: f.lang, exact: f.exact ? "1" : undefined, ...f.by }, "after");

/** The first page, for the pulse of the network. */
export const latestQuery = queryOptions({
  queryKey: ["library", "latest"],
  queryFn: ({ signal }) => api.get<LibraryAnswer>("/library", signal),
});
