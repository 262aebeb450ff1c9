import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { expect, test } from "vitest";
import { addressesOf, foldedAddresses } from "./addresses";
import { markdownText } from "./markdown";

test("a folded address inside words that are marked twice breaks no isolate", () => {
  const faults: unknown[] = [];
  const doc = "يُراجع **دليل [خدمة `Q-Flow` الموحّدة](/guides/gl_06h0eqtuepqt5a7t1tgl9je040) مع غيره** و![صورة *أولى*](/guides/gl_06h0eqtuepqt5a7t1tgl9je040).";
  const view = new EditorView({ state: EditorState.create({ doc, extensions: [markdownText(), foldedAddresses(), EditorView.perLineTextDirection.of(true), EditorView.exceptionSink.of((e) => faults.push(e))] }) });
  // As a browser has it: what is visible is parted by what is folded.
  Object.defineProperty(view, "visibleRanges", {
    get() {
      const text = view.state.doc.toString();
      const gaps = addressesOf(text);
      return gaps.map(([from], i) => ({ from: gaps[i - 1]?.[1] ?? 0, to: from })).concat({ from: gaps.at(-1)![1], to: text.length });
    },
  });
  view.dispatch({ changes: { from: 0, insert: "ثم " } });
  expect(view.visibleRanges.length).toBe(3);
  expect(faults).toEqual([]);
  const isolated: string[] = [];
  for (const set of view.state.facet(EditorView.bidiIsolatedRanges)) {
    const ranges = typeof set === "function" ? set(view) : set;
    ranges.between(0, view.state.doc.length, (from, to) => void isolated.push(view.state.sliceDoc(from, to)));
  }
  expect(isolated).toContain("`Q-Flow`");
  expect(new Set(isolated).size).toBe(isolated.length);
  view.destroy();
});
