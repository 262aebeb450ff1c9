import { expect, test } from "vitest";
import { choose, chosenOf, narrowSearch } from "./search";

test("an address keeps the narrowing and nothing else", () => {
  expect(narrowSearch({ tier: "local", sector: "health,justice", area: 7, kind: "", q: "x", other: {} })).toEqual({ tier: "local", sector: "health,justice", area: "7" });
  expect(narrowSearch({ tier: ["local"], kind: null })).toEqual({});
});

test("values come and go in one order, so that one narrowing has one address", () => {
  const s = choose(choose({}, "sector", ["justice", "health"]), "tier", ["local"]);
  expect(s).toEqual({ sector: "health,justice", tier: "local" });
  expect(chosenOf(s, "sector")).toEqual(["health", "justice"]);
  expect(chosenOf(choose(s, "sector", []), "sector")).toEqual([]);
  expect(choose(s, "sector", []).sector).toBeUndefined();
});
