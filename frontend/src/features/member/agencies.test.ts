import { expect, test } from "vitest";
import { byName } from "./useAgencies";

const agencies = [["courts", "المحاكم", "Courts"], ["eco", "التنمية الاقتصادية", "Economy"], ["hou", "الإسكان", "Housing"], ["cdf", "الدفاع المدني", "Civil Defence"]].map(([code = "", ar = "", en = ""]) => ({ code, short: { ar, en } }));

test("agencies stand in the order of their names in the reader's language", () => {
  expect(byName(agencies, (a) => a.short, "ar").map((a) => a.code)).toEqual(["hou", "eco", "cdf", "courts"]);
  expect(byName(agencies, (a) => a.short, "en").map((a) => a.code)).toEqual(["cdf", "courts", "eco", "hou"]);
});
