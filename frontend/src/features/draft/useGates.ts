/** What the next step of an edition needs is the hub's to say. It says other things as its text is written and as blocking comments come or are settled. */
import { useEffect, useRef } from "react";
import { useQueryClient } from "@tanstack/react-query";
import type { Edition } from "../../api/types";
import type { Session } from "./session";
import { editionKey } from "../guideline/api";

/** After a text was changed and is at the hub, ms: asked once it rests, and while it does not, no later than that. */
const rest = { open: 800, met: 3_000 };
const latest = { open: 4_000, met: 20_000 };

export function useGates(edition: Edition, session: Session | undefined, threads: { open: number; blocking: number }): void {
  const queries = useQueryClient();
  const { id, gates } = edition;
  const { open, blocking } = threads;
  // An answer to a question is any comment, and handled when it is settled.
  const waited = gates?.some((g) => g.code === "answers_handled") ? open : blocking;
  const counted = useRef(waited);
  useEffect(() => {
    if (counted.current === waited) return;
    counted.current = waited;
    if (gates?.find((g) => g.code === "blocking_threads")?.count === waited) return; // as when the page opens
    void queries.invalidateQueries({ queryKey: editionKey(id) });
  }, [waited, queries, id, gates]);

  // Who still has sections to write waits for it; who has them all seldom takes one out.
  const sections = gates?.find((g) => g.code === "sections");
  const pace = !sections ? null : sections.met ? "met" : "open";
  useEffect(() => {
    if (!session || !pace) return;
    let seen = session.status.version;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let since = 0;
    const ask = () => {
      since = 0;
      void queries.invalidateQueries({ queryKey: editionKey(id) });
    };
    const stop = session.subscribe(() => {
      const { version, pending } = session.status;
      if (version === seen || pending > 0) return;
      seen = version;
      const now = performance.now();
      since ||= now;
      clearTimeout(timer);
      timer = setTimeout(ask, Math.max(0, Math.min(rest[pace], since + latest[pace] - now)));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [session, pace, queries, id]);
}
