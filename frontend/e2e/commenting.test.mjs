import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { editorText, openEditor, person, startBrowser, startHub, until } from "./harness.mjs";

const text = "## مدّة الانتظار\n\nلا تتجاوز مدّة الانتظار عشرين دقيقة.\n\nتُعلن الجهة المدّة وتراجعها كل سنة.\n\nسطر أخير.\n";
let hub;
let browser;
let salma;
let khalid;
let draft;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  salma = await person(browser, hub, "salma@mun.gov.example");
  khalid = await person(browser, hub, "khalid@hlt.gov.example");
  const made = await salma.api("POST", "/guidelines", {
    title: { ar: "دليل التعليقات", en: "Comments" }, summary: "نص للتجربة", language: "ar", kind: "agency", template: "free", text,
  });
  const guideline = made.guideline?.id ?? made.id;
  await salma.api("PUT", `/guidelines/${guideline}/visibility`, { to: "network" });
  const edition = made.draft_id ? made : await salma.api("GET", `/editions/${made.in_work?.id ?? made.editions[0].id}`);
  draft = { id: edition.draft_id, url: `/guidelines/${guideline}/editions/${edition.id}` };
});
after(async () => {
  for (const p of [salma, khalid]) {
    assert.deepEqual(p?.faults ?? [], [], `${p?.email} met faults`);
    await p?.close();
  }
  await browser?.close();
  await hub?.stop();
});

/** Selects a word in the editor and opens the composer. */
async function compose(page, word) {
  await page.evaluate((w) => {
    const view = document.querySelector(".cm-content").cmTile.root.view;
    const at = view.state.doc.toString().indexOf(w);
    if (at < 0) throw new Error(`${w} is not there`);
    view.focus();
    view.dispatch({ selection: { anchor: at, head: at + w.length } });
  }, word);
  await page.locator(".rail .hd .iconbtn").click();
  await page.locator("form.c.new").waitFor();
}
const threads = async (p) => (await p.api("GET", `/drafts/${draft.id}/threads`)).items;

test("a proposed wording is shown as a change, and accepting it settles the comment with the text", async () => {
  const b = await openEditor(khalid, draft.url);
  const a = await openEditor(salma, draft.url);
  await compose(b, "عشرين");
  const form = b.locator("form.c.new");
  await form.getByRole("combobox").first().fill("مراكزنا حقّقت ١٣ دقيقة.");
  await form.getByLabel("اقتراح صياغة").first().check();
  const wording = form.locator(".wording textarea");
  assert.equal(await wording.inputValue(), "عشرين");
  await wording.fill("خمس عشرة");
  assert.equal(await form.locator(".proposal ins").innerText().then((s) => s.includes("خمس عشرة")), true);
  await form.getByRole("button", { name: "إرسال" }).click();

  const card = a.locator("[data-thread-card]", { hasText: "مراكزنا" });
  await card.waitFor();
  assert.equal(await editorText(a), text);
  if (process.env.SHOTS) await a.screenshot({ path: `${process.env.SHOTS}/proposal.png` });
  assert.equal(await b.locator(".proposed .btn", { hasText: "قبول" }).count(), 0, "the one who only comments does not accept");
  await card.getByRole("button", { name: "قبول" }).click();
  await until(async () => (await editorText(b)).includes("الانتظار خمس عشرة دقيقة"), 10_000, "the wording in the text of both");
  const [th] = await threads(khalid);
  assert.equal(th.state, "resolved");
  assert.equal(th.outcome, "accepted");
  assert.ok(th.proposal.log_version > 0);
});

test("what is said inside an agency is not seen by another until its author shows it", async () => {
  const b = await openEditor(khalid, draft.url);
  const a = await openEditor(salma, draft.url);
  await compose(b, "كل سنة");
  const form = b.locator("form.c.new");
  await form.getByRole("combobox").first().fill("موقفنا الداخلي");
  await form.getByLabel("جهتي فقط").check();
  await form.getByRole("button", { name: "إرسال" }).click();
  const card = b.locator("[data-thread-card]", { hasText: "موقفنا" });
  await card.waitFor();
  if (process.env.SHOTS) await b.screenshot({ path: `${process.env.SHOTS}/inside.png` });
  assert.equal((await threads(salma)).some((t) => t.audience === "agency"), false);

  // Said to all after it: when this has arrived at the other, the first had its time.
  await compose(b, "سطر أخير");
  await form.getByRole("combobox").first().fill("للجميع");
  await form.getByRole("button", { name: "إرسال" }).click();
  await a.locator("[data-thread-card]", { hasText: "للجميع" }).waitFor();
  assert.equal(await a.getByText("موقفنا الداخلي").count(), 0);

  await b.locator("[data-thread-card]", { hasText: "موقفنا" }).locator(".c-head").click();
  await card.getByRole("button", { name: "إتاحة للجميع" }).click();
  await b.getByRole("alertdialog").getByRole("button", { name: "إتاحة للجميع" }).click();
  await a.locator("[data-thread-card]", { hasText: "موقفنا" }).waitFor();
});

test("an address opens its comment, and Alt with the arrows goes on", async () => {
  const open = (await threads(salma)).filter((t) => t.state === "open");
  assert.ok(open.length >= 2);
  const page = await openEditor(salma, `${draft.url}?thread=${open[0].id}`);
  await page.locator(`[data-thread-card="${open[0].id}"][aria-current]`).waitFor();
  await page.keyboard.press("Alt+ArrowDown");
  await page.locator(`[data-thread-card]:not([data-thread-card="${open[0].id}"])[aria-current]`).waitFor();
});
