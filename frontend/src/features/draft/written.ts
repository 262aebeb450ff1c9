/** What was written on this page and is not at the hub yet; a step of the edition does not go past it. */
import { createContext } from "react";
import { ApiFault } from "../../api/client";
import type { Session } from "./session";

/** The living text of the page; null where there is none. */
export const Written = createContext<Session | null>(null);

/** Resolves once all that was written here is at the hub; rejects with the fault "client.unsent" where that cannot be now. */
export async function arrived(session: Session | null): Promise<void> {
  if (!session || session.status.pending === 0) return;
  const unsent = new ApiFault(0, "client.unsent", { ar: "", en: "" });
  if (!session.status.online || session.status.problem) throw unsent;
  await session.settled().catch(() => {
    throw unsent;
  });
}
