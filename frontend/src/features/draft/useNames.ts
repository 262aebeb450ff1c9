/** Who can be mentioned beside a text. */
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { api, query } from "../../api/client";
import { useHasRole, useSession } from "../../api/session";
import type { AgencyDetail, AgencyRef, Edition, Page, PersonRef } from "../../api/types";
import { useLocale } from "../../locales/prefs";
import { mentionables } from "./Composer";
import { authorsOf, type Thread } from "./threads";

interface Sought {
  person: PersonRef;
  agency: AgencyRef;
}

/** Those most often spoken to, and a way to find the others. */
export function useNames(edition: Edition, enabled: boolean, threads: readonly Thread[], peers: readonly { person: PersonRef; agency: Pick<AgencyRef, "short"> | null }[]) {
  const locale = useLocale();
  const own = useSession()?.agency?.id;
  const knows = useHasRole()("SA", "MO", "AL", "RP", "RD") && enabled; // who sits for an agency is not for experts and partners
  const seated = useSeated([edition.guideline.agency?.id, own], knows);
  const { found, seek } = useSought(edition.draft_id, knows);
  const names = useMemo(() => mentionables([...seated, ...threads.flatMap(authorsOf), ...peers, ...found], locale), [threads, peers, seated, found, locale]);
  return { names, seek };
}

// Who holds a seat of the agencies that are most often spoken to here: the lead agency and one's own.
function useSeated(ids: (string | undefined)[], enabled: boolean): { person: PersonRef; agency: AgencyRef }[] {
  const wanted = [...new Set(ids.filter((x): x is string => !!x))];
  return useQueries({
    queries: wanted.map((id) => ({ queryKey: ["agency", id], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<AgencyDetail>(`/agencies/${id}`, signal), staleTime: 300_000, enabled })),
    combine: seatsOf,
  });
}
const seatsOf = (all: { data?: AgencyDetail }[]) => all.flatMap(({ data }) => (data?.seats ?? []).filter((s) => !s.until && s.person).map((s) => ({ person: s.person, agency: data as AgencyRef })));

// Anybody else who reads the text is looked for as a name is begun; who was found once stays among the names.
function useSought(draft: string, enabled: boolean) {
  const queries = useQueryClient();
  const [found, setFound] = useState<readonly Sought[]>([]);
  const last = useRef("");
  const seek = useCallback((words: string) => {
    last.current = words;
    if (enabled) setTimeout(() => {
      if (last.current !== words) return; // typed on
      queries
        .fetchQuery({ queryKey: ["draft", draft, "people", words], queryFn: ({ signal }) => api.get<Page<Sought>>(`/drafts/${draft}/people${query({ q: words })}`, signal), staleTime: 60_000 })
        .then(({ items }) => setFound((old) => [...old, ...items.filter((x) => !old.some((o) => o.person.id === x.person.id))]), () => {}); // the names that are here stay
    }, 150);
  }, [queries, draft, enabled]);
  return { found, seek };
}
