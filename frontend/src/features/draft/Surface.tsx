import { EditorView } from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";
import { pick, useT } from "../../locales/i18n";
import { useFormat } from "../../locales/format";
import { useLocale } from "../../locales/prefs";
import type { Presence } from "../../live/protocol";
import { anchors } from "./editor/anchors";
import { caretLeft, caretMoved } from "./editor/carets";
import type { Scan } from "./editor/clauses";
import type { Dir } from "./editor/direction";
import { createView, type EditorHooks, type EditorWords, setWords, setWritable } from "./editor/view";
import { imagesOf, linksOf, type Wording } from "./editorHooks";
import type { OpenDraft } from "./useDraft";
import { termSayings } from "./useTerms";

/** What the rest of the page may ask of the editor. */
export interface SurfaceHandle {
  view: EditorView | null;
  presence(p: Presence): void;
  left(client: number): void;
}

export interface SurfaceProps {
  open: OpenDraft;
  dir: Dir;
  lang: string;
  /** Typing goes somewhere: into the text, or into suggestions. */
  write: boolean;
  hue: number;
  hidden: boolean;
  onScan(s: Scan): void;
  onPick(thread: string): void;
  onComment(): void;
  onClause(number: string, pos: number): void;
  onHelp(): void;
  /** Says something in passing. */
  onSay(words: string): void;
  onRefused(what: "paste" | "text" | "section", of?: { agency?: string; bytes?: number }): void;
  /** The selection, the text or the layout changed; `moved` when what stands beside the text may have to move at once. */
  onLayout(moved: boolean): void;
  onView(view: EditorView | null): void;
  /** Something was suggested by typing. */
  onSuggested(): void;
  onPickSuggestion(id: string): void;
  ref?: Ref<SurfaceHandle>;
}

/** The text itself, in CodeMirror. It stays mounted while reading mode covers it, so that the session goes on. */
export function Surface(props: SurfaceProps) {
  const { open, dir, lang, write, hidden } = props;
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const stamp = useRef(0);
  const now = useRef(props);
  now.current = props;
  const localeNow = useRef(locale);
  localeNow.current = locale;

  const words: EditorWords = {
    label: t("draft.text.label"),
    placeholder: t("draft.text.placeholder"),
    digits: fmt.code,
    terms: termSayings(t, locale),
    suggest: { hue: props.hue, deleted: (text) => t("suggest.say.deleted", { text }) },
    find: {
      title: t("draft.tool.find"), find: t("draft.find.Find"), replaceWith: t("draft.find.Replace"), next: t("draft.find.next"), previous: t("draft.find.previous"),
      replace: t("draft.find.replace"), replaceAll: t("draft.find.replaceAll"), folded: t("draft.find.folded"), whole: t("draft.find.word"), close: t("draft.find.close"), none: t("draft.find.none"),
      count: (at, n, more) => (more ? t("draft.find.many", { n }) : at > 0 ? t("draft.find.at", { at, n }) : t("draft.find.count", { n })),
      replaced: (n) => t("draft.find.replacedN", { n }),
    },
    phrases: {
      "current match": t("draft.find.current"), "on line": t("draft.find.onLine"), "replaced match on line $": t("draft.find.replaced"), "replaced $ matches": t("draft.find.replacedAll"),
      go: t("draft.find.go"), "Go to line": t("draft.find.goto"),
    },
  };
  const wording = useRef<Wording>({ t, locale, num: fmt.num });
  wording.current = { t, locale, num: fmt.num };
  const hooks = useRef<EditorHooks>({
    edited: () => now.current.open.session.edited(),
    moved: (anchor, head) => now.current.open.session.caret(anchor, head),
    scanned: (s) => now.current.onScan(s),
    picked: (id) => now.current.onPick(id),
    openClause: (n, pos) => now.current.onClause(n, pos),
    comment: () => now.current.onComment(),
    suggested: () => now.current.onSuggested(),
    pickedSuggestion: (id) => now.current.onPickSuggestion(id),
    images: imagesOf(open.session.draft, () => wording.current, (w) => now.current.onSay(w)),
    links: linksOf(() => wording.current, lang),
    help: () => now.current.onHelp(),
    refused: (what, of) => now.current.onRefused(what, of),
    peer: (client) => {
      const p = now.current.open.session.status.peers.find((x) => x.client === client);
      if (!p) return null;
      const agency = p.agency ? pick(p.agency.short, localeNow.current) : "";
      return { label: [firstName(pick(p.person.name, localeNow.current)), agency].filter(Boolean).join(" · "), hue: p.agency?.hue ?? 1 };
    },
    updated: (u) => {
      // Comments that come late change no line, but their cards are to stand beside some.
      const placed = u.startState.field(anchors) !== u.state.field(anchors);
      // A letter in a line that stays as high as it was moves nothing; where all cards would go is not asked with every key.
      if (u.docChanged && !u.heightChanged && !u.focusChanged && u.state.selection.main.empty) now.current.onLayout(false);
      else if (u.docChanged || u.selectionSet || u.geometryChanged || u.viewportChanged || u.focusChanged || placed) now.current.onLayout(true);
    },
  });

  useImperativeHandle(
    props.ref,
    () => ({
      get view() {
        return view.current;
      },
      presence: (p) => {
        const at = now.current.open.session.locate(p.version, Math.min(p.anchor, p.head), Math.max(p.anchor, p.head));
        if (!view.current || !at) return;
        stamp.current += 1;
        const forward = p.anchor <= p.head;
        view.current.dispatch({ effects: caretMoved.of({ client: p.client, anchor: forward ? at.from : at.to, head: forward ? at.to : at.from, stamp: stamp.current }) });
      },
      left: (client) => view.current?.dispatch({ effects: caretLeft.of(client) }),
    }),
    [],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: the view lives as long as the text it grew from; the rest reaches it below.
  useEffect(() => {
    if (!box.current || !open.start) return;
    const v = createView(box.current, open.start, { dir, lang, write, words, hooks: hooks.current });
    view.current = v;
    open.session.attach({ state: () => v.state, dispatch: (spec) => v.dispatch(spec) });
    now.current.onView(v);
    // A face that arrives after the lines were measured changes their heights without the editor's notice.
    const remeasure = () => v.requestMeasure();
    document.fonts?.addEventListener("loadingdone", remeasure);
    return () => {
      document.fonts?.removeEventListener("loadingdone", remeasure);
      view.current = null;
      now.current.onView(null);
      v.destroy();
    };
  }, [open.start, open.session]);

  useEffect(() => {
    if (view.current) setWritable(view.current, write, write || !matchMedia("(pointer: coarse)").matches);
  }, [write]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: words are made of these.
  useEffect(() => {
    if (view.current) setWords(view.current, words, hooks.current);
  }, [t, fmt, props.hue]);

  return <div ref={box} className="doc" hidden={hidden} />;
}

// The flag says a person's first name; a title before it (د.، م.) stays with it.
function firstName(name: string): string {
  const parts = name.trim().split(/\s+/);
  return parts[0]?.endsWith(".") && parts[1] ? `${parts[0]} ${parts[1]}` : (parts[0] ?? "");
}
