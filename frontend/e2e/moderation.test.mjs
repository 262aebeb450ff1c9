// Flag, queue, claim, hide, restore and log, by a reader and a moderator.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { becomes, person, settled, startBrowser, startHub, until } from "./harness.mjs";

let hub;
let browser;
let yasmin; // reads
let abeer; // moderates
let salma; // leads an agency that writes
let majed; // writes beside her
let hassan; // administers the secretariat and is no moderator

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  [yasmin, abeer, hassan, salma, majed] = await Promise.all(["yasmin@mun", "abeer@sec", "hassan@sec", "salma@mun", "majed@mun"].map((who) => person(browser, hub, `${who}.gov.example`)));
});
after(async () => {
  for (const p of [yasmin, abeer, hassan, salma, majed]) await p?.close();
  await browser?.close();
  await hub?.stop();
});

test("a reader flags a practice; a moderator claims it, hides it, restores it, and the log says so", async () => {
  const { items } = await yasmin.api("GET", "/practices");
  const p = items.find((x) => x.stage === "piloting");
  await abeer.page.goto("/secretariat");
  await abeer.page.getByRole("heading", { name: "بانتظار الإشراف" }).waitFor();
  await yasmin.page.goto(`/practices/${p.id}`);
  await yasmin.page.getByRole("button", { name: "إبلاغ" }).click();
  const form = yasmin.page.getByRole("dialog");
  await form.locator("select").selectOption("misleading");
  await form.getByRole("textbox").fill("الأرقام من سنة أخرى.");
  await form.locator("button[type=submit]").click();
  await yasmin.page.getByText("أُرسل البلاغ إلى المشرفين").waitFor();
  // The moderator's page hears of it.
  const row = abeer.page.locator(".mq > li", { hasText: p.title.ar });
  await row.waitFor();
  await row.locator("[data-claim]").click();
  await row.locator("[data-claim]").waitFor({ state: "detached" });
  const decide = async (verdict, why) => {
    await abeer.page.locator(".mq > li", { hasText: p.title.ar }).locator(`[data-verdict="${verdict}"]`).click();
    await abeer.page.getByRole("dialog").getByRole("textbox").fill(why);
    await abeer.page.getByRole("dialog").locator("button[type=submit]").click();
    await abeer.page.getByRole("dialog").waitFor({ state: "detached" });
  };
  const status = async () => (await yasmin.api("GET", `/practices/${p.id}`).then(() => 200, (e) => e.status));
  await decide("hide", "الأرقام غير صحيحة.");
  assert.equal(await status(), 404);
  await abeer.page.getByText("المخفيّ", { exact: true }).click();
  await decide("restore", "صُحّحت الأرقام.");
  assert.equal(await status(), 200);
  const log = (await abeer.api("GET", "/moderation/log")).items.filter((x) => x.object === p.id).map((x) => x.action);
  assert.deepEqual(log, ["restore", "hide"]);
  assert.equal((await yasmin.api("GET", "/moderation/log")).items.some((x) => x.person), false);
  await until(async () => /أُعيد/.test(await abeer.page.locator(".hashiya").innerText()), "the log on the screen");
  await settled(abeer.page);
  const found = await new AxeBuilder({ page: abeer.page }).analyze();
  assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes[0].target}`), []);
});

test("a suggestion is flagged in the margin, is there for its author alone, and comes back when a moderator says so", async () => {
  const { id } = await salma.api("POST", "/guidelines", { title: { ar: "دليل يُبلَّغ عن اقتراح فيه", en: "" }, summary: "", language: "ar", kind: "agency", template: "free", text: "## الغاية\n\nنص الدليل هنا.\n", visibility: "network" });
  const e = await salma.api("GET", `/editions/${id}`);
  const { version } = await majed.api("GET", `/drafts/${e.draft_id}/suggestions`);
  const said = "هوية المراجع ٧٨٤";
  await majed.api("POST", `/drafts/${e.draft_id}/suggestions`, { key: "", version, parts: [{ from: 13, to: 13, insert: `${said} ` }] });
  const card = (p) => p.page.locator("[data-suggestion-card]", { hasText: said }).filter({ visible: true }).first();
  for (const p of [salma, majed]) await p.page.goto(`/guidelines/${e.guideline.id}/editions/${e.id}`);
  await card(salma).locator(".by").click();
  await card(salma).getByRole("button", { name: "إبلاغ" }).click();
  const form = salma.page.getByRole("dialog");
  await form.locator("select").selectOption("personal_data");
  await form.locator("button[type=submit]").click();
  await salma.page.getByText("أُرسل البلاغ إلى المشرفين").waitFor();
  // Personal data is hidden at once: her page hears of it, and its author is told.
  await card(salma).waitFor({ state: "detached" });
  await becomes(() => salma.page.locator(".cm-content", { hasText: said }).count(), 0);
  await card(majed).getByText("أُخفي بقرار الإشراف").waitFor();
  // The author's desk tells it, and tells the decision after it.
  const news = (kind) => majed.page.locator(`[data-item^="moderation.${kind}:"]`, { hasText: said });
  await majed.page.goto("/");
  await majed.page.locator(".seg button").nth(2).click();
  await news("pending").getByText("بيانات شخصية").waitFor();
  await abeer.page.goto("/secretariat");
  const row = abeer.page.locator(".mq > li", { hasText: said });
  await row.getByText("اقتراح على نص").waitFor();
  await row.locator('[data-verdict="restore"]').click();
  await abeer.page.getByRole("dialog").getByRole("textbox").fill("رقم وهمي في مثال.");
  await abeer.page.getByRole("dialog").locator("button[type=submit]").click();
  await card(salma).waitFor();
  await news("restored").getByText("رقم وهمي في مثال.").waitFor();
  await news("restored").locator(".act a").click();
  await card(majed).waitFor();
});

test("an administrator who is no moderator is asked for no queue", async () => {
  const refused = [];
  hassan.page.on("response", (r) => r.status() >= 400 && refused.push(`${r.status()} ${r.url()}`));
  await hassan.page.goto("/secretariat");
  await hassan.page.getByRole("heading", { name: "سجل الإشراف" }).waitFor();
  await hassan.page.waitForLoadState("networkidle");
  assert.deepEqual(refused, []);
});

test("nothing broke the content security policy and no script failed", () => {
  for (const p of [yasmin, abeer, hassan, salma, majed]) assert.deepEqual(p.faults, []);
});
