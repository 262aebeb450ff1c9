import { queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
import type { ModerationItem, ModerationLogRow, Page } from "../../api/types";
import type { NarrowSearch } from "../narrow/search";

/** Cases that wait, or what a decision hid. */
export const casesQuery = (list: "queue" | "hidden", by: NarrowSearch = {}) =>
  queryOptions({
    queryKey: ["moderation", list, by] as const,
    queryFn: ({ signal }) => api.get<Page<ModerationItem>>(`/moderation/queue${query({ state: list === "hidden" ? "upheld" : undefined, ...by })}`, signal),
  });
export const queueQuery = casesQuery("queue");
export const logQuery = queryOptions({
  queryKey: ["moderation", "log"],
  queryFn: ({ signal }) => api.get<Page<ModerationLogRow>>("/moderation/log", signal),
});
export const claim = (id: string, version: number) => api.post<ModerationItem>(`/moderation/${id}/claim`, { version });
export type Verdict = "keep" | "hide" | "restore" | "ignore";
export const decide = (id: string, action: Verdict, reason: string, version: number) =>
  api.post<ModerationItem>(`/moderation/${id}/decide`, { action, reason, version });
export const flag = (object: string, reason: string, text: string) => api.post<{ id: string; hidden: boolean }>("/flags", { object, reason, text });
