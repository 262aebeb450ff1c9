import "./history.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, Pause, Play } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSession } from "../../api/session";
import type { Edition } from "../../api/types";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { GoLink } from "../../ui/GoLink";
import { Icon } from "../../ui/Icon";
import { Columns } from "../../ui/Layout";
import { Text } from "../../ui/People";
import { Segmented } from "../../ui/Segmented";
import { Empty, ErrorState, FaultNote, faultText, fieldError, Skeleton } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { useTitle } from "../../ui/useTitle";
import { editionKey, editionQuery } from "../guideline/api";
import type { Dir } from "../draft/editor/direction";
import { AuthoredText } from "./AuthoredText";
import { type Diff, diffQuery, fetchWindow, nameRevision, renameRevision, type Revision, restoreVersion, type Timeline, timelineKey, timelineQuery, unnameRevision, type Writer } from "./api";
import { Credits } from "./Credits";
import { DiffText, isChange } from "./DiffText";
import { byAgency, Revisions, useRevisionName, WhoChanged } from "./Margin";
import { marks, startOf, tally, timeOf } from "./marks";
import { type Moment, Player } from "./player";
import type { HistorySearch } from "./search";
import { TimeSlider } from "./TimeSlider";

/** Who wrote what in an edition, what changed between two moments, and the way back. */
export function HistoryPage() {
  const { eid } = useParams({ strict: false }) as { eid: string };
  const edition = useQuery(editionQuery(eid));
  const draft = edition.data?.draft_id ?? "";
  const timeline = useQuery({ ...timelineQuery(draft), enabled: draft !== "" });
  useTopic(`edition/${eid}`, draft ? timelineKey(draft) : editionKey(eid));
  const failed = edition.error ?? timeline.error;
  if (failed) return <main className="matn" id="matn"><ErrorState fault={failed} retry={() => void (edition.error ? edition.refetch() : timeline.refetch())} /></main>;
  if (!edition.data || !timeline.data) return <main className="matn" id="matn"><Skeleton rows={8} /></main>;
  return <History key={draft} edition={edition.data} line={timeline.data} />;
}
export default HistoryPage;

function History({ edition, line }: { edition: Edition; line: Timeline }) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const session = useSession();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as HistorySearch;
  const nameOf = useRevisionName();
  const g = edition.guideline;
  useTitle(t("history.title", { title: pick(g.title, locale) }));
  const lang = g.language;
  const dir: Dir = lang === "en" ? "ltr" : "rtl";
  const draft = line.draft_id;
  const head = line.head;
  const mine = session?.agency?.id;

  const view = search.view ?? "unified";
  const to = Math.min(search.to ?? head, head);
  const from = Math.min(search.from ?? startOf(line.revisions, to), to);
  const [drag, setDrag] = useState<number[] | null>(null);
  const [agency, setAgency] = useState<string | null>(null);
  const [ask, setAsk] = useState<"name" | "restore" | Revision | null>(null);
  const one = view === "text" || view === "credits";

  const go = useCallback(
    (next: HistorySearch, replace = true) =>
      void navigate({ to: ".", search: (old: HistorySearch) => ({ ...old, ...next }), replace, resetScroll: false }),
    [navigate],
  );
  const choose = (v: number[]) => {
    // The address follows a moment later; until then what was chosen stands, or the text would go back to where it was in between.
    setDrag(v);
    if (one) go({ to: v[0] === head ? undefined : v[0] });
    else go({ from: v[0], to: v[1] === head ? undefined : v[1] });
  };

  const writers = useMemo(() => new Map(line.writers.map((w): [number, Writer] => [w.by, w])), [line.writers]);
  const hueOf = useCallback((by: number) => writers.get(by)?.agency?.hue ?? 0, [writers]);
  const wanted = useCallback((by: number) => agency === null || (writers.get(by)?.agency?.id ?? "") === agency, [writers, agency]);
  const dimmed = useCallback((by: number) => !wanted(by), [wanted]);
  const dates = useMemo(() => marks(line.buckets, head), [line.buckets, head]);
  const labelOf = useCallback(
    (v: number) => {
      const known = line.revisions.filter((r) => r.version === v && r.kind !== "before_restore");
      const best = known.find((r) => r.kind === "named") ?? known[known.length - 1];
      if (best) return nameOf(best);
      if (v === head) return t("history.now");
      return fmt.moment(timeOf(line.buckets, v, line.created_at));
    },
    [line, head, nameOf, fmt, t],
  );

  const diff = useQuery({ ...diffQuery(draft, from, to), enabled: !one });
  const value = drag ?? (one ? [to] : [from, to]);
  useEffect(() => {
    if (drag && (one ? drag[0] === to : drag[0] === from && drag[1] === to)) setDrag(null);
  }, [drag, one, from, to]);
  const at = value[value.length - 1]!;

  const scrub = useScrub(draft, view === "text" ? at : null, head);
  const player = usePlay(head, at, (v, done) => (done ? choose([v]) : setDrag([v])));

  const lines = useMemo(() => {
    if (!one) return byAgency(diff.data?.changes ?? [], writers);
    const counts = new Map<number, number>();
    for (const [n, by] of scrub.moment?.spans ?? []) counts.set(by, (counts.get(by) ?? 0) + n);
    return byAgency([...counts].map(([by, n]) => ({ by, added: n, removed: 0 })), writers);
  }, [one, diff.data, scrub.moment, writers]);
  const look = useCallback(
    (by: number) => {
      const w = writers.get(by);
      if (!w) return null;
      return {
        hue: w.agency?.hue ?? 0,
        dim: !wanted(by),
        title: (s: number) => [pick(w.person.name, locale), pick(w.agency?.short, locale), s > 0 ? fmt.moment(s * 1000) : ""].filter(Boolean).join(" · "),
      };
    },
    [writers, wanted, locale, fmt],
  );

  const unname = useUnname(draft);
  const target = to < head ? to : from;
  const base = `/guidelines/${g.id}/editions/${edition.id}`;
  return (
    <Columns
      className="hist"
      label={t("history.margin")}
      matn={
        <>
          <nav className="crumb" aria-label={t("draft.crumb")}>
            <GoLink href={`/guidelines/${g.id}`}><Text of={g.title} /></GoLink>
            <span aria-hidden="true">/</span>
            <GoLink href={base}>{t("draft.edition", { n: fmt.code(edition.number) })}</GoLink>
            <span aria-hidden="true">/</span>
            <span>{t("history.crumb")}</span>
          </nav>
          <div className="row between wrap hist-head">
            <h1>{one ? t("history.h1.text", { at: labelOf(at) }) : labelOf(at) === t("history.now") ? t("history.h1.diff.now", { from: labelOf(value[0]!) }) : t("history.h1.diff", { from: labelOf(value[0]!), to: labelOf(at) })}</h1>
            <div className="row wrap">
              <Segmented
                label={t("history.view")}
                value={view}
                options={(["unified", "side", "text", "credits"] as const).map((v) => ({ value: v, label: t(`history.view.${v}`) }))}
                onChange={(v) => {
                  player.stop();
                  setDrag(null);
                  go({ view: v === "unified" ? undefined : v });
                }}
              />
              {line.abilities["revision.restore"] && target < head && (
                <Button small onClick={() => setAsk("restore")}>{t("history.restore")}</Button>
              )}
            </div>
          </div>
          {head === 0 ? (
            <Empty title={t("history.empty")}>{t("history.empty.text")}</Empty>
          ) : (
            <TimeSlider head={head} value={value} buckets={line.buckets} marks={dates} hueOf={hueOf} dimmed={dimmed} labelOf={labelOf} onHold={view === "text" ? scrub.hold : undefined} onNear={view === "text" ? scrub.near : undefined} onDrag={(v) => { player.stop(); setDrag(v); }} onChoose={choose} />
          )}
          {view === "text" && head > 0 && (
            <div className="row wrap hist-bar">
              <Button small onClick={player.playing ? player.stop : player.start}>
                <Icon of={player.playing ? Pause : Play} small flip />
                {t(player.playing ? "history.pause" : "history.play")}
              </Button>
              <span className="meta">
                {t("history.version", { n: at, all: head })} · {fmt.moment(scrub.moment && scrub.moment.version === at ? scrub.moment.at : timeOf(line.buckets, at, line.created_at))}
              </span>
            </div>
          )}
          {view === "text" && (scrub.fault ? <ErrorState fault={scrub.fault} retry={scrub.retry} /> : scrub.moment ? (
            <AuthoredText moment={scrub.moment} look={look} dir={dir} lang={lang} label={t("history.text.label")} />
          ) : (
            <Skeleton rows={8} />
          ))}
          {view === "credits" && <Credits draft={draft} version={to} writers={writers} mine={mine} />}
          {!one && (diff.isError ? (
            <ErrorState fault={diff.error} retry={() => void diff.refetch()} />
          ) : diff.data ? (
            <Changes diff={diff.data} stale={diff.isPlaceholderData || drag !== null} side={view === "side"} names={[labelOf(from), labelOf(to)]} {...{ dir, lang, writers, mine, hueOf, wanted }} />
          ) : (
            <Skeleton rows={8} />
          ))}
        </>
      }
      hashiya={
        <>
          {view !== "credits" && <WhoChanged lines={lines} mine={mine} agency={agency} onAgency={setAgency} removed={!one} whole={scrub.moment?.doc.length ?? 0} />}
          <Revisions
            list={line.revisions}
            head={head}
            from={one ? -1 : from}
            to={to}
            canName={line.abilities["revision.name"] === true}
            onCompare={(v) => (one ? go({ to: v === head ? undefined : v }) : v === head ? go({ to: undefined }) : go({ from: v, to: undefined }))}
            onName={() => setAsk("name")}
            onRename={setAsk}
            onUnname={unname}
          />
          {ask === "name" && <NameDialog draft={draft} version={to} label={labelOf(to)} close={() => setAsk(null)} />}
          {ask !== null && typeof ask === "object" && <NameDialog draft={draft} version={ask.version} label={labelOf(ask.version)} revision={ask} close={() => setAsk(null)} />}
          {ask === "restore" && <RestoreDialog draft={draft} version={target} label={labelOf(target)} close={() => setAsk(null)} done={() => go({ from: target, to: undefined })} />}
        </>
      }
    />
  );
}

function Changes(p: { diff: Diff; stale: boolean; side: boolean; names: [string, string]; dir: Dir; lang: "ar" | "en"; writers: ReadonlyMap<number, Writer>; mine: string | undefined; hueOf: (by: number) => number; wanted: (by: number) => boolean }) {
  const t = useT();
  const { diff, wanted } = p;
  const [current, setCurrent] = useState<number | null>(null);
  const list = useMemo(() => diff.blocks.flatMap((b, i) => (isChange(b, wanted) && b.kind !== "moved_away" ? [i] : [])), [diff, wanted]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another comparison begins at its beginning.
  useEffect(() => setCurrent(null), [diff]);
  const n = tally(diff.blocks);
  const where = current === null ? -1 : list.indexOf(current);
  const step = (by: number) => {
    const next = list[Math.min(list.length - 1, Math.max(0, where + by))];
    if (next === undefined) return;
    setCurrent(next);
    const el = document.getElementById(`b${next}`);
    el?.scrollIntoView({ block: "center" });
    el?.focus({ preventScroll: true });
  };
  if (diff.from === diff.to || list.length === 0) return <Empty title={t(diff.from === diff.to ? "history.diff.one" : "history.diff.none")}>{t("history.diff.none.text")}</Empty>;
  return (
    <>
      <div className="row between wrap hist-bar meta">
        <span>
          {t("history.diff.count", { n: n.all })}
          {(["added", "removed", "moved", "changed"] as const).filter((k) => n[k] > 0).map((k, i) => (
            <span key={k}>{i === 0 ? ": " : t("history.comma")}{t(`history.diff.${k}`, { n: n[k] })}</span>
          ))}
        </span>
        <span className="row">
          <Button small onClick={() => step(-1)}>
            <Icon of={ChevronLeft} small flip />
            {t("history.prev")}
          </Button>
          <span>{where < 0 ? t("history.of.none", { n: list.length }) : t("history.of", { i: where + 1, n: list.length })}</span>
          <Button small onClick={() => step(1)}>
            {t("history.next")}
            <Icon of={ChevronRight} small flip />
          </Button>
        </span>
      </div>
      <div className={p.stale ? "stale" : ""} aria-busy={p.stale}>
        <DiffText {...p} current={current} />
      </div>
    </>
  );
}
/** Windows that are fetched before anybody takes hold of the line, some 50 KB each. */
const ahead = 8;

/**
 * The text of a version while it is being chosen: at once where its window is on this device. Of the versions the thumb
 * passes over, one window is asked for at a time, always for where the thumb is by then, so that the text follows and
 * nothing queues. Who takes hold of the line gets the rest of it meanwhile.
 */
function useScrub(draft: string, version: number | null, head: number) {
  const player = useMemo(() => new Player((v) => fetchWindow(draft, v)), [draft]);
  const [moment, setMoment] = useState<Moment | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [again, setAgain] = useState(0);
  const wanted = useRef<number | null>(null);
  const busy = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: again asks once more.
  useEffect(() => {
    wanted.current = version;
    if (version === null) return;
    const here = player.now(version);
    if (here) {
      setMoment(here);
      return;
    }
    if (busy.current) return;
    busy.current = true;
    const run = async () => {
      for (let v = wanted.current; v !== null; ) {
        const m = await player.at(v);
        if (wanted.current === null) return;
        // What came is shown also when the thumb has gone on, unless that place is here.
        const next: number = wanted.current;
        setMoment(player.now(next) ?? m);
        setFault(null);
        v = next === v || player.now(next) ? null : next;
      }
    };
    void run().catch(setFault).finally(() => {
      busy.current = false;
    });
  }, [player, version, again]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another player is another draft.
  useEffect(
    () => () => {
      wanted.current = null;
    },
    [player],
  );
  const sweeping = useRef<AbortController | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is fetched ahead is of one draft up to one head.
  useEffect(() => () => sweeping.current?.abort(), [player, head]);
  const sweep = useCallback(
    (most: number) => {
      sweeping.current?.abort();
      const stop = new AbortController();
      sweeping.current = stop;
      // What does not come now is asked for when it is needed.
      void player.sweep(head, stop.signal, { most, near: () => wanted.current ?? head }).catch(() => {});
    },
    [player, head],
  );
  const held = useRef<object | null>(null);
  const hold = useCallback(() => {
    if (held.current === sweep) return;
    held.current = sweep;
    sweep(Number.POSITIVE_INFINITY);
  }, [sweep]);
  // A few windows all over the line come before anybody takes hold of it, when the first text stands.
  const begun = moment !== null;
  useEffect(() => {
    if (!begun || held.current === sweep) return;
    const timer = setTimeout(() => sweep(ahead), 150);
    return () => clearTimeout(timer);
  }, [begun, sweep]);
  return { moment, fault, retry: () => { setFault(null); setAgain((n) => n + 1); }, hold, near: useCallback((v: number) => player.expect(v), [player]) };
}

/** Plays from a version to the head in about twenty seconds, or one update a frame where there are few. */
function usePlay(head: number, at: number, show: (version: number, done: boolean) => void) {
  const [playing, setPlaying] = useState(false);
  const place = useRef(at);
  const fn = useRef(show);
  fn.current = show;
  if (!playing) place.current = at;
  const stop = useCallback(() => setPlaying(false), []);
  const start = useCallback(() => {
    if (place.current >= head) place.current = 0;
    setPlaying(true);
  }, [head]);
  useEffect(() => {
    if (!playing) return;
    const perSecond = Math.max(12, head / 20);
    let before = performance.now();
    let exact = place.current;
    let frame = requestAnimationFrame(function tick(now) {
      exact = Math.min(head, exact + ((now - before) / 1000) * perSecond);
      before = now;
      const v = Math.floor(exact);
      if (v !== place.current) {
        place.current = v;
        fn.current(v, v >= head);
      }
      if (v >= head) setPlaying(false);
      else frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, head]);
  return { playing, start, stop };
}

/** Takes a name away, and offers it back for a moment. */
function useUnname(draft: string) {
  const t = useT();
  const locale = useLocale();
  const toast = useToast();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: timelineKey(draft) });
  const again = useMutation({ mutationFn: (r: Revision) => nameRevision(draft, { version: r.version, name: r.name }), onSettled: refresh });
  const gone = useMutation({
    mutationFn: (r: Revision) => unnameRevision(r.id),
    onSuccess: (_done, r) => toast(t("history.unnamed"), { label: t("action.undo"), act: () => again.mutate(r) }),
    onError: (e) => toast(faultText(e, locale)),
    onSettled: refresh,
  });
  return useCallback((r: Revision) => gone.mutate(r), [gone.mutate]);
}

function NameDialog({ draft, version, label, revision, close }: { draft: string; version: number; label: string; revision?: Revision; close: () => void }) {
  const t = useT();
  const toast = useToast();
  const queries = useQueryClient();
  const [name, setName] = useState(revision?.name ?? "");
  const save = useMutation({
    mutationFn: () => (revision ? renameRevision(revision.id, name) : nameRevision(draft, { version, name })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: timelineKey(draft) });
      toast(t(revision ? "history.renamed" : "history.named"));
      close();
    },
  });
  return (
    <Dialog title={t(revision ? "history.rename" : "history.name")} onClose={close}>
      <form
        className="form"
        onSubmit={(e) => {
          e.preventDefault();
          save.mutate();
        }}
      >
        <p className="dim">{t("history.name.text", { label })}</p>
        <Field label={t("history.name.label")} hint={t("history.name.hint")} value={name} maxLength={120} autoFocus onChange={(e) => setName(e.target.value)} error={fieldError(save.error, "name")} dir="auto" />
        {!fieldError(save.error, "name") && <FaultNote fault={save.error} />}
        <div className="acts">
          <Button tone="primary" type="submit" pending={save.isPending}>{t("history.name.save")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function RestoreDialog({ draft, version, label, close, done }: { draft: string; version: number; label: string; close: () => void; done: () => void }) {
  const t = useT();
  const toast = useToast();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: timelineKey(draft) });
  const undo = useMutation({
    mutationFn: (before: number) => restoreVersion(draft, before),
    onSuccess: () => {
      void refresh();
      toast(t("history.undone"));
    },
  });
  const save = useMutation({
    mutationFn: () => restoreVersion(draft, version),
    onSuccess: async (made) => {
      await refresh();
      const line = queries.getQueryData<Timeline>(timelineKey(draft));
      const before = line?.revisions.filter((r) => r.kind === "before_restore" && r.version < made.version).at(-1);
      toast(t("history.restored", { label }), before && { label: t("history.undo"), act: () => undo.mutate(before.version) });
      done();
      close();
    },
  });
  return (
    <Dialog title={t("history.restore.title", { label })} onClose={close}>
      <p>{t("history.restore.text")}</p>
      <FaultNote fault={save.error} />
      <div className="acts">
        <Button tone="primary" pending={save.isPending} onClick={() => save.mutate()}>{t("history.restore.confirm")}</Button>
        <Button onClick={close}>{t("action.cancel")}</Button>
      </div>
    </Dialog>
  );
}
