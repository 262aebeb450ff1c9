import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { EditorView } from "@codemirror/view";
import { MessageSquarePlus } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useT } from "../../locales/i18n";
import { useFormat } from "../../locales/format";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Segmented } from "../../ui/Segmented";
import { FaultNote } from "../../ui/States";
import { Composer, type Mentionable, mentioned } from "./Composer";
import { anchors as anchorField } from "./editor/anchors";
import { place } from "./placement";
import type { Session } from "./session";
import type { Ticker } from "./ticker";
import { createThread, type Thread, type ThreadKind, threadsKey } from "./threads";
import { ThreadCard } from "./ThreadCard";

export type Filter = "open" | "mine" | "resolved";

export interface RailProps {
  view: EditorView | null;
  session: Session;
  threads: Thread[];
  counts: Record<Filter, number>;
  filter: Filter;
  onFilter: (f: Filter) => void;
  active: string | null;
  onActivate: (id: string | null) => void;
  composing: { quote: string } | null;
  onCompose: () => void;
  onComposed: (id: string | null) => void;
  canComment: boolean;
  online: boolean;
  names: Mentionable[];
  clauseOf: (t: Thread) => string;
  /** Ticks when anything moved: text, size, selection. */
  ticker: Ticker;
  /** Cards stand beside their lines; otherwise they follow one another. */
  aligned: boolean;
  /** A phone: what is active stands in a sheet from the bottom. */
  sheet: boolean;
}

/** The margin: comments beside the lines they stand on. */
export function Rail(p: RailProps) {
  const t = useT();
  const fmt = useFormat();
  const body = useRef<HTMLDivElement>(null);
  const heights = useRef(new Map<string, number>());
  const [tops, setTops] = useState<Map<string, number>>(new Map());
  const [size, setSize] = useState(0);
  const { view, threads, active, composing, aligned } = p;

  const arrange = useCallback(() => {
    if (!view || !body.current || !aligned) return;
    const origin = body.current.getBoundingClientRect().top;
    const value = view.state.field(anchorField);
    const want: { id: string; top: number; height: number }[] = [];
    const topOf = (pos: number) => {
      const at = pos >= view.viewport.from && pos <= view.viewport.to ? view.coordsAtPos(pos) : null;
      return (at ? at.top : view.documentTop + view.lineBlockAt(Math.min(pos, view.state.doc.length)).top) - origin;
    };
    if (composing && value.draft) want.push({ id: "new", top: topOf(value.draft.from), height: heights.current.get("new") ?? 220 });
    for (const th of threads) {
      const a = value.list.find((x) => x.id === th.id);
      // Without a place they gather at the top, in order.
      want.push({ id: th.id, top: a && !th.orphaned ? topOf(a.from) - 8 : 0, height: heights.current.get(th.id) ?? 120 });
    }
    want.sort((x, y) => x.top - y.top);
    const next = place(want, composing ? "new" : active);
    setTops((old) => (sameMap(old, next.tops) ? old : next.tops));
    setSize(next.end);
  }, [view, threads, active, composing, aligned]);

  useLayoutEffect(arrange, [arrange]);
  // The cards follow the text without rendering again.
  useEffect(() => p.ticker.subscribe(arrange), [p.ticker, arrange]);

  useEffect(() => {
    if (!body.current) return;
    const watch = new ResizeObserver((entries) => {
      for (const e of entries) {
        const id = (e.target as HTMLElement).dataset.card;
        if (id) heights.current.set(id, (e.target as HTMLElement).offsetHeight);
      }
      arrange();
    });
    for (const el of body.current.querySelectorAll<HTMLElement>("[data-card]")) {
      heights.current.set(el.dataset.card!, el.offsetHeight);
      watch.observe(el);
    }
    return () => watch.disconnect();
  }, [arrange]);

  const slot = (id: string, child: ReactNode) => {
    const top = tops.get(id);
    return (
      <div key={id} data-card={id} className="slot" style={aligned ? { transform: `translateY(${top ?? 0}px)`, opacity: top === undefined ? 0 : undefined } : undefined}>
        {child}
      </div>
    );
  };
  const empty = threads.length === 0 && !composing;
  const card = (th: Thread, on: boolean) => (
    <ThreadCard thread={th} draft={p.session.draft} active={on} online={p.online} names={p.names} clause={p.clauseOf(th)} onActivate={p.onActivate} />
  );
  const chosen = p.sheet && !composing ? threads.find((th) => th.id === active) : undefined;
  return (
    <aside className="rail" id="hashiya" tabIndex={-1} aria-label={t("layout.hashiya", { what: t("draft.rail") })}>
      <div className="hd">
        <Segmented
          label={t("thread.filter")}
          value={p.filter}
          onChange={p.onFilter}
          options={(["open", "mine", "resolved"] as const).map((f) => ({ value: f, label: t(`thread.filter.${f}`, { n: p.counts[f] }) }))}
        />
        {p.canComment && (
          <button type="button" className="iconbtn end" aria-label={t("thread.new")} title={t("thread.new")} onMouseDown={(e) => e.preventDefault()} onClick={p.onCompose}>
            <Icon of={MessageSquarePlus} />
          </button>
        )}
      </div>
      <div ref={body} className={`slots ${aligned ? "aligned" : ""}`} style={aligned ? { minBlockSize: size } : undefined}>
        {empty && (
          <div className="rail-empty">
            <p>{t(`thread.empty.${p.filter}`)}</p>
            {p.canComment && p.filter !== "resolved" && <p className="meta">{t("thread.empty.text")}</p>}
          </div>
        )}
        {composing && !p.sheet && slot("new", <NewThread {...p} quote={composing.quote} />)}
        {threads.map((th) => slot(th.id, card(th, th.id === active && !composing && !p.sheet)))}
      </div>
      {p.sheet && composing && (
        <div className="sheet" role="dialog" aria-label={t("thread.new")}>
          <div className="grab" />
          <NewThread {...p} quote={composing.quote} />
        </div>
      )}
      {chosen && (
        <div className="sheet" role="dialog" aria-label={t("draft.rail")}>
          <div className="grab" />
          <div className="row between">
            <b>{p.clauseOf(chosen) && t("draft.clause", { n: fmt.code(p.clauseOf(chosen)) })}</b>
            <span className="meta">{t("thread.count", { i: threads.indexOf(chosen) + 1, n: threads.length })}</span>
          </div>
          {card(chosen, true)}
        </div>
      )}
    </aside>
  );
}

function sameMap(a: Map<string, number>, b: Map<string, number>): boolean {
  if (a.size !== b.size) return false;
  for (const [k, v] of a) if (b.get(k) !== v) return false;
  return true;
}

/** The card in which a new comment is written; its text stays when sending fails. */
export function NewThread({ view, session, quote, names, online, onComposed }: Pick<RailProps, "view" | "session" | "names" | "online" | "onComposed"> & { quote: string }) {
  const t = useT();
  const queries = useQueryClient();
  const [body, setBody] = useState("");
  const [kind, setKind] = useState<ThreadKind>("general");
  const [blocking, setBlocking] = useState(false);
  const send = useMutation({
    mutationFn: async () => {
      // Positions are of a version of the log, so what was typed under the comment goes first.
      const version = await session.settled();
      const range = view?.state.field(anchorField).draft;
      if (!range) throw new Error("the place is gone");
      return createThread(session.draft, { version, from: range.from, to: range.to, body: body.trim(), kind, blocking, mentions: mentioned(body, names) });
    },
    onSuccess: async (th) => {
      await queries.invalidateQueries({ queryKey: threadsKey(session.draft) });
      onComposed(th?.id ?? null);
    },
  });
  const submit = () => {
    if (body.trim() && online && !send.isPending) send.mutate();
  };
  return (
    <form
      className="c on new"
      onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}
      onKeyDown={(e) => {
        if (e.key === "Escape") onComposed(null);
      }}
    >
      <p className="meta q" dir="auto">{t("thread.on", { quote })}</p>
      <Composer label={t("thread.body")} hint={t("thread.body.hint")} value={body} onChange={setBody} names={names} autoFocus onSubmit={submit} />
      <div className="kinds" role="radiogroup" aria-label={t("thread.kind")}>
        {(["general", "technical", "editorial"] as const).map((k) => (
          <label key={k}>
            <input type="radio" name="kind" checked={k === kind} onChange={() => setKind(k)} /> {t(`thread.kind.${k}`)}
          </label>
        ))}
      </div>
      <label className="opt">
        <input type="checkbox" checked={blocking} onChange={(e) => setBlocking(e.target.checked)} />
        <span>
          {t("thread.blocking")}
          <span className="meta hint">{t("thread.blocking.hint")}</span>
        </span>
      </label>
      <FaultNote fault={send.error} />
      {!online && <p className="meta">{t("thread.offline")}</p>}
      <div className="row">
        <Button small tone="primary" type="submit" pending={send.isPending} disabled={!body.trim() || !online}>
          {t(send.isPending ? "thread.sending" : "thread.send")}
        </Button>
        <Button small tone="quiet" onClick={() => onComposed(null)}>
          {t("action.cancel")}
        </Button>
      </div>
    </form>
  );
}
