import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, person, settled, settles, startBrowser, startHub } from "./harness.mjs";

let hub;
let browser;
let guide;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  const list = await (await fetch(`${hub.base}/published`)).text();
  // A guide with an edition before it, and a note in its margin.
  for (const [, at] of list.matchAll(/href="(\/guides\/[^"#]*\/2\.0)"/g)) {
    if ((await (await fetch(hub.base + at)).text()).includes('class="side" id="sn:1"')) guide = at;
  }
  assert.ok(guide, "the demo network has a guide in its second edition with a note");
});
after(async () => {
  await browser?.close();
  await hub?.stop();
});

test("a guide is read without JavaScript: notes, sizes, answer, changes, search", async () => {
  const context = await browser.newContext({ baseURL: hub.base, javaScriptEnabled: false, locale: "ar-AE", viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(guide);
  const note = page.locator("#sn\\:1");
  const box = async (l) => (await l.boundingBox()) ?? assert.fail("not on the page");
  await settles(async () => [await box(note), await box(page.locator("article.txt")), await box(page.locator("#fnref\\:1 .wide"))], ([n, text, ref]) => {
    assert.ok(n.x + n.width <= text.x, "the note stands beside the text, at its end");
    assert.ok(Math.abs(n.y - ref.y) < 60, `the note stands at its line: ${n.y} and ${ref.y}`);
  });
  const shown = (l, want) => becomes(() => l.isVisible(), want, `${l}`);
  await shown(page.locator(".footnotes"), false);
  await page.setViewportSize({ width: 390, height: 844 });
  await shown(note, false);
  await shown(page.locator(".footnotes"), true);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ media: "print" });
  await shown(note, false);
  await shown(page.locator(".footnotes"), true);
  await shown(page.locator(".use"), false);
  await page.emulateMedia({ media: "screen" });

  const height = async () => (await box(page.locator("article.txt"))).height;
  await shown(note, true);
  await becomes(() => page.evaluate(() => document.fonts.status), "loaded"); // another face has another height
  const usual = await height();
  await page.locator(".seg a:visible").last().click();
  await settles(height, (h) => assert.ok(h > usual, "larger text takes more room"));
  assert.ok(!page.url().includes("size="), "the choice is no part of the address");
  await page.locator(".seg a:visible").nth(1).click();
  await becomes(height, usual);

  await page.locator('.use button[value="yes"]').click();
  await page.locator('.use [role="status"]').waitFor();
  await page.waitForURL(/#useful$/);

  await page.locator("#editions a.ch").first().click();
  await page.locator(".diff ins").first().waitFor();
  await page.locator(".diff del").first().waitFor();

  await page.goto("/published");
  await page.locator("#q").fill("مده الانتظار");
  await page.locator("#q").press("Enter");
  const first = page.locator(".results li").first();
  await first.locator("mark").first().waitFor();
  await first.locator("h2 a").click();
  await page.waitForURL(/#(p|h)-/); // a result leads to its clause
  await context.close();
});

test("those who write a guideline see how often it was useful, others do not", async () => {
  const id = guide.split("/")[2];
  const secretariat = await person(browser, hub, "jawaher@sec.gov.example");
  const g = await secretariat.api("GET", `/guidelines/${id}`);
  assert.deepEqual(g.editions.find((e) => e.number === "2.0").useful, { yes: 1, no: 0 });
  await secretariat.page.goto(`/guidelines/${id}`);
  await secretariat.page.locator("[data-useful]").waitFor();
  assert.deepEqual(secretariat.faults, []);
  await secretariat.close();
  const reader = await person(browser, hub, "yasmin@mun.gov.example");
  const seen = await reader.api("GET", `/guidelines/${id}`);
  assert.ok(seen.editions.every((e) => e.useful === undefined));
  await reader.close();
});

test("reading mode follows the reader's digits and looks as published", async () => {
  const jawaher = await person(browser, hub, "jawaher@sec.gov.example");
  const id = guide.split("/")[2];
  const edition = (await jawaher.api("GET", `/guidelines/${id}`)).editions.find((e) => e.number === "2.0").id;
  const [arab, latn] = await Promise.all(["arab", "latn"].map((d) => jawaher.api("GET", `/editions/${edition}/reading?digits=${d}`)));
  assert.match(arab.html, />١\.١</);
  assert.match(latn.html, />1\.1</);
  await jawaher.page.goto(`/guidelines/${id}/editions/${edition}`);
  // The text of a guide that its writers may still see opens for work; reading is a choice of its own.
  const text = jawaher.page.locator("article.reading");
  const read = jawaher.page.getByRole("radio", { name: "قراءة" });
  await text.or(read).first().waitFor();
  await settled(jawaher.page);
  if (await read.isVisible()) await read.click();
  await text.waitFor();
  const looks = (l, what, check) => settles(() => l.first().evaluate((e, w) => getComputedStyle(e)[w], what), check);
  await looks(text.locator(".num"), "position", (v) => assert.equal(v, "absolute"));
  await looks(text.locator(".table"), "overflowX", (v) => assert.equal(v, "auto"));
  await looks(text.locator(".alert"), "borderInlineStartWidth", (v) => assert.notEqual(v, "0px"));
  await looks(text.locator(".footnotes ol"), "listStyleType", (v) => assert.equal(v, "arabic-indic"));
  assert.deepEqual(jawaher.faults, []);
  await jawaher.close();
});
