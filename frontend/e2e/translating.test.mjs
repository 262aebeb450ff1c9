// An English translation from its beginning to its published page, which says where it lags behind the Arabic (rules D3), and the demo's own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { person, settles, startBrowser, startHub, until } from "./harness.mjs";

let hub;
let browser;
let salma; // leads the agency
let majed; // writes beside her, reviews
let hassan; // publishes

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  [salma, majed, hassan] = await Promise.all(["salma@mun", "majed@mun", "hassan@sec"].map((who) => person(browser, hub, `${who}.gov.example`)));
});
after(async () => {
  for (const p of [salma, majed, hassan]) await p?.close();
  await browser?.close();
  await hub?.stop();
});

const arabic = "## الغاية\n\nيبيّن هذا الدليل ما يلزم.\n\nيسري على المراكز كلها.\n";
const english = "## Purpose\n\nThis guide says what is needed.\n\nIt holds for all centres.\n";
const soon = () => new Date(Date.now() + 300 * 86_400_000).toISOString();

/** Takes an edition from its draft to readiness. */
async function ready(id) {
  await salma.api("POST", `/editions/${id}/events`, { event: "submit", minor: false });
  await hassan.api("POST", `/editions/${id}/events`, { event: "approve" });
}

test("a translation is begun from the Arabic guideline's page and published from an edition of it; then the Arabic goes on", async () => {
  const made = await salma.api("POST", "/guidelines", { title: { ar: "دليل للترجمة", en: "دليل للترجمة" }, language: "ar", template: "free", visibility: "public", text: arabic });
  const original = made.guideline.id;
  await ready(made.id);
  await hassan.api("POST", `/editions/${made.id}/events`, { event: "publish", review_by: soon() });

  const { page } = salma;
  await page.goto(`/guidelines/${original}`);
  await page.getByRole("button", { name: "بدء ترجمة" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").first().fill("A guide to translate");
  await dialog.getByRole("button", { name: "بدء", exact: true }).click();
  await page.waitForURL(/\/editions\//);
  const edition = page.url().split("/").pop();
  const e = await salma.api("GET", `/editions/${edition}`);
  assert.equal(e.original.id, original);
  const translation = e.guideline.id;
  assert.equal(e.guideline.language, "en");

  // The translator's text takes the place of the Arabic one.
  const editor = page.locator('.cm-content[contenteditable="true"]');
  await editor.getByText("يسري على المراكز").waitFor();
  await editor.click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(english);
  await until(async () => (await salma.api("GET", `/editions/${edition}/reading`)).html?.includes("It holds for all centres."), "the English text to be kept");
  await ready(edition);

  // Before it is published the dialog says which edition it is made from.
  await hassan.page.goto(`/guidelines/${translation}`);
  await hassan.page.locator('[data-step="publish"]').first().click();
  const ask = hassan.page.getByRole("alertdialog");
  const from = ask.getByLabel("مأخوذ من هذا الإصدار من الأصل العربي");
  await settles(() => from.locator("option:checked").innerText(), (chosen) => assert.match(chosen, /١[.٫]٠/));
  await ask.locator("button[type=submit]").click();
  await until(async () => (await hassan.api("GET", `/editions/${edition}`)).state === "published", "the translation to be published");
  assert.equal((await hassan.api("GET", `/editions/${edition}`)).made_from.id, made.id);

  // The Arabic goes on: one paragraph changes, one comes.
  const next = await salma.api("POST", `/guidelines/${original}/editions`, {});
  await page.goto(`/guidelines/${original}/editions/${next.id}`);
  await editor.getByText("يسري على المراكز").waitFor();
  await editor.click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(arabic.replace("كلها", "ومنصاتها") + "\nولا يسري على المخازن.\n");
  await until(async () => (await salma.api("GET", `/editions/${next.id}/reading`)).html?.includes("المخازن"), "the Arabic text to be kept");
  await ready(next.id);
  await hassan.api("POST", `/editions/${next.id}/events`, { event: "publish", review_by: soon(), change_note: "بند جديد" });

  const reader = await browser.newContext({ locale: "en", javaScriptEnabled: false, baseURL: hub.base });
  try {
    const p = await reader.newPage();
    await p.goto(`/guides/${translation}?lang=en`);
    await p.getByText("2 paragraphs lag behind edition 2.0 of the Arabic original, which is authoritative.").waitFor();
    assert.deepEqual(await p.locator(".lag").evaluateAll((all) => all.map((x) => x.className)), ["lag changed", "lag added"]);
    await p.locator(".lag.changed").getByRole("link").click();
    await p.waitForURL(new RegExp(`/guides/${original}/e/2\\.0#p-`));
    assert.match(await p.locator(":target").innerText(), /يسري على المراكز ومنصاتها/);
    // The switch of the language leads from one to the other.
    await p.locator("a.lang").click();
    await p.waitForURL(new RegExp(`/guides/${original}/e/2\\.0\\?lang=ar`));
    await p.locator("a.lang").click();
    await p.waitForURL(new RegExp(`/guides/${translation}/e/1\\.0\\?lang=en`));
  } finally {
    await reader.close();
  }
  // The hub says it beside the guideline too.
  await page.goto(`/guidelines/${original}`);
  await page.locator('[data-translation="en"]').getByText("وهو الآن في الإصدار").waitFor();
});

test("the demo's English charter lags in two paragraphs", async () => {
  const { items } = await salma.api("GET", "/guidelines?lang=en&limit=100");
  const charter = items.find((g) => g.title.en === "Writing a service charter");
  const body = await (await fetch(`${hub.base}/guides/${charter.id}?lang=en`)).text();
  assert.match(body, /2 paragraphs lag behind edition 2\.0 of the Arabic original/);
  assert.equal(body.match(/class="lag changed"/g).length, 2);
});
