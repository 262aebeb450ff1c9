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

/** The page asks for `less` rows at a time, so that the demo network fills several pages. */
const smallPages = (page, list, less) =>
  page.route((u) => u.pathname === `/api/v1${list}` && Number(u.searchParams.get("limit")) > less, (route) => {
    const u = new URL(route.request().url());
    u.searchParams.set("limit", String(less));
    return route.continue({ url: u.href });
  });

for (const [path, list, rows, less] of [["/practices", "/practices", ".board li, .exits li", 7], ["/ballots", "/ballots", ".blist > li", 2]]) {
  test(`${path} is read to its end, a page at a time, and says how much is here`, async () => {
    const { page } = hassan;
    await smallPages(page, list, less);
    await page.goto(path);
    await becomes(() => page.locator(rows).count(), less, "rows of the first page");
    const said = page.getByText(/^المعروض/);
    const all = number((await said.innerText()).split("من")[1]);
    for (let n = less; n < all; n = Math.min(all, n + less)) {
      assert.equal(number((await said.innerText()).split("من")[0]), n);
      await page.getByRole("button", { name: "عرض المزيد" }).click();
      await becomes(() => page.locator(rows).count(), Math.min(all, n + less), "rows with the next page");
    }
    assert.equal(await said.count(), 0);
    // What a column counts is what it lists.
    for (const column of await page.locator(".board .st").all()) {
      assert.equal(number(await column.locator(".h .meta").innerText()), await column.locator("li").count());
    }
    await page.unrouteAll();
    assert.deepEqual(hassan.faults, []);
  });
}

test("the queue, the log, workspaces and invitations follow the narrowing of their page", async () => {
  const abeer = await person(browser, hub, "abeer@sec.gov.example");
  const { page, api } = abeer;
  await smallPages(page, "/moderation/queue", 1);
  await page.goto("/secretariat");
  const cases = page.locator(".mq > li");
  await cases.first().waitFor();
  await becomes(() => cases.count(), 1, "cases of the first page");
  const { narrowing } = await api("GET", "/moderation/queue");
  assert.ok(narrowing.total > 1, "the demo has one case only");
  await page.locator(".mq ~ .row").getByRole("button", { name: "عرض المزيد" }).click();
  await becomes(() => cases.count(), 2, "cases with the next page");
  await page.unrouteAll();
  const sector = narrowing.axes.find((a) => a.axis === "sector").values[0];
  await page.goto(`/secretariat?sector=${sector.value}`);
  await becomes(() => cases.count(), sector.count, "cases of one sector");
  // What is decided stands in the log, and leaves it with the narrowing to others.
  await cases.first().locator("[data-verdict=hide]").click();
  await page.getByRole("dialog").getByRole("textbox").fill("خارج الموضوع");
  await page.getByRole("dialog").getByRole("button", { name: "تأكيد" }).click();
  const lines = page.locator(".hashiya .tl li");
  const logged = async () => (await api("GET", `/moderation/log?sector=${sector.value}`)).narrowing;
  await becomes(async () => (await logged()).total > 0, true, "a line about the sector");
  await becomes(async () => await lines.count() === (await logged()).total, true, "lines of the narrowed log");
  const known = new Set((await logged()).axes.find((a) => a.axis === "sector").values.map((v) => v.value));
  const other = (await api("GET", "/agencies")).narrowing.axes.find((a) => a.axis === "sector").values.find((v) => !known.has(v.value));
  await page.goto(`/secretariat?sector=${other.value}`);
  await page.locator(".hashiya").getByText("لا شيء منها لهذه الجهات").waitFor();
  assert.equal(await lines.count(), 0);
  await page.goto("/secretariat");
  await becomes(() => lines.count(), (await logged()).all, "lines of the whole log");
  assert.deepEqual(abeer.faults, []);
  await abeer.close();

  const spaces = (await hassan.api("GET", "/workspaces")).narrowing;
  const near = spaces.axes.flatMap((a) => a.values.map((v) => ({ axis: a.axis, ...v }))).find((v) => v.count < spaces.total);
  assert.ok(near, "every value keeps every workspace of the demo");
  await hassan.page.goto(`/agencies?${near.axis}=${near.value}`);
  await becomes(() => hassan.page.locator(".spacelist > li").count(), near.count, "workspaces");

  const agencies = (await hassan.api("GET", "/agencies")).items;
  const [one, two] = [agencies.find((a) => a.sector === "health"), agencies.find((a) => a.sector === "transport")];
  for (const a of [one, two]) await hassan.api("POST", `/agencies/${a.id}/invitations`, { email: `narrow-${a.id}@x.gov.example`, name: { ar: "مدعو", en: "" }, kind: "reader", roles: [], can_vote: false });
  await hassan.page.goto("/people?sector=health");
  await becomes(() => hassan.page.locator(".invlist > li").count(), 1, "invitations to one sector");
  await hassan.page.goto("/people");
  await becomes(async () => (await hassan.page.locator(".invlist > li").count()) >= 2, true, "all invitations");
  assert.deepEqual(hassan.faults, []);
});

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
