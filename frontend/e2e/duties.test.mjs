// What waits on a desk is finished from the desk: each kind of duty is brought about, opened from its row, done with
// the mouse and seen to go. And who may see a guideline is changed from its page, after seeing who gains and who loses sight.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, person, settled, settles, startBrowser, startHub, until } from "./harness.mjs";

const text = "## الغاية والنطاق\n\nنص.\n\n## الأحكام\n\nنص.\n";
let hub;
let browser;
let salma; // leads the agency that writes, and votes for it
let majed; // writes beside her
let omar; // leads another agency
let hassan; // administers the network
let jawaher; // administers it too
let abeer; // moderates
let wael; // an expert, of no agency
const refused = []; // what the pages asked for an expert that is none of theirs

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  const enter = (who) => person(browser, hub, `${who}.gov.example`);
  [salma, majed, omar] = await Promise.all(["salma@mun", "majed@mun", "omar@rta"].map(enter));
  [hassan, jawaher, abeer] = await Promise.all(["hassan@sec", "jawaher@sec", "abeer@sec"].map(enter));
  wael = await person(browser, hub, "wael@expert.example");
  wael.page.on("response", (r) => r.status() >= 400 && refused.push(`${r.status()} ${r.url()}`));
});
after(async () => {
  for (const p of [salma, majed, omar, hassan, jawaher, abeer, wael]) await p?.close();
  await browser?.close();
  await hub?.stop();
});

const form = (p) => p.page.getByRole("dialog").or(p.page.getByRole("alertdialog")).locator("form");
const scopes = { mine: 0, agency: 1 };
const on = async (p, id, list) => (await p.api("GET", "/desk"))[list].some((i) => i.id === id);

/** Finds a duty on the desk, opens it from its row, does it, and sees it gone from the desk. */
async function finish(p, kind, object, doIt, list = "mine") {
  const id = `${kind}:${object}`;
  await until(() => on(p, id, list), `${id} on the desk of ${p.email}`);
  await p.page.goto("/");
  const scope = p.page.locator(".seg button").nth(scopes[list]);
  if (list !== "mine") await scope.click();
  const row = p.page.locator(`[data-item="${id}"]`);
  await settles(() => row.innerText(), (s) => assert.match(s, /\p{Script=Arabic}/u));
  await row.locator(".act a").click();
  await p.page.waitForURL((u) => u.pathname !== "/");
  await doIt(p.page);
  await until(async () => !(await on(p, id, list)), `${id} to be done`);
  await p.page.goto("/");
  await p.page.locator(".ruler").waitFor();
  if (list !== "mine") await scope.click();
  await settled(p.page);
  await becomes(() => row.count(), 0);
}

/** Takes a step from the edition's page that is open. */
const step = (p, name, fill = async () => {}) => async () => {
  await p.page.locator(`.toc [data-step="${name}"]:not([aria-disabled])`).click();
  await fill(form(p));
  await form(p).locator("button[type=submit]").click();
};
/** Presses a button of the page that is open and sends its form. */
const press = (p, selector, fill = async () => {}) => async () => {
  await p.page.locator(selector).click();
  await fill(form(p));
  await form(p).locator("button[type=submit]").click();
};
const reason = (words) => (f) => f.getByLabel("السبب").fill(words);

async function draft(p, title, kind = "agency") {
  const made = await p.api("POST", "/guidelines", {
    title: { ar: title, en: title }, summary: "", language: "ar", kind, template: "free", text, agency: salma.session.agency.id, visibility: "network",
  });
  return made.id;
}
const move = (p, id, event, more = {}) => p.api("POST", `/editions/${id}/events`, { event, ...more });

test("a draft is finished, reviewed, amended and published, each from the desk of who owes it", async () => {
  const id = await draft(majed, "دليل يمرّ بالمكاتب");
  await becomes(() => on(salma, `edition.draft:${id}`, "agency"), true, "the colleague sees it as the agency's");
  await finish(majed, "edition.draft", id, step(majed, "submit"));
  await finish(jawaher, "edition.review", id, step(jawaher, "request_amendments", reason("يُستكمل قسم القياس.")));
  await finish(majed, "edition.amend", id, step(majed, "submit"));
  await finish(omar, "edition.review", id, step(omar, "approve"));
  await finish(salma, "edition.publish", id, step(salma, "publish"));
  await becomes(async () => (await salma.api("GET", `/editions/${id}`)).state, "published");
});

test("what the secretariat owes between approval and publication is finished from its desk", async () => {
  const id = await draft(salma, "دليل شبكة على مكتب الأمانة", "network");
  await move(salma, id, "submit");
  await move(omar, id, "approve");
  const pick = async (f) => {
    await f.getByRole("checkbox", { name: wael.session.person.name.ar }).check();
    await f.getByRole("checkbox", { name: omar.session.agency.short.ar, exact: true }).check();
  };
  const address = `/guidelines/${(await hassan.api("GET", `/editions/${id}`)).guideline.id}/editions/${id}`;
  await hassan.page.goto(address);
  await step(hassan, "send_fact_check", pick)();
  // Those asked find it on their desks, the expert by name, the agency at whoever acts for it.
  const { draft_id } = await until(async () => ((e) => e.experts.length > 0 && e)(await salma.api("GET", `/editions/${id}`)), "the question to be asked");
  const said = await wael.api("POST", `/drafts/${draft_id}/threads`, { version: 0, from: 0, to: 5, body: "ينقص تعريف." });
  assert.equal(said.author.agency, null, "an expert has no agency");
  await finish(wael, "edition.answer", id, step(wael, "answer"));
  await finish(omar, "edition.answer", id, step(omar, "answer"));
  await hassan.page.locator(".standing", { hasText: "أفاد" }).filter({ visible: true }).first().waitFor();
  await finish(hassan, "edition.fact_check", id, step(hassan, "receive"));
  // What was said is to be handled first; the page that is open follows.
  await hassan.page.goto(address);
  const conclude = hassan.page.locator('.toc [data-step="conclude"]');
  await becomes(() => conclude.getAttribute("aria-disabled"), "true");
  const [thread] = (await salma.api("GET", `/drafts/${draft_id}/threads`)).items;
  await salma.api("POST", `/threads/${thread.id}/resolve`, { outcome: "accepted", note: "يُضاف." });
  await becomes(() => conclude.getAttribute("aria-disabled"), null);
  await finish(jawaher, "edition.conclude", id, step(jawaher, "conclude", (f) => f.getByText("يبقى النص جاهزًا كما هو").click()));
  // A manual that is ready waits for a ballot until one is prepared; the prepared one waits to be opened.
  let ballot;
  await finish(hassan, "edition.ballot", id, async (page) => {
    await step(hassan, "send_to_ballot")();
    await page.waitForURL(/\/ballots\/bl_/);
    ballot = page.url().split("/").pop();
  });
  await finish(hassan, "ballot.open", ballot, press(hassan, 'button[data-act="open"]'));
  await finish(salma, "ballot.vote", ballot, async (page) => {
    const vote = page.locator("#my-vote");
    await vote.locator(".ch").first().click();
    await vote.locator("button[type=submit]").click();
    await page.getByRole("alertdialog").locator(".btn.primary").click();
  });

  const forced = await draft(majed, "دليل عاجل على المكتب");
  await move(hassan, forced, "force_publish", { reason: "يلزم قبل بدء الموسم.", review_by: new Date(Date.now() + 300 * 86_400_000).toISOString() });
  assert.equal(await on(hassan, `edition.second_eye:${forced}`, "mine"), false, "who forced it does not look twice");
  await finish(jawaher, "edition.second_eye", forced, step(jawaher, "second_eye"));
});

test("a nomination is screened, completed and certified from the desk; a flag is looked at", async () => {
  const { id } = await salma.api("POST", "/practices", { title: { ar: "ممارسة على المكتب", en: "" }, problem: "تتكرر المراجعات.", context: "", evidence: [], cost: "", contacts: "" });
  await finish(hassan, "practice.screen", id, press(hassan, 'button[data-stage="needs_more"]', reason("تلزم أرقام موثقة من مركزين.")));
  await becomes(() => on(majed, `practice.complete:${id}`, "agency"), true);
  await finish(salma, "practice.complete", id, press(salma, 'button[data-stage="nominated"]'));
  const waiting = [];
  for (const b of (await jawaher.api("GET", "/ballots?state=closed")).items) if ((await jawaher.api("GET", `/ballots/${b.id}`)).abilities["ballot.certify"]) waiting.push(b.id);
  assert.ok(waiting.length > 0, "the demo network has a closed ballot that jawaher may certify");
  await finish(jawaher, "ballot.certify", waiting[0], press(jawaher, 'button[data-act="certify"]'));
  await finish(abeer, "moderation", "queue", async (page) => {
    for (;;) {
      const left = (await abeer.api("GET", "/moderation/queue")).items.filter((i) => i.state === "pending" && i.abilities["moderation.decide"]).length;
      if (left === 0) return;
      await page.locator(".mq [data-verdict]").first().waitFor(); // the list has come
      const before = await page.locator(".mq > li").count();
      await page.locator('.mq [data-verdict="hide"], .mq [data-verdict="restore"]').first().click();
      await form(abeer).getByRole("textbox").fill("نُظر في البلاغ.");
      await form(abeer).locator("button[type=submit]").click();
      await until(async () => (await page.locator(".mq > li").count()) < before || (await page.locator(".mq > li").count()) === 0, "the case to leave the queue");
    }
  });
});

test("who may not vote sees on the agency's desk that it has not, until it has", async () => {
  // A writer of omar's agency, by an invitation.
  const invited = await omar.api("POST", `/agencies/${omar.session.agency.id}/invitations`, { email: "writer@rta.gov.example", name: { ar: "كاتبة", en: "Writer" }, kind: "writer", can_vote: false, roles: [] });
  const { demo } = await omar.api("GET", "/session");
  const res = await fetch(`${hub.base}/api/v1/invitations/${new URL(invited.url).pathname.split("/").pop()}`, {
    method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }, body: JSON.stringify({ name: { ar: "كاتبة", en: "Writer" }, password: demo.password }),
  });
  assert.equal(res.status, 200);
  const writer = await person(browser, hub, "writer@rta.gov.example");
  try {
    const open = (await writer.api("GET", "/desk")).agency.find((i) => i.kind === "ballot.watch");
    assert.ok(open, "a ballot that omar's agency has not voted in");
    const id = open.id.split(":")[1];
    await finish(writer, "ballot.watch", id, async (page) => {
      await page.getByText("لا يملك مقعدك التصويت باسم الجهة").waitFor();
      const b = await omar.api("GET", `/ballots/${id}`);
      await omar.api("POST", `/ballots/${id}/votes`, { choice: "for", reason: "تجربة المراكز تؤيّد ذلك.", revision_hash: b.subject.revision_hash });
    }, "agency");
    assert.deepEqual(writer.faults, []);
  } finally {
    await writer.close();
  }
});

test("who may see a guideline is changed from its page, after who gains and who loses sight of it", async () => {
  const made = await salma.api("POST", "/guidelines", { title: { ar: "دليل داخلي", en: "Internal" }, summary: "", language: "ar", kind: "agency", template: "free", text, visibility: "agency" });
  const id = made.guideline.id;
  const seen = () => omar.api("GET", `/guidelines/${id}`).then(() => 200, (e) => e.status);
  const dialog = salma.page.getByRole("dialog");
  const open = async () => {
    await salma.page.goto(`/guidelines/${id}`);
    await salma.page.getByRole("button", { name: "تغيير" }).click();
    await dialog.waitFor();
  };
  const choose = (to) => dialog.locator(`input[name="to"][value="${to}"]`).check();
  const save = async () => {
    await dialog.locator("button[type=submit]").click();
    await dialog.waitFor({ state: "detached" });
  };
  assert.equal(await seen(), 404);
  await open();
  await becomes(() => dialog.locator("button[type=submit]").isDisabled(), true, "nothing was changed yet");
  await choose("agencies");
  await dialog.getByText("تُسمّى جهة واحدة أو أكثر").waitFor();
  assert.equal(await dialog.getByRole("alert").count(), 0, "naming nobody yet is no fault");
  assert.equal(await dialog.locator("button[type=submit]").isDisabled(), true);
  await dialog.getByRole("checkbox", { name: omar.session.agency.short.ar }).check();
  await dialog.locator(".note.agree", { hasText: omar.session.agency.short.ar }).waitFor();
  await becomes(() => dialog.locator(".note.against").count(), 0);
  assert.equal(await seen(), 404, "it is only shown so far");
  await save();
  assert.equal(await seen(), 200);
  await open();
  await choose("public");
  await dialog.locator(".note.due").waitFor();
  await choose("agency");
  await dialog.locator(".note.against", { hasText: omar.session.agency.short.ar }).waitFor();
  await save();
  assert.equal(await seen(), 404);
});

test("the people of a suspended agency are told why they only read, until it is restored", async () => {
  const set = async (status) => {
    await hassan.page.goto(`/agencies/${omar.session.agency.id}`);
    await hassan.page.getByRole("button", { name: "تعديل البيانات" }).click();
    await form(hassan).locator("select", { has: hassan.page.locator('option[value="suspended"]') }).selectOption(status);
    await form(hassan).locator("button[type=submit]").click();
    await hassan.page.getByRole("dialog").waitFor({ state: "detached" });
  };
  const begin = omar.page.getByRole("button", { name: "دليل جديد" });
  await omar.page.goto("/guidelines");
  await begin.waitFor();
  await set("suspended");
  await omar.page.reload();
  await omar.page.getByText("عضوية جهتك معلّقة").waitFor();
  await becomes(() => begin.count(), 0);
  await set("active");
  await omar.page.reload();
  await begin.waitFor();
  await becomes(() => omar.page.getByText("عضوية جهتك معلّقة").count(), 0);
});

test("nothing broke the content security policy and no script failed", () => {
  for (const p of [salma, majed, omar, hassan, jawaher, abeer, wael]) assert.deepEqual(p.faults, []);
  assert.deepEqual(refused, []);
});
