import { useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { sessionKey } from "../../api/session";
import type { Prefs, Session } from "../../api/types";
import { usePrefs } from "../../locales/prefs";

/** Saves preferences here at once and with the person in the background. */
export function useSavePrefs(): (next: Partial<Prefs>) => void {
  const { prefs, setPrefs } = usePrefs();
  const client = useQueryClient();
  return (next) => {
    setPrefs(next);
    const all = { ...prefs, ...next };
    const session = client.getQueryData<Session>(sessionKey);
    if (!session?.person) return;
    client.setQueryData<Session>(sessionKey, { ...session, person: { ...session.person, prefs: all } });
    api.patch("/me", { prefs: all }).catch(() => {
      // The device keeps the choice; the next change sends it again.
    });
  };
}
