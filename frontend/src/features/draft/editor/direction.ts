/**
 * The direction of a line of people's text. dir="auto" is not enough: the x of a ticked task, a mention, an address or an
 * opening product name would turn an Arabic line around. The composer of comments uses the same function, so a text does
 * not change sides when it is sent.
 */
import { syntaxTree } from "@codemirror/language";
import { type EditorState, type Extension, Facet, type Range } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, highlightSpecialChars, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { redrawn, type Span } from "./redraw";

export type Dir = "rtl" | "ltr";

const rtlLetter = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|\ud802|\ud803|\ud83a|\ud83b/;
const strong = /[\u0590-\u05ff\u0600-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|\p{L}/gu;
const notLetter = /[\u0660-\u0669\u06f0-\u06f9\u066a-\u066d\u0600-\u0605\u060c\u061b\u061f\u064b-\u065f\u0670]/;

/** U+200E or U+200F before the first word: the author's own choice. */
const chosen = /^[\u200e\u200f]/;

/** Where in a line the mark of its direction stands, or would stand, and what it says. */
export function lineMark(text: string): { at: number; dir: Dir | null } {
  const at = marker.exec(text)?.[0].length ?? 0;
  const c = text[at];
  return { at, dir: c === "\u200f" ? "rtl" : c === "\u200e" ? "ltr" : null };
}

// What says nothing about the language of the line: markers, code, addresses, mentions, tags, footnote marks.
const marker = /^\s*(?:>\s?)*\s*(?:#{1,6}(?:\s+|$)|[-*+]\s+(?:\[[ xX]\]\s+)?|[0-9\u0660-\u0669]{1,9}[.)\u066b]\s+)?/;
const silent = [
  /(`+)[^`]*\1/g,
  /\]\([^)\s]*(?:\s+"[^"]*")?\)/g,
  /<[^>\s][^>]*>/g,
  /\b(?:https?|ftp|mailto):\S+/gi,
  /\bwww\.\S+/gi,
  /[\w.+-]+@[\w-]+\.[\w.-]+/g,
  /@[\w.-]+/g,
  /\[[\^!][^\]]*\]/g,
];

// The lines on the screen are asked about with every key, and all but one are the same as before.
const known: Record<Dir, Map<string, Dir | null>> = { rtl: new Map(), ltr: new Map() };
const knownMost = 2_000;

/** The direction a text asks for by its own letters; null if it has none. */
export function textDirection(text: string, language: Dir): Dir | null {
  const cache = known[language];
  const hit = cache.get(text);
  if (hit !== undefined) return hit;
  const dir = lettersOf(text, language);
  if (cache.size >= knownMost) cache.clear();
  cache.set(text, dir);
  return dir;
}

function lettersOf(text: string, language: Dir): Dir | null {
  let s = text.replace(marker, "");
  if (chosen.test(s)) return s[0] === "\u200f" ? "rtl" : "ltr";
  for (const r of silent) s = s.replace(r, " ");
  let first: Dir | null = null;
  let rtl = 0;
  let ltr = 0;
  for (const [c] of s.matchAll(strong)) {
    if (notLetter.test(c)) continue;
    const isRtl = rtlLetter.test(c);
    if (isRtl) rtl++;
    else ltr++;
    first ??= isRtl ? "rtl" : "ltr";
    // Long lines have made up their mind by here.
    if (rtl + ltr >= 120) break;
  }
  // In an Arabic text a line that opens with a Latin name is still Arabic when a fair part of it is.
  if (first === "ltr" && language === "rtl" && rtl * 3 >= rtl + ltr) return "rtl";
  return first;
}

/** The language of the document, for lines without letters of their own. */
export const documentDir = Facet.define<Dir, Dir>({ combine: (v) => v[0] ?? "rtl" });

const mark = Decoration.mark({ class: "cm-turned" });
const lineDeco = { rtl: Decoration.line({ attributes: { dir: "rtl" } }), ltr: Decoration.line({ attributes: { dir: "ltr" } }) };
const codeBlocks = new Set(["FencedCode", "CodeBlock", "HTMLBlock", "CommentBlock", "LinkReference"]);

// So much of a table has shown its language.
const tableSample = 600;

/** The direction of the line at a position: left to right in code, a table's by all of its letters, else by its letters, else the document's. */
export function directionAt(state: EditorState, pos: number): Dir {
  const line = state.doc.lineAt(pos);
  for (let n: ReturnType<typeof syntaxTree>["topNode"] | null = syntaxTree(state).resolveInner(line.from, 1); n; n = n.parent) {
    // A footnote of one word parses as the definition of a link.
    if (codeBlocks.has(n.name) && !(n.name === "LinkReference" && line.text.trimStart().startsWith("[^"))) return "ltr";
    // The rows of a table are one block: a row of Latin names and figures has its columns where the others have them.
    if (n.name === "Table") return textDirection(state.sliceDoc(n.from, Math.min(n.to, n.from + tableSample)).replace(/[|\-:]+/g, " "), state.facet(documentDir)) ?? state.facet(documentDir);
  }
  const language = state.facet(documentDir);
  return textDirection(line.text, language) ?? language;
}

function build(view: EditorView, spans: readonly Span[] = view.visibleRanges): Range<Decoration>[] {
  const out: Range<Decoration>[] = [];
  const doc = view.state.doc;
  let after = -1;
  for (const { from, to } of spans) {
    for (let pos = from; pos <= to; ) {
      const line = doc.lineAt(pos);
      if (line.number > after) {
        out.push(lineDeco[directionAt(view.state, line.from)].range(line.from));
        after = line.number;
        const turned = lineMark(line.text);
        if (turned.dir) out.push(mark.range(line.from + turned.at, line.from + turned.at + 1));
      }
      pos = line.to + 1;
    }
  }
  return out;
}

/** Marks that turn what follows them around: unseen, they show a text in another order than it is read in, a file.exe as an image. */
const turning = /[\u202a-\u202e\u2066-\u2069]/gu;
const turningMarks = highlightSpecialChars({
  specialChars: turning,
  render(code) {
    const shown = document.createElement("span");
    shown.className = "cm-turning";
    shown.textContent = `U+${code.toString(16).toUpperCase()}`;
    return shown;
  },
});

/** Gives every line its own direction, also to the caret's motion. */
export function lineDirections(language: Dir): Extension {
  return [
    documentDir.of(language),
    EditorView.perLineTextDirection.of(true),
    turningMarks,
    ViewPlugin.fromClass(
      class {
        decorations: DecorationSet;
        constructor(view: EditorView) {
          this.decorations = Decoration.set(build(view), true);
        }
        update(u: ViewUpdate) {
          this.decorations = redrawn(this.decorations, u, build);
        }
      },
      { decorations: (p) => p.decorations },
    ),
  ];
}
