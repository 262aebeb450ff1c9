/** The comment threads of a draft, live, with their places kept on the text of the editor. */
import type { EditorView } from "@codemirror/view";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTopic } from "../../live/socket";
import { type Anchor, anchors as anchorField, setAnchors } from "./editor/anchors";
import type { Filter } from "./Rail";
import type { Session } from "./session";
import { insideTopic, type Thread, threadsKey, threadsQuery, threadsTopic } from "./threads";

const none: Thread[] = [];

export function useThreads(draft: string | undefined, session: Session | undefined, view: EditorView | null, me: { person?: string; agency?: string }, stamp: string) {
  const query = useQuery({ ...threadsQuery(draft ?? "", stamp), enabled: !!draft });
  useTopic(draft ? threadsTopic(draft) : null, threadsKey(draft ?? ""));
  useTopic(draft && me.agency ? insideTopic(draft, me.agency) : null, threadsKey(draft ?? ""));
  useTopic(draft ? `draft/${draft}/suggestions` : null, threadsKey(draft ?? ""));
  const all = query.data?.items ?? none;
  const [waiting, setWaiting] = useState(false);
  const known = useRef(new Map<string, string>());

  // Whose comment has come is not writing it any more.
  const counted = useRef(new Set<string>());
  useEffect(() => {
    if (!session) return;
    for (const c of all.flatMap((t) => t.comments ?? [])) {
      if (counted.current.has(c.id)) continue;
      counted.current.add(c.id);
      session.typists.done(c.author.person.id);
    }
  }, [all, session]);

  // A thread may name a version whose updates are still on their way; it is placed when they arrive.
  const [arrival, setArrival] = useState(-1);
  useEffect(() => {
    if (!waiting || !session) return;
    return session.subscribe(() => setArrival(session.status.version));
  }, [waiting, session]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: arrival is the reason to try again.
  useEffect(() => {
    if (!view || !session) return;
    const here = new Map(view.state.field(anchorField).list.map((a) => [a.id, a]));
    const next: Anchor[] = [];
    let early = false;
    for (const t of all) {
      if (t.orphaned) continue;
      const look = { id: t.id, open: t.state === "open", blocking: t.blocking };
      const stamp = `${t.version} ${t.from} ${t.to}`;
      const old = here.get(t.id);
      const at = session.locate(t.version, t.from, t.to);
      if (!at) {
        early = true;
        if (old) next.push({ ...old, ...look });
        continue;
      }
      // What the editor moved by itself is as good as what the hub says of the same place, and never behind.
      if (old && known.current.get(t.id) === stamp) next.push({ ...old, ...look });
      else next.push({ ...look, ...at });
      known.current.set(t.id, stamp);
    }
    setWaiting(early);
    view.dispatch({ effects: setAnchors.of(next) });
  }, [all, view, session, arrival]);

  return useMemo(() => {
    const by: Record<Filter, Thread[]> = { open: [], mine: [], resolved: [] };
    for (const t of all) {
      if (t.state === "resolved") {
        by.resolved.push(t);
        continue;
      }
      by.open.push(t);
      const ours = (a: Thread["author"]) => !!me.agency && a.agency?.id === me.agency;
      const named = (t.comments ?? []).some((c) => (c.mentions ?? []).some((m) => m.id === me.person));
      if (ours(t.author) || named || (t.comments ?? []).some((c) => ours(c.author))) by.mine.push(t);
    }
    return { all, by, error: query.error };
  }, [all, me.agency, me.person, query.error]);
}
