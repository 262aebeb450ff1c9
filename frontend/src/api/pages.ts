import { infiniteQueryOptions, type QueryKey } from "@tanstack/react-query";
import { api, query } from "./client";
import type { Page } from "./types";

type Params = Record<string, string | number | boolean | undefined | null>;

/** A list that is read page by page; `cursor` is the parameter that says where a page begins. */
export const paged = <P extends Page<unknown>>(queryKey: QueryKey, path: string, params: Params, cursor = "cursor") =>
  infiniteQueryOptions({
    queryKey,
    queryFn: ({ signal, pageParam }) => api.get<P>(`${path}${query({ ...params, [cursor]: pageParam })}`, signal),
    initialPageParam: "",
    getNextPageParam: (last: P) => last.next || undefined,
  });

/** All of a list, for choosing one of it. */
export async function whole<T>(path: string, params: Params, cursor: string, signal?: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  for (let at: string | undefined = ""; at !== undefined; ) {
    const page: Page<T> = await api.get<Page<T>>(`${path}${query({ ...params, [cursor]: at })}`, signal);
    all.push(...page.items);
    at = page.next || undefined;
  }
  return all;
}
