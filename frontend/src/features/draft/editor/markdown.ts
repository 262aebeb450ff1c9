/** The Markdown grammar of the editor: GitHub's, with isolates for what must not reorder the line around it. */
import { HighlightStyle, Language, syntaxHighlighting } from "@codemirror/language";
import { commonmarkLanguage, markdownKeymap } from "@codemirror/lang-markdown";
import { type Extension, Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { NodeProp } from "@lezer/common";
import { styleTags, tags as t } from "@lezer/highlight";
import { GFM, type MarkdownConfig, type MarkdownParser } from "@lezer/markdown";
import { isolates } from "./isolates";

// The grammar sets no isolates by itself.
const isolated = NodeProp.isolate.add({
  InlineCode: "ltr", URL: "ltr", Autolink: "ltr", HTMLTag: "ltr", Link: "auto", Image: "auto", StrongEmphasis: "auto", Emphasis: "auto", Strikethrough: "auto",
  BracketSign: "ltr",
});

const sign = /^\[(?:![A-Za-z]{1,20}|\^[^\]\s]{1,60})\]/;

// The mark of a callout and of a footnote: a sign, no link, and never turned around by the line it stands in.
const bracketSigns: MarkdownConfig = {
  defineNodes: ["BracketSign"],
  props: [styleTags({ BracketSign: t.processingInstruction })],
  parseInline: [
    {
      name: "BracketSign",
      before: "Link",
      parse(cx, next, pos) {
        if (next !== 91 /* [ */) return -1;
        const m = sign.exec(cx.slice(pos, Math.min(cx.end, pos + 64)));
        return m ? cx.addElement(cx.elt("BracketSign", pos, pos + m[0].length)) : -1;
      },
    },
  ],
};

// Classes only; what they look like is editor.css. Emphasis is a weight, never a slant: Arabic has no italics.
const style = HighlightStyle.define([
  { tag: t.processingInstruction, class: "md-mark" },
  { tag: t.contentSeparator, class: "md-mark" },
  { tag: t.labelName, class: "md-mark" },
  { tag: t.strong, class: "md-strong" },
  { tag: t.emphasis, class: "md-em" },
  { tag: t.strikethrough, class: "md-strike" },
  { tag: t.link, class: "md-link" },
  { tag: t.url, class: "md-url" },
  { tag: t.monospace, class: "md-code" },
  { tag: t.character, class: "md-mark" },
  { tag: t.escape, class: "md-mark" },
]);

/**
 * GitHub's Markdown and no more, as the hub renders it. Built without markdown(): that one looks for HTML and code to
 * parse inside the whole tree after every key, which alone costs milliseconds in a long text.
 */
export const guideLanguage = new Language(commonmarkLanguage.data, (commonmarkLanguage.parser as MarkdownParser).configure([GFM, bracketSigns, { props: [isolated] }]), [], "markdown");

export function markdownText(): Extension {
  return [guideLanguage, Prec.high(keymap.of(markdownKeymap)), syntaxHighlighting(style), isolates()];
}
