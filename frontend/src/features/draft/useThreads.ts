/** The comment threads of a draft, live, with their places kept on the text of the editor. */
import type { EditorView } from "@codemirror/view";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTopic } from "../../live/socket";
import { type Anchor, anchors as anchorField, setAnchors } from "./editor/anchors";
import type { Filter } from "./Rail";
import type { Session } from "./session";
import { useEmptied } from "./useEmptied";
import { insideTopic, readThreads, type Thread, threadsKey, threadsQuery, threadsTopic } from "./threads";

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
      // What the editor moved by itself is as good as what the hub says of the same place, and never behind.
      if (old && known.current.get(t.id) === stamp) {
        next.push(old.open === look.open && old.blocking === look.blocking ? old : { ...old, ...look });
        continue;
      }
      const at = session.locate(t.version, t.from, t.to);
      if (!at) {
        early = true;
        if (old) next.push({ ...old, ...look });
        continue;
      }
      next.push({ ...look, ...at });
      known.current.set(t.id, stamp);
    }
    setWaiting(early);
    if (next.length !== here.size || next.some((a) => here.get(a.id) !== a)) view.dispatch({ effects: setAnchors.of(next) });
  }, [all, view, session, arrival]);

  // What comes into sight is asked for together, one question at a time; what has left it before its turn is not.
  const queries = useQueryClient();
  const wanted = useRef(new Map<string, number>());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const asking = useRef<object | null>(null); // the question that is on its way
  const ask = useRef(() => {});
  ask.current = () => {
    timer.current = null;
    const list = [...wanted.current.keys()];
    if (!draft || list.length === 0 || asking.current) return;
    const mine = {};
    asking.current = mine;
    const next = (wait: number) => {
      asking.current = null;
      if (wanted.current.size > 0) timer.current ??= setTimeout(() => ask.current(), wait);
    };
    readThreads(queries, draft, stamp, list).then(
      () => {
        if (asking.current !== mine) return; // of a list that is not shown any more
        for (const id of list) wanted.current.delete(id);
        next(150);
      },
      () => asking.current === mine && next(2_000), // the line may be down; it is tried again
    );
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another draft, or a list that was read anew, is what changed.
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
      asking.current = null;
      wanted.current.clear();
    },
    [draft, stamp],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: who asked of another draft or list asks again.
  const read = useCallback(
    (ids: readonly string[]) => {
      for (const id of ids) wanted.current.set(id, (wanted.current.get(id) ?? 0) + 1);
      if (ids.length > 0 && !asking.current) timer.current ??= setTimeout(() => ask.current(), 30);
      return () => {
        for (const id of ids) {
          const left = (wanted.current.get(id) ?? 0) - 1;
          if (left > 0) wanted.current.set(id, left);
          else wanted.current.delete(id);
        }
      };
    },
    [draft, stamp],
  );

  useEmptied(session, view, all, read);

  const threads = useMemo(() => {
    const by: Record<Filter, Thread[]> = { open: [], mine: [], resolved: [] };
    for (const t of all) {
      if (t.state === "resolved") {
        by.resolved.push(t);
        continue;
      }
      by.open.push(t);
      if (t.brief) {
        if (t.brief.ours || t.brief.named || (!!me.agency && t.author.agency?.id === me.agency)) by.mine.push(t);
        continue;
      }
      const ours = (a: Thread["author"]) => !!me.agency && a.agency?.id === me.agency;
      const named = (t.comments ?? []).some((c) => (c.mentions ?? []).some((m) => m.id === me.person));
      if (ours(t.author) || named || (t.comments ?? []).some((c) => ours(c.author))) by.mine.push(t);
    }
    return { all, by, error: query.error };
  }, [all, me.agency, me.person, query.error]);
  return useMemo(() => ({ ...threads, read }), [threads, read]);
}
