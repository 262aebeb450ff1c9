import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { person, settles, startBrowser, startHub } from "./harness.mjs";

let hub;
let browser;
let hassan;
let jawaher;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  hassan = await person(browser, hub, "hassan@sec.gov.example");
  jawaher = await person(browser, hub, "jawaher@sec.gov.example");
});
after(async () => {
  for (const p of [hassan, jawaher]) await p?.close();
  await browser?.close();
  await hub?.stop();
});

test("a network guideline that is ready is sent to a ballot of the agencies from its own page", async () => {
  const page = hassan.page;
  const read = (path) => hassan.api("GET", path);
  const ready = (await read("/guidelines?state=ready")).items.find((g) => g.kind === "network");
  assert.ok(ready, "the demo has a network guideline that is ready");
  await page.goto(`${hassan.line.base}/guidelines/${ready.id}/editions/${ready.in_work.id}`);
  await page.getByRole("button", { name: "إحالة إلى الاقتراع" }).first().click();
  const form = page.getByRole("dialog");
  await settles(() => form.getByRole("textbox").first().inputValue(), (s) => assert.match(s, /يُعتمد/));
  await form.locator('button[type="submit"]').click();
  await page.waitForURL(/\/ballots\/bl_/);
  const id = page.url().split("/").pop();
  assert.equal((await read(`/ballots/${id}`)).state, "draft");
  await page.locator(".crumb").getByRole("link", { name: ready.title.ar }).waitFor();
  // A ballot on a guideline is among the guidelines.
  await page.locator(".nav a[aria-current]", { hasText: "الأدلة" }).waitFor();
  await page.getByRole("button", { name: "فتح الاقتراع" }).click();
  const confirm = page.getByRole("dialog").or(page.getByRole("alertdialog"));
  await confirm.locator('button[type="submit"], .btn.primary').first().click();
  await page.getByText("اقتراع مفتوح").first().waitFor();
  assert.equal((await read(`/ballots/${id}`)).state, "open");
  assert.equal((await read(`/editions/${ready.in_work.id}`)).state, "ballot");
  // The edition moves on while the ballot's page shows nothing of it: the way to the text leads to what holds now.
  const toText = page.getByRole("link", { name: "قراءة النص المعروض للتصويت" });
  await toText.waitFor();
  await jawaher.api("POST", `/ballots/${id}/cancel`, { reason: "تُعاد صياغة القرار المعروض." });
  await page.locator(".hd").getByText("أُلغي").waitFor();
  await toText.click();
  await page.locator('.toc [data-step="send_to_ballot"]').waitFor();
});
