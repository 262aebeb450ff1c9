import { EditorState } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { folded, queryOf } from "./find";

const found = (text: string, words: string, o: { fold?: boolean; whole?: boolean } = {}) => {
  const state = EditorState.create({ doc: text });
  const query = queryOf(words, "", { fold: o.fold ?? true, whole: o.whole ?? false });
  const out: string[] = [];
  const cursor = query.getCursor(state);
  for (let m = cursor.next(); !m.done; m = cursor.next()) out.push(state.sliceDoc(m.value.from, m.value.to));
  return out;
};

describe("finding Arabic words", () => {
  it("takes the spellings of a word for one", () => {
    expect(found("إعلان وأعلان واعلان وآعلان", "اعلان")).toEqual(["إعلان", "أعلان", "اعلان", "آعلان"]);
    expect(found("على علي", "علي")).toEqual(["على", "علي"]);
    expect(found("الخدمة الخدمه", "الخدمة")).toEqual(["الخدمة", "الخدمه"]);
    expect(found("مسؤول مسوول", "مسوول")).toEqual(["مسؤول", "مسوول"]);
    expect(found("شاطئ شاطى", "شاطئ")).toEqual(["شاطئ", "شاطى"]);
  });
  it("does not look at diacritics and tatweel, in the text or in what is asked for", () => {
    expect(found("مُدَّةُ الإنجاز ومــدة", "مدة")).toEqual(["مُدَّةُ", "مــدة"]);
    expect(found("مدة", "مُــدَّة")).toEqual(["مدة"]);
  });
  it("finds digits of each set", () => {
    expect(found("١٥ دقيقة، 15 دقيقة، ۱۵", "15")).toEqual(["١٥", "15", "۱۵"]);
  });
  it("is exact when asked to be", () => {
    expect(found("إعلان اعلان Form form", "اعلان", { fold: false })).toEqual(["اعلان"]);
    expect(found("Form form", "form", { fold: false })).toEqual(["form"]);
    expect(found("Form form", "form")).toEqual(["Form", "form"]);
  });
  it("keeps to whole words", () => {
    expect(found("خدمة الخدمة خدمات", "خدمة", { whole: true })).toEqual(["خدمة"]);
  });
  it("means every sign as it stands", () => {
    expect(found("(أ) [ب] a.b a+b $1 \\n", "a.b")).toEqual(["a.b"]);
    expect(found("(أ) [ب]", "(ا)")).toEqual(["(أ)"]);
    expect(found("x\\ny", "\\n", { fold: false })).toEqual(["\\n"]);
    expect(folded("ـً")).toBe("");
  });
  it("replaces with the words as they stand", () => {
    const state = EditorState.create({ doc: "ثمن" });
    const query = queryOf("ثمن", "$1 و $&", { fold: true, whole: false });
    expect(query.valid).toBe(true);
    // CodeMirror turns the doubled sign into one.
    expect(query.replace).toBe("$$1 و $$&");
    expect(state.doc.toString()).toBe("ثمن");
  });
});
