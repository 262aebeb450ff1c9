/**
 * Links to other guidelines: typing [[ or Ctrl+K searches those that the person may see, and a # behind a name searches
 * its clauses. What is inserted is an ordinary Markdown link.
 */
import { autocompletion, type Completion, type CompletionContext, type CompletionResult, startCompletion } from "@codemirror/autocomplete";
import { Compartment, EditorSelection, EditorState, type Extension, Facet } from "@codemirror/state";
import type { Command, EditorView } from "@codemirror/view";

export interface Guide {
  id: string;
  title: string;
  /** Whose it is, for telling namesakes apart. */
  of: string;
}
export interface Clause {
  number: string;
  id: string;
  text: string;
}
export interface LinkHooks {
  /** Guidelines that the person may see, best first. */
  guides(query: string, signal: AbortSignal): Promise<Guide[]>;
  clauses(guide: string, signal: AbortSignal): Promise<Clause[]>;
  /** "Title, clause 2.1" in the language of the text. */
  clauseName(title: string, number: string): string;
}

const linkHooks = Facet.define<LinkHooks, LinkHooks | null>({ combine: (v) => v[0] ?? null });

const wiki = /\[\[([^[\]\n]{0,80})$/;
const target = /\[([^[\]\n]{0,200})\]\(([^()\s]{0,80})$/;

// A title's brackets would end the link's words.
const words = (s: string) => s.replace(/[[\]]/g, "\\$&");

async function source(ctx: CompletionContext): Promise<CompletionResult | null> {
  const hooks = ctx.state.facet(linkHooks);
  if (!hooks) return null;
  const line = ctx.state.doc.lineAt(ctx.pos);
  const head = ctx.state.sliceDoc(Math.max(line.from, ctx.pos - 300), ctx.pos);
  const inWiki = wiki.exec(head);
  const inTarget = inWiki ? null : target.exec(head);
  if (!inWiki && !(inTarget && (ctx.explicit || inTarget[2] !== "") && !/^(?:https?:|mailto:|\/|#|\.)/.test(inTarget[2]!))) return null;
  const asked = inWiki ? inWiki[1]! : inTarget![2]!;
  const from = ctx.pos - asked.length;
  const abort = new AbortController();
  ctx.addEventListener("abort", () => abort.abort());
  // Whoever types goes on; only the last question is asked.
  await new Promise((r) => setTimeout(r, ctx.explicit ? 0 : 160));
  if (ctx.aborted) return null;
  const [name, clause] = split(asked);
  const guides = await hooks.guides(name, abort.signal).catch(() => []);
  if (ctx.aborted) return null;
  const put = (title: string, address: string) => (view: EditorView, _c: Completion, a: number, b: number) => {
    if (!inWiki) {
      const close = view.state.sliceDoc(b, b + 1) === ")" ? 1 : 0;
      view.dispatch({ changes: { from: a, to: b + close, insert: `${address})` }, selection: EditorSelection.cursor(a + address.length + 1), userEvent: "input.complete" });
      return;
    }
    const close = view.state.sliceDoc(b, b + 2) === "]]" ? 2 : 0;
    const insert = `[${words(title)}](${address})`;
    view.dispatch({ changes: { from: a - 2, to: b + close, insert }, selection: EditorSelection.cursor(a - 2 + insert.length), userEvent: "input.complete" });
  };
  const first = guides[0];
  if (clause !== null && first) {
    const clauses = await hooks.clauses(first.id, abort.signal).catch(() => []);
    if (ctx.aborted) return null;
    const wanted = clause.trim();
    const options = clauses
      .filter((c) => wanted === "" || c.number.startsWith(wanted) || c.text.includes(wanted))
      .slice(0, 60)
      .map((c) => ({ label: `${c.number} ${c.text}`.trim(), detail: first.title, apply: put(hooks.clauseName(first.title, c.number), `/guides/${first.id}#${c.id}`) }));
    return { from, options, filter: false };
  }
  return { from, filter: false, options: guides.slice(0, 20).map((g) => ({ label: g.title, detail: g.of, apply: put(g.title, `/guides/${g.id}`) })) };
}

function split(asked: string): [string, string | null] {
  const i = asked.indexOf("#");
  return i < 0 ? [asked.trim(), null] : [asked.slice(0, i).trim(), asked.slice(i + 1)];
}

/** Makes the selection (or the word at the caret) a link and searches for where it leads; an address becomes the target. */
export const linkTo: Command = (view) => {
  const { state } = view;
  if (state.readOnly) return false;
  const { main } = state.selection;
  if (main.empty) {
    view.dispatch({ changes: { from: main.from, insert: "[[]]" }, selection: EditorSelection.cursor(main.from + 2), userEvent: "input.format", scrollIntoView: true });
  } else {
    const text = state.sliceDoc(main.from, main.to);
    const lead = text.length - text.trimStart().length;
    const from = main.from + lead;
    const to = Math.max(from, main.to - (text.length - text.trimEnd().length));
    if (/^(?:https?:\/\/|mailto:)\S+$/.test(text.trim())) {
      view.dispatch({ changes: { from, to, insert: `[](${text.trim()})` }, selection: EditorSelection.cursor(from + 1), userEvent: "input.format" });
      return true;
    }
    view.dispatch({ changes: [{ from, insert: "[" }, { from: to, insert: "]()" }], selection: EditorSelection.cursor(to + 3), userEvent: "input.format", scrollIntoView: true });
  }
  startCompletion(view);
  return true;
};

const offering = new Compartment();
const offer = (typing: boolean) => autocompletion({ override: [source], activateOnTyping: typing, icons: false, closeOnBlur: true, maxRenderedOptions: 60 });
const inLink = /\[\[[^[\]\n]{0,80}$|\]\([^()\s]{0,80}$/;
const helps = offer(true);
const rests = offer(false);

// Asking the source after every key costs timers and an update of its own; only what is typed inside a link asks.
const whereItHelps = EditorState.transactionExtender.of((tr) => {
  if (!tr.docChanged) return null;
  const head = tr.newSelection.main.head;
  const typing = inLink.test(tr.newDoc.sliceString(Math.max(0, head - 90), head, "\n"));
  const was = offering.get(tr.startState) === helps;
  return typing === was ? null : { effects: offering.reconfigure(typing ? helps : rests) };
});

export function links(hooks: LinkHooks): Extension {
  return [linkHooks.of(hooks), offering.of(rests), whereItHelps];
}
