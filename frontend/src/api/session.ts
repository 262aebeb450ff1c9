/** Who is signed in here, with which seat and rights. Read by every feature, so it lives beside the client. */
import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { live } from "../live/socket";
import { setZone } from "../locales/zone";
import { api } from "./client";
import { forgetKept } from "./kept";
import type { AgencyRef, Role, Session } from "./types";

export const sessionKey = ["session"] as const;

export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: async ({ signal }) => {
    const session = await api.get<Session>("/session", signal);
    setZone(session.network.time_zone);
    return session;
  },
  staleTime: 60_000,
});

/** The session; undefined while it is first read. */
export function useSession(): Session | undefined {
  return useQuery(sessionQuery).data;
}

/** Whether an agency is the reader's own. */
export function useIsMine(): (agency: AgencyRef | string | null | undefined) => boolean {
  const mine = useSession()?.agency?.id;
  return (a) => !!a && !!mine && (typeof a === "string" ? a : a.id) === mine;
}

/** Whether the reader holds a role. */
export function useHasRole(): (...roles: Role[]) => boolean {
  const held = useSession()?.roles;
  return (...roles) => roles.some((r) => held?.includes(r));
}

/** A partner without a seat: of what is in work they see what was shared with them by name, and no ballots. */
export function useIsGuest(): boolean {
  const hasRole = useHasRole();
  const session = useSession();
  return hasRole("PO") && !session?.seat && !hasRole("SA", "MO", "AL", "RP", "EX", "RD");
}

/** Somebody who holds no seat and no role any more: what is published is theirs to read, as it is everybody's. */
export function useIsOutside(): boolean {
  const session = useSession();
  return !!session?.person && !session.seat && session.roles.length === 0;
}

/** Puts a session just opened in place; everything read as somebody else is forgotten. */
export function enter(client: QueryClient, session: Session): void {
  live.stop();
  client.clear();
  setZone(session.network.time_zone);
  client.setQueryData(sessionKey, session);
}

/** Signs out; the caller then goes to the sign-in page. */
export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await api.del("/session");
    live.stop();
    forgetKept();
    client.clear();
  };
}
