/** Dialogs by keyboard alone: each opens with Enter on its button, takes the focus to its first field, holds it, and gives it back on Escape. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, person, startBrowser, startHub } from "./harness.mjs";

let hub;
let browser;
let salma;
let hassan;
let ready; // a guideline with an approved edition in work
let loose; // one in draft

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  [salma, hassan] = await Promise.all(["salma@mun", "hassan@sec"].map((who) => person(browser, hub, `${who}.gov.example`)));
  const text = "## الغاية\n\nنص.\n";
  const make = (title) => salma.api("POST", "/guidelines", { title: { ar: title, en: title }, language: "ar", template: "free", visibility: "network", text });
  loose = await make("دليل في مسودة");
  ready = await make("دليل جاهز");
  await salma.api("POST", `/editions/${ready.id}/events`, { event: "submit" });
  await hassan.api("POST", `/editions/${ready.id}/events`, { event: "approve" });
});
after(async () => {
  for (const p of [salma, hassan]) await p?.close();
  await browser?.close();
  await hub?.stop();
});

const inside = (page) => page.evaluate(() => !!document.activeElement?.closest('[role="dialog"], [role="alertdialog"]'));
const field = (page) => page.evaluate(() => document.activeElement?.matches("input, textarea, select, [role=spinbutton], button") ?? false);

/** Opens the dialog of a button by Enter, walks around in it, and leaves it by Escape. */
async function walk(page, button, what) {
  await button.waitFor();
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog").or(page.getByRole("alertdialog")).last();
  await dialog.waitFor();
  await becomes(() => inside(page), true, `${what}: the focus goes into the dialog`);
  for (const key of ["Shift+Tab", "Tab", "Tab"]) {
    await page.keyboard.press(key);
    await becomes(() => inside(page), true, `${what}: ${key} stays in the dialog`);
  }
  assert.ok(await field(page), `${what}: Tab leads to what can be used`);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await becomes(() => button.evaluate((b) => b === document.activeElement), true, `${what}: the focus comes back to its button`);
}

test("the steps of an edition, its sight, its translation and a flag", async () => {
  const { page } = hassan;
  await page.goto(`/guidelines/${ready.guideline.id}`);
  for (const step of ["send_fact_check", "open_consultation", "publish", "schedule", "discard"]) await walk(page, page.locator(`.hashiya [data-step="${step}"]`), step);
  await walk(page, page.getByRole("button", { name: "إبلاغ" }).first(), "flag");
  await salma.page.goto(`/guidelines/${loose.guideline.id}`);
  await walk(salma.page, salma.page.locator(".hashiya").getByRole("button", { name: "تغيير", exact: true }).first(), "sight");
  await walk(salma.page, salma.page.getByRole("button", { name: "بدء ترجمة" }), "translation");
});

test("a new guideline, and an invitation", async () => {
  await salma.page.goto("/guidelines");
  await walk(salma.page, salma.page.getByRole("button", { name: "دليل جديد" }), "new guideline");
  await hassan.page.goto("/people");
  await walk(hassan.page, hassan.page.getByRole("button", { name: "دعوة" }).first(), "invitation");
});
