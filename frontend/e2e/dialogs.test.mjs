/**
 * Dialogs by keyboard alone: each opens with Enter on its button, takes the focus to its first field (or to the way back, where
 * its act cannot be undone), holds it, and gives it back on Escape.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, caretAfter, editorText, openEditor, person, settled, startBrowser, startHub, until } from "./harness.mjs";

let hub;
let browser;
let salma;
let hassan;
let abeer;
let ready; // a guideline with an approved edition in work
let loose; // one in draft
const text = "## الغاية\n\nنص الفقرة.\n";

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  [salma, hassan, abeer] = await Promise.all(["salma@mun", "hassan@sec", "abeer@sec"].map((who) => person(browser, hub, `${who}.gov.example`)));
  const make = (title) => salma.api("POST", "/guidelines", { title: { ar: title, en: title }, language: "ar", template: "free", visibility: "network", text });
  loose = await make("دليل في مسودة");
  ready = await make("دليل جاهز");
  await salma.api("POST", `/editions/${ready.id}/events`, { event: "submit" });
  await hassan.api("POST", `/editions/${ready.id}/events`, { event: "approve" });
});
after(async () => {
  for (const p of [salma, hassan, abeer]) await p?.close();
  await browser?.close();
  await hub?.stop();
});

const inside = (page) => page.evaluate(() => !!document.activeElement?.closest('[role="dialog"], [role="alertdialog"]'));

/** Where the focus is in a dialog that has just opened: "field" is its first one, "act" its first button and "back" its last where it has no field. */
const place = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    const box = at?.closest('[role="dialog"], [role="alertdialog"]');
    if (!box) return "outside";
    const seen = (sel) => [...box.querySelectorAll(sel)].filter((x) => x.getClientRects().length > 0 && !x.matches(":disabled, [aria-hidden] *"));
    const fields = seen('input:not([type="hidden"]), select, textarea, [role="spinbutton"]');
    if (fields.length > 0) return at === fields[0] ? "field" : `${at.tagName}, not the first field`;
    const acts = seen(".acts button");
    if (acts.length === 0) return "dialog"; // nothing but words
    return at === acts.at(-1) && box.getAttribute("role") === "alertdialog" ? "back" : at === acts[0] ? "act" : at.tagName;
  });

/** Opens the dialog of a button by Enter, walks around in it, and leaves it by Escape. */
async function walk(page, button, what, first = "field") {
  await button.waitFor();
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog").or(page.getByRole("alertdialog")).last();
  await dialog.waitFor();
  await becomes(() => place(page), first, `${what}: where the focus goes first`);
  for (const key of ["Shift+Tab", "Tab", "Tab"]) {
    await page.keyboard.press(key);
    await becomes(() => inside(page), true, `${what}: ${key} stays in the dialog`);
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await becomes(() => button.evaluate((b) => b === document.activeElement), true, `${what}: the focus comes back to its button`);
}
const named = (page, name) => page.getByRole("button", { name, exact: true }).first();

test("the steps of an edition, its sight, its translation and a flag", async () => {
  const { page } = hassan;
  await page.goto(`/guidelines/${ready.guideline.id}`);
  for (const step of ["send_fact_check", "open_consultation", "publish", "schedule", "discard"]) await walk(page, page.locator(`.hashiya [data-step="${step}"]`), step);
  await walk(page, page.getByRole("button", { name: "إبلاغ" }).first(), "flag");
  await salma.page.goto(`/guidelines/${loose.guideline.id}`);
  await walk(salma.page, salma.page.locator(".hashiya").getByRole("button", { name: "تغيير", exact: true }).first(), "sight");
  await walk(salma.page, salma.page.getByRole("button", { name: "بدء ترجمة" }), "translation");
});

test("a new guideline, a joint workspace and its agencies, a term", async () => {
  const { page } = salma;
  await page.goto("/guidelines");
  await walk(page, page.getByRole("button", { name: "دليل جديد" }), "new guideline");
  await page.goto("/agencies");
  await walk(page, named(page, "مساحة مشتركة جديدة"), "joint workspace");
  await walk(page, named(page, "الجهات"), "agencies of a workspace");
  await page.goto("/glossary");
  await walk(page, named(page, "اقتراح مصطلح"), "term");
});

test("members: an invitation, roles, suspension, an agency and a seat", async () => {
  const { page } = hassan;
  await page.goto("/people");
  await walk(page, page.getByRole("button", { name: "دعوة" }).first(), "invitation");
  await walk(page, named(page, "إدارة"), "roles");
  await walk(page, named(page, "إيقاف"), "suspension", "back");
  await page.goto("/agencies");
  await walk(page, named(page, "إضافة جهة"), "agency");
  await page.goto(`/agencies/${salma.session.agency.id}`);
  await walk(page, named(page, "تعديل البيانات"), "data of an agency");
  await walk(page, named(page, "استبدال"), "replacing a seat");
  await walk(page, named(page, "إنهاء المقعد"), "ending a seat", "back");
});

test("a ballot, its acts, the stage of a practice, and a moderator's decision", async () => {
  const { page } = hassan;
  const { items } = await hassan.api("GET", "/practices");
  const first = async (stage) => page.goto(`/practices/${items.find((p) => p.stage === stage).id}`);
  await first("nominated");
  const moves = page.locator(".hashiya [data-stage]");
  await moves.first().waitFor();
  await walk(page, moves.first(), "stage");
  const ballots = (await hassan.api("GET", "/ballots")).items;
  await page.goto(`/ballots/${ballots.find((b) => b.state === "open").id}`);
  await walk(page, page.locator('[data-act="cancel"]:not([aria-disabled])'), "cancelling a ballot");
  await abeer.page.goto("/secretariat");
  for (const verdict of ["hide", "restore"]) {
    const button = abeer.page.locator(`[data-verdict="${verdict}"]`).first();
    await walk(abeer.page, button, verdict);
  }
});

test("the text: its keys, a section, settling and reopening a comment, and its history", async () => {
  const { page } = salma;
  const url = `/guidelines/${loose.guideline.id}/editions/${loose.id}`;
  await openEditor(salma, url);
  await walk(page, named(page, "اختصارات المفاتيح"), "keys", "dialog");
  const draft = loose.draft_id ?? (await salma.api("GET", `/editions/${loose.id}`)).draft_id;
  const from = (await editorText(page)).indexOf("الفقرة");
  await salma.api("POST", `/drafts/${draft}/threads`, { version: 0, from, to: from + 6, body: "أي فقرة؟", kind: "general", blocking: false, mentions: [], audience: "network" });
  const card = page.locator("[data-thread-card]", { hasText: "أي فقرة؟" });
  await card.waitFor();
  await walk(page, card.getByRole("button", { name: "حسم", exact: true }), "settling a comment");

  await caretAfter(page, "الفقرة.");
  await page.keyboard.type(" زيادة.");
  await until(async () => (await salma.api("GET", `/drafts/${draft}/history`)).head > 0, "the text to be kept");
  await page.goto(`${url}/history`);
  await settled(page);
  await walk(page, named(page, "تسمية النسخة"), "naming a revision");
  await walk(page, named(page, "استعادة هذه النسخة"), "restoring", "act");
  // Enter in its only field does what the dialog is for.
  await named(page, "تسمية النسخة").focus();
  await page.keyboard.press("Enter");
  await becomes(() => place(page), "field");
  await page.keyboard.type("بعد الزيادة");
  await page.keyboard.press("Enter");
  await page.locator(".rev-list b", { hasText: "بعد الزيادة" }).waitFor();
});
