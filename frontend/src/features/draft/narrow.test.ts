import { expect, test } from "vitest";
import { fold, narrowed, wide } from "./narrow";
import type { Thread } from "./threads";

const who = (id: string, agency: string) => ({ person: { id, name: { ar: id, en: id } }, agency: { id: agency } }) as Thread["author"];
const thread = (id: string, over: Partial<Thread>): Thread =>
  ({ id, state: "open", kind: "general", blocking: false, audience: "network", orphaned: false, quote: "", author: who("me", "a"), comments: [], ...over }) as Thread;
const ids = (l: Thread[]) => l.map((t) => t.id);

test("each look shows its own", () => {
  const said = (p: string, body = "") => ({ id: p, author: who(p, "b"), body, created_at: "", mentions: null });
  const all = [
    thread("plain", { author: who("x", "b") }),
    thread("blocking", { blocking: true }),
    thread("inside", { audience: "agency", kind: "technical" }),
    thread("orphan", { orphaned: true, comments: [said("me", "مُدّة الإنتظار")] }),
    thread("theirs", { state: "resolved", resolved_by: { id: "x", name: { ar: "", en: "" } }, comments: [said("me")] }),
    thread("answered", { state: "resolved", resolved_by: { id: "x", name: { ar: "", en: "" } }, comments: [said("me"), said("me")] }),
  ];
  const by = (over: Partial<typeof wide>) => ids(narrowed(all, { ...wide, ...over }, "me"));
  expect(narrowed(all, wide, "me")).toBe(all);
  expect(by({ look: "blocking" })).toEqual(["blocking"]);
  expect(by({ look: "inside" })).toEqual(["inside"]);
  expect(by({ look: "orphaned" })).toEqual(["orphan"]);
  expect(by({ look: "unanswered" })).toEqual(["theirs"]);
  expect(by({ kind: "technical" })).toEqual(["inside"]);
  expect(by({ agency: "b" })).toEqual(["plain"]);
  expect(by({ words: "مدة الانتظار" })).toEqual(["orphan"]);
  expect(fold("أُعيدَتْ")).toBe("اعيدت");
  const unsaid = { mine: false, answered: false, ours: false, named: false, proposing: false, replies: 0, authors: [] };
  const brief = [
    thread("far", { author: who("x", "b"), comments: null, brief: unsaid }),
    thread("named", { author: who("x", "b"), comments: null, brief: { ...unsaid, named: true, proposing: true } }),
    thread("unanswered", { state: "resolved", resolved_by: { id: "x", name: { ar: "", en: "" } }, comments: null, brief: { ...unsaid, mine: true } }),
    thread("answered", { state: "resolved", resolved_by: { id: "x", name: { ar: "", en: "" } }, comments: null, brief: { ...unsaid, mine: true, answered: true } }),
  ];
  expect(ids(narrowed(brief, { ...wide, look: "me" }, "me"))).toEqual(["named", "unanswered", "answered"]);
  expect(ids(narrowed(brief, { ...wide, look: "proposing" }, "me"))).toEqual(["named"]);
  expect(ids(narrowed(brief, { ...wide, look: "unanswered" }, "me"))).toEqual(["unanswered"]);
});
