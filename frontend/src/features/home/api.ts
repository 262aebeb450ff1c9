import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { Desk } from "../../api/types";

export const deskKey = ["desk"] as const;

/** How much the agencies took part: twelve weeks, the last ends now; agencies active within four. */
export const pulseQuery = queryOptions({
  queryKey: ["pulse"],
  queryFn: ({ signal }) => api.get<{ weeks: number[]; active: number }>("/pulse", signal),
  staleTime: 60_000,
});

/** What needs the reader, the reader's agency, and what the reader follows. */
export const deskQuery = queryOptions({
  queryKey: deskKey,
  queryFn: ({ signal }) => api.get<Desk>("/desk", signal),
});
