import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
import type { LibraryItem, Page } from "../../api/types";

export interface LibraryFilter {
  q?: string;
  agency?: string;
  lang?: string;
}
type LibraryPageData = Page<LibraryItem>;

/** Published guides page by page. */
export const libraryQuery = (f: LibraryFilter) =>
  infiniteQueryOptions({
    queryKey: ["library", f.q ?? "", f.agency ?? "", f.lang ?? ""],
    queryFn: ({ signal, pageParam }) => api.get<LibraryPageData>(`/library${query({ ...f, after: pageParam })}`, signal),
    initialPageParam: "",
    getNextPageParam: (last: LibraryPageData) => last.next || undefined,
  });

/** The first page, for the pulse of the network. */
export const latestQuery = queryOptions({
  queryKey: ["library", "latest"],
  queryFn: ({ signal }) => api.get<LibraryPageData>("/library", signal),
});
