import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Term } from "./api";
import { fold } from "./fold";
import { find, matcher } from "./match";

const vectors: [string, string][] = JSON.parse(readFileSync("../pkg/arabic/testdata/fold.json", "utf8"));

describe("fold", () => {
  it.each(vectors)("%s", (given, wanted) => expect(fold(given)).toBe(wanted));
});

const term = (ar: string, en: string, ...no: string[]): Term => ({
  id: en, state: "approved", words: { ar, en }, definition: { ar: "", en: "" }, agency: null, own: false, note: "", edition: 1, version: 1, updated_at: "", next: [],
  discouraged: no.map((text) => ({ lang: /[a-z]/.test(text) ? "en" : "ar", text })),
});
const m = matcher([term("مدّة الانتظار", "waiting time", "زمن الانتظار", "queue time"), term("متعامل", "customer", "مراجع", "client"), term("مدّة الخدمة", "service time"), term("خدمة", "service")]);
const seen = (line: string) => find(m, line).map((f) => [line.slice(f.from, f.to), f.discouraged ? f.instead : ""]);

describe("terms in a line", () => {
  it.each<[string, [string, string][]]>([
    ["قاس زَمَن الانتظار اليوم", [["زَمَن الانتظار", "مدّة الانتظار"]]],
    ["وبزمن الانتظار", [["وبزمن الانتظار", "وبمدّة الانتظار"]]],
    ["زمن انتظار قصير", [["زمن انتظار", "مدّة انتظار"]]],
    ["يُقال للمراجع: تفضّل", [["للمراجع", "للمتعامل"]]],
    ["جاء المُراجع", [["المُراجع", "المتعامل"]]],
    ["كل مراجع", [["مراجع", "متعامل"]]],
    ["مدة الخدمة", [["مدة الخدمة", ""]]],
    ["الخدمة", [["الخدمة", ""]]],
    ["مراجعة النص", []],
    ["زمن، الانتظار", []],
    ["Each client's queue time", [["client", "customer"], ["queue time", "waiting time"]]],
    ["", []],
  ])("%s", (line, wanted) => expect(seen(line)).toEqual(wanted));
});
