import { queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
import type { Ballot, Bi, Choice, Page } from "../../api/types";
import type { NarrowSearch } from "../narrow/search";

/** state is one or several with commas, "" all. */
export const ballotsKey = (state: string) => ["ballots", state] as const;
export const ballotsQuery = (state: string, by: NarrowSearch = {}) =>
  queryOptions({
    queryKey: [...ballotsKey(state), by],
    queryFn: ({ signal }) => api.get<Page<Ballot>>(`/ballots${query({ state, ...by, limit: 200 })}`, signal),
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
