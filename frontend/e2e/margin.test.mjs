/**
 * The margin by keyboard alone: from the text into a comment, an answer, an outcome; to a suggestion, its decision, and on to what is next. And what was written
 * there without being sent.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, editorText, networkDraft, openEditor, person, select, settles, startBrowser, startHub, until } from "./harness.mjs";

const text = "## مدّة الانتظار\n\nلا تتجاوز مدّة الانتظار عشرين دقيقة.\n\nتُعلن الجهة المدّة وتراجعها كل سنة.\n\nسطر أخير.\n";
let hub;
let browser;
let salma;
let khalid;
let draft;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  salma = await person(browser, hub, "salma@mun.gov.example");
  khalid = await person(browser, hub, "khalid@hlt.gov.example");
  draft = await networkDraft(salma, { ar: "دليل الحاشية", en: "Margin" }, text);
});
after(async () => {
  for (const p of [salma, khalid]) {
    assert.deepEqual(p?.faults ?? [], [], `${p?.email} met faults`);
    await p?.close();
  }
  await browser?.close();
  await hub?.stop();
});

/** What has the focus: a card by its words, the text, or a tag. */
const focus = (page) =>
  page.evaluate(() => {
    const e = document.activeElement;
    if (e?.matches(".cm-content")) return "text";
    if (e?.matches("[data-thread-card], [data-suggestion-card]")) return `card ${/ما الدليل|سنتين|حدّ أدنى|الأخير/.exec(e.textContent)?.[0] ?? "?"}`;
    return e?.tagName ?? "";
  });
async function tabTo(page, words) {
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((w) => document.activeElement?.textContent.trim() === w, words)) return;
  }
  assert.fail(`Tab did not lead to ${words}`);
}
const threads = async () => (await salma.api("GET", `/drafts/${draft.id}/threads`)).items;

test("a comment is answered and settled, suggestions are made and decided, without a pointer", async () => {
  const b = await openEditor(khalid, draft.url);
  await select(b, "سنة");
  await b.keyboard.type("سنتين");
  await select(b, "أخير");
  await b.keyboard.type("الأخير");
  const { version } = await khalid.api("GET", `/drafts/${draft.id}/suggestions`);
  const from = text.indexOf("عشرين");
  await khalid.api("POST", `/drafts/${draft.id}/threads`, { version, from, to: from + 5, body: "ما الدليل؟", kind: "general", blocking: false, mentions: [], audience: "network" });
  await until(async () => (await khalid.api("GET", `/drafts/${draft.id}/suggestions`)).items.length === 2, "both suggestions to be saved");

  const a = await openEditor(salma, draft.url);
  await a.locator("[data-thread-card]").waitFor();
  await until(async () => (await a.locator("[data-suggestion-card]").count()) === 2, "both suggestions to stand in the margin");
  await select(a, "لا تتجاوز");
  await a.keyboard.press("Alt+Enter");
  await becomes(() => focus(a), "card ما الدليل");
  await tabTo(a, "ردّ");
  await a.keyboard.press("Enter");
  await becomes(() => focus(a), "TEXTAREA");
  await a.keyboard.type("تقرير السنة الماضية.");
  await a.keyboard.press("Control+Enter");
  await settles(threads, ([t]) => assert.equal(t.comments.length, 2));
  await becomes(() => focus(a), "card ما الدليل");
  await tabTo(a, "حسم");
  await a.keyboard.press("Enter");
  await becomes(() => a.evaluate(() => !!document.activeElement?.closest("[role=dialog]")), true);
  await a.keyboard.press("Space"); // the first outcome
  await a.keyboard.press("Enter");
  await settles(threads, ([t]) => assert.equal(t.outcome, "accepted"));
  // It says what became of it, and one goes on from there.
  await becomes(() => focus(a), "card ما الدليل");
  await tabTo(a, "قبول");
  await a.keyboard.press("Enter");
  await until(async () => (await editorText(a)).includes("كل سنتين"), "the suggestion in the text");
  // Its card is gone from the list.
  await becomes(() => focus(a), "card الأخير");
  await tabTo(a, "رفض");
  await a.keyboard.press("Enter");
  await becomes(() => focus(a), "TEXTAREA");
  await a.keyboard.type("يبقى كما هو.");
  await tabTo(a, "رفض الاقتراح");
  await a.keyboard.press("Enter");
  await settles(() => salma.api("GET", `/drafts/${draft.id}/suggestions`), ({ items }) => assert.equal(items.filter((s) => s.state === "rejected").length, 1));
  await becomes(() => focus(a), "card ما الدليل");
  await a.keyboard.press("Escape");
  await becomes(() => focus(a), "text");
  assert.ok((await editorText(a)).includes("سطر أخير"));
});

test("who writes the text turns to suggesting by keyboard, and Escape leads from a card to its place in the text", async () => {
  const a = await openEditor(salma, draft.url);
  await select(a, "لا تتجاوز");
  for (let i = 0; i < 4 && !(await a.evaluate(() => document.activeElement?.matches('[role="radio"]'))); i++) await a.keyboard.press("Shift+Tab");
  assert.equal(await a.evaluate(() => document.activeElement?.textContent.trim()), "تحرير");
  await a.keyboard.press("ArrowRight");
  assert.equal(await a.evaluate(() => document.activeElement?.textContent.trim()), "اقتراح");
  await a.keyboard.press("Space");
  await becomes(() => a.getByRole("radio", { name: "اقتراح" }).getAttribute("aria-checked"), "true");
  await select(a, "لا تتجاوز");
  await a.keyboard.type("حدّ أدنى");
  const before = await editorText(khalid.page);
  await a.locator("[data-suggestion-card]", { hasText: "حدّ أدنى" }).waitFor();
  assert.equal(await editorText(khalid.page), before, "the shared text is as it was");
  await a.keyboard.press("Alt+Enter");
  await becomes(() => focus(a), "card حدّ أدنى");
  await a.keyboard.press("Escape");
  await becomes(() => focus(a), "text");
  await becomes(() => a.evaluate(() => { const { state } = document.querySelector(".cm-content").cmTile.root.view; return state.doc.lineAt(state.selection.main.head).number; }), 3);
});

test("what was written in a comment and not sent is there again, for its author alone, until it is given up", async () => {
  const a = await openEditor(salma, draft.url);
  await select(a, "دقيقة");
  await a.keyboard.press("Control+Alt+m");
  const words = a.locator("form.c.new textarea").first();
  await words.waitFor();
  await a.keyboard.type("كلام لم يُرسل");
  await a.keyboard.press("Escape");
  await a.locator("form.c.new").waitFor({ state: "detached" });
  await becomes(() => focus(a), "text");
  await a.reload();
  await openEditor(salma, draft.url);
  await select(a, "دقيقة");
  await a.keyboard.press("Control+Alt+m");
  await becomes(() => words.inputValue(), "كلام لم يُرسل");
  const keys = () => a.evaluate(() => Object.keys(sessionStorage).filter((k) => k.startsWith("multaqa.kept.")));
  const { person: me } = await salma.api("GET", "/session");
  assert.deepEqual((await keys()).map((k) => k.split(".")[2]), [me.id], "kept by the person who wrote it");
  for (let i = 0; i < 16 && !(await a.evaluate(() => document.activeElement?.textContent.trim() === "إلغاء")); i++) await a.keyboard.press("Tab");
  await a.keyboard.press("Enter");
  await a.locator("form.c.new").waitFor({ state: "detached" });
  await becomes(keys, []);

  // A vote that is being prepared is kept in the same way.
  const omar = await person(browser, hub, "omar@rta.gov.example");
  const { page } = omar;
  await page.goto("/");
  await page.locator('[data-item^="ballot.vote"] a[data-row]').first().click();
  const reason = page.locator("#my-vote textarea");
  await reason.fill("تعليل لم يُسجّل");
  await page.reload();
  await becomes(() => reason.inputValue(), "تعليل لم يُسجّل");
  await page.getByRole("button", { name: /عمر/ }).click();
  await page.getByRole("menuitem", { name: "خروج" }).click();
  await page.waitForURL(/signin/);
  assert.equal(await page.evaluate(() => JSON.stringify(sessionStorage).includes("تعليل")), false, "whoever signs in next finds nothing");
  await omar.close();
});
