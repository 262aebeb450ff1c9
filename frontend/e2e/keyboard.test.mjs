/**
 * By keyboard alone: a vote from the desk to its receipt, through the question that cannot be skipped; and a date typed
 * in one calendar and digits of either set. No pointer is used here.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, person, settles, startBrowser, startHub, until } from "./harness.mjs";

let hub;
let browser;
let salma;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  salma = await person(browser, hub, "salma@mun.gov.example");
  await salma.api("PATCH", "/me", { prefs: { locale: "ar", digits: "arab", calendar: "hijri", theme: "auto" } });
});
after(async () => {
  await salma?.close();
  await browser?.close();
  await hub?.stop();
});

/** Presses a key until what has the focus is looked for. */
async function reach(page, key, selector, most = 80) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press(key);
    if (await page.evaluate((s) => !!document.activeElement?.matches(s), selector)) return;
  }
  throw new Error(`${key} ${most} times did not lead to ${selector}`);
}
const inside = (page, selector) => page.evaluate((s) => !!document.activeElement?.closest(s), selector);

test("a vote is cast by keyboard from the desk to the receipt; the question holds the focus and gives it back", async () => {
  const { page } = salma;
  await page.goto("/");
  await page.locator('[data-item^="ballot.vote"] a[data-row]').first().waitFor();
  await reach(page, "Tab", 'a[data-row][href^="/ballots/"]');
  await page.keyboard.press("Enter");
  await page.locator("#my-vote").waitFor();
  const ballot = new URL(page.url()).pathname.split("/").at(-1);
  await reach(page, "Tab", '#my-vote input[type="radio"]');
  assert.equal(await page.locator("#my-vote input:checked").count(), 0, "nothing is chosen for anybody");
  await page.keyboard.press("Space");
  await becomes(() => page.locator("#my-vote input:checked").inputValue(), "for");
  await reach(page, "Tab", "#my-vote textarea", 4);
  await page.keyboard.type("لأن التجربة في مراكزنا أثبتت جدواها.");
  await reach(page, "Tab", '#my-vote button[type="submit"]', 4);
  await page.keyboard.press("Enter");
  const question = page.getByRole("alertdialog");
  await question.waitFor();
  await until(() => inside(page, '[role="alertdialog"]'), "the focus to go into the question");
  for (const key of ["Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"]) {
    await page.keyboard.press(key);
    await becomes(() => inside(page, '[role="alertdialog"]'), true, `${key} left the question`);
  }
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "detached" });
  await until(() => page.evaluate(() => document.activeElement?.matches('#my-vote button[type="submit"]')), "the focus to come back");
  assert.equal((await salma.api("GET", `/ballots/${ballot}`)).mine, null, "Escape casts nothing");
  await page.keyboard.press("Enter");
  await question.waitFor();
  await until(() => inside(page, '[role="alertdialog"]'), "the focus to go into the question again");
  await reach(page, "Tab", '[role="alertdialog"] .btn.primary', 6);
  await page.keyboard.press("Enter");
  await question.waitFor({ state: "detached" });
  // The receipt has the focus, and says what was recorded.
  await until(() => page.evaluate(() => document.activeElement?.getAttribute("role") === "status" && /سُجّل: موافق/.test(document.activeElement.textContent)), "the focus on the receipt");
  assert.equal((await salma.api("GET", `/ballots/${ballot}`)).mine.choice, "for");
});

test("a date is typed in either calendar with digits of either set, and picked, by keyboard", async () => {
  const { page } = salma;
  await page.goto("/practices/new");
  const date = page.getByRole("group", { name: "التاريخ", exact: true });
  const hijri = page.getByRole("group", { name: "بالهجري" });
  const says = (where) => where.evaluate((x) => x.textContent.replace(/[\u200e\u200f\u2066-\u2069]/g, ""));
  await date.getByRole("spinbutton").first().focus();
  await page.keyboard.type("01112013");
  const reads = (where, want) => settles(() => says(where), (s) => assert.match(s, want));
  await reads(date, /^٠١\/١١\/٢٠١٣/);
  await reads(hijri, /٢٧\/١٢\/١٤٣٤/); // rules D11: 1 November 2013 is 27 Dhu al-Hijja 1434
  await hijri.getByRole("spinbutton").first().focus();
  await page.keyboard.insertText("٠");
  await page.keyboard.insertText("٢");
  await reads(date, /^٠٧\/١٠\/٢٠١٣/);
  await date.getByRole("button").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("grid").waitFor();
  await until(() => inside(page, '[role="grid"]'), "the focus to go to the days");
  // Days run from right to left: the left arrow leads to the next one.
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await page.getByRole("grid").waitFor({ state: "detached" });
  await reads(date, /^٠٨\/١٠\/٢٠١٣/);
  await becomes(() => inside(page, ".when"), true, "the focus came back to the field");
  assert.deepEqual(salma.faults, []);
});
