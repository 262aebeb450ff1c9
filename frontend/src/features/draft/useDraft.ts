/** Opens a draft for as long as a component shows it, and takes over what earlier page loads left on this device. */
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { EditorState } from "@codemirror/state";
import type { Presence } from "../../live/protocol";
import { live, newConnection } from "../../live/socket";
import { type Shared, sharing } from "./collab";
import { browserStore, claim, type DeviceRecord, type DeviceStore, textOf } from "./device";
import { Session, type Status } from "./session";

const store: DeviceStore = browserStore();

export interface OpenDraft {
  session: Session;
  /** The text as it was when it arrived; the editor grows from it. */
  start: Shared | null;
}

const nothing: Status = {
  ready: false, problem: null, online: false, save: "saved", savedAt: 0, pending: 0, version: 0, abilities: {}, peers: [], client: 0, merged: null, aside: false, downSince: 0,
};

/** The draft's session, and its state without the fields that change with every key. */
export function useDraft(draft: string | undefined, person: string | undefined, on: { presence(p: Presence): void; left(client: number): void }): { open: OpenDraft | null; status: Status } {
  const [open, setOpen] = useState<OpenDraft | null>(null);
  const handlers = useRef(on);
  handlers.current = on;

  useEffect(() => {
    if (!draft || !person) return;
    let session: Session | null = null;
    let gone = false;
    const drains: (() => void)[] = [];
    const begin = (claimed: { record: DeviceRecord; release: () => void }[]) => {
      if (gone) {
        for (const c of claimed) c.release();
        return;
      }
      const [first, ...others] = claimed;
      const s = new Session(
        {
          draft, person, store,
          connect: (port) => live.open(port),
          ready: (start) => setOpen({ session: s, start }),
          presence: (p) => handlers.current.presence(p),
          left: (c) => handlers.current.left(c),
          defer: afterFrame,
        },
        first,
      );
      session = s;
      setOpen({ session: s, start: null });
      s.begin();
      for (const c of others) drains.push(drain(draft, person, c));
    };
    // Storage may be refused altogether (private windows); the draft opens without it then.
    claim(store, draft, person).then(begin, () => begin([]));
    const keep = () => void session?.keepNow();
    const warn = (e: BeforeUnloadEvent) => {
      const state = session?.status;
      if (!state || state.pending === 0) return;
      void session?.keepNow();
      e.preventDefault();
    };
    window.addEventListener("pagehide", keep);
    document.addEventListener("visibilitychange", keep);
    window.addEventListener("beforeunload", warn);
    return () => {
      gone = true;
      window.removeEventListener("pagehide", keep);
      document.removeEventListener("visibilitychange", keep);
      window.removeEventListener("beforeunload", warn);
      session?.close();
      for (const stop of drains) stop();
      setOpen(null);
    };
  }, [draft, person]);

  const session = open?.session;
  const held = useRef(nothing);
  const status = useSyncExternalStore(
    (fn) => session?.subscribe(fn) ?? (() => {}),
    () => (held.current = calm(held.current, session?.status ?? nothing)),
  );
  return { open, status };
}

const waiting = new Set<() => void>();
const afterwards = new MessageChannel();
let backstop: ReturnType<typeof setTimeout> | null = null;

function runWaiting(): void {
  const due = [...waiting];
  waiting.clear();
  for (const fn of due) fn();
}
afterwards.port1.onmessage = runWaiting;

/**
 * Runs a function when the frame with what was just typed is on the screen, or soon where no frame comes: what is sent does not hold up what is seen.
 * Setting and clearing timers with every key is dear, so one is left to run out.
 */
function afterFrame(fn: () => void): void {
  waiting.add(fn);
  requestAnimationFrame(() => afterwards.port2.postMessage(null));
  backstop ??= setTimeout(() => {
    backstop = null;
    runWaiting();
  }, 40);
}

// What changes with every key is for the few that show it (useStatus); the page renders again for the rest only.
const restless = new Set<keyof Status>(["save", "savedAt", "pending", "version"]);

function calm(old: Status, now: Status): Status {
  for (const key of Object.keys(now) as (keyof Status)[]) if (!restless.has(key) && old[key] !== now[key]) return now;
  return old;
}

const shownEvery = 1_000;

/**
 * The whole state of a session as it is shown. Bad news is there behind the frame that shows the key, and so is "saving"; good news and
 * numbers come at most once a second, because every rendering beside a focused text costs the writer's next key.
 */
export function useStatus(session: Session | null | undefined): Status {
  const shown = useRef(nothing);
  const subscribe = useCallback(
    (fn: () => void) => {
      if (!session) return () => {};
      let timer: ReturnType<typeof setTimeout> | null = null;
      let due = false;
      let gone = false;
      const show = () => {
        timer = null;
        due = false;
        if (gone) return;
        shown.current = session.status;
        fn();
      };
      show();
      const off = session.subscribe(() => {
        const old = shown.current;
        const now = session.status;
        const urgent = calm(old, now) !== old || (now.save !== old.save && now.save !== "saved") || (!now.online && now.pending > 0 !== old.pending > 0);
        if (!urgent) {
          timer ??= setTimeout(show, shownEvery);
          return;
        }
        if (due) return;
        if (timer !== null) clearTimeout(timer);
        timer = null;
        due = true;
        afterFrame(show);
      });
      return () => {
        gone = true;
        if (timer !== null) clearTimeout(timer);
        off();
      };
    },
    [session],
  );
  return useSyncExternalStore(subscribe, () => (session ? shown.current : nothing));
}

// A further queue of this device, from another tab that is gone, is sent from a socket of its own without an editor.
function drain(draft: string, person: string, claimed: { record: DeviceRecord; release: () => void }): () => void {
  const connection = newConnection();
  const session: Session = new Session(
    {
      draft, person, store,
      connect: (port) => connection.open(port),
      ready: (start) => {
        let state = EditorState.create({ doc: textOf(start), extensions: sharing(start) });
        session.attach({
          state: () => state,
          dispatch: (spec) => {
            state = state.update(spec).state;
          },
        });
      },
      presence: () => {},
      left: () => {},
    },
    claimed,
  );
  const stop = () => {
    off();
    session.close();
    connection.stop();
  };
  const off = session.subscribe(() => {
    const s = session.status;
    if (s.ready && s.online && (s.pending === 0 || s.problem)) setTimeout(stop, 500);
  });
  session.begin();
  return stop;
}
