import { expect, it } from "vitest";
import { initial } from "./People";

it("marks a person by a letter that is not read as a figure", () => {
  expect(["هدى", "  سلمى", "Huda", ""].map(initial)).toEqual(["هـ", "س", "H", ""]);
  expect(["د. وائل شاهين", "Dr Wael Shaheen", "م. هند", "Drina", "د."].map(initial)).toEqual(["و", "W", "هـ", "D", "د"]);
});
