import { compileMessage } from "@lingui/message-utils/compileMessage";
import { beforeAll, describe, expect, it } from "vitest";
import { messages as ar } from "./ar";
import { messages as en } from "./en";
import { foldDigits, makeFormat } from "./format";
import { speak, translate } from "./i18n";
import { defaultPrefs } from "./prefs";

function names(tokens: unknown, out = new Set<string>()): Set<string> {
  if (!Array.isArray(tokens)) return out;
  for (const t of tokens) {
    if (!Array.isArray(t)) continue;
    out.add(String(t[0]));
    if (t[2] && typeof t[2] === "object") for (const branch of Object.values(t[2])) names(branch, out);
  }
  return out;
}

function plurals(tokens: unknown, out: string[][] = []): string[][] {
  if (!Array.isArray(tokens)) return out;
  for (const t of tokens) if (Array.isArray(t) && t[1] === "plural") out.push(Object.keys(t[2] as object));
  return out;
}

describe("catalogues", () => {
  it("have the same ids and the same values in both languages", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(ar).sort());
    for (const [id, text] of Object.entries(ar)) {
      const other = en[id as keyof typeof en];
      expect([id, ...names(compileMessage(other))].sort(), id).toEqual([id, ...names(compileMessage(text))].sort());
    }
  });
  it("spell out all six Arabic plural forms", () => {
    for (const [id, text] of Object.entries(ar)) {
      for (const forms of plurals(compileMessage(text))) {
        expect(forms, id).toEqual(expect.arrayContaining(["zero", "one", "two", "few", "many", "other"]));
      }
    }
  });
});

describe("Arabic sentences", () => {
  beforeAll(() => speak("ar", "arab"));
  it("count in six forms with the chosen digits", () => {
    const say = (n: number) => translate("time.closes.days", { n });
    expect([0, 1, 2, 3, 11, 100].map(say)).toEqual([
      "يُغلق اليوم", "يُغلق بعد يوم", "يُغلق بعد يومين", "يُغلق بعد ٣ أيام", "يُغلق بعد ١١ يومًا", "يُغلق بعد ١٠٠ يوم",
    ]);
  });
  it("say of one, two and more items that none is due soon", () => {
    const say = (n: number) => translate("home.calm", { n });
    expect([1, 2, 3, 11].map(say)).toEqual(["موعده غير قريب.", "لا موعد قريب بينهما.", "لا موعد قريب بينها.", "لا موعد قريب بينها."]);
  });
  it("isolate what could reorder them and leave the rest bare", () => {
    expect(translate("ballot.mine.title", { agency: "بلدية المدينة" })).toBe("صوت بلدية المدينة");
    expect(translate("ballot.mine.title", { agency: "Q-Flow" })).toBe("صوت \u2068Q-Flow\u2069");
  });
});

describe("format", () => {
  const noon = new Date(2026, 10, 22, 12).getTime();
  const make = (p: Partial<typeof defaultPrefs>) => makeFormat({ ...defaultPrefs, ...p }, translate, () => noon);
  it("writes Hijri by Umm al-Qura, first or second as preferred", () => {
    expect(make({}).both(noon)).toMatch(/^الأحد ١٢ جمادى الآخرة ١٤٤٨هـ · ٢٢ نوفمبر ٢٠٢٦م$/);
    expect(make({ calendar: "gregory", digits: "latn" }).date(noon)).toBe("22 نوفمبر 2026م");
    expect(make({}).date(new Date(2013, 10, 1, 12))).toContain("٢٧ ذو الحجة ١٤٣٤");
  });
  it("leaves English with Latin digits whatever the setting", () => {
    expect(make({ locale: "en" }).num(12345)).toBe("12,345");
    expect(make({ locale: "en" }).code("2.1")).toBe("2.1");
    expect(make({}).code("2.1")).toBe("٢.١");
    expect(make({ digits: "latn" }).code("٣×١١ = ٣٣")).toBe("3×11 = 33"); // the hub writes Arabic-Indic ones
  });
  it("writes the Hijri months in English as the published pages do", () => {
    const en = make({ locale: "en" });
    expect(en.date(new Date(2025, 8, 5, 12))).toBe("13 Rabi I 1447 AH");
    expect(en.date(new Date(2013, 10, 1, 12))).toBe("27 Dhu al-Hijja 1434 AH");
  });
  it("folds both digit sets on entry", () => expect(foldDigits("٦۶6")).toBe("666"));
});
