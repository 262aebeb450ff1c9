/** The glossary under the text: terms are underlined, their definition is shown on hover or by key, a discouraged word can be replaced. */
import { syntaxTree } from "@codemirror/language";
import { EditorState, type Extension, Facet, type Range, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, hoverTooltip, keymap, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { type Found, find, type Matcher, matcher } from "../../glossary/match";
import type { Term } from "../../glossary/api";
import { anew, redraw, type Span } from "./redraw";

/** What the tooltip says. */
export interface TermWords {
  definition(t: Term): { text: string; lang: string } | null;
  /** "Preferred: x", in the language of the interface. */
  preferred(text: string): string;
  replace(text: string): string;
  edition(n: number): string;
}

// So long after a key its paragraph is looked through, once for all keys of that time.
const afterKeys = 240;
const pause = StateEffect.define<null>();

const nothing: Matcher = matcher([]);
export const setTerms = StateEffect.define<readonly Term[]>();
const known = StateField.define<Matcher>({
  create: () => nothing,
  update(value, tr) {
    for (const e of tr.effects) if (e.is(setTerms)) return matcher(e.value);
    return value;
  },
});
export const termWords = Facet.define<TermWords, TermWords | null>({ combine: (v) => v[0] ?? null });

const preferred = Decoration.mark({ class: "cm-term" });
const avoid = Decoration.mark({ class: "cm-term cm-term-avoid" });
// Addresses and code are not prose.
const opaque = /^(?:InlineCode|FencedCode|CodeBlock|CodeText|URL|HTMLBlock|HTMLTag|LinkReference|Image)$/;

/** The words of a line, without those in addresses and code. */
function inLine(state: EditorState, from: number, text: string): Found[] {
  return find(state.field(known), text)
    .map((f) => ({ ...f, from: f.from + from, to: f.to + from }))
    .filter((f) => {
      for (let n: ReturnType<ReturnType<typeof syntaxTree>["resolveInner"]> | null = syntaxTree(state).resolveInner(f.from, 1); n; n = n.parent) if (opaque.test(n.name)) return false;
      return true;
    });
}

function build(view: EditorView, spans: readonly Span[] = view.visibleRanges): Range<Decoration>[] {
  if (view.state.field(known).forms.size === 0) return [];
  const out: Range<Decoration>[] = [];
  for (const { from, to } of spans) {
    for (let pos = from; pos <= to; ) {
      const l = view.state.doc.lineAt(pos);
      for (const f of inLine(view.state, l.from, l.text)) out.push((f.discouraged ? avoid : preferred).range(f.from, f.to));
      pos = l.to + 1;
    }
  }
  return out;
}

function foundAt(state: EditorState, pos: number): Found | null {
  const l = state.doc.lineAt(pos);
  return inLine(state, l.from, l.text).find((f) => f.from <= pos && pos <= f.to) ?? null;
}

function tooltip(state: EditorState, f: Found, focus: boolean): Tooltip {
  return {
    pos: f.from, end: f.to, above: true, arrow: false,
    create(view) {
      const words = state.facet(termWords);
      const dom = document.createElement("div");
      dom.className = "cm-term-tip";
      if (!words) return { dom };
      const add = (tag: string, cls: string, text: string, lang?: string) => {
        const el = document.createElement(tag);
        el.className = cls;
        el.textContent = text;
        el.dir = "auto";
        if (lang) el.lang = lang;
        dom.append(el);
        return el;
      };
      const arabicText = /[\u0600-\u06FF]/.test(state.sliceDoc(f.from, f.to));
      const name = arabicText ? f.term.words.ar : f.term.words.en;
      add("b", "t", f.discouraged ? words.preferred(name) : name);
      add("span", "o", arabicText ? f.term.words.en : f.term.words.ar, arabicText ? "en" : "ar");
      const d = words.definition(f.term);
      if (d) add("p", "d", d.text, d.lang);
      add("span", "e", words.edition(f.term.edition));
      let button: HTMLButtonElement | null = null;
      if (f.instead !== null && !view.state.readOnly) {
        const instead = f.instead;
        button = add("button", "btn sm", words.replace(instead)) as HTMLButtonElement;
        button.type = "button";
        button.addEventListener("click", () => replace(view, f, instead));
      }
      dom.addEventListener("keydown", (e) => {
        if (e.key !== "Escape") return;
        e.preventDefault();
        view.dispatch({ effects: show.of(null) });
        view.focus();
      });
      return { dom, mount: () => focus && button?.focus() };
    },
  };
}

// The text may have moved since the tooltip was made; what stands there is looked at again.
function replace(view: EditorView, f: Found, instead: string): void {
  const now = foundAt(view.state, Math.min(f.from, view.state.doc.length));
  if (now?.instead === instead && !view.state.readOnly) {
    view.dispatch({ changes: { from: now.from, to: now.to, insert: instead }, selection: { anchor: now.from + instead.length }, effects: show.of(null), userEvent: "input.replace" });
  }
  view.focus();
}

const show = StateEffect.define<Found | null>();
const shown = StateField.define<Found | null>({
  create: () => null,
  update(value, tr) {
    for (const e of tr.effects) if (e.is(show)) return e.value;
    return tr.docChanged || tr.selection ? null : value;
  },
  provide: (f) => showTooltip.compute([f], (state) => {
    const found = state.field(f);
    return found && tooltip(state, found, true);
  }),
});

/** Shows the term at the caret; false where there is none. */
export function termAtCaret(view: EditorView): boolean {
  const f = foundAt(view.state, view.state.selection.main.head);
  if (!f) return false;
  view.dispatch({ effects: show.of(f) });
  return true;
}

export function glossaryTerms(): Extension {
  return [
    known,
    shown,
    ViewPlugin.fromClass(
      class {
        decorations: DecorationSet;
        private late: Span | null = null;
        private timer: ReturnType<typeof setTimeout> | null = null;
        constructor(private readonly view: EditorView) {
          this.decorations = Decoration.set(build(view), true);
        }
        update(u: ViewUpdate) {
          if (u.transactions.some((tr) => tr.effects.some((e) => e.is(setTerms)))) {
            this.decorations = Decoration.set(build(u.view), true);
            return;
          }
          const due = u.transactions.some((tr) => tr.effects.some((e) => e.is(pause)));
          const what = redraw(u);
          if (this.late) this.late = { from: u.changes.mapPos(this.late.from, -1), to: u.changes.mapPos(this.late.to, 1) };
          if (typeof what === "object") {
            // The words of the paragraph that is typed in are looked up when the keys pause; until then their marks move along.
            this.decorations = this.decorations.map(u.changes);
            this.late = this.late ? { from: Math.min(this.late.from, what.from), to: Math.max(this.late.to, what.to) } : what;
            this.timer ??= setTimeout(this.pass, afterKeys);
          } else if (what === "all") {
            this.late = null;
            this.decorations = Decoration.set(build(u.view), true);
          } else if (due && this.late) {
            const span = this.late;
            this.late = null;
            this.decorations = anew(this.decorations, span, build(u.view, [span]));
          }
        }
        destroy() {
          if (this.timer !== null) clearTimeout(this.timer);
        }
        private readonly pass = () => {
          this.timer = null;
          if (this.late) this.view.dispatch({ effects: pause.of(null) });
        };
      },
      { decorations: (p) => p.decorations },
    ),
    hoverTooltip((view, pos) => {
      const f = foundAt(view.state, pos);
      return f && tooltip(view.state, f, false);
    }, { hoverTime: 350, hideOn: (tr) => tr.effects.some((e) => e.is(show)) }), // what was replaced explains nothing any more
    keymap.of([{ key: "Mod-.", run: termAtCaret }]),
  ];
}
