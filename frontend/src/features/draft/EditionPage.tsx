import "./draft.css";
import "./rail.css";
import "./suggest.css";
import type { EditorView } from "@codemirror/view";
import { EditorView as View } from "@codemirror/view";
import type { StateEffect } from "@codemirror/state";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { flushSync } from "react-dom";
import { MessageSquarePlus, PencilLine } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useSession } from "../../api/session";
import type { Edition } from "../../api/types";
import { pick, useT } from "../../locales/i18n";
import { useFormat } from "../../locales/format";
import { useLocale } from "../../locales/prefs";
import { useTopic } from "../../live/socket";
import { limits } from "../../live/wire";
import { Icon } from "../../ui/Icon";
import { Segmented } from "../../ui/Segmented";
import { ErrorState, Skeleton } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { useTitle } from "../../ui/useTitle";
import { plain } from "./collab";
import { Seek } from "./Composer";
import { Contents } from "./Contents";
import { EditionHeader } from "./EditionHeader";
import { editionKey, editionQuery } from "../guideline/api";
import { anchors as anchorField, setActive, setDraftRange } from "./editor/anchors";
import { keptField } from "./editor/kept";
import { commentRange } from "./editor/commands";
import type { Dir } from "./editor/direction";
import { clauseAt, type Heading } from "./editor/outline";
import { others, ownMarks, setActiveSuggestion } from "./editor/suggestions";
import { useMarginKeys } from "./marginKeys";
import { type Filter, Rail, type RailExtra } from "./Rail";
import { Reading } from "./Reading";
import { Notices, StatusBar } from "./Status";
import { makeScanStore } from "./scan";
import { Shortcuts } from "./Shortcuts";
import { SuggestFault, SuggestionBar, SuggestionCard } from "./SuggestionCard";
import { Surface, type SurfaceHandle } from "./Surface";
import { narrowed, wide as wideOpen } from "./narrow";
import { NarrowBar } from "./NarrowBar";
import { type Ticker, makeTicker } from "./ticker";
import { Toolbar } from "./Toolbar";
import type { Suggestion } from "./suggest";
import type { Thread } from "./threads";
import { useDraft } from "./useDraft";
import { useGates } from "./useGates";
import { useNames } from "./useNames";
import { SectionDialog } from "./SectionDialog";
import type { Section } from "./sections";
import { useSections } from "./useSections";
import { useSuggestions } from "./useSuggestions";
import { useTerms } from "./useTerms";
import { useThreads } from "./useThreads";
import { Written } from "./written";

/** The working page of one edition: its text, its comments, its next step. */
export function EditionPage() {
  const { eid } = useParams({ strict: false }) as { eid: string };
  const edition = useQuery(editionQuery(eid));
  useTopic(`edition/${eid}`, editionKey(eid));
  if (edition.isPending) return <main className="matn" id="matn"><Skeleton rows={8} /></main>;
  if (edition.isError) return <main className="matn" id="matn"><ErrorState fault={edition.error} retry={() => void edition.refetch()} /></main>;
  return <Desk key={eid} edition={edition.data} />;
}
export default EditionPage;

/** Where what is active stands in a sheet from the bottom. */
const phones = "(max-width: 640px)";
/** Brings words to where the sheet does not cover them, below the toolbar. */
const aboveSheet = (at: number) => View.scrollIntoView(at, { y: "start", yMargin: 96 });

type Mode = "read" | "suggest" | "work";

function Desk({ edition }: { edition: Edition }) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const toast = useToast();
  const session = useSession();
  useTitle(t("draft.title", { title: pick(edition.guideline.title, locale) }));
  const lang = edition.guideline.language;
  const dir: Dir = lang === "en" ? "ltr" : "rtl";

  const surface = useRef<SurfaceHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const ticker = useMemo(makeTicker, []);
  const { open, status } = useDraft(edition.draft_id, session?.person?.id, {
    presence: (p) => surface.current?.presence(p),
    left: (c) => surface.current?.left(c),
  });
  const [view, setView] = useState<EditorView | null>(null);
  const scans = useMemo(makeScanStore, []);
  const [help, setHelp] = useState(false);
  const [wanted, setMode] = useState<Mode | null>(null);
  const [filter, setFilter] = useState<Filter>("open");
  const [active, setActiveThread] = useState<string | null>(null);
  const [composing, setComposing] = useState<{ quote: string } | null>(null);

  const write = status.abilities["draft.write"] === true && status.problem === null;
  const canComment = status.abilities["comment.create"] === true;
  const canSuggest = status.abilities["suggestion.create"] === true;
  // Who may only suggest gets that instead of a text that does not take what is typed.
  const natural: Mode = status.ready && !write && canSuggest ? "suggest" : "work";
  const mode = wanted === null || (wanted === "suggest" && !canSuggest) || (wanted === "work" && !write && canSuggest) ? natural : wanted;
  const suggests = mode === "suggest" && status.ready;
  const sg = useSuggestions(edition.draft_id, open?.session, view, status.online, suggests, session?.person?.id);
  const [ofAgency, setOfAgency] = useState("");
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const tick = useCallback((id: string, on: boolean) => setTicked((old) => (on ? [...old, id] : old.filter((x) => x !== id))), []);
  const threads = useThreads(edition.draft_id, open?.session, view, { person: session?.person?.id, agency: session?.agency?.id }, useStamp(`${edition.state} ${canComment} ${write}`, Object.keys(status.abilities).length > 0));
  const [narrow, setNarrow] = useState(wideOpen);
  useTerms(view);
  const sections = useSections(edition.draft_id, open?.session, view, session?.agency?.id);
  const [assigning, setAssigning] = useState<{ heading: Heading; section?: Section } | null>(null);
  const giveSection = useCallback((heading: Heading, section: Section | undefined) => setAssigning({ heading, section }), []);
  const { names, seek } = useNames(edition, canComment, threads.all, status.peers);

  const shown = useMemo(() => {
    const list = narrowed(threads.by[filter], narrow, session?.person?.id);
    const extra = active && !list.some((x) => x.id === active) ? threads.all.filter((x) => x.id === active) : [];
    return [...list, ...extra];
  }, [threads, filter, active, narrow, session?.person?.id]);

  // Words are looked for in what is here.
  const searching = narrow.words.trim() !== "";
  useEffect(() => {
    if (searching) return threads.read(threads.by[filter].flatMap((th) => (th.brief ? th.id : [])));
  }, [searching, threads, filter]);

  const activate = useCallback(
    (id: string | null, reveal = true) => {
      setActiveThread(id);
      if (!view) return;
      const suggestion = sg.all.find((x) => x.id === id);
      const place = suggestion ? placeOf(view, suggestion) : null;
      const effects: StateEffect<unknown>[] = [setActive.of(id), setActiveSuggestion.of(place?.name ?? null)];
      const a = place ?? view.state.field(anchorField).list.find((x) => x.id === id);
      // Also where they were tapped.
      if (a && matchMedia(phones).matches) effects.push(aboveSheet(a.from));
      else if (a && reveal) {
        const c = view.coordsAtPos(a.from);
        const box = scroller.current?.getBoundingClientRect();
        if (!c || !box || c.top < box.top + 60 || c.bottom > box.bottom - 60) effects.push(View.scrollIntoView(a.from, { y: "center" }));
      }
      view.dispatch({ effects });
      ticker.tick();
    },
    [view, ticker, sg.all],
  );

  // An address names a thread: it is opened once, when it and its text are here.
  const named = useRef(new URLSearchParams(location.search).get("thread"));
  useEffect(() => {
    const th = named.current && view && threads.all.find((x) => x.id === named.current);
    if (!th) return;
    named.current = null;
    if (th.state === "resolved") setFilter("resolved");
    activate(th.id);
  }, [threads.all, view, activate]);

  const standing = useRef<readonly Suggestion[]>([]);
  const inMargin = useCallback(() => {
    if (!view) return [];
    const at = new Map(view.state.field(anchorField).list.map((a) => [a.id, a.from]));
    const alike = shown.filter((x) => x.state === shown[0]?.state).map((x) => ({ id: x.id, from: at.get(x.id) ?? -1 }));
    return [...alike, ...standing.current.map((x) => ({ id: x.id, from: placeOf(view, x)?.from ?? -1 }))];
  }, [view, shown]);
  useMarginKeys(view, active, inMargin, activate);

  const compose = useCallback(() => {
    if (!view || !canComment) return;
    const range = commentRange(view.state);
    if (!range) {
      toast(t("thread.new.pick"));
      view.focus();
      return;
    }
    setActiveThread(null);
    setMode((m) => (m === "read" ? null : m));
    setFilter((f) => (f === "resolved" ? "open" : f));
    setComposing({ quote: view.state.sliceDoc(range.from, Math.min(range.to, range.from + 160)) });
    view.dispatch({ effects: [setDraftRange.of(range), setActive.of(null), ...(matchMedia(phones).matches ? [aboveSheet(range.from)] : [])] });
  }, [view, canComment, toast, t]);

  const composed = (id: string | null) => {
    setComposing(null);
    view?.dispatch({ effects: setDraftRange.of(null) });
    if (id) {
      toast(t("thread.sent"));
      activate(id, false);
    }
    view?.focus();
  };

  const goTo = useCallback((pos: number) => {
    if (!view) return;
    flushSync(() => setMode((m) => (m === "read" ? null : m))); // what is hidden neither scrolls nor takes the focus
    view.dispatch({ selection: { anchor: Math.min(pos, view.state.doc.length) }, effects: View.scrollIntoView(pos, { y: "start", yMargin: 64 }) });
    view.focus();
  }, [view]);

  // An address names a section that was given: the text opens at it, once.
  const owed = useRef(new URLSearchParams(location.search).get("section"));
  useEffect(() => {
    const place = owed.current && sections && view?.state.field(keptField).find((k) => k.id === owed.current);
    if (!place) return;
    owed.current = null;
    goTo(place.at);
  }, [sections, view, goTo]);

  const clauseOf = (th: Thread) => {
    const a = view?.state.field(anchorField).list.find((x) => x.id === th.id);
    const scan = scans.get();
    return a && scan ? clauseAt(scan.outline, a.from) : "";
  };
  const sizeOf = (bytes: number) => (bytes < 1024 * 1024 ? t("draft.size.kb", { n: Math.round(bytes / 1024) }) : t("draft.size.mb", { n: Math.round(bytes / 1024 / 102.4) / 10 }));
  const copyAll = () => {
    if (view) void navigator.clipboard.writeText(plain(view.state.doc)).then(() => toast(t("action.copied")));
  };
  const wide = useMedia("(min-width: 1101px)");
  const phone = useMedia(phones);
  // What moderation hid is left to its author to read, and stops nothing.
  const shownToAll = threads.by.open.filter((x) => !x.hidden);
  const blocking = shownToAll.filter((x) => x.blocking);
  const firstBlocking = blocking[0]?.id;
  useGates(edition, open?.session, { open: shownToAll.length, blocking: blocking.length });
  const showBlocking = useCallback(() => {
    setFilter("open");
    if (firstBlocking) activate(firstBlocking);
  }, [firstBlocking, activate]);
  const modes: { value: Mode; label: ReactNode }[] = [{ value: "read", label: t("draft.mode.read") }];
  if (canSuggest) modes.push({ value: "suggest", label: <><Icon of={PencilLine} small /> {t("suggest.mode")}</> });
  if (write || !canSuggest) modes.push({ value: "work", label: t(write || !status.ready ? "draft.mode.write" : "draft.mode.comment") });
  const mySuggestion = (s: Suggestion) => !!session?.agency?.id && s.author.agency?.id === session.agency.id;
  // What came with a comment is decided in its thread, and is counted as that.
  const [openAlone, decidedAlone] = [sg.open, sg.decided].map((list) => list.filter((s) => !s.thread_id)) as [Suggestion[], Suggestion[]];
  const inRail = (filter === "resolved" ? decidedAlone : openAlone.filter((s) => filter !== "mine" || mySuggestion(s))).filter((s) => (ofAgency === "" || s.author.agency?.id === ofAgency));
  const chosen = sg.all.filter((s) => s.id === active && !s.thread_id && !inRail.includes(s));
  // Only what is open and shown can be decided together.
  const undecided = inRail.filter((s) => s.state === "open");
  standing.current = undecided;
  const together = undecided.filter((s) => ticked.includes(s.id)).map((s) => s.id);
  const extras: RailExtra[] = [...inRail, ...chosen].map((s) => ({
    id: s.id,
    at: (v) => placeOf(v, s)?.from ?? null,
    card: (on) => (
      <SuggestionCard
        suggestion={s}
        draft={edition.draft_id!}
        active={on}
        online={status.online}
        picked={undecided.length > 1 && undecided.includes(s) ? ticked.includes(s.id) : null}
        onPick={tick}
        onActivate={activate}
      />
    ),
    clause: () => {
      const scan = scans.get();
      const at = view && placeOf(view, s);
      return scan && at ? clauseAt(scan.outline, at.from) : "";
    },
  }));
  const showText = mode !== "read";
  const types = write && mode === "work" ? true : suggests;

  // Without a living text to be seen (a published edition, another's draft) there is the hub's rendering.
  if (!edition.draft_id || (status.problem && !status.ready)) {
    return (
      <div className="edp">
        <EditionHeader edition={edition} peers={[]} />
        <Notices session={edition.draft_id ? open?.session : null} onDismiss={() => {}} onCopy={copyAll} onReload={() => location.reload()} />
        <main className="matn" id="matn">
          <Reading edition={edition.id} lang={lang} dir={dir} />
        </main>
      </div>
    );
  }
  return (
    <Seek value={seek}><div className="edp">
      <Written value={open?.session ?? null}><EditionHeader edition={edition} peers={status.peers} /></Written>
      <Notices session={open?.session} onDismiss={() => open?.session.dismissMerged()} onCopy={copyAll} onReload={() => location.reload()} />
      <div className="ed" ref={scroller}>
        <Written value={open?.session ?? null}>
          <Contents view={view} scans={scans} threads={threads.all} scroller={scroller} onGo={goTo} edition={edition} onShowBlocking={showBlocking} given={sections} onAssign={giveSection} />
        </Written>
        <main className="paper" id="matn" tabIndex={-1} aria-label={t("draft.matn")}>
          <Toolbar
            view={showText ? view : null}
            write={types && showText}
            canComment={canComment && showText}
            onComment={compose}
            onHelp={() => setHelp(true)}
            ticker={ticker}
            start={<Segmented label={t("draft.mode")} value={mode} options={modes} onChange={setMode} />}
          />
          <p className="vh" role="status">{suggests ? t("suggest.say.on") : ""}</p>
          {suggests && <p className="sg-hint">{t("suggest.hint")}</p>}
          <SuggestFault saver={sg.saver} />
          {!open?.start && <div className="doc-wait"><Skeleton rows={8} /></div>}
          {open?.start && (
            <Surface
              ref={surface}
              open={open}
              dir={dir}
              lang={lang}
              write={types}
              hue={session?.agency?.hue ?? 1}
              onSuggested={sg.changed}
              onPickSuggestion={(id) => {
                const s = sg.all.find((x) => x.id === id || (x.key !== "" && x.key === id));
                if (s) activate(s.id, false);
              }}
              hidden={!showText}
              onView={setView}
              onScan={scans.set}
              onPick={(id) => activate(id, false)}
              onComment={compose}
              onClause={(n, pos) => {
                void navigator.clipboard?.writeText(`${location.origin}${location.pathname}#${n}`).catch(() => {});
                toast(t("draft.clause.copied", { n: fmt.code(n) }));
                goTo(pos);
              }}
              onHelp={() => setHelp(true)}
              onSay={toast}
              onRefused={(what, of) => toast(what === "section" ? t("section.refused", { agency: of?.agency ?? "" }) : t(`draft.refused.${what}`, { size: sizeOf(of?.bytes ?? 0), limit: sizeOf(limits.updateBytes) }))}
              onLayout={(moved) => (moved ? ticker.tick() : ticker.later())}
            />
          )}
          {showText && view && canComment && !composing && <CommentHere view={view} ticker={ticker} onComment={compose} />}
          {mode === "read" && <Reading edition={edition.id} session={open?.session} lang={lang} dir={dir} goToLine={view ? (n) => goTo(view.state.doc.line(Math.min(n, view.state.doc.lines)).from) : undefined} />}
        </main>
        {open && (
          <Rail
            view={view}
            session={open.session}
            threads={shown}
            onRead={threads.read}
            extras={extras}
            bar={filter !== "resolved" ? <SuggestionBar open={openAlone} draft={edition.draft_id} agency={ofAgency} onAgency={setOfAgency} picked={together} onPicked={setTicked} online={status.online} /> : null}
            counts={{ open: threads.by.open.length + openAlone.length, mine: threads.by.mine.length + openAlone.filter(mySuggestion).length, resolved: threads.by.resolved.length + decidedAlone.length }}
            filter={filter}
            onFilter={setFilter}
            active={active}
            onActivate={activate}
            composing={composing}
            onCompose={compose}
            onComposed={composed}
            canComment={canComment}
            own={!!session?.agency}
            narrow={threads.by[filter].length > 3 || narrow !== wideOpen ? <NarrowBar list={threads.by[filter]} narrow={narrow} onNarrow={setNarrow} me={session?.person?.id} shown={shown.length} /> : null}
            onClear={narrow !== wideOpen && threads.by[filter].length > 0 ? () => setNarrow(wideOpen) : null}
            online={status.online}
            names={names}
            clauseOf={clauseOf}
            ticker={ticker}
            aligned={wide && showText}
            sheet={phone}
          />
        )}
      </div>
      {help && <Shortcuts onClose={() => setHelp(false)} />}
      {assigning && open && (
        <SectionDialog
          edition={edition}
          heading={assigning.heading.text}
          section={assigning.section}
          where={async () => ({ version: await open.session.settled(), from: open.session.shared(assigning.heading.from, assigning.heading.from).from })}
          onClose={() => setAssigning(null)}
        />
      )}
      <StatusBar session={open?.session} saver={sg.saver} scans={scans} write={write || suggests} />
    </div></Seek>
  );
}

// What rights rest on, once they are known; "" for those that the page opened with, so that nothing is asked for twice.
function useStamp(now: string, known: boolean): string {
  const first = useRef<string | null>(null);
  if (known) first.current ??= now;
  return !known || now === first.current ? "" : now;
}

// Where a suggestion is in the text of this editor, and the name it has there.
function placeOf(view: EditorView, s: Suggestion): { from: number; name: string } | null {
  const drawn = view.state.field(others).list.find((x) => x.id === s.id);
  if (drawn?.parts[0]) return { from: drawn.parts[0].from, name: s.id };
  const mine = s.key === "" ? undefined : ownMarks(view.state).find((m) => m.key === s.key);
  return mine ? { from: mine.from, name: s.key } : null;
}

// The button at the margin's edge beside a selection.
function CommentHere({ view, ticker, onComment }: { view: EditorView; ticker: Ticker; onComment: () => void }) {
  const t = useT();
  // Most keys are typed with nothing selected; then there is nothing to place anew.
  useSyncExternalStore(ticker.subscribe, () => (view.state.selection.main.empty ? -1 : ticker.count()));
  const { from, to, head } = view.state.selection.main;
  if (from === to || !view.dom.isConnected) return null;
  const c = view.coordsAtPos(head);
  const box = view.dom.closest(".paper")?.getBoundingClientRect();
  if (!c || !box) return null;
  return (
    <button type="button" className="comment-here" style={{ insetBlockStart: c.top - box.top - 4 }} aria-label={t("draft.tool.comment")} title={t("draft.tool.comment")} onMouseDown={(e) => e.preventDefault()} onClick={onComment}>
      <Icon of={MessageSquarePlus} />
    </button>
  );
}

function useMedia(query: string): boolean {
  const [on, setOn] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const m = matchMedia(query);
    const f = () => setOn(m.matches);
    m.addEventListener("change", f);
    return () => m.removeEventListener("change", f);
  }, [query]);
  return on;
}
