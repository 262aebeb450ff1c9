// Row 6: every list narrows by the agencies that own its rows; what is counted is what is listed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, person, settles, startBrowser, startHub } from "./harness.mjs";

let hub;
let browser;
let hassan;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  hassan = await person(browser, hub, "hassan@sec.gov.example");
});
after(async () => {
  await hassan?.close();
  await browser?.close();
  await hub?.stop();
});

/** "١٢" or "12" as a number. */
const number = (s) => Number(s.replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660)).replace(/\D/g, ""));

for (const [path, rows] of [["/practices", ".board li, .exits li"], ["/ballots", ".blist > li"], ["/agencies", ".agtable tbody tr"], ["/people", ".peoplelist > li"], ["/guidelines", ".glist > li"]]) {
  test(`a value of ${path} leaves as many rows as stand beside it, in the address, and goes with one act`, async () => {
    const { page } = hassan;
    await page.goto(path);
    await page.locator(rows).first().waitFor();
    const whole = await page.locator(rows).count();
    await page.getByRole("button", { name: "تضييق بحسب الجهة" }).click();
    const values = page.locator(".narrow-value");
    await values.first().waitFor();
    // The rarest value of the last axis says most.
    const value = values.last();
    const count = number(await value.locator(".meta").innerText());
    const word = await value.locator("bdi").innerText();
    await value.click();
    await page.waitForURL(/[?&](tier|kind|sector|area)=/);
    await becomes(() => page.locator(rows).count(), count, `rows of ${word}`);
    // A link keeps it, and the word is taken away by the keyboard.
    await page.reload();
    await becomes(() => page.locator(rows).count(), count, "rows after a reload");
    const chip = page.getByRole("button", { name: `رفع التضييق: ${word}`, exact: true });
    await chip.focus();
    await page.keyboard.press("Enter");
    await becomes(() => page.locator(rows).count(), whole, "all rows again");
    assert.doesNotMatch(page.url(), /tier=|kind=|sector=|area=/);
    assert.deepEqual(hassan.faults, []);
  });
}

test("a narrowing that leaves nothing says which one it is, and how to end it", async () => {
  const { page } = hassan;
  await page.goto("/practices?tier=federal&sector=municipal");
  await page.getByRole("heading", { name: /لا شيء هنا لجهة من: .*البلديات/ }).waitFor();
  await page.locator(".empty").getByRole("button", { name: "رفع التضييق كله" }).click();
  await page.locator(".board li").first().waitFor();
  assert.deepEqual(hassan.faults, []);
});

test("on a phone the values are folded away, and nothing is wider than the window", async () => {
  const { page } = hassan;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/practices?sector=economy");
  await page.getByRole("button", { name: "تضييق بحسب الجهة" }).waitFor();
  assert.equal(await page.locator(".narrow-value").first().isVisible(), false);
  await page.getByRole("button", { name: "تضييق بحسب الجهة" }).click();
  await page.locator(".narrow-value").first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
});

test("the published library narrows without JavaScript, and a reader without an account reads what its terms mean", async () => {
  const ctx = await browser.newContext({ javaScriptEnabled: false, baseURL: hub.base, locale: "ar" });
  const page = await ctx.newPage();
  await page.goto("/published?lang=ar");
  await page.locator(".axes summary").click();
  const box = page.locator(".axes label").last();
  const count = number(await box.locator(".n").innerText());
  await box.locator("input").check();
  await page.locator(".axes button").click();
  await page.waitForURL(/(tier|kind|sector|area)=/);
  assert.equal(await page.locator(".results > li").count(), count);
  await page.locator(".chip").click();
  assert.doesNotMatch(page.url(), /(tier|kind|sector|area)=/);

  // One of the guides uses a term of the glossary.
  const guides = await page.locator(".results h2 a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  let found = false;
  for (const at of guides) {
    await page.goto(at);
    if (await page.locator("a.term").count() === 0) continue;
    found = true;
    const first = page.locator("a.term").first();
    const id = (await first.getAttribute("href")).slice(1);
    assert.notEqual(await page.locator(`dt[id="${id}"] + dd`).innerText(), "");
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator(`dt[id="${id}"]`).isVisible(), true);
    break;
  }
  assert.ok(found, "no published guide of the demo uses a term");
  await ctx.close();
});
