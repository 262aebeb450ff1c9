/** Puts the editor together: one CodeMirror view over a shared text. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { Compartment, EditorState, type Extension, Prec, Transaction } from "@codemirror/state";
import { EditorView, type KeyBinding, keymap, placeholder, tooltips, type ViewUpdate } from "@codemirror/view";
import { type Shared, sharing } from "../collab";
import { textOf } from "../device";
import { hygiene } from "../hygiene";
import { foldedAddresses } from "./addresses";
import { threadAnchors } from "./anchors";
import { type PeerLook, peerLooks, remoteCarets } from "./carets";
import { clauseNumbers, clauseWords, type Scan } from "./clauses";
import { formatKeys } from "./commands";
import { callout, footnote, turnLines } from "./blocks";
import { type Dir, lineDirections } from "./direction";
import { type FindWords, finding, findWords } from "./find";
import { type ImageHooks, images } from "./images";
import { type LinkHooks, links, linkTo } from "./links";
import { markdownText } from "./markdown";
import { pasting } from "./paste";
import { keptSections } from "./kept";
import { livePreview } from "./preview";
import { suggestions, suggestWords } from "./suggestions";
import { tables } from "./tableView";
import { glossaryTerms, type TermWords, termWords } from "./terms";
import { typing } from "./typing";

export interface EditorWords {
  /** Name of the text for assistive technology. */
  label: string;
  placeholder: string;
  find: FindWords;
  /** Translations of what CodeMirror says itself, by its English phrase. */
  phrases: Record<string, string>;
  digits(s: string): string;
  terms: TermWords;
  /** The hue of one's own suggestions, and what is said when text was struck. */
  suggest: { hue: number; deleted(text: string): string };
}

export interface EditorHooks {
  edited(): void;
  moved(anchor: number, head: number): void;
  scanned(s: Scan): void;
  picked(thread: string): void;
  openClause(number: string, pos: number): void;
  comment(): void;
  images: ImageHooks;
  links: LinkHooks;
  /** Shows what the keys do. */
  help(): void;
  /** Says why nothing was changed: how many bytes were too many, or whose section it is. */
  refused(what: "paste" | "text" | "section", of?: { agency?: string; bytes?: number }): void;
  peer(client: number): PeerLook | null;
  updated(u: ViewUpdate): void;
  suggested(): void;
  pickedSuggestion(id: string): void;
}

const writable = new Compartment();
const spelling = new Compartment();
const wording = new Compartment();
const undoing = new Compartment();
const undo = () => history({ newGroupDelay: 600 });

function writing(on: boolean, editable: boolean): Extension {
  return [EditorState.readOnly.of(!on), EditorView.editable.of(editable)];
}

function words(w: EditorWords, hooks: EditorHooks): Extension {
  return [
    EditorState.phrases.of(w.phrases),
    EditorView.contentAttributes.of({ "aria-label": w.label }),
    placeholder(w.placeholder),
    findWords.of(w.find),
    termWords.of(w.terms),
    clauseWords.of({ digits: w.digits, open: hooks.openClause }),
    suggestWords.of({ ...w.suggest, changed: hooks.suggested, picked: hooks.pickedSuggestion }),
  ];
}

/** The nonce that lets the editor's style sheet past the content security policy. */
export function cspNonce(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]');
  return meta?.nonce || meta?.content || "";
}

/** Where a tooltip may stand: between the bars that stay at the top of the text, and the line that stays below it. */
function betweenBars(view: EditorView): { top: number; bottom: number; left: number; right: number } {
  const { clientWidth, clientHeight } = view.dom.ownerDocument.documentElement;
  const page = view.dom.closest(".edp");
  const above = [...(page?.querySelectorAll(".tools, .cm-panels-top") ?? [])].map((bar) => bar.getBoundingClientRect().bottom);
  const below = page?.querySelector(".foot")?.getBoundingClientRect().top ?? clientHeight;
  return { left: 0, right: clientWidth, top: Math.max(0, ...above), bottom: Math.min(below, clientHeight) };
}

export function createView(parent: HTMLElement, start: Shared, o: { dir: Dir; lang: string; write: boolean; words: EditorWords; hooks: EditorHooks }): EditorView {
  const { hooks } = o;
  const state = EditorState.create({
    doc: textOf(start),
    extensions: [
      sharing(start),
      hygiene((what, bytes) => hooks.refused(what, { bytes })),
      pasting((what, bytes) => hooks.refused(what, { bytes })),
      typing(),
      images(hooks.images),
      links(hooks.links),
      tables(),
      spelling.of(checked(false)),
      undoing.of(undo()),
      EditorState.allowMultipleSelections.of(false),
      EditorState.tabSize.of(4),
      EditorView.lineWrapping,
      EditorView.cspNonce.of(cspNonce()),
      EditorView.contentAttributes.of({ dir: o.dir, lang: o.lang, role: "textbox", "aria-multiline": "true", autocorrect: "off", autocapitalize: "off" }),
      EditorView.scrollMargins.of(() => ({ top: 64, bottom: 40 })),
      tooltips({ tooltipSpace: betweenBars }),
      markdownText(),
      lineDirections(o.dir),
      livePreview(),
      foldedAddresses(),
      glossaryTerms(),
      clauseNumbers(hooks.scanned),
      remoteCarets(),
      peerLooks.of(hooks.peer),
      threadAnchors(hooks.picked),
      suggestions(),
      keptSections((agency) => hooks.refused("section", { agency })),
      finding(),
      Prec.high(keymap.of([...formatKeys, ...blockKeys, { key: "Mod-/", preventDefault: true, run: () => (hooks.help(), true) }, { key: "Mod-Alt-m", preventDefault: true, run: () => (hooks.comment(), true) }])),
      keymap.of([...historyKeymap, ...defaultKeymap]),
      writable.of(writing(o.write, true)),
      wording.of(words(o.words, hooks)),
      EditorView.updateListener.of((u) => {
        let mine = false;
        for (const tr of u.transactions) if (tr.docChanged && !tr.annotation(Transaction.remote)) mine = true;
        if (mine) hooks.edited();
        const chosen = u.transactions.some((tr) => tr.selection !== undefined);
        if (mine || chosen || (u.focusChanged && u.view.hasFocus)) {
          const { anchor, head } = u.state.selection.main;
          hooks.moved(anchor, head);
        }
        hooks.updated(u);
      }),
    ],
  });
  const view = new EditorView({ state, parent });
  // The margin with the clause numbers lies where the lines of the text begin, whatever the language around it.
  view.scrollDOM.dir = o.dir;
  return view;
}

const blockKeys: readonly KeyBinding[] = [
  { key: "Mod-k", run: linkTo, preventDefault: true },
  { key: "Mod-Alt-f", run: footnote, preventDefault: true },
  { key: "Mod-Alt-n", run: callout("NOTE"), preventDefault: true },
  { key: "Mod-Alt-d", run: turnLines, preventDefault: true },
];

function checked(on: boolean): Extension {
  return EditorView.contentAttributes.of({ spellcheck: on ? "true" : "false" });
}

/** Lets the browser mark spelling or not; off at first, because most mark correct Arabic as wrong. */
export function setSpelling(view: EditorView, on: boolean): void {
  view.dispatch({ effects: spelling.reconfigure(checked(on)) });
}

/** Allows or stops writing; `editable` false also takes the caret and the keyboard of a phone away. */
export function setWritable(view: EditorView, write: boolean, editable = true): void {
  view.dispatch({ effects: writable.reconfigure(writing(write, editable)) });
}

export function setWords(view: EditorView, w: EditorWords, hooks: EditorHooks): void {
  view.dispatch({ effects: wording.reconfigure(words(w, hooks)) });
}

/** Forgets what could be undone: a step of suggesting must not come back as a step of writing. */
export function forgetUndo(view: EditorView): void {
  view.dispatch({ effects: undoing.reconfigure([]) });
  view.dispatch({ effects: undoing.reconfigure(undo()) });
}
