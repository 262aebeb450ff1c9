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
  it("a page that counts its readers: no pixel, no mark of where they came from", () => {
    const from = (html: string) => toMarkdown(html, { language: "rtl", note: 1 });
    expect(from('<p>اقرأ <a href="https://example.org/a?utm_source=x&amp;id=5&amp;utm_medium=y#p">التفاصيل</a></p><img src="https://example.org/t.gif" width="1" height="1"><p>ثم <a href="https://example.org/b?fbclid=1">هذا</a> <a href="https://example.org/c?q=utm_x">وذاك</a></p>'))
      .toBe("اقرأ [التفاصيل](https://example.org/a?id=5#p)\n\nثم [هذا](https://example.org/b) [وذاك](https://example.org/c?q=utm_x)");
  });
});
