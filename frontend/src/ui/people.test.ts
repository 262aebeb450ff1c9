import { expect, it } from "vitest";
import { initial } from "./People";

it("marks a person by a letter that is not read as a figure", () => {
  expect(["هدى", "  سلمى", "Huda", ""].map(initial)).toEqual(["هـ", "س", "H", ""]);
});
