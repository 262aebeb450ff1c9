import { expect, test } from "vitest";
import { wayOf } from "./stages";

test("a column a practice never stood in is not called done", () => {
  expect(wayOf("approved", ["nominated", "needs_more", "nominated", "screened", "in_ballot", "approved"])).toEqual(["did", "skipped", "skipped", "did", "now", "ahead"]);
  expect(wayOf("piloted", ["nominated", "screened", "under_study", "piloting", "piloted", "in_ballot", "piloted"])).toEqual(["did", "did", "now", "ahead", "ahead", "ahead"]);
});

test("a practice that left the path shows how far it came", () => {
  expect(wayOf("retired", ["nominated", "screened", "in_ballot", "approved", "standard", "retired"])).toEqual(["did", "skipped", "skipped", "did", "did", "did"]);
  expect(wayOf("declined", ["nominated", "declined"])).toEqual(["did", "ahead", "ahead", "ahead", "ahead", "ahead"]);
});
