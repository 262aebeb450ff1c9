/**
 * What Word and web pages put on the clipboard, as clean Markdown: structure and links stay, looks go. Word's lists and
 * footnotes, which are paragraphs with names in its HTML, become lists and footnotes again.
 */
import { toRead } from "../../../ui/html"; // before Turndown, which needs its policy as it loads
import Turndown from "turndown";
import { type Dir, textDirection } from "./direction";

const rlm = "\u200f";
const lrm = "\u200e";

/** The Markdown of a clipboard's HTML; null when it holds nothing but plain text. `note` is the first free footnote number. */
export function toMarkdown(html: string, o: { language: Dir; note: number }): string | null {
  const doc = toRead(quiet(html));
  const { body } = doc;
  // Windows puts the fragment between comments; what is outside of it was not copied.
  for (const el of body.querySelectorAll("script, style, meta, link, title, head, xml, template, iframe, object, svg, math, noscript, button, input:not([type=checkbox]), select, textarea, [hidden]")) el.remove();
  for (const el of [...body.querySelectorAll("*")]) if (el.nodeName.includes(":")) el.replaceWith(...el.childNodes);
  comments(body);
  wordNotes(doc, o.note);
  wordLists(doc);
  lists(body);
  emphases(doc);
  addresses(doc);
  if (!body.querySelector("h1, h2, h3, h4, h5, h6, ul, ol, table, a[href], b, strong, em, i, del, s, blockquote, pre, img, [data-note], p + p")) return null;
  directions(body, o.language);
  for (const t of [...body.querySelectorAll("table")]) if (t.querySelector("table") || single(t)) unwrap(t);
  const md = converter().turndown(body);
  return tidy(md);
}

// The content security policy holds for parsed pages too and would report every style and handler of theirs; they are only read here.
function quiet(html: string): string {
  return html.replace(/<style[\s\S]*?(?:<\/style>|$)/gi, "").replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on[a-z]+)\s*=/gi, " data-$1="));
}

function single(t: HTMLTableElement): boolean {
  return [...t.rows].every((r) => r.cells.length <= 1);
}

function unwrap(t: HTMLTableElement): void {
  const out = t.ownerDocument.createElement("div");
  for (const r of [...t.rows]) {
    for (const c of [...r.cells]) {
      const d = t.ownerDocument.createElement("div");
      d.append(...c.childNodes);
      out.append(d);
    }
  }
  t.replaceWith(out);
}

function comments(root: Node): void {
  const walk = root.ownerDocument!.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
  const all: Node[] = [];
  while (walk.nextNode()) all.push(walk.currentNode);
  for (const c of all) c.parentNode?.removeChild(c);
}

const styleOf = (el: Element) => (el.getAttribute("data-style") ?? "").replace(/\s+/g, " ").toLowerCase();

// Word: <a style="mso-footnote-id:ftn1" href="#_ftn1">[1]</a> in the text, <div id="ftn1"> with the note at the end.
function wordNotes(doc: Document, first: number): void {
  const number = new Map<string, number>();
  for (const a of [...doc.querySelectorAll<HTMLAnchorElement>('a[href^="#_ftn"], a[href^="#_edn"]')]) {
    const m = /^#_((?:ftn|edn)\d+)$/.exec(a.getAttribute("href") ?? "");
    if (!m) continue;
    const n = number.get(m[1]!) ?? first + number.size;
    number.set(m[1]!, n);
    const ref = doc.createElement("span");
    ref.dataset.note = String(n);
    // An empty element would be taken for nothing.
    ref.textContent = `[${n}]`;
    a.replaceWith(ref);
  }
  for (const [id, n] of number) {
    const note = doc.getElementById(id);
    if (!note) continue;
    for (const back of [...note.querySelectorAll(`a[href="#_${id.replace(/\d/, "ref$&")}"], a[href^="#_ftnref"], a[href^="#_ednref"]`)]) back.remove();
    const p = doc.createElement("p");
    p.dataset.noteText = String(n);
    p.textContent = (note.textContent ?? "").replace(/\s+/g, " ").trim();
    note.remove();
    doc.body.append(p);
  }
  for (const el of [...doc.querySelectorAll('[data-style*="mso-element:footnote-list"], [data-style*="mso-element:endnote-list"]')]) if (!el.textContent?.trim()) el.remove();
}

const ordered = /^[\s(]*(?:\d{1,3}|[٠-٩]{1,3}|[a-z]|[ivxlcdm]{1,6}|[أ-ي])[.)\-ـ]/i;

// Word's list items are paragraphs that say their list and level in a style of its own.
function wordLists(doc: Document): void {
  const items = [...doc.querySelectorAll<HTMLElement>("p, h1, h2, h3, h4, h5, h6")].filter((p) => /mso-list: ?l\d+ level\d/.test(styleOf(p)));
  let last: { el: Element; stack: { list: HTMLElement; level: number }[] } | null = null;
  for (const p of items) {
    const level = Number(/level(\d+)/.exec(styleOf(p))![1]);
    const marker = [...p.querySelectorAll<HTMLElement>("span")].find((s) => /mso-list: ?ignore/.test(styleOf(s)));
    const kind = ordered.test(marker?.textContent ?? "") ? "ol" : "ul";
    marker?.remove();
    const li = doc.createElement("li");
    li.append(...p.childNodes);
    const follows = last !== null && previous(p) === last.el;
    const stack: { list: HTMLElement; level: number }[] = follows ? last!.stack : [];
    while (stack.length > 0 && stack[stack.length - 1]!.level > level) stack.pop();
    // A bulleted list right after a numbered one is a list of its own.
    if (stack.length > 0 && stack[stack.length - 1]!.level === level && stack[stack.length - 1]!.list.nodeName.toLowerCase() !== kind) stack.pop();
    let top = stack[stack.length - 1];
    if (!top || top.level < level) {
      const list = doc.createElement(kind);
      if (top) (top.list.lastElementChild ?? top.list).append(list);
      else p.before(list);
      top = { list, level };
      stack.push(top);
    }
    top.list.append(li);
    p.remove();
    last = { el: stack[0]!.list, stack };
  }
}

function previous(el: Element): Element | null {
  let n: Node | null = el.previousSibling;
  while (n && n.nodeType === Node.TEXT_NODE && !n.textContent?.trim()) n = n.previousSibling;
  return n instanceof Element ? n : null;
}

function rename(el: Element, name: string): void {
  const to = el.ownerDocument.createElement(name);
  to.append(...el.childNodes);
  el.replaceWith(to);
}

// Weight and strike are said by elements in some programs and by styles in others; an em that is not slanted is none.
function emphases(doc: Document): void {
  for (const el of [...doc.querySelectorAll("p.MsoTitle, p.MsoSubtitle")]) rename(el, el.className === "MsoTitle" ? "h1" : "h2");
  for (const el of [...doc.querySelectorAll<HTMLElement>("b, strong, em, i, span, font")]) {
    const s = styleOf(el);
    const strong = el.matches("b, strong");
    if (strong && /font-weight: ?(?:normal|[1-4]00)/.test(s)) el.replaceWith(...el.childNodes);
    else if (el.matches("em, i") && /font-style: ?normal/.test(s)) el.replaceWith(...el.childNodes);
    else if (el.matches("span") && /font-weight: ?(?:bold|[6-9]00)/.test(s)) rename(el, "strong");
    else if (el.matches("span") && /font-style: ?italic/.test(s)) rename(el, "em");
    else if (el.matches("span") && /text-decoration(?:-line)?: ?line-through/.test(s)) rename(el, "del");
  }
  for (const el of [...doc.querySelectorAll("h1 strong, h1 b, h2 strong, h2 b, h3 strong, h3 b, h4 strong, h4 b, h5 strong, h5 b, h6 strong, h6 b, th strong, th b")]) el.replaceWith(...el.childNodes);
  // Word has no heading cells: what is bold in a first row is bold because it is the first.
  for (const t of doc.querySelectorAll("table")) if (!single(t)) for (const el of [...(t.rows[0]?.querySelectorAll("td strong, td b") ?? [])]) el.replaceWith(...el.childNodes);
  // A change that Word tracked says who made it: what was deleted is not of the text any more, while what an author struck through is.
  for (const el of doc.querySelectorAll("del[cite], del[datetime], .msoDel")) el.remove();
  for (const el of [...doc.querySelectorAll("u, ins, mark, font")]) el.replaceWith(...el.childNodes);
  // Word cuts a bold word into as many pieces as it was typed in: "**كل****مة**" would be no bold word.
  for (const name of ["strong, b", "em, i", "del, s"]) {
    for (const el of [...doc.querySelectorAll(name)]) {
      const before = el.previousSibling;
      if (!(before instanceof Element) || !before.matches(name) || el.contains(before)) continue;
      el.prepend(...before.childNodes);
      before.remove();
    }
  }
  for (const br of [...doc.querySelectorAll("h1 br, h2 br, h3 br, h4 br, h5 br, h6 br")]) br.replaceWith(" ");
}

// Google's inner lists stand beside the item they belong to; what is ticked is a box with a state.
function lists(body: HTMLElement): void {
  for (const inner of [...body.querySelectorAll("ul > ul, ul > ol, ol > ol, ol > ul")]) {
    let item = inner.previousElementSibling;
    if (item?.nodeName !== "LI") {
      item = body.ownerDocument.createElement("li");
      inner.before(item);
    }
    item.append(inner);
  }
  for (const box of [...body.querySelectorAll<HTMLInputElement>("input")]) {
    const first = box.closest("li") && (box.previousSibling?.textContent ?? "").trim() === "";
    if (!first) {
      box.remove();
      continue;
    }
    const mark = body.ownerDocument.createElement("span");
    mark.dataset.box = box.hasAttribute("checked") ? "x" : " ";
    mark.textContent = "☐";
    box.replaceWith(mark);
  }
}

function addresses(doc: Document): void {
  for (const a of [...doc.querySelectorAll("a")]) {
    const href = (a.getAttribute("href") ?? "").trim();
    if (/^(?:https?:\/\/|mailto:|\/(?!\/))/i.test(href) && a.textContent?.trim()) {
      a.setAttribute("href", untracked(href));
      continue;
    }
    a.replaceWith(...a.childNodes);
  }
  // Pictures inside of the clipboard's page are files of the other program; those of the web are named by their address.
  // One of a pixel or two is there to count readers.
  const tiny = (img: Element) => ["width", "height"].some((side) => /^[0-2](?:px)?$/.test(img.getAttribute(side)?.trim() ?? ""));
  for (const img of [...doc.querySelectorAll("img")]) if (tiny(img) || !/^(?:https?:\/\/|\/files\/)/i.test(img.getAttribute("src") ?? "")) img.remove();
}

/** An address without what only says where its reader came from. Nothing else of it changes. */
function untracked(href: string): string {
  const [, path = "", query = "", rest = ""] = /^([^?#]*)(\?[^#]*)?(.*)$/s.exec(href) ?? [];
  const kept = query.slice(1).split("&").filter((p) => p !== "" && !/^(?:utm_\w+|fbclid|gclid)=/i.test(p));
  return path + (kept.length > 0 ? `?${kept.join("&")}` : "") + rest;
}

// A block whose author turned it says so by a mark at its start, where its letters alone would say otherwise.
function directions(body: HTMLElement, language: Dir): void {
  for (const el of body.querySelectorAll<HTMLElement>("p, h1, h2, h3, h4, h5, h6, li, blockquote")) {
    const said = el.getAttribute("dir") ?? /(?:^|;) ?direction: ?(rtl|ltr)/.exec(styleOf(el))?.[1];
    if (said !== "rtl" && said !== "ltr") continue;
    const own = textDirection((el.textContent ?? "").trim(), language);
    if (own !== null && own !== said) el.prepend(said === "rtl" ? rlm : lrm);
  }
}

let made: Turndown | null = null;

function converter(): Turndown {
  if (made) return made;
  const td = new Turndown({ headingStyle: "atx", bulletListMarker: "-", codeBlockStyle: "fenced", emDelimiter: "*", hr: "---", br: "\\" });
  td.addRule("box", { filter: (n) => n instanceof HTMLElement && n.dataset.box !== undefined, replacement: (_c, n) => `[${(n as HTMLElement).dataset.box}] ` });
  td.addRule("note", { filter: (n) => n instanceof HTMLElement && n.dataset.note !== undefined, replacement: (_c, n) => `[^${(n as HTMLElement).dataset.note}]` });
  td.addRule("noteText", { filter: (n) => n instanceof HTMLElement && n.dataset.noteText !== undefined, replacement: (c, n) => `\n\n[^${(n as HTMLElement).dataset.noteText}]: ${c.trim()}\n\n` });
  td.addRule("strike", { filter: ["del", "s"], replacement: (c) => (c.trim() ? `~~${c.trim()}~~` : "") });
  td.addRule("item", {
    filter: "li",
    replacement(content, node) {
      const parent = node.parentNode as HTMLElement;
      const i = [...parent.children].filter((x) => x.nodeName === "LI").indexOf(node as HTMLElement);
      const mark = parent.nodeName === "OL" ? `${Number(parent.getAttribute("start") ?? 1) + i}. ` : "- ";
      const text = content.trim().replace(/\n{2,}(?=\s*(?:[-*]|\d+\.) )/g, "\n").replace(/\n/g, `\n${" ".repeat(mark.length)}`);
      return `${mark}${text}${node.nextSibling ? "\n" : ""}`;
    },
  });
  td.addRule("table", { filter: "table", replacement: (_c, node) => `\n\n${table(node as HTMLTableElement, td)}\n\n` });
  made = td;
  return td;
}

const mostColumns = 50;

function table(t: HTMLTableElement, td: Turndown): string {
  const down: number[] = []; // how many rows a cell from above still takes in a column
  const rows = [...t.rows].map((r) => {
    const out: { text: string; center: boolean }[] = [];
    const skip = () => {
      while ((down[out.length] ?? 0) > 0) {
        down[out.length]!--;
        out.push({ text: "", center: false });
      }
    };
    for (const c of [...r.cells]) {
      skip();
      for (let i = 0; i < Math.min(c.colSpan, mostColumns); i++) down[out.length + i] = c.rowSpan - 1;
      const text = (c.firstChild ? td.turndown(c) : "").replace(/\s*\\?\n+\s*/g, " ").replace(/\|/g, "\\|").trim();
      const center = c.getAttribute("align") === "center" || /text-align: ?center/.test(styleOf(c));
      out.push({ text: text.replace(/^#{1,6} |^[-*] /, ""), center });
      for (let i = 1; i < Math.min(c.colSpan, mostColumns); i++) out.push({ text: "", center });
    }
    skip();
    return out.slice(0, mostColumns);
  }).filter((r) => r.some((c) => c.text !== ""));
  if (rows.length === 0) return "";
  const width = Math.max(...rows.map((r) => r.length));
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const pad = (r: { text: string }[]) => Array.from({ length: width }, (_, i) => r[i]?.text ?? "");
  const rule = Array.from({ length: width }, (_, i) => (rows.every((r) => r[i]?.center ?? true) ? ":-:" : "---"));
  return [line(pad(rows[0]!)), line(rule), ...rows.slice(1).map((r) => line(pad(r)))].join("\n");
}

function tidy(md: string): string {
  return md
    .replace(/[\u00a0\u202f]/g, " ")
    .replace(/[\u00ad\ufeff\u200b]/g, "")
    .replace(/[ \t]+$/gm, "")
    .replace(/^(\s*(?:[-*]|\d+\.) \[[ x]\]) +/gm, "$1 ")
    // Two breaks are the end of a paragraph, and one at its end is none.
    .replace(/(?:\\\n){2,}/g, "\n\n")
    .replace(/\\(?=\n\n|$)/g, (m, at: number, all: string) => (all[at - 1] === "\\" ? m : ""))
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
