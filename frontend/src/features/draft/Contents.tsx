import type { EditorView } from "@codemirror/view";
import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { Check, CircleDashed } from "lucide-react";
import { memo, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Edition } from "../../api/types";
import { known, useT } from "../../locales/i18n";
import { useFormat } from "../../locales/format";
import { Icon } from "../../ui/Icon";
import { Seal, Text } from "../../ui/People";
import { missingOf, NextSteps } from "./EditionActions";
import { anchors as anchorField } from "./editor/anchors";
import { keptField } from "./editor/kept";
import type { Heading } from "./editor/outline";
import { type ScanStore, useHeadings, useOpened } from "./scan";
import { SectionMenu } from "./SectionMenu";
import { overdue, type Section } from "./sections";
import { onScroll, paced } from "./ticker";
import type { Given } from "./useSections";

/** The headings of the draft with their open comments, and what the next step waits for. */
export const Contents = memo(function Contents({ view, scans, threads, scroller, onGo, edition, onShowBlocking, given, onAssign }: {
  view: EditorView | null;
  scans: ScanStore;
  /** Changes whenever the threads did. */
  threads: unknown;
  scroller: RefObject<HTMLDivElement | null>;
  onGo: (pos: number) => void;
  edition: Edition;
  onShowBlocking: () => void;
  /** The sections that are given to agencies; null until they are known. */
  given: Given | null;
  onAssign: (h: Heading, s: Section | undefined) => void;
}) {
  const t = useT();
  const fmt = useFormat();
  const headings = useHeadings(scans);
  const places = useCallback(() => scans.get()?.outline.headings ?? none, [scans]);
  const here = useSection(view, scroller, headings, places);
  // The anchors are put into the text after the render that brings the threads: count again when they are there.
  const [placed, place] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it waits for.
  useEffect(() => place((n) => n + 1), [view, threads]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the anchors come with the threads and move with the text.
  const counts = useMemo(() => {
    const open = (view?.state.field(anchorField).list ?? []).filter((a) => a.open).map((a) => a.from).sort((a, b) => a - b);
    const all = places();
    const ends = sectionEnds(all);
    return all.map((h, i) => below(open, ends[i]!) - below(open, h.from));
  }, [view, headings, placed]);
  const go = useCallback((i: number) => {
    const h = places()[i];
    if (h) onGo(h.from);
  }, [onGo, places]);
  // Which heading begins a section that is given; the places are set when `given` changes, and move with the text.
  // biome-ignore lint/correctness/useExhaustiveDependencies: new headings are the reason to look again.
  const held = useMemo(() => {
    const at = new Map((given && view ? view.state.field(keptField) : []).map((k) => [k.at, k.id]));
    return places().map((h) => given?.sections.items.find((s) => s.id === at.get(h.from)));
  }, [view, headings, given, places]);
  const assign = useCallback((i: number, s: Section | undefined) => {
    const h = places()[i];
    if (h) onAssign(h, s);
  }, [onAssign, places]);
  // Until the text is read through nobody knows that it has no headings.
  const opened = useOpened(scans);
  const nav = useRef<HTMLElement>(null);
  const list = useRef<HTMLOListElement>(null);
  // A long text has hundreds of headings. Drawn all of them they were nine elements in ten of the page, and cost every key of the text a quarter of its frame.
  const shown = useVirtualizer({ count: headings.length, getScrollElement: () => nav.current, estimateSize: () => row, overscan: 12, scrollPaddingStart: 24, scrollPaddingEnd: 48, scrollMargin: list.current?.offsetTop ?? 0, useFlushSync: false, measureElement: sizeOf });
  const rows = shown.getVirtualItems();
  useFollow(nav, here, shown);
  const draft = edition.draft_id ?? "";
  const mayAssign = !!given?.sections.abilities["section.assign"];
  const lost = given?.sections.items.filter((s) => s.lost) ?? [];
  const gates = edition.gates ?? [];
  return (
    <nav ref={nav} className="toc" aria-label={t("draft.contents")}>
      <h2>{t("draft.contents.title")}</h2>
      {opened && headings.length === 0 && <p className="meta">{t("draft.contents.empty")}</p>}
      <ol ref={list} style={{ paddingBlockStart: (rows[0]?.start ?? 0) - (rows[0] ? shown.options.scrollMargin : 0), paddingBlockEnd: Math.max(0, shown.getTotalSize() - (rows.at(-1)?.end ?? 0) + shown.options.scrollMargin) }}>
        {rows.map(({ index: i }) => {
          const h = headings[i]!;
          return <Item key={i} box={shown.measureElement} of={headings.length} index={i} number={h.number ? fmt.code(h.number) : ""} text={h.text} level={h.level} count={counts[i] ?? 0} here={i === here} go={go} draft={draft} held={held[i]} mayAssign={mayAssign} assign={assign} />;
        })}
      </ol>
      {lost.length > 0 && (
        <section className="gates">
          <h2>{t("section.lost")}</h2>
          <ul>
            {lost.map((s) => (
              <li key={s.id} className="with-menu"><span><bdi>{s.heading}</bdi> <Seal agency={s.agency} /></span><SectionMenu draft={draft} heading={s.heading} section={s} canAssign={false} onEdit={() => {}} /></li>
            ))}
          </ul>
        </section>
      )}
      {gates.length > 0 && (
        <section className="gates">
          <div className="jadwal" />
          <h2>{t("draft.needs")}</h2>
          <ul>
            {gates.map((g) => {
              const id = `draft.gate.${g.code}`;
              return (
                <li key={g.code}>
                  <span className={g.met ? "c-agree" : "c-due"}>
                    <Icon of={g.met ? Check : CircleDashed} small label={t(g.met ? "draft.gate.met" : "draft.gate.open")} />
                  </span>
                  <span>
                    {g.text ? <Text of={g.text} /> : known(id) ? t(id, { n: g.count ?? 0 }) : g.code}{" "}
                    {g.code === "blocking_threads" && !g.met && (
                      <button type="button" className="linklike" onClick={onShowBlocking}>
                        {t("draft.needs.show")}
                      </button>
                    )}
                    {g.missing.length > 0 && <Missing titles={missingOf(edition, g)} headings={headings} go={go} />}
                  </span>
                </li>
              );
            })}
          </ul>
        </section>
      )}
      <NextSteps edition={edition} />
    </nav>
  );
});

const none: readonly Heading[] = [];

/** The sections that are still to be written; those whose heading is there lead to it. */
function Missing({ titles, headings, go }: { titles: readonly string[]; headings: readonly Heading[]; go: (i: number) => void }) {
  return (
    <ul className="missing">
      {titles.map((title) => {
        const i = headings.findIndex((h) => h.text.trim() === title);
        return <li key={title}>{i < 0 ? <bdi>{title}</bdi> : <button type="button" className="linklike" onClick={() => go(i)}><bdi>{title}</bdi></button>}</li>;
      })}
    </ul>
  );
}

const row = 34;

// The browser says how high a row is when it has laid the page out; to ask before that would have it do so twice.
const sizeOf = (el: Element, entry: ResizeObserverEntry | undefined, list: Virtualizer<HTMLElement, Element>): number =>
  Math.round(entry?.borderBoxSize[0]?.blockSize ?? 0) || list.measurementsCache[list.indexFromElement(el)]?.size || row;

const Item = memo(function Item({ box, of, index, number, text, level, count, here, go, draft, held, mayAssign, assign }: { box: (el: Element | null) => void; of: number; index: number; number: string; text: string; level: number; count: number; here: boolean; go: (i: number) => void; draft: string; held: Section | undefined; mayAssign: boolean; assign: (i: number, s: Section | undefined) => void }) {
  const t = useT();
  const fmt = useFormat();
  return (
    <li ref={box} data-index={index} className="with-menu" aria-setsize={of} aria-posinset={index + 1}>
      <button type="button" className={`${level > 2 ? `sub l${Math.min(level, 5)}` : ""} ${here ? "on" : ""}`} aria-current={here ? "location" : undefined} onClick={() => go(index)}>
        <span className="num">{number}</span>
        <span>
          <span dir="auto">{text}</span>
          {held && <small className="given"><Seal agency={held.agency} />{held.done_at ? <Icon of={Check} small label={t("section.finished")} /> : held.due_at && <span className={overdue(held) ? "c-against" : "meta"}>{overdue(held) ? t("section.late", { date: fmt.day(held.due_at) }) : fmt.day(held.due_at)}</span>}</small>}
        </span>
        <span className="cm">
          {count > 0 && (
            <>
              <span aria-hidden="true">{fmt.num(count)}</span>
              <span className="vh">{t("draft.contents.threads", { n: count })}</span>
            </>
          )}
        </span>
      </button>
      <SectionMenu draft={draft} heading={text} section={held} canAssign={mayAssign} onEdit={() => assign(index, held)} />
    </li>
  );
});

// Where each section ends: at the next heading that is not below it.
function sectionEnds(headings: readonly Heading[]): number[] {
  const ends = new Array<number>(headings.length).fill(Number.POSITIVE_INFINITY);
  const open: number[] = [];
  headings.forEach((h, i) => {
    while (open.length > 0 && headings[open[open.length - 1]!]!.level >= h.level) ends[open.pop()!] = h.from;
    open.push(i);
  });
  return ends;
}

// How many of the sorted places are before a position.
function below(sorted: readonly number[], pos: number): number {
  let lo = 0;
  let hi = sorted.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (sorted[mid]! < pos) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** Index of the heading whose section is in view; -1 before the first. */
function useSection(view: EditorView | null, scroller: RefObject<HTMLDivElement | null>, headings: readonly Heading[], places: () => readonly Heading[]): number {
  const [here, setHere] = useState(-1);
  const look = useRef(() => {});
  useEffect(() => {
    if (!view) return;
    look.current = () => {
      const box = scroller.current;
      const top = box && box.scrollHeight > box.clientHeight + 4 ? box.getBoundingClientRect().top : 0;
      const at = view.lineBlockAtHeight(Math.max(0, top + 110 - view.documentTop)).from;
      setHere(below(places().map((h) => h.from), at + 1) - 1);
    };
    return onScroll(paced(look.current, 100));
  }, [view, scroller, places]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new headings are the reason to look again.
  useEffect(() => {
    const due = requestAnimationFrame(() => look.current());
    return () => cancelAnimationFrame(due);
  }, [headings, view]);
  return here;
}

/** Keeps the heading that is read in sight of the contents, unless the reader is at work in them. */
function useFollow(nav: RefObject<HTMLElement | null>, here: number, shown: { scrollToIndex(i: number, o: { align: "auto" }): void }): void {
  const now = useRef(shown);
  now.current = shown;
  useEffect(() => {
    const el = nav.current;
    if (here < 0 || !el || el.scrollHeight <= el.clientHeight || el.matches(":hover, :focus-within")) return;
    now.current.scrollToIndex(here, { align: "auto" });
  }, [here, nav]);
}
