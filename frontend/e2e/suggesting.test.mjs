import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, editorText, networkDraft, openEditor, person, saveState, select, startBrowser, startHub, until } from "./harness.mjs";

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
  draft = await networkDraft(salma, { ar: "دليل الاقتراحات", en: "Suggestions" }, text);
});
after(async () => {
  for (const p of [salma, khalid]) {
    assert.deepEqual(p?.faults ?? [], [], `${p?.email} met faults`);
    await p?.close();
  }
  await browser?.close();
  await hub?.stop();
});

const list = async (p, state = "open") => (await p.api("GET", `/drafts/${draft.id}/suggestions`)).items.filter((s) => s.state === state);
const insDel = (page) => page.evaluate(() => [...document.querySelectorAll(".cm-content ins, .cm-content del")].map((e) => `${e.tagName.toLowerCase()}:${e.classList.contains("drawn") ? e.lastChild.textContent : e.textContent}`));

test("who may only suggest types, and the text stays; the writer sees it at once and accepts it", async () => {
  const b = await openEditor(khalid, draft.url);
  const a = await openEditor(salma, draft.url);
  await becomes(() => b.getByRole("radio", { name: "اقتراح" }).getAttribute("aria-checked"), "true");
  assert.equal(await b.getByRole("radio", { name: "تحرير" }).count(), 0);
  await select(b, "عشرين");
  await b.keyboard.type("خمس عشرة", { delay: 5 });
  // In place: struck, and beside it what is typed.
  const struck = ["del:عشرين", "ins:خمس عشرة"].sort();
  await becomes(async () => (await insDel(b)).sort(), struck);
  await until(async () => (await saveState(b)) === "saved" && (await list(khalid)).length === 1, "the suggestion to be saved");
  const [made] = await list(khalid);
  assert.equal(made.quote, "عشرين");
  assert.equal(made.insertion, "خمس عشرة");
  assert.equal(await editorText(a), text, "the shared text is as it was");

  // The other sees it in the text and in the margin, and it follows an edit of the same line.
  const card = a.locator("[data-suggestion-card]", { hasText: "خمس عشرة" });
  await card.waitFor();
  await becomes(async () => (await insDel(a)).sort(), struck);
  await select(a, "لا تتجاوز");
  await a.keyboard.type("يجب ألّا تتجاوز");
  await until(async () => (await editorText(b)).includes("يجب ألّا تتجاوز مدّة الانتظار عشرينخمس عشرة دقيقة"), "the edit to arrive beside the suggestion");

  // Whatever its author's editor shows on the way, it never shows the accepted words twice.
  await b.evaluate(() => {
    window.most = 0;
    const content = document.querySelector(".cm-content");
    new MutationObserver(() => {
      window.most = Math.max(window.most, content.textContent.split("خمس عشرة").length - 1);
    }).observe(content, { subtree: true, childList: true, characterData: true });
  });
  // By keyboard: the button is reached and pressed.
  const accept = card.getByRole("button", { name: "قبول" });
  await accept.focus();
  await a.keyboard.press("Enter");
  await until(async () => (await editorText(a)).includes("يجب ألّا تتجاوز مدّة الانتظار خمس عشرة دقيقة."), "the accepted text");
  await until(async () => (await editorText(b)) === (await editorText(a)), "both to show the same");
  await until(async () => (await insDel(b)).length === 0 && (await insDel(a)).length === 0, "nothing to be suggested any more");
  assert.equal(await b.evaluate(() => window.most), 1, "the accepted words stood there twice");
  const [accepted] = await list(salma, "accepted");
  assert.equal(accepted.author.person.id, khalid.session.person.id);
  assert.ok(accepted.log_version > 0);
  assert.equal(accepted.decided_by.person.id, salma.session.person.id);
});

test("what is struck and typed in several goes is one suggestion, undo takes it back, and rejecting needs a reason", async () => {
  const [a, b] = [salma.page, khalid.page];
  await select(b, "كل سنة");
  await b.keyboard.press("Delete");
  await until(async () => (await list(khalid)).length === 1, "the deletion to be saved");
  await b.keyboard.type("كل ستة أشهر");
  await until(async () => (await list(khalid))[0]?.kind === "replace", "the same one to have grown");
  await b.keyboard.press("Enter");
  await b.keyboard.type("زيادة");
  await until(async () => (await editorText(b)).includes("زيادة"), "what was typed");
  for (let i = 0; i < 40 && (await editorText(b)).includes("زيادة"); i++) await b.keyboard.press("Control+z");
  await until(async () => (await saveState(b)) === "saved", "to be saved");
  await until(async () => !(await list(khalid)).some((s) => s.insertion.includes("زيادة")), "undo to be saved");
  assert.equal((await list(khalid)).length, 1, "one place is one suggestion");

  const card = a.locator("[data-suggestion-card][data-state=open]").first();
  await card.waitFor();
  await card.getByRole("button", { name: "رفض" }).click();
  const dialog = a.getByRole("dialog");
  await dialog.getByRole("button", { name: "رفض الاقتراح" }).click();
  assert.equal((await list(salma)).length, 1, "without a reason nothing happens");
  await dialog.getByRole("textbox").fill("المراجعة السنوية كافية");
  await dialog.getByRole("button", { name: "رفض الاقتراح" }).click();
  await dialog.waitFor({ state: "detached" });
  await until(async () => (await insDel(b)).length === 0, "it to leave its author's text");
  await becomes(async () => (await editorText(b)) === (await editorText(a)), true);
  const [rejected] = await list(khalid, "rejected");
  assert.equal(rejected.reason, "المراجعة السنوية كافية");
  await b.getByRole("radio", { name: /محسومة/ }).click();
  await b.locator("[data-suggestion-card][data-state=rejected]").click();
  await b.locator(".sg-reason", { hasText: "المراجعة السنوية كافية" }).waitFor();
  await b.getByRole("radio", { name: /مفتوحة/ }).click();
});

test("what was suggested without a line is kept on the device and comes after all; all of an agency at once", async () => {
  const b = khalid.page;
  khalid.line.cut();
  await until(async () => (await b.locator("[data-online]").getAttribute("data-online")) === "false", "the lost line to be noticed");
  await select(b, "سطر أخير");
  await b.keyboard.type("خاتمة");
  await until(async () => (await saveState(b)) === "kept", "it to be kept");
  await b.close();
  khalid.line.mend();
  khalid.page = await khalid.context.newPage();
  const again = await openEditor(khalid, draft.url);
  await until(async () => (await list(salma)).some((s) => s.insertion === "خاتمة"), "the kept suggestion to arrive");
  await until(async () => (await insDel(again)).includes("ins:خاتمة"), "it to be in its author's text again");
  assert.ok((await editorText(salma.page)).includes("سطر أخير") && !(await editorText(salma.page)).includes("خاتمة"));

  // All of an agency's at once.
  const a = salma.page;
  await a.locator(".sg-bar option").nth(1).waitFor({ state: "attached" });
  await a.locator(".sg-bar select").selectOption({ index: 1 });
  await a.locator(".sg-bar").getByRole("button", { name: /قبول كل/ }).click();
  await until(async () => (await editorText(a)).includes("خاتمة."), "the agency's suggestions to be in the text");
  await until(async () => (await editorText(again)) === (await editorText(a)), "both to show the same");
});

test("its author says why; several are ticked and decided together", async () => {
  const [a, b] = [salma.page, khalid.page];
  for (const [i, [was, now]] of [["الجهة", "الدائرة"], ["دقيقة", "ثانية"], ["خاتمة", "نهاية"]].entries()) {
    await select(b, was);
    await b.keyboard.type(now);
    await until(async () => (await saveState(b)) === "saved" && (await list(salma)).length === i + 1, `${now} to be saved`);
  }
  const mine = b.locator("[data-suggestion-card]", { hasText: "الدائرة" });
  await mine.getByRole("button", { name: "إضافة السبب" }).click();
  await mine.getByLabel("سبب الاقتراح").fill("توحيد التسمية");
  await mine.getByRole("button", { name: "حفظ" }).click();
  const card = (word) => a.locator("[data-suggestion-card]", { hasText: word });
  await card("الدائرة").getByText("توحيد التسمية").waitFor();
  await becomes(() => card("الدائرة").getByRole("button", { name: /السبب/ }).count(), 0, "the reason is its author's to say");

  const before = await editorText(a);
  await card("الدائرة").getByRole("checkbox").check();
  await card("نهاية").getByRole("checkbox").check();
  await a.locator(".sg-bar").getByRole("button", { name: "قبول الاقتراحين" }).click();
  await until(async () => (await editorText(a)) === before.replace("الجهة", "الدائرة").replace("خاتمة", "نهاية"), "both to be in the text");
  await until(async () => (await list(salma)).length === 1, "the third to be left");

  await select(b, "سنة");
  await b.keyboard.press("Delete");
  await until(async () => (await list(salma)).length === 2, "a deletion to be suggested");
  for (const word of ["ثانية", "سنة"]) await card(word).getByRole("checkbox").check();
  await a.locator(".sg-bar").getByRole("button", { name: "رفض المحدَّد" }).click();
  const dialog = a.getByRole("dialog");
  await dialog.getByRole("textbox").fill("المدّة كما هي");
  await dialog.getByRole("button", { name: "رفض الاقتراح" }).click();
  await dialog.waitFor({ state: "detached" });
  await until(async () => (await list(salma)).length === 0 && (await list(salma, "rejected")).filter((s) => s.reason === "المدّة كما هي").length === 2, "both to be rejected with the reason");
  await until(async () => (await editorText(b)) === (await editorText(a)), "both to show the same");
});

test("a paste with a table, and a row added to it, are suggested", async () => {
  const [a, b] = [salma.page, khalid.page];
  const before = await editorText(a);
  await select(b, "نهاية.");
  await b.keyboard.press("ArrowLeft");
  await b.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/html", "<p>فقرة <b>ملصقة</b></p><table><tr><th>الخدمة</th><th>المدّة</th></tr><tr><td>تجديد</td><td>يوم</td></tr></table>");
    data.setData("text/plain", "فقرة ملصقة");
    document.querySelector(".cm-content").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await until(async () => (await list(salma)).some((s) => s.insertion.includes("**ملصقة**") && s.insertion.includes("| تجديد | يوم |")), "the paste to be suggested");
  assert.equal(await editorText(a), before, "the shared text is as it was");
  await a.locator("[data-suggestion-card]", { hasText: "ملصقة" }).getByRole("button", { name: "قبول" }).click();
  await until(async () => (await editorText(a)).includes("| تجديد | يوم |"), "the table to be in the text");
  await until(async () => (await editorText(b)) === (await editorText(a)), "both to show the same");

  await select(b, "يوم");
  await b.keyboard.press("ArrowLeft");
  await b.keyboard.press("Tab");
  await b.keyboard.type("إصدار");
  await until(async () => (await list(salma)).some((s) => s.insertion.includes("إصدار")), "the row to be suggested");
  assert.equal((await editorText(a)).includes("إصدار"), false);
  await a.locator("[data-suggestion-card]", { hasText: "إصدار" }).getByRole("button", { name: "قبول" }).click();
  await until(async () => /\| تجديد \| يوم \|\n\| إصدار/.test(await editorText(a)), "the row to be in the table");
  await until(async () => (await editorText(b)) === (await editorText(a)), "both to show the same");
});

test("words of a heading and of a table's cell are suggested in place; the heading and the table keep their shape", async () => {
  const [a, b] = [salma.page, khalid.page];
  const before = await editorText(a);
  for (const [was, now] of [["مدّة الانتظار\n", "زمن الانتظار\n"], ["تجديد", "تمديد"]]) {
    await select(b, was.trimEnd());
    await b.keyboard.type(now.trimEnd());
    await until(async () => (await saveState(b)) === "saved" && (await list(salma)).some((s) => s.insertion === now.trimEnd()), `${now} to be saved`);
    assert.equal((await list(salma)).find((s) => s.insertion === now.trimEnd()).quote, was.trimEnd(), "what it takes away is the word alone");
  }
  // A heading and a cell show both, where they stand.
  await until(async () => (await insDel(a)).includes("ins:زمن الانتظار") && (await insDel(a)).includes("ins:تمديد"), "both to be shown in the text");
  await a.locator(".cm-line", { has: a.locator("del", { hasText: "مدّة الانتظار" }) }).filter({ hasText: "##" }).first().waitFor();
  await a.locator(".cm-line", { has: a.locator("del", { hasText: "تجديد" }) }).filter({ hasText: "يوم" }).first().waitFor();
  assert.equal(await editorText(a), before, "the shared text is as it was");
  for (const word of ["زمن", "تمديد"]) {
    const card = a.locator("[data-suggestion-card][data-state=open]", { hasText: word });
    await card.getByRole("button", { name: "قبول" }).click();
    await card.waitFor({ state: "detached" });
  }
  await becomes(() => editorText(a), before.replace("## مدّة الانتظار\n", "## زمن الانتظار\n").replace("| تجديد |", "| تمديد |"));
  await becomes(() => editorText(b), await editorText(a), "both show the same");
});

test("an author takes a suggestion back; it leaves the text and the margin of everybody, and no one else may", async () => {
  const [a, b] = [salma.page, khalid.page];
  const before = await editorText(a);
  await select(b, "تُعلن");
  await b.keyboard.type("تنشر");
  const card = (p) => p.locator("[data-suggestion-card][data-state=open]", { hasText: "تنشر" });
  await card(a).waitFor();
  assert.equal(await card(a).getByRole("button", { name: "سحب" }).count(), 0, "it is its author's to take back");
  const [{ id }] = (await list(salma)).filter((s) => s.insertion === "تنشر");
  await assert.rejects(salma.api("POST", `/suggestions/${id}/withdraw`, {}), (e) => e.status === 403 || e.status === 409);
  await card(b).getByRole("button", { name: "سحب" }).click();
  for (const p of [a, b]) {
    await card(p).waitFor({ state: "detached" });
    await until(async () => !(await insDel(p)).some((x) => x.includes("تنشر") || x.includes("تُعلن")), "it to leave the text");
    await becomes(() => editorText(p), before);
  }
});

test("all suggestions of an agency are rejected with one reason, and their author reads it on each", async () => {
  const [a, b] = [salma.page, khalid.page];
  const before = await editorText(a);
  for (const [i, [was, now]] of [["تُعلن", "تنشر"], ["تراجعها", "تعيد النظر فيها"]].entries()) {
    await select(b, was);
    await b.keyboard.type(now);
    await until(async () => (await saveState(b)) === "saved" && (await list(salma)).length === i + 1, `${now} to be saved`);
  }
  await a.locator(".sg-bar option").nth(1).waitFor({ state: "attached" });
  await a.locator(".sg-bar select").selectOption({ index: 1 });
  await a.locator(".sg-bar").getByRole("button", { name: "رفضها" }).click();
  const dialog = a.getByRole("dialog");
  const reason = "النص متّفق عليه في الاجتماع الأخير";
  await dialog.getByRole("textbox").fill(reason);
  await dialog.getByRole("button", { name: "رفض الاقتراح" }).click();
  await dialog.waitFor({ state: "detached" });
  await until(async () => (await list(salma)).length === 0, "none to be open");
  for (const p of [a, b]) await becomes(() => editorText(p), before);
  await b.getByRole("radio", { name: /محسومة/ }).click();
  for (const word of ["تنشر", "تعيد النظر فيها"]) {
    await b.locator("[data-suggestion-card][data-state=rejected]", { hasText: word }).click();
    await b.locator("[data-suggestion-card][data-state=rejected]", { hasText: word }).locator(".sg-reason", { hasText: reason }).waitFor();
  }
});
