/** The tab's one live connection, and the hooks that feed React from it. */
import { type Query, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { Connection, type ConnectionState } from "./connection";

export type { ConnectionState } from "./connection";

/** A connection of its own to this page's hub, in the browser's time. */
export function newConnection(): Connection {
  return new Connection({
    connect: () => {
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      return new WebSocket(`${scheme}//${location.host}/api/v1/live`, "multaqa.v1");
    },
    setTimeout: (fn, ms) => window.setTimeout(fn, ms),
    clearTimeout: (t) => window.clearTimeout(t as number),
    now: () => performance.now(),
    random: () => Math.random(),
  });
}

/** The connection all of this tab's topics and drafts share. It dials when the first of them is asked for. */
export const live: Connection = newConnection();

if (typeof window !== "undefined") {
  window.addEventListener("online", () => live.retryNow());
  // "offline" is a rumour (a hub on this machine is still reached), so the line is asked rather than dropped.
  window.addEventListener("offline", () => live.probe());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    live.retryNow();
    live.probe();
  });
}

/**
 * Refetches queryKey whenever the hub says that topic changed, and once after every reconnect. What is known from before is
 * asked again when nobody here watched it meanwhile, however fresh it is: a page left ten seconds ago may have moved on.
 */
export function useTopic(topic: string | null | undefined, queryKey: QueryKey): void {
  const queries = useQueryClient();
  const key = useRef(queryKey);
  key.current = queryKey;
  useEffect(() => {
    if (!topic) return;
    if (!live.watches(topic)) {
      const read = (q: Query) => q.state.dataUpdatedAt > 0 && q.state.fetchStatus === "idle";
      void queries.invalidateQueries({ queryKey: key.current, predicate: read });
    }
    return live.watch(topic, () => {
      void queries.invalidateQueries({ queryKey: key.current });
    });
  }, [topic, queries]);
}

/** The state of the tab's connection. */
export function useConnection(): ConnectionState {
  return useSyncExternalStore(
    (fn) => live.subscribe(fn),
    () => live.state,
    () => "idle",
  );
}
