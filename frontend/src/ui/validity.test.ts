import { expect, test } from "vitest";
import { lackOf } from "./validity";

const none = { valueMissing: false, typeMismatch: false, tooShort: false };

test("what a field lacks is told by the first constraint it does not meet", () => {
  expect(lackOf({ ...none, valueMissing: true, tooShort: true }, { tagName: "INPUT" })).toBe("required");
  expect(lackOf({ ...none, valueMissing: true }, { tagName: "SELECT" })).toBe("choose");
  expect(lackOf({ ...none, typeMismatch: true }, { tagName: "INPUT" })).toBe("email");
  expect(lackOf({ ...none, tooShort: true }, { tagName: "INPUT" })).toBe("short");
  expect(lackOf(none, { tagName: "INPUT" })).toBe("form");
});
