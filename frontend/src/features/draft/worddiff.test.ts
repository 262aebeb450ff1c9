import { expect, test } from "vitest";
import { wordDiff } from "./worddiff";

const side = (a: string, b: string, not: string) => wordDiff(a, b).filter((p) => p.kind !== not).map((p) => p.text).join("");

test("whole words go and come", () => {
  expect(wordDiff("لا تتجاوز عشرين دقيقة", "لا تتجاوز خمس عشرة دقيقة")).toEqual([
    { kind: "same", text: "لا تتجاوز " },
    { kind: "del", text: "عشرين" },
    { kind: "ins", text: "خمس عشرة" },
    { kind: "same", text: " دقيقة" },
  ]);
});

test("both texts can be read back, whatever they are", () => {
  const words = ["مدّة", "الانتظار", " ", "Q-Flow", "٨٥٪", "\n", "😀", "  "];
  let seed = 7;
  const next = (n: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  for (let i = 0; i < 300; i++) {
    const make = () => Array.from({ length: next(12) }, () => words[next(words.length)]).join("");
    const [a, b] = [make(), make()];
    expect(side(a, b, "ins")).toBe(a);
    expect(side(a, b, "del")).toBe(b);
  }
});
