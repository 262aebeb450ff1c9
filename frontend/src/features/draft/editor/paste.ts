/** Paste: pictures are sent, pages and Word documents become Markdown, everything else stays as it is. */
import { isolateHistory } from "@codemirror/commands";
import { type EditorState, type Extension, Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { limits } from "../../../live/wire";
import { documentDir } from "./direction";
import { insertImages, isImage } from "./images";

// A page's HTML is many times its text; beyond this it is not looked at, and its plain text decides.
const htmlMost = 6 * 1024 * 1024;

/** The first footnote number that the text does not use. */
export function freeNote(state: EditorState): number {
  let most = 0;
  for (const iter = state.doc.iterLines(); !iter.next().done; ) {
    if (!iter.value.includes("[^")) continue;
    for (const m of iter.value.matchAll(/\[\^(\d{1,6})\]/g)) most = Math.max(most, Number(m[1]));
  }
  return most + 1;
}

const block = /^(?:#{1,6} |[-*+] |\d{1,9}[.)] |> |\||```|\[\^)/;

/** Puts Markdown where the selection is; blocks get lines of their own. One step of undo. */
export function insertMarkdown(view: EditorView, md: string): void {
  const { state } = view;
  const { from, to } = state.selection.main;
  const line = state.doc.lineAt(from);
  const end = state.doc.lineAt(to);
  const blocks = md.includes("\n") || block.test(md);
  const before = blocks && state.sliceDoc(line.from, from).trim() !== "" ? "\n\n" : "";
  const after = blocks && state.sliceDoc(to, end.to).trim() !== "" ? "\n\n" : "";
  const insert = Text.of(`${before}${md}${after}`.split("\n"));
  view.dispatch({
    changes: { from, to, insert },
    selection: { anchor: from + insert.length - after.length },
    annotations: isolateHistory.of("full"),
    scrollIntoView: true,
    userEvent: "input.paste",
  });
}

/** refuse is told when a paste is too large, with its size in bytes; the clipboard keeps it. */
export function pasting(refuse: (what: "paste", bytes: number) => void): Extension {
  return EditorView.domEventHandlers({
    paste(e, view) {
      const data = e.clipboardData;
      if (!data || view.state.readOnly) return false;
      const html = data.getData("text/html");
      const plain = data.getData("text/plain");
      // A file alone is sent whatever it is, so that the hub's words say why it cannot stand here. Beside a page's HTML only pictures count.
      const files = [...data.files].filter((f) => html === "" || isImage(f));
      // Word and spreadsheets add a picture of the text; the text is what was meant.
      if (files.length > 0 && plain.trim() === "") {
        e.preventDefault();
        void insertImages(view, files, view.state.selection.main.head);
        return true;
      }
      if (html === "") return false;
      if (html.length > htmlMost || plain.length > limits.updateBytes) {
        e.preventDefault();
        refuse("paste", Math.max(html.length, new Blob([plain]).size));
        return true;
      }
      e.preventDefault();
      const asTyped = () => view.dispatch(view.state.replaceSelection(view.state.toText(plain.replace(/\r\n?/g, "\n"))), { userEvent: "input.paste", scrollIntoView: true });
      void import("./fromHtml").then(
        ({ toMarkdown }) => {
          if (view.state.readOnly) return;
          const md = toMarkdown(html, { language: view.state.facet(documentDir), note: freeNote(view.state) });
          if (md === null || md === "") asTyped();
          else insertMarkdown(view, md);
        },
        asTyped,
      );
      return true;
    },
  });
}
