import { expect, test } from "vitest";
import { dayOfWeek, fromLocalInput, networkZone, setZone, startOfDay, toLocalInput } from "./zone";

test("what is typed and shown is the network's time, wherever the device is", () => {
  setZone("Asia/Dubai");
  expect(networkZone()).toBe("Asia/Dubai");
  expect(toLocalInput("2026-11-24T10:00:00Z")).toBe("2026-11-24T14:00");
  expect(fromLocalInput("2026-11-24T14:00")).toBe("2026-11-24T10:00:00.000Z");
  expect(fromLocalInput("not a time")).toBe("");
  // 21:00 UTC on Saturday is already Sunday in Dubai.
  const at = Date.parse("2026-11-21T21:00:00Z");
  expect(dayOfWeek(at)).toBe(0);
  expect(new Date(startOfDay(at)).toISOString()).toBe("2026-11-21T20:00:00.000Z");
  expect(startOfDay(at, 14) - startOfDay(at)).toBe(14 * 86_400_000);
  setZone(undefined);
  expect(networkZone()).toBe("Asia/Dubai");
});
