import { expect, test } from "vitest";
import { deadline, ended } from "./words";

test("a ballot that was closed before its time is dated by its end, not by its plan", () => {
  const closes_at = "2026-11-30T05:00:00.000Z";
  expect(ended({ closes_at, closed_at: "2026-11-23T05:26:00.000Z" })).toBe("2026-11-23T05:26:00.000Z");
  expect(ended({ closes_at, closed_at: null })).toBe(closes_at);
  expect(deadline({ closes_at, notice_closes_at: "2026-11-24T05:00:00.000Z" })).toBe("2026-11-24T05:00:00.000Z");
});
