/** The suggestions of a draft, live: others' drawn in the text, one's own in it while one suggests, and saved as one pauses. */
import type { EditorView } from "@codemirror/view";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTopic } from "../../live/socket";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { type Drawn, groups, layIn, markOwn, others, ownMarks, type Part, setDrawn, suggesting, takeOut } from "./editor/suggestions";
import { forgetUndo } from "./editor/view";
import type { Session } from "./session";
import { Saver, sendLeftovers, type Suggestion, suggestionsKey, suggestionsQuery, suggestionsTopic } from "./suggest";

const none: Suggestion[] = [];

export function useSuggestions(draft: string | undefined, session: Session | undefined, view: EditorView | null, online: boolean, on: boolean, person: string | undefined) {
  const t = useT();
  const locale = useLocale();
  const queries = useQueryClient();
  const [ready, setReady] = useState(false);
  const [saver, setSaver] = useState<Saver | null>(null);
  const query = useQuery({ ...suggestionsQuery(draft ?? ""), enabled: !!draft && ready });
  useTopic(draft ? suggestionsTopic(draft) : null, suggestionsKey(draft ?? ""));
  const all = query.data?.items ?? none;
  const known = useRef(new Map<string, string>());
  const [waiting, setWaiting] = useState(false);

  // What this device could not send before goes first, and then the list is asked for.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a line that is back is the reason to try again.
  useEffect(() => {
    if (!draft || !person) return;
    let here = true;
    void sendLeftovers(draft, person).then((sent) => {
      if (!here) return;
      setReady(true);
      if (sent) void queries.invalidateQueries({ queryKey: suggestionsKey(draft) });
    });
    return () => {
      here = false;
    };
  }, [draft, person, online, queries]);

  // Suggest mode begins and ends with the text laid in and taken out.
  useEffect(() => {
    if (!on || !view || !session || !draft || !person) return;
    view.dispatch(layIn(view.state, []));
    forgetUndo(view);
    const s = new Saver(draft, person, session, view, () => void queries.invalidateQueries({ queryKey: suggestionsKey(draft) }));
    setSaver(s);
    return () => {
      const leave = () => {
        s.close();
        // The view may be gone with the page.
        if (!view.dom.isConnected) return;
        if (suggesting(view.state)) view.dispatch(takeOut(view.state, null));
        forgetUndo(view);
      };
      known.current.clear();
      setSaver(null);
      // What waits is on the device; the call goes out before the text is taken off the screen.
      void s.flush();
      leave();
      void queries.invalidateQueries({ queryKey: suggestionsKey(draft) });
    };
  }, [on, view, session, draft, person, queries]);

  // A suggestion may name a version whose updates are still on their way; it is placed when they arrive.
  const [arrival, setArrival] = useState(-1);
  useEffect(() => {
    if (!waiting || !session) return;
    return session.subscribe(() => setArrival(session.status.version));
  }, [waiting, session]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: arrival is the reason to try again.
  useEffect(() => {
    if (!view || !session) return;
    let early = false;
    const located = (s: Suggestion): Part[] | null => {
      const parts: Part[] = [];
      for (const p of s.parts) {
        const at = session.locate(s.version, p.from, p.to);
        if (!at) {
          early = true;
          return null;
        }
        parts.push({ ...at, insert: p.insert });
      }
      return parts;
    };
    const inText = saver !== null && suggesting(view.state);
    if (inText) {
      const marked = new Set(ownMarks(view.state).map((m) => m.key));
      const over = all.filter((s) => s.key !== "" && marked.has(s.key) && (s.state !== "open" || s.orphaned)).map((s) => s.key);
      if (over.length > 0) {
        // What was typed there since it was saved is a suggestion of its own from now on.
        const grown = groups(view.state).flatMap((g) => (g.key !== null && over.includes(g.key) && !saver.saved(g.key, g.says) ? [g.key] : []));
        if (grown.length > 0) view.dispatch(markOwn(view.state, ownMarks(view.state).filter((m) => !grown.includes(m.key))));
        view.dispatch(takeOut(view.state, over.filter((k) => !grown.includes(k))));
        for (const k of over) saver.forget(k);
        if (saver.busy || grown.length > 0) saver.changed();
      }
      for (const s of all) if (s.key !== "" && s.state !== "open" && !marked.has(s.key)) saver.forget(s.key);
      // One after the other: each finds its place in the text with those before it.
      for (const s of all) {
        if (s.key === "" || s.state !== "open" || s.orphaned || marked.has(s.key) || saver.has(s.key)) continue;
        const parts = located(s);
        if (!parts) continue;
        const gone = parts.filter((p) => p.from < p.to).map((p) => view.state.sliceDoc(p.from, p.to));
        saver.knows(s.key, s.id, JSON.stringify([gone, parts.map((p) => p.insert)]));
        view.dispatch(layIn(view.state, [{ key: s.key, parts }]));
      }
    }
    const drawn: Drawn[] = [];
    const here = new Map(view.state.field(others).list.map((d) => [d.id, d]));
    for (const s of all) {
      if (s.state !== "open" || s.orphaned || (inText && s.key !== "")) continue;
      const stamp = JSON.stringify([s.version, s.parts]);
      const old = here.get(s.id);
      const look = {
        id: s.id,
        hue: s.author.agency?.hue ?? 1,
        label: t("suggest.say.by", { who: pick(s.author.person.name, locale), agency: s.author.agency ? pick(s.author.agency.short, locale) : "" }),
      };
      // What the editor moved by itself is never behind what the hub says of the same place.
      if (old && known.current.get(s.id) === stamp) {
        drawn.push({ ...old, ...look });
        continue;
      }
      const parts = located(s);
      if (parts) {
        drawn.push({ ...look, parts });
        known.current.set(s.id, stamp);
      } else if (old) drawn.push({ ...old, ...look });
    }
    setWaiting(early);
    view.dispatch({ effects: setDrawn.of(drawn) });
  }, [all, view, session, arrival, saver, t, locale]);

  const changed = useCallback(() => saver?.changed(), [saver]);
  const lists = useMemo(() => ({ open: all.filter((s) => s.state === "open"), decided: all.filter((s) => s.state === "accepted" || s.state === "rejected") }), [all]);
  return { all, ...lists, error: query.error, saver, changed };
}
