import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
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
  infiniteQueryOptions({
    queryKey: ["library", f],
    queryFn: ({ signal, pageParam }) => api.get<LibraryAnswer>(`/library${query({ q: f.q, agency: f.agency, lang: f.lang, exact: f.exact ? "1" : undefined, ...f.by, after: pageParam })}`, signal),
    initialPageParam: "",
    getNextPageParam: (last: LibraryAnswer) => last.next || undefined,
  });

/** The first page, for the pulse of the network. */
export const latestQuery = queryOptions({
  queryKey: ["library", "latest"],
  queryFn: ({ signal }) => api.get<LibraryAnswer>("/library", signal),
});
