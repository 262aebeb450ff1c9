import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { onScroll, paced } from "./ticker";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "requestAnimationFrame", "cancelAnimationFrame", "performance"] }));
afterEach(() => void vi.useRealTimers());

test("a paced function runs at once, then once a pace, and once more after the last call", () => {
  const at: number[] = [];
  const go = paced(() => at.push(Math.round(performance.now())), 100);
  const began = performance.now();
  for (let i = 0; i < 30; i++) {
    go();
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1000);
  const gaps = at.slice(1).map((t, i) => t - at[i]!);
  expect(at[0]! - began).toBeLessThanOrEqual(17);
  expect(at.length).toBe(4);
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(100);
});

test("what is stopped does not run any more, whatever was due", () => {
  let n = 0;
  const go = paced(() => n++, 100);
  const end = onScroll(go);
  document.dispatchEvent(new Event("scroll"));
  vi.advanceTimersByTime(20);
  document.dispatchEvent(new Event("scroll"));
  end();
  document.dispatchEvent(new Event("scroll"));
  vi.advanceTimersByTime(1000);
  expect(n).toBe(1);
});
