/** What programs really put on the clipboard (e2e/fixtures), against the Markdown that an editor would have written. */
import { describe, expect, it } from "vitest";
import page from "../../../../e2e/fixtures/page.html?raw";
import pageMd from "../../../../e2e/fixtures/page.md?raw";
import word from "../../../../e2e/fixtures/word.html?raw";
import wordMd from "../../../../e2e/fixtures/word.md?raw";
import { toMarkdown } from "./fromHtml";

describe("a clipboard of", () => {
  it("Word, in Arabic: a heading, a footnote, lists in lists, a table", () => expect(`${toMarkdown(word, { language: "rtl", note: 1 })}\n`).toBe(wordMd));
  it("a web page", () => expect(`${toMarkdown(page, { language: "rtl", note: 1 })}\n`).toBe(pageMd));
});
