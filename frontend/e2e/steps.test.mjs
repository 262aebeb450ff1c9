// Every step of an edition's life (rules D3) through the screen, by the people who may take it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { becomes, editorText, networkDraft, openEditor, person, settles, startBrowser, startHub, until } from "./harness.mjs";

const text = "## الغاية والنطاق\n\nنص.\n\n## الأحكام\n\nنص.\n";
let hub;
let browser;
let salma; // leads the agency that writes
let majed; // writes beside her
let hassan; // administers the network
let jawaher; // administers it too

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  [salma, majed, hassan, jawaher] = await Promise.all(["salma@mun", "majed@mun", "hassan@sec", "jawaher@sec"].map((who) => person(browser, hub, `${who}.gov.example`)));
});
after(async () => {
  for (const p of [salma, majed, hassan, jawaher]) await p?.close();
  await browser?.close();
  await hub?.stop();
});

const edition = (p, id) => p.api("GET", `/editions/${id}`);

/** Draws a step from the edition's own page; `fill` writes the form. */
async function take(p, e, step, fill = async () => {}) {
  await p.page.goto(`/guidelines/${e.guideline.id}/editions/${e.id}`);
  const before = (await edition(p, e.id)).history.length;
  const more = p.page.locator(".edition-more");
  const button = p.page.locator(`.toc [data-step="${step}"]:visible, .next-pop [data-step="${step}"]:visible`).first();
  await p.page.locator('.edition-more:visible, .toc .nexts:visible').first().waitFor();
  if (await more.isVisible()) await more.click();
  await button.click();
  const form = p.page.getByRole("dialog").or(p.page.getByRole("alertdialog")).locator("form");
  await form.waitFor();
  await fill(form);
  await form.locator("button[type=submit]").click();
  return until(async () => {
    const now = await edition(p, e.id);
    return now.history.length > before && now;
  }, `${step} to be taken`);
}
const reason = (words) => (form) => form.getByLabel("السبب").fill(words);

/** A guideline whose text is ready, written by salma and approved by somebody who did not. */
async function ready(kind = "agency", number = 1) {
  const writer = kind === "network" ? hassan : salma;
  const made = await writer.api("POST", "/guidelines", {
    title: { ar: `دليل الخطوات ${number}`, en: `Steps ${number}` }, summary: "", language: "ar", kind, template: "free", text, agency: salma.session.agency.id, visibility: "network",
  });
  await writer.api("POST", `/editions/${made.id}/events`, { event: "submit" });
  await jawaher.api("POST", `/editions/${made.id}/events`, { event: "approve" });
  return edition(salma, made.id);
}

test("draft, review, amendments, approval, fact check, consultation and publication, each from the edition's page", async () => {
  const made = await salma.api("POST", "/guidelines", {
    title: { ar: "دليل من أوّله إلى آخره", en: "From first to last" }, summary: "", language: "ar", kind: "agency", template: "free", text, visibility: "network",
  });
  let e = await edition(salma, made.id);
  e = await take(salma, e, "submit");
  assert.equal(e.state, "in_review");
  // Who wrote it sees the approval, shut, and why.
  await salma.page.goto(`/guidelines/${e.guideline.id}/editions/${e.id}`);
  const shut = salma.page.locator('.toc [data-step="approve"]');
  await becomes(() => shut.getAttribute("aria-disabled"), "true");
  await settles(async () => salma.page.locator(`[id="${await shut.getAttribute("aria-describedby")}"]`).innerText(), (s) => assert.match(s, /مراجع لم يشارك/));
  e = await take(majed, e, "request_amendments", reason("يُستكمل قسم القياس."));
  assert.equal(e.state, "amends_needed");
  // Who is to amend reads beside the text what was asked for, and by whom.
  await salma.page.goto(`/guidelines/${e.guideline.id}/editions/${e.id}`);
  await settles(() => salma.page.locator('.toc [data-event="request_amendments"]').innerText(), (s) => assert.match(s, /ماجد[^]*يُستكمل قسم القياس\./));
  e = await take(salma, e, "submit");
  e = await take(jawaher, e, "approve");
  assert.equal(e.state, "ready");
  // The register is read late: nothing is offered before it, for the agencies stand below its people and would move from under the pointer.
  let late;
  await hassan.page.route("**/api/v1/people?role=EX*", async (r) => {
    await late;
    await r.continue();
  });
  let come;
  late = new Promise((r) => (come = r));
  e = await take(hassan, e, "send_fact_check", async (form) => {
    await form.locator(".sk").first().waitFor();
    assert.equal(await form.getByRole("checkbox").count(), 0);
    come();
    await form.getByRole("checkbox").nth(2).check();
    await form.getByRole("checkbox").nth(4).check();
  });
  await hassan.page.unroute("**/api/v1/people?role=EX*");
  assert.deepEqual([e.state, e.experts.length], ["fact_check", 2]);
  e = await take(hassan, e, "receive");
  e = await take(hassan, e, "conclude", (form) => form.getByText("يبقى النص جاهزًا كما هو").click());
  assert.equal(e.state, "ready");
  // People choose minutes; the test does not wait for one. A machine too slow for a near end asks for a later one: the hub's refusal decides.
  const events = `**/editions/${e.id}/events`;
  await hassan.page.route(events, async (r) => {
    let response;
    for (const lead of [3_000, 10_000, 40_000]) {
      const { now } = await hassan.api("GET", "/session");
      const postData = JSON.stringify({ ...r.request().postDataJSON(), closes_at: new Date(new Date(now).getTime() + lead).toISOString() });
      response = await r.fetch({ postData, headers: { ...r.request().headers(), "idempotency-key": crypto.randomUUID() } });
      if (response.ok()) break;
    }
    await r.fulfill({ response });
  });
  e = await take(hassan, e, "open_consultation", (form) => form.getByRole("group", { name: "تُغلق" }).first().waitFor());
  await hassan.page.unroute(events);
  assert.equal(e.state, "consultation");
  assert.ok(e.closes_at > e.opens_at);
  const concluded = (await edition(hassan, e.id)).allowed.some((s) => s.event === "conclude");
  assert.ok(!concluded || new Date() >= new Date(e.closes_at), "it is concluded after its end");
  // The page that was open before follows the clock by itself.
  const open = hassan.page.locator('.toc [data-step="conclude"]:not([aria-disabled])');
  await open.waitFor();
  // And the guideline's page follows the comments on a text that it does not show.
  const { version } = await majed.api("GET", `/drafts/${e.draft_id}/suggestions`);
  const answer = await majed.api("POST", `/drafts/${e.draft_id}/threads`, { version, from: 0, to: 4, body: "يُراجع العنوان.", kind: "general", blocking: false, mentions: [], audience: "network" });
  await jawaher.page.goto(`/guidelines/${e.guideline.id}`);
  await jawaher.page.locator('[data-step="conclude"][aria-disabled="true"]').waitFor();
  await salma.api("POST", `/threads/${answer.id}/resolve`, { outcome: "noted", note: "اطُّلع عليه." });
  await jawaher.page.locator('[data-step="conclude"]:not([aria-disabled])').waitFor();
  e = await take(hassan, e, "conclude", (form) => form.getByText("يعود النص إلى كتّابه للتعديل").click());
  assert.equal(e.state, "amends_needed");
  e = await take(salma, e, "submit");
  e = await take(jawaher, e, "approve");
  e = await take(hassan, e, "publish");
  assert.equal(e.state, "published");
  e = await take(hassan, e, "withdraw", reason("تعارض مع القرار ١٢."));
  assert.equal(e.state, "withdrawn");
  // Nothing on the guideline's page calls it one in force any more.
  await jawaher.page.goto(`/guidelines/${e.guideline.id}`);
  await jawaher.page.getByRole("link", { name: /قراءة الإصدار الملغى/ }).waitFor();
  assert.doesNotMatch(await jawaher.page.locator("main").innerText(), /(^|\s)منذ\s/);
  const old = await take(hassan, e, "restore", reason("زال التعارض."));
  assert.equal(old.state, "superseded");
  await hassan.page.waitForURL((u) => u.pathname.includes("/editions/") && !u.pathname.endsWith(e.id));
  e = await edition(hassan, hassan.page.url().split("/").pop());
  assert.equal(e.state, "published");
  e = await take(hassan, e, "unpublish", reason("دُمج في غيره."));
  assert.equal(e.state, "unpublished");
});

test("an approved text stays approved when a reviewer takes in a correction of spelling, and goes back to its writers for anything else", async () => {
  let e = await ready("agency", 4);
  const { version } = await majed.api("GET", `/drafts/${e.draft_id}/suggestions`);
  const at = text.indexOf("الأحكام");
  for (const [to, insert] of [[at + 7, "الاحكام"], [at, "كل "]]) await majed.api("POST", `/drafts/${e.draft_id}/suggestions`, { key: "", version, parts: [{ from: at, to, insert }] });
  await jawaher.page.goto(`/guidelines/${e.guideline.id}/editions/${e.id}`);
  const card = (words) => jawaher.page.locator("[data-suggestion-card]", { hasText: words }).filter({ visible: true }).first();
  await card("كل").getByRole("button", { name: "قبوله تصحيحًا إملائيًّا" }).click();
  await card("كل").getByText("يغيّر أكثر من الإملاء").waitFor();
  await card("الاحكام").getByRole("button", { name: "قبوله تصحيحًا إملائيًّا" }).click();
  e = await until(async () => {
    const now = await edition(salma, e.id);
    return now.history.at(-1).event === "correct" && now;
  }, "the correction to be taken in");
  assert.equal(e.state, "ready");
  await jawaher.page.locator(".cm-content", { hasText: "الاحكام" }).waitFor();
  // Its writers have no such button, and take the text back for more.
  await salma.page.goto(`/guidelines/${e.guideline.id}/editions/${e.id}`);
  await salma.page.locator("[data-suggestion-card]", { hasText: "كل" }).filter({ visible: true }).first().waitFor();
  assert.equal(await salma.page.getByRole("button", { name: "قبوله تصحيحًا إملائيًّا" }).count(), 0);
  e = await take(salma, e, "amend", reason("يُضاف بند عن المواعيد."));
  assert.deepEqual([e.state, e.approved_by], ["amends_needed", null]);
});

test("a publication is scheduled from the screen, cancelled, scheduled again and seen published at its time", async () => {
  let e = await ready("agency", 2);
  e = await take(hassan, e, "schedule");
  assert.equal(e.state, "scheduled");
  await hassan.page.locator(".standing", { hasText: "يُنشر" }).filter({ visible: true }).first().waitFor();
  e = await take(hassan, e, "unschedule");
  assert.equal(e.state, "ready");
  await hassan.page.goto(`/guidelines/${e.guideline.id}/editions/${e.id}`);
  await hassan.page.locator('.toc [data-step="schedule"]').click();
  const form = hassan.page.getByRole("dialog").locator("form");
  await form.getByRole("group", { name: "موعد النشر" }).first().waitFor();
  let at;
  // People choose minutes; the test does not wait for one.
  await hassan.page.route(`**/editions/${e.id}/events`, (r) => r.continue({ postData: JSON.stringify({ ...r.request().postDataJSON(), publish_at: at.toISOString() }) }));
  // A machine too slow for a near time asks for a later one: the hub's refusal decides, not a guess.
  for (const lead of [3_000, 8_000, 20_000]) {
    const { now } = await hassan.api("GET", "/session");
    at = new Date(new Date(now).getTime() + lead);
    const answer = hassan.page.waitForResponse((r) => r.url().endsWith(`/editions/${e.id}/events`));
    await form.locator("button[type=submit]").click();
    if ((await answer).ok()) break;
  }
  // Nobody touches the page: the hub publishes and the page hears of it.
  await hassan.page.locator(".steps li:nth-child(5).on").waitFor();
  e = await until(async () => {
    const x = await edition(hassan, e.id);
    return x.state === "published" && x;
  }, "the edition to be published at its time");
  assert.ok(new Date(e.published_at) >= new Date(Math.floor(at / 1000) * 1000), `${e.published_at} is not before ${at.toISOString()}`);
});

test("two people take a step on one edition: the second keeps the form and is told where it stands and what is open now", async () => {
  const e = await ready("agency", 3);
  await hassan.page.goto(`/guidelines/${e.guideline.id}/editions/${e.id}`);
  await hassan.page.locator('.toc [data-step="discard"]').click();
  const form = hassan.page.getByRole("alertdialog");
  await form.getByLabel("السبب").fill("مكرّر");
  await jawaher.api("POST", `/editions/${e.id}/events`, { event: "open_consultation", opens_at: new Date().toISOString(), closes_at: new Date(Date.now() + 86_400_000).toISOString() });
  await form.getByText("تغيّر حال الإصدار وأنت تكتب. هو الآن: مشاورة.").waitFor();
  await settles(() => form.locator(".note").innerText(), (s) => assert.match(s, /لا خطوة لك|انتهاء مدة المشاورة/));
  await becomes(() => form.getByLabel("السبب").inputValue(), "مكرّر");
  await becomes(() => form.locator("button[type=submit]").isDisabled(), true);
  // Straight at the hub, the same step is refused with the legal ones.
  const refused = await hassan.api("POST", `/editions/${e.id}/events`, { event: "discard", reason: "مكرّر" }).catch((x) => x);
  assert.equal(refused.status, 409);
  assert.deepEqual(refused.data.allowed, ["conclude"]);
});

test("a text goes to review with all that its writer sees in it, and not without a line", async () => {
  const made = await networkDraft(salma, { ar: "دليل كُتب دون اتصال", en: "Written without a line" }, text);
  const e = { url: made.url, edition: made.url.split("/").pop() };
  const page = await openEditor(salma, e.url);
  const other = await openEditor(majed, e.url);
  const cut = async (p) => {
    p.line.cut();
    await p.page.locator('[data-online="false"]').waitFor();
  };
  const write = async (on, words) => {
    await on.locator(".cm-content").click();
    await on.keyboard.press("Control+End");
    await on.keyboard.type(words);
  };
  await cut(salma);
  await cut(majed);
  await write(page, "كُتب دون اتصال");
  await write(other, "جاء متأخرًا");
  await page.locator(".edition-acts .primary").click();
  const form = page.getByRole("dialog").locator("form");
  await form.locator("button[type=submit]").click();
  await settles(() => form.getByRole("alert").innerText(), (said) => assert.match(said, /لم يصل إلى الخادم بعد/));
  assert.ok(await form.locator("button[type=submit]").isEnabled());
  // The hub is there again before the text has gone: whatever the moment, the text goes first.
  salma.line.mend();
  await until(async () => {
    if (await form.count()) await form.locator("button[type=submit]").click({ timeout: 1_000 }).catch(() => {});
    return (await edition(salma, e.edition)).state === "in_review";
  }, "the text to be in review");
  assert.match((await salma.api("GET", `/editions/${e.edition}/reading`)).html, /كُتب دون اتصال/);
  // Who comes back later with words of their own is told that they did not go along; they stay here to be copied.
  majed.line.mend();
  await other.locator('[data-save="refused"]').waitFor();
  await settles(() => other.locator(".offbar").innerText(), (said) => assert.match(said, /لم يُحفظ آخر ما كُتب[^]*نسخ النص كاملًا/));
  assert.match(await editorText(other), /جاء متأخرًا/);
  // The reviewer wants it otherwise, and they go along after all.
  await jawaher.api("POST", `/editions/${e.edition}/events`, { event: "request_amendments", reason: "يلزم أن يدخل ما كُتب متأخرًا." });
  await other.locator('[data-save="saved"]').waitFor();
  await settles(async () => (await salma.api("GET", `/editions/${e.edition}/reading`)).html, (html) => assert.match(html, /كُتب دون اتصال[^]*جاء متأخرًا|جاء متأخرًا[^]*كُتب دون اتصال/));
});

test("what a draft still needs follows what is written, and leads there", async () => {
  const made = await salma.api("POST", "/guidelines", { title: { ar: "دليل بأقسام", en: "With sections" }, summary: "", language: "ar", kind: "agency", template: "manual", visibility: "network" });
  await openEditor(salma, `/guidelines/${made.guideline.id}/editions/${made.id}`);
  const page = salma.page;
  const missing = page.locator(".toc .missing button");
  const submit = page.locator('.toc [data-step="submit"]');
  const wanted = ["الغاية والنطاق", "الأدوار والمسؤوليات", "الخطوات", "القياس والمتابعة"];
  for (let left = wanted.length; left > 0; left--) {
    await becomes(() => missing.allInnerTexts(), wanted.slice(-left));
    assert.equal(await submit.getAttribute("aria-disabled"), "true");
    await missing.first().click();
    await page.keyboard.press("End");
    await page.keyboard.type("\nما يلزم هنا.");
  }
  await becomes(() => missing.count(), 0);
  await becomes(() => submit.getAttribute("aria-disabled"), null);
  // A heading that goes is missed again.
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await becomes(() => page.locator(".toc .missing li").allInnerTexts(), wanted);
  await becomes(() => submit.getAttribute("aria-disabled"), "true");
  await page.keyboard.press("Control+z");
  await becomes(() => submit.getAttribute("aria-disabled"), null);
});

test("an exceptional publication asks for another pair of eyes", async () => {
  const made = await salma.api("POST", "/guidelines", { title: { ar: "دليل عاجل", en: "Urgent" }, summary: "", language: "ar", kind: "agency", template: "free", text, visibility: "network" });
  let e = await edition(salma, made.id);
  e = await take(hassan, e, "force_publish", reason("تعليمات عاجلة من الجهة المشرفة."));
  assert.equal(e.state, "published");
  assert.ok(e.second_eye_due);
  await hassan.page.goto(`/guidelines/${e.guideline.id}`);
  await hassan.page.locator('[data-step="second_eye"][aria-disabled="true"]').waitFor();
  e = await take(jawaher, e, "second_eye");
  assert.equal(e.second_eye_due, null);
});

test("the page and its forms have no fault that axe finds, and the phone has every step too", async () => {
  const e = await ready("agency", 4);
  await hassan.page.goto(`/guidelines/${e.guideline.id}/editions/${e.id}`);
  await hassan.page.locator('.toc [data-step="schedule"]').click();
  await hassan.page.getByRole("dialog").locator("form").waitFor();
  const found = await new AxeBuilder({ page: hassan.page }).analyze();
  assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes[0].target}`), []);
  await hassan.page.keyboard.press("Escape");
  await hassan.page.setViewportSize({ width: 390, height: 844 });
  await hassan.page.locator(".edition-more").click();
  await hassan.page.locator('.next-pop [data-step="send_fact_check"]').waitFor();
  await becomes(() => hassan.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await hassan.page.setViewportSize({ width: 1440, height: 900 });
});

test("nothing broke the content security policy and no script failed", () => {
  for (const p of [salma, majed, hassan, jawaher]) assert.deepEqual(p.faults, []);
});
