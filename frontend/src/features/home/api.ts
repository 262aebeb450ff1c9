import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { Desk } from "../../api/types";

export const deskKey = ["desk"] as const;

/** What needs the reader, the reader's agency, and what the reader follows. */
export const deskQuery = queryOptions({
  queryKey: deskKey,
  queryFn: ({ signal }) => api.get<Desk>("/desk", signal),
});
