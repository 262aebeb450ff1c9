import { expect, test } from "vitest";
import type { Block, Part } from "./api";
import { cellsOf, rowsOf, unpadded } from "./rows";

const part = (op: Part["op"], text: string): Part => ({ op, text, by: 1 });
const block = (kind: Block["kind"], ...parts: Part[]): Block => ({ kind, old: kind === "inserted" ? [0, 0] : [0, 1], new: kind === "deleted" ? [0, 0] : [0, 1], other: -1, parts, by: [] });
const same = (text: string) => block("same", part("=", text));
const words = (parts: Part[]) => cellsOf(parts).map((c) => c.filter((p) => p.text.trim() !== "").map((p) => `${p.op}${p.text.trim()}`).join(" "));

test("a run of rows with a rule is a table, one without is text", () => {
  const rows = rowsOf([same("نص"), same("| الخدمة | المدّة |"), same("|---|:-:|"), block("inserted", part("+", "| تجديد | يوم |")), same(""), same("| ليس جدولًا |")]);
  expect([...rows].map(([i, r]) => [i, r.kind, r.first])).toEqual([[1, "head", 1], [2, "rule", 1], [3, "body", 1]]);
});

test("a line that became a row is shown as the text it was", () => {
  expect(rowsOf([same("| أ |"), same("|---|"), block("changed", part("-", "كان نصًّا"), part("+", "| ب |"))]).has(2)).toBe(false);
});

test("a changed word is in its cell; an escaped sign divides nothing", () => {
  expect(words([part("=", "| تجديد | "), part("-", "يوم"), part("+", "يومان"), part("=", " | أ \\| ب |")])).toEqual(["=تجديد", "-يوم +يومان", "=أ \\| ب"]);
});

test("cells that came and went are cells of their own, and an empty one stays", () => {
  expect(words([part("=", "| أ | |"), part("+", " جديد |")])).toEqual(["=أ", "", "+جديد"]);
  expect(words([part("=", "| أ |"), part("-", " ب |")])).toEqual(["=أ", "-ب"]);
});

test("signs that were lined up are no change of the table; a word and another side of a column are", () => {
  const blocks = [
    block("changed", part("-", "| أ | ب |"), part("+", "| أ   | ب |")),
    block("changed", part("-", "|---|:-:|"), part("+", "| --- | :---: |")),
    block("changed", part("=", "| ج "), part("+", "  "), part("=", "| "), part("-", "د"), part("+", "هـ"), part("=", " |")),
  ];
  expect(unpadded(blocks).map((b) => b.kind)).toEqual(["same", "same", "changed"]);
  expect(words(blocks[2]!.parts)).toEqual(["=ج", "-د +هـ"]);
  expect(unpadded([blocks[0]!, block("changed", part("-", "|---|---|"), part("+", "|---|--:|"))]).map((b) => b.kind)).toEqual(["same", "changed"]);
});
