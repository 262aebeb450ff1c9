/**
 * Find and replace. Arabic is found as a reader sees it: without regard to hamza seats, diacritics, tatweel, and which
 * digits are used, unless exactness is asked for. The search itself is CodeMirror's, on an expression made of the words.
 */
import { closeSearchPanel, findNext, findPrevious, getSearchQuery, openSearchPanel, replaceAll, replaceNext, search, searchPanelOpen, SearchQuery, searchKeymap, setSearchQuery } from "@codemirror/search";
import { type EditorState, type Extension, Facet, Prec, type Range, type Text } from "@codemirror/state";
import { type Command, Decoration, type DecorationSet, EditorView, keymap, type Panel, runScopeHandlers, ViewPlugin, type ViewUpdate } from "@codemirror/view";

export interface FindWords {
  /** Name of the panel. */
  title: string;
  find: string;
  replaceWith: string;
  next: string;
  previous: string;
  replace: string;
  replaceAll: string;
  /** Hamza, diacritics and tatweel make no difference. */
  folded: string;
  whole: string;
  close: string;
  none: string;
  /** "3 of 17"; at is 0 while the caret is on none of them, and more says that there are more than n. */
  count(at: number, n: number, more: boolean): string;
  replaced(n: number): string;
}

export const findWords = Facet.define<FindWords, FindWords | null>({ combine: (v) => v[0] ?? null });

// Written over and under letters, between them, and the marks of direction: nobody searches for these.
const between = "[\\u0640\\u064B-\\u065F\\u0670\\u06D6-\\u06ED\\u200C-\\u200F\\u202A-\\u202E\\u2066-\\u2069]*";
const alike = ["اأإآٱ", "يىیئ", "كک", "هةہۀ", "وؤ"];
const digits = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"];
const dropped = /[\u0640\u064B-\u065F\u0670\u06D6-\u06ED\u200C-\u200F\u202A-\u202E\u2066-\u2069]/g;
const quote = (s: string) => s.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** The expression that finds words with their other spellings; "" when nothing is left of them. */
export function folded(words: string): string {
  const out: string[] = [];
  for (const c of words.normalize("NFC").replace(dropped, "")) {
    const group = alike.find((g) => g.includes(c));
    const n = digits.map((d) => d.indexOf(c)).find((i) => i >= 0);
    if (group) out.push(`[${group}]`);
    else if (n !== undefined) out.push(`[${digits.map((d) => d[n]).join("")}]`);
    else out.push(quote(c));
  }
  return out.length > 0 ? out.join(between) + between : "";
}

/** What is asked for, as CodeMirror's query. The replacement is taken as it stands. */
export function queryOf(words: string, replacement: string, o: { fold: boolean; whole: boolean }): SearchQuery {
  return new Sought({ search: o.fold ? folded(words) : quote(words), replace: replacement.replace(/\$/g, "$$$$"), regexp: true, literal: true, caseSensitive: !o.fold, wholeWord: o.whole });
}

/** A query that CodeMirror finds and replaces by, and does not mark: its marks end where the words end, also between two joined letters. */
class Sought extends SearchQuery {
  create() {
    const query = (SearchQuery.prototype as unknown as { create(this: SearchQuery): { highlight(): void } }).create.call(this);
    query.highlight = () => {};
    return query;
  }
}

const joining = /[\p{Script=Arabic}\u0640\u064b-\u065f\u0670\u200d]/u;

/** The range grown until neither end stands between two letters of an Arabic word, which would part them. */
export function unparted(doc: Text, from: number, to: number): { from: number; to: number } {
  const first = doc.lineAt(from);
  const last = doc.lineAt(to);
  const inside = (line: { text: string; from: number }, at: number) => joining.test(line.text[at - line.from - 1] ?? "") && joining.test(line.text[at - line.from] ?? "");
  let a = from;
  let b = to;
  while (inside(first, a)) a--;
  while (inside(last, b)) b++;
  return { from: a, to: b };
}

const match = Decoration.mark({ class: "cm-searchMatch" });
const chosenMatch = Decoration.mark({ class: "cm-searchMatch cm-searchMatch-selected" });
// A match may begin before what is on the screen.
const before = 250;

const matches = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = marked(view);
    }
    update(u: ViewUpdate) {
      const asked = searchPanelOpen(u.state) !== searchPanelOpen(u.startState) || getSearchQuery(u.state) !== getSearchQuery(u.startState);
      if (asked || ((u.docChanged || u.selectionSet || u.viewportChanged) && searchPanelOpen(u.state))) this.decorations = marked(u.view);
    }
  },
  { decorations: (p) => p.decorations },
);

function marked({ state, visibleRanges }: EditorView): DecorationSet {
  const query = getSearchQuery(state);
  if (!searchPanelOpen(state) || !query.valid) return Decoration.none;
  const out: Range<Decoration>[] = [];
  const { main } = state.selection;
  let end = 0;
  for (const seen of visibleRanges) {
    const cursor = query.getCursor(state, Math.max(end, seen.from - before), Math.min(state.doc.length, seen.to + before));
    for (let m = cursor.next(); !m.done; m = cursor.next()) {
      const { from, to } = m.value;
      if (from === to) continue;
      const word = unparted(state.doc, from, to);
      // Two matches in one word are one mark.
      if (word.from < end && !(from === main.from && to === main.to)) continue;
      out.push((from === main.from && to === main.to ? chosenMatch : match).range(word.from, word.to));
      end = word.to;
    }
  }
  return Decoration.set(out, true);
}

const countMost = 2_000;

function count(state: EditorState, query: SearchQuery): { at: number; n: number; more: boolean } {
  let n = 0;
  let at = 0;
  const { from, to } = state.selection.main;
  const cursor = query.getCursor(state);
  for (let m = cursor.next(); !m.done; m = cursor.next()) {
    n++;
    if (m.value.from === from && m.value.to === to) at = n;
    if (n >= countMost) return { at, n, more: true };
  }
  return { at, n, more: false };
}

class FindPanel implements Panel {
  readonly dom = document.createElement("div");
  readonly top = true;
  private readonly find = this.input("find", true);
  private readonly put = this.input("replace", false);
  private readonly fold = this.check("folded", true);
  private readonly whole = this.check("whole", false);
  private readonly said = document.createElement("output");
  private readonly second = document.createElement("div");
  private labels: (() => void)[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private ours: SearchQuery | null = null;

  constructor(private readonly view: EditorView) {
    const { dom, second, said } = this;
    dom.className = "cm-find";
    dom.setAttribute("role", "search");
    said.className = "n";
    said.setAttribute("aria-live", "polite");
    const first = document.createElement("div");
    first.className = "r";
    const field = document.createElement("span");
    field.className = "f";
    field.append(this.find, said);
    const close = this.button((w) => w.close, () => this.leave(), "x");
    close.textContent = "×";
    first.append(field, this.button((w) => w.previous, () => this.go(findPrevious), "btn sm step back"), this.button((w) => w.next, () => this.go(findNext), "btn sm step"), this.option(this.fold, (w) => w.folded), this.option(this.whole, (w) => w.whole), close);
    second.className = "r";
    second.append(this.put, this.button((w) => w.replace, () => this.one()), this.button((w) => w.replaceAll, () => this.all()));
    dom.append(first, second);
    this.labels.push(() => {
      const w = this.words;
      if (!w) return;
      dom.setAttribute("aria-label", w.title);
      this.find.setAttribute("aria-label", w.find);
      this.find.placeholder = w.find;
      this.put.setAttribute("aria-label", w.replaceWith);
      this.put.placeholder = w.replaceWith;
      close.textContent = "×";
      close.setAttribute("aria-label", w.close);
      close.title = w.close;
    });
    dom.addEventListener("keydown", (e) => this.key(e));
    dom.addEventListener("input", () => this.commit());
    dom.addEventListener("change", () => this.commit());
    this.find.value = getSearchQuery(view.state).search;
    this.label();
  }

  mount() {
    this.find.select();
    // The editor is in the middle of an update here and takes no other.
    queueMicrotask(() => this.dom.isConnected && this.commit());
  }

  update(u: ViewUpdate) {
    if (u.startState.facet(findWords) !== u.state.facet(findWords)) this.label();
    this.second.hidden = u.state.readOnly;
    for (const tr of u.transactions) {
      // Opened again on a selection: CodeMirror put that in as a query of its own.
      for (const e of tr.effects) {
        if (!e.is(setSearchQuery) || e.value === this.ours) continue;
        this.find.value = e.value.search;
        this.soon(() => this.commit());
        return;
      }
    }
    if (u.docChanged || u.selectionSet) this.soon(() => this.tell());
  }

  destroy() {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private get words(): FindWords | null {
    return this.view.state.facet(findWords);
  }

  private input(name: string, main: boolean): HTMLInputElement {
    const el = document.createElement("input");
    el.className = "input";
    el.name = name;
    el.dir = "auto";
    el.autocomplete = "off";
    el.spellcheck = false;
    if (main) el.setAttribute("main-field", "true");
    return el;
  }

  private check(name: string, on: boolean): HTMLInputElement {
    const el = document.createElement("input");
    el.type = "checkbox";
    el.name = name;
    el.checked = on;
    return el;
  }

  private option(box: HTMLInputElement, text: (w: FindWords) => string): HTMLLabelElement {
    const el = document.createElement("label");
    const span = document.createElement("span");
    el.append(box, span);
    this.labels.push(() => {
      if (this.words) span.textContent = text(this.words);
    });
    return el;
  }

  private button(text: (w: FindWords) => string, act: () => void, cls = "btn sm"): HTMLButtonElement {
    const el = document.createElement("button");
    el.type = "button";
    el.className = cls;
    el.addEventListener("click", act);
    this.labels.push(() => {
      if (this.words) el.textContent = text(this.words);
    });
    return el;
  }

  private label() {
    for (const f of this.labels) f();
    this.second.hidden = this.view.state.readOnly;
    this.tell();
  }

  private key(e: KeyboardEvent) {
    if (e.isComposing) return;
    if (e.key === "Enter" && e.target === this.find) {
      e.preventDefault();
      this.go(e.shiftKey ? findPrevious : findNext);
    } else if (e.key === "Enter" && e.target === this.put) {
      e.preventDefault();
      if (e.ctrlKey || e.metaKey) this.all();
      else this.one();
    } else if (e.key === "Escape") {
      e.preventDefault();
      this.leave();
    } else if (runScopeHandlers(this.view, e, "search-panel")) e.preventDefault();
  }

  private commit() {
    const query = queryOf(this.find.value, this.put.value, { fold: this.fold.checked, whole: this.whole.checked });
    if (!this.ours || !query.eq(this.ours) || getSearchQuery(this.view.state) !== this.ours) {
      this.ours = query;
      this.view.dispatch({ effects: setSearchQuery.of(query) });
    }
    this.tell();
  }

  private go(command: Command) {
    this.commit();
    command(this.view);
    this.tell();
  }

  // The first time it only goes to what would be replaced.
  private one() {
    this.go(replaceNext);
  }

  private all() {
    this.commit();
    const query = this.ours;
    if (!query?.valid || this.view.state.readOnly) return;
    const before = count(this.view.state, query).n;
    const doc = this.view.state.doc;
    replaceAll(this.view);
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.view.state.doc !== doc && this.words) this.said.textContent = this.words.replaced(before);
  }

  private tell() {
    const w = this.words;
    const query = this.ours;
    if (!w) return;
    if (!query?.valid) {
      this.said.textContent = "";
      return;
    }
    const { at, n, more } = count(this.view.state, query);
    this.said.textContent = n === 0 ? w.none : w.count(at, n, more);
    this.said.classList.toggle("none", n === 0);
  }

  // A long text is not counted through with every key.
  private soon(fn: () => void) {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      fn();
    }, 120);
  }

  private leave() {
    closeSearchPanel(this.view);
    this.view.focus();
  }
}

/** Opens the panel with the caret in what replaces. */
const openReplace: Command = (view) => {
  openSearchPanel(view);
  if (!view.state.readOnly) view.dom.querySelector<HTMLInputElement>('.cm-find input[name="replace"]')?.focus();
  return true;
};

export function finding(): Extension {
  return [
    search({ top: true, createPanel: (view) => new FindPanel(view), scrollToMatch: (range) => EditorView.scrollIntoView(range, { y: "center" }) }),
    matches,
    Prec.high(keymap.of([{ key: "Mod-h", run: openReplace, scope: "editor search-panel", preventDefault: true }])),
    keymap.of(searchKeymap),
  ];
}
