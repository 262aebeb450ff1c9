import type { EditorView } from "@codemirror/view";
import { MessageSquarePlus } from "lucide-react";
import { memo, type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useT } from "../../locales/i18n";
import { useFormat } from "../../locales/format";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Segmented } from "../../ui/Segmented";
import type { Mentionable } from "./Composer";
import { anchors as anchorField } from "./editor/anchors";
import { around, type Card, place, sequence } from "./placement";
import { placeOfThread, useMarginFocus } from "./marginKeys";
import type { Session } from "./session";
import { onScroll, paced, type Ticker } from "./ticker";
import { NewThread } from "./NewThread";
import type { Thread } from "./threads";
import { BriefCard, ThreadCard } from "./ThreadCard";
import { TypingNow } from "./TypingNow";

/** What else stands in the margin, such as a suggestion. */
export interface RailExtra {
  id: string;
  /** Its place in the editor's text; null gathers it at the top. */
  at(view: EditorView): number | null;
  card(on: boolean): ReactNode;
  /** The clause it stands in, for the sheet. */
  clause(): string;
}

export type Filter = "open" | "mine" | "resolved";

export interface RailProps {
  view: EditorView | null;
  session: Session;
  threads: Thread[];
  /** Asks for what threads say that are here briefly; what it returns takes that back. */
  onRead: (ids: readonly string[]) => () => void;
  extras: RailExtra[];
  /** Stands under the filter. */
  bar?: ReactNode;
  counts: Record<Filter, number>;
  filter: Filter;
  onFilter: (f: Filter) => void;
  active: string | null;
  onActivate: (id: string | null) => void;
  composing: { quote: string } | null;
  onCompose: () => void;
  onComposed: (id: string | null) => void;
  canComment: boolean;
  /** Whether the person acts for an agency. */
  own: boolean;
  /** Narrows the list down further. */
  narrow: ReactNode;
  /** Set when something was chosen that nothing fits. */
  onClear: (() => void) | null;
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

/** How far beyond the screen cards are drawn, in pixels. */
const margin = 600;

/** Beyond so many threads only those of the lines near the screen are arranged: all of them together would not fit beside the text anyway. */
const many = 300;

const Shown = memo(ThreadCard);
const Brief = memo(BriefCard);

/** The margin: comments beside the lines they stand on. */
export function Rail(p: RailProps) {
  const t = useT();
  const fmt = useFormat();
  const body = useRef<HTMLDivElement>(null);
  const heights = useRef(new Map<string, number>());
  const usual = useRef(120); // of a card that is drawn for the first time; what was right for the last is nearly right for the next
  const [tops, setTops] = useState<Map<string, number>>(new Map());
  const [size, setSize] = useState(0);
  const [near, setNear] = useState<readonly [number, number]>([-margin, 4_000]);
  const { view, threads, extras, active, composing, aligned, sheet } = p;

  const order = useMemo(() => new Map(threads.map((th, i) => [th.id, i])), [threads]);
  const crowded = aligned && threads.length > many;

  const arrange = useCallback(() => {
    if (!body.current) return;
    const origin = body.current.getBoundingClientRect().top;
    const height = (id: string, guess = crowded ? usual.current : 120) => heights.current.get(id) ?? guess;
    const step = Math.floor((-origin - margin) / margin) * margin;
    let next: { tops: Map<string, number>; end: number };
    if (!aligned || !view) {
      next = sequence([...(composing && !sheet ? [{ id: "new", height: height("new", 220) }] : []), ...threads.map((th) => ({ id: th.id, height: height(th.id) })), ...extras.map((x) => ({ id: x.id, height: height(x.id, 130) }))]);
    } else {
      const value = view.state.field(anchorField);
      const topOf = (pos: number) => {
        const at = pos >= view.viewport.from && pos <= view.viewport.to ? view.coordsAtPos(pos) : null;
        return (at ? at.top : view.documentTop + view.lineBlockAt(Math.min(pos, view.state.doc.length)).top) - origin;
      };
      const want: Card[] = [];
      if (composing && value.draft) want.push({ id: "new", top: topOf(value.draft.from), height: height("new", 220) });
      for (const x of extras) {
        const at = x.at(view);
        want.push({ id: x.id, top: at === null ? 0 : topOf(at) - 8, height: height(x.id, 130) });
      }
      // A comment without a place comes to the text that is being chosen for it.
      const { main } = view.state.selection;
      const seeks = (th: Thread) => !!th.orphaned && th.id === active && !main.empty;
      if (crowded) {
        const seen = Math.max(0, Math.floor(-origin / (margin / 2)) * (margin / 2));
        // At the top of the page the first lines stand higher than the margin begins; their cards come first all the same.
        const first = seen === 0 ? 0 : view.lineBlockAtHeight(seen + origin - view.documentTop).from;
        // What lost its place is at the top, as ever.
        const seeker = threads.find(seeks);
        if (seeker) want.push({ id: seeker.id, top: topOf(main.from) - 8, height: height(seeker.id) });
        if (seen < margin) for (const th of threads.filter((x) => x.orphaned && x !== seeker).slice(0, 30)) want.push({ id: th.id, top: 0, height: height(th.id) });
        const where = { from: first, y: seen, room: window.innerHeight + margin, above: margin };
        next = around(value.list.filter((a) => order.has(a.id)), where, want, (a) => topOf(a.from) - 8, height, composing ? "new" : active);
      } else {
        const at = new Map(value.list.map((x) => [x.id, x]));
        for (const th of threads) {
          const a = at.get(th.id);
          // Without a place they gather at the top, in order.
          want.push({ id: th.id, top: seeks(th) ? topOf(main.from) - 8 : a && !th.orphaned ? topOf(a.from) - 8 : 0, height: height(th.id) });
        }
        want.sort((x, y) => x.top - y.top);
        next = place(want, composing ? "new" : active);
      }
    }
    setTops((old) => (sameMap(old, next.tops) ? old : next.tops));
    // The text beside them makes room enough except at its end; a height of their own would lay the whole page out again with each step.
    setSize(aligned && view && next.end < view.contentHeight - margin ? 0 : next.end);
    // Only what is near the screen is drawn; it moves in steps, so that scrolling seldom renders.
    setNear((old) => (old[0] === step ? old : [step, step + window.innerHeight + 3 * margin]));
  }, [view, threads, extras, active, composing, aligned, sheet, crowded, order]);

  useLayoutEffect(arrange, [arrange]);
  // The cards follow the text without rendering again. Very many of them follow it in steps: what is new in each frame of scrolling would take the
  // time that the text needs to be drawn.
  useEffect(() => {
    const go = paced(arrange, crowded ? 250 : 100);
    const silent = p.ticker.subscribe(crowded ? go : arrange);
    // Where not every card is beside its line, other cards are wanted as the page moves.
    const still = aligned && !crowded ? go.stop : onScroll(go);
    return () => {
      silent();
      still();
    };
  }, [p.ticker, arrange, aligned, crowded]);

  // Only a height that is another one arranges anew; else drawing, measuring and arranging would follow each other round.
  const latest = useRef(arrange);
  latest.current = arrange;
  const [watch] = useState(() => new ResizeObserver((entries) => {
    let moved = false;
    for (const { target: el, borderBoxSize } of entries) {
      const id = el instanceof HTMLElement ? el.dataset.card : undefined;
      const height = Math.round(borderBoxSize[0]?.blockSize ?? 0);
      if (!id || !el.isConnected || heights.current.get(id) === height) continue;
      if (!heights.current.has(id)) usual.current = height;
      heights.current.set(id, height);
      moved = true;
    }
    if (moved) latest.current();
  }));
  const watched = useCallback((el: HTMLElement | null) => {
    if (!el) return;
    watch.observe(el);
    return () => watch.unobserve(el);
  }, [watch]);

  const aside = useRef<HTMLElement>(null);
  const others = useRef(extras);
  others.current = extras;
  const placeOf = useCallback((id: string) => {
    if (!view) return null;
    const extra = others.current.find((x) => x.id === id);
    return extra ? extra.at(view) : placeOfThread(view, id);
  }, [view]);
  useMarginFocus(aside, view, placeOf);

  const slot = (id: string, card: () => ReactNode) => {
    const top = tops.get(id);
    const tall = heights.current.get(id) ?? 120;
    if (id !== "new" && id !== active && (top === undefined || top + tall < near[0] || top > near[1])) return null;
    const child = card();
    return (
      <div key={id} ref={watched} data-card={id} className="slot" style={{ transform: `translateY(${top ?? 0}px)`, opacity: top === undefined ? 0 : undefined }}>
        {child}
      </div>
    );
  };
  // Of very many, only those that have a place are asked.
  const drawn = crowded ? [...tops.keys()].flatMap((id) => order.get(id) ?? []).sort((a, b) => a - b).map((i) => threads[i]!) : threads;
  const empty = threads.length === 0 && extras.length === 0 && !composing;
  const card = (th: Thread, on: boolean) => th.brief ? <Brief thread={th} active={on} onRead={p.onRead} /> : (
    <Shown thread={th} view={view} session={p.session} draft={p.session.draft} active={on} online={p.online} names={p.names} clause={p.clauseOf(th)} onActivate={p.onActivate} />
  );
  const chosen = p.sheet && !composing ? threads.find((th) => th.id === active) : undefined;
  const extra = p.sheet && !composing ? extras.find((x) => x.id === active) : undefined;
  return (
    <aside ref={aside} className="rail" id="hashiya" tabIndex={-1} aria-label={t("layout.hashiya", { what: t("draft.rail") })}>
      <div className="hd">
        <Segmented
          label={t("thread.filter")}
          value={p.filter}
          onChange={p.onFilter}
          options={(["open", "mine", "resolved"] as const).filter((f) => f !== "mine" || p.own).map((f) => ({ value: f, label: t(`thread.filter.${f}`, { n: p.counts[f] }) }))}
        />
        {p.canComment && (
          <button type="button" className="iconbtn end" aria-label={t("thread.new")} title={t("thread.new")} onMouseDown={(e) => e.preventDefault()} onClick={p.onCompose}>
            <Icon of={MessageSquarePlus} />
          </button>
        )}
      </div>
      {(p.narrow || p.bar) && (
        <div className="rail-tools">
          {p.narrow}
          {p.bar}
        </div>
      )}
      <TypingNow session={p.session} thread="" />
      <div ref={body} className={`slots ${aligned ? "aligned" : ""} ${crowded ? "crowded" : ""}`} style={{ minBlockSize: size }}>
        {empty && (
          <div className="rail-empty">
            <p>{t(p.onClear ? "comment.none" : `thread.empty.${p.filter}`)}</p>
            {p.onClear && <Button small onClick={p.onClear}>{t("comment.none.clear")}</Button>}
            {!p.onClear && p.canComment && p.filter !== "resolved" && <p className="meta">{t("thread.empty.text")}</p>}
          </div>
        )}
        {composing && !p.sheet && slot("new", () => <NewThread {...p} quote={composing.quote} />)}
        {drawn.map((th) => slot(th.id, () => card(th, th.id === active && !composing && !p.sheet)))}
        {extras.map((x) => slot(x.id, () => x.card(x.id === active && !composing && !p.sheet)))}
      </div>
      {p.sheet && composing && (
        <div className="sheet" role="dialog" aria-label={t("thread.new")}>
          <div className="grab" />
          <NewThread {...p} quote={composing.quote} />
        </div>
      )}
      {extra && (
        <div className="sheet" role="dialog" aria-label={t("suggest.rail")}>
          <div className="grab" />
          {extra.clause() && <b>{t("draft.clause", { n: fmt.code(extra.clause()) })}</b>}
          {extra.card(true)}
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
