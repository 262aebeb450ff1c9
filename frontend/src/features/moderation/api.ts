import { api } from "../../api/client";
import { paged } from "../../api/pages";
import type { ModerationItem, ModerationLogRow, Page } from "../../api/types";
import type { NarrowSearch } from "../narrow/search";

/** All that waits, what the reader works on, what nobody does; or what a decision hid, which is restored from there. */
export type QueueScope = "all" | "mine" | "free" | "hidden";
export interface QueuePage extends Page<ModerationItem> {
  /** When the first of the whole list's cases came. */
  oldest: string | null;
}
export const queueQuery = (scope: QueueScope, by: NarrowSearch) =>
  paged<QueuePage>(["moderation", "queue", scope, by], "/moderation/queue",
    { ...(scope === "hidden" ? { state: "upheld", hidden: true } : { claim: scope === "all" ? undefined : scope }), ...by, limit: 50 });
/** What moderation did. Only moderators narrow it. */
export const logQuery = (by: NarrowSearch) => paged<Page<ModerationLogRow>>(["moderation", "log", by], "/moderation/log", { ...by }, "after");
export const claim = (id: string, version: number) => api.post<ModerationItem>(`/moderation/${id}/claim`, { version });
export type Verdict = "keep" | "hide" | "restore" | "ignore";
export const decide = (id: string, action: Verdict, reason: string, version: number) =>
  api.post<ModerationItem>(`/moderation/${id}/decide`, { action, reason, version });
export const flag = (object: string, reason: string, text: string) => api.post<{ id: string; hidden: boolean }>("/flags", { object, reason, text });
