/** Comments whose text is deleted while one looks on: the hub says of them that they lost it, when it is asked. */
import type { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { anchors } from "./editor/anchors";
import type { Session } from "./session";
import type { Thread } from "./threads";

// The hub moves its anchors a moment after the text.
const rest = 700;
const again = 2_000;
const tries = 5;

/** Reads a thread anew when its anchor has become empty here, and until the hub has seen that too. */
export function useEmptied(session: Session | undefined, view: EditorView | null, all: readonly Thread[], read: (ids: readonly string[]) => unknown): void {
  const known = useRef(all);
  known.current = all;
  useEffect(() => {
    if (!session || !view) return;
    const asked = new Map<string, number>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      timer = undefined;
      const empty = new Set(view.state.field(anchors).list.flatMap((a) => (a.from === a.to && (asked.get(a.id) ?? 0) < tries ? a.id : [])));
      if (empty.size === 0) return;
      const ids = known.current.filter((t) => empty.has(t.id) && !t.orphaned).map((t) => t.id);
      for (const id of ids) asked.set(id, (asked.get(id) ?? 0) + 1);
      if (ids.length === 0) return;
      read(ids);
      timer = setTimeout(look, again);
    };
    const stop = session.subscribe(() => {
      if (session.status.pending === 0) timer ??= setTimeout(look, rest);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [session, view, read]);
}
