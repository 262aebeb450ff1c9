import { queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
import { paged } from "../../api/pages";
import type { Ballot, Bi, Choice, Page } from "../../api/types";
import type { NarrowSearch } from "../narrow/search";

interface BallotFilter {
  /** One or several with commas, "" all. */
  state: string;
  /** The next to close first, or the last that closed. */
  order: "closing" | "closed";
  by?: NarrowSearch;
}
const params = (f: BallotFilter) => ({ state: f.state, order: f.order, ...f.by });
/** Ballots page by page. */
export const ballotsQuery = (f: BallotFilter) => paged<Page<Ballot>>(["ballots", f], "/ballots", { ...params(f), limit: 100 });
/** The first few, and how many there are of them. */
export const firstBallotsQuery = (f: BallotFilter, limit: number) =>
  queryOptions({
    queryKey: ["ballots", "first", f, limit],
    queryFn: ({ signal }) => api.get<Page<Ballot>>(`/ballots${query({ ...params(f), limit })}`, signal),
  });
export const ballotKey = (id: string) => ["ballot", id] as const;
export const ballotQuery = (id: string) =>
  queryOptions({ queryKey: ballotKey(id), queryFn: ({ signal }) => api.get<Ballot>(`/ballots/${id}`, signal) });

/** The positions of some agencies only, on the same ballot. */
export const positionsQuery = (id: string, by: NarrowSearch) =>
  queryOptions({ queryKey: [...ballotKey(id), "positions", by], queryFn: ({ signal }) => api.get<Ballot>(`/ballots/${id}${query({ ...by })}`, signal) });

export interface NewBallot {
  question: Bi;
  threshold: string;
  quorum: number;
  reason_required: string;
  early_close: boolean;
  closes_at: string;
  min_open_hours?: number;
}
/** path is that of the practice or the edition voted on. */
export const proposeBallot = (path: string, body: NewBallot) => api.post<Ballot>(`${path}/ballots`, body);
export const castVote = (id: string, body: { choice: Choice; reason: string; revision_hash: string }) =>
  api.post<Ballot>(`/ballots/${id}/votes`, body);
export type BallotAct = "open" | "close" | "cancel" | "extend" | "certify" | "rounds";
export const actOnBallot = (id: string, act: BallotAct, body: Record<string, unknown> = {}) => api.post<Ballot>(`/ballots/${id}/${act}`, body);
export const certificateUrl = (id: string) => `/api/v1/ballots/${id}/certificate`;
