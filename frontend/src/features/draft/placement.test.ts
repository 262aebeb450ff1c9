import { describe, expect, it } from "vitest";
import { around, place, sequence } from "./placement";

const list = Array.from({ length: 5_000 }, (_, i) => ({ id: `t${i}`, from: i * 10 }));
// Four threads a line, lines of 40 pixels.
const topOf = (a: { from: number }) => Math.floor(a.from / 40) * 40;
const at = (y: number) => ({ from: y, y, room: 1_500, above: 600 });
const overlaps = (tops: Map<string, number>, height: number) => {
  const all = [...tops.values()].sort((a, b) => a - b);
  return all.some((t, i) => i > 0 && t < all[i - 1]! + height);
};

describe("cards of thousands of threads", () => {
  it("are arranged near the screen only, the first line that is seen having its card beside it", () => {
    for (const y of [0, 4_000, 25_000, 49_000]) {
      const { tops } = around(list, at(y), [], topOf, () => 120, null);
      expect(tops.size, `at ${y}`).toBeGreaterThan(3);
      expect(tops.size, `at ${y}`).toBeLessThan(30);
      expect(overlaps(tops, 120), `at ${y}`).toBe(false);
      expect(tops.get(`t${y / 10}`), `at ${y}`).toBe(y);
      for (const top of tops.values()) expect(top).toBeGreaterThanOrEqual(Math.max(0, y - 1_200));
    }
  });
  it("keep the pinned one at its line, and mounted when it is far away", () => {
    const near = around(list, at(4_000), [], topOf, () => 120, "t430");
    expect(near.tops.get("t430")).toBe(topOf({ from: 4_300 }));
    expect(overlaps(near.tops, 120)).toBe(false);
    const far = around(list, at(4_000), [], topOf, () => 120, "t4000");
    expect(far.tops.get("t4000")).toBe(40_000);
    expect(far.tops.get("t400")).toBe(4_000);
  });
  it("make room for what else stands there", () => {
    const { tops } = around(list, at(4_000), [{ id: "new", top: 4_200, height: 220 }, { id: "other", top: 30_000, height: 100 }], topOf, () => 120, "new");
    expect(tops.get("new")).toBe(4_200);
    expect(tops.has("other")).toBe(false);
  });
});

describe("cards of a list", () => {
  it("follow one another with a gap", () => {
    const { tops, end } = sequence([{ id: "a", height: 100 }, { id: "b", height: 50 }]);
    expect([tops.get("a"), tops.get("b"), end]).toEqual([0, 112, 162]);
    expect(sequence([]).end).toBe(0);
  });
  it("beside their lines do not overlap", () => {
    const { tops } = place([{ id: "a", top: 0, height: 100 }, { id: "b", top: 20, height: 100 }, { id: "c", top: 500, height: 100 }], "b");
    expect(overlaps(tops, 100)).toBe(false);
    expect(tops.get("c")).toBe(500);
  });
});
