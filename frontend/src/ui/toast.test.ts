import { expect, test } from "vitest";
import { withNote } from "./Toast";

test("what was said already is said anew, not twice; what can be undone stands each time", () => {
  const ids = (...notes: { text: string; undo?: true }[]) =>
    notes.map(({ text, undo }, id) => ({ id, text, undo: undo && { label: "", act: () => undefined } })).reduce<Parameters<typeof withNote>[1][]>((all, n) => withNote(all, n), []).map((n) => n.id);
  expect(ids({ text: "refused" }, { text: "saved" }, { text: "refused" })).toEqual([1, 2]);
  expect(ids({ text: "removed", undo: true }, { text: "removed", undo: true })).toEqual([0, 1]);
  expect(ids({ text: "a" }, { text: "b" }, { text: "c" }, { text: "d" })).toEqual([1, 2, 3]);
});
