import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, editorText, networkDraft, openEditor, person, select, settles, startBrowser, startHub, until } from "./harness.mjs";

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
  draft = await networkDraft(salma, { ar: "دليل التعليقات", en: "Comments" }, text);
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
  await select(page, word);
  await page.locator(".rail .hd .iconbtn").click();
  await page.locator("form.c.new").waitFor();
}
/** Begins a thread on a word, as the screen would. */
async function say(p, word, body, more = {}) {
  const { version } = await p.api("GET", `/drafts/${draft.id}/suggestions`);
  const from = (await editorText(salma.page)).indexOf(word);
  assert.ok(from >= 0, `${word} is there`);
  return p.api("POST", `/drafts/${draft.id}/threads`, { version, from, to: from + word.length, body, kind: "general", blocking: false, mentions: [], audience: "network", ...more });
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
  await becomes(() => wording.inputValue(), "عشرين");
  await wording.fill("خمس عشرة");
  await form.locator(".proposal ins", { hasText: "خمس عشرة" }).waitFor();
  await form.getByLabel("تعليق ملزِم").check();
  // From any of its choices.
  await b.keyboard.press("Control+Enter");

  const card = a.locator("[data-thread-card]", { hasText: "مراكزنا" });
  await card.waitFor();
  await a.getByText("حسم تعليق ملزِم واحد").waitFor(); // what the next step needs, without loading anew
  await a.locator(".rail .seg .on", { hasText: "مفتوحة ١" }).waitFor(); // the wording is no second thing
  assert.equal(await editorText(a), text);
  if (process.env.SHOTS) await a.screenshot({ path: `${process.env.SHOTS}/proposal.png` });
  await b.locator(".proposed").first().waitFor();
  assert.equal(await b.locator(".proposed .btn", { hasText: "قبول" }).count(), 0, "the one who only comments does not accept");
  await card.getByRole("button", { name: "قبول" }).click();
  await until(async () => (await editorText(b)).includes("الانتظار خمس عشرة دقيقة"), "the wording in the text of both");
  const [th] = await settles(() => threads(khalid), ([t]) => assert.equal(t.state, "resolved"));
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
  await openEditor(salma, draft.url);
  const named = await say(khalid, "الجهة", "هذا عنوانه");
  await say(khalid, "سطر أخير", "وهذا بعده");
  const page = await openEditor(salma, `${draft.url}?thread=${named.id}`);
  await page.locator(`[data-thread-card="${named.id}"][aria-current]`).waitFor();
  await page.keyboard.press("Alt+ArrowDown");
  await page.locator(`[data-thread-card]:not([data-thread-card="${named.id}"])[aria-current]`).waitFor();
});

test("who writes a comment is seen, and whoever is mentioned is told", async () => {
  const [a, b] = [await openEditor(salma, draft.url), await openEditor(khalid, draft.url)];
  await compose(b, "دقيقة");
  const form = b.locator("form.c.new");
  const words = form.getByRole("combobox").first();
  await words.pressSequentially("هل هذا كافٍ يا @سلمى");
  const who = khalid.session.person.name.ar;
  await a.locator('[data-typing=""]', { hasText: who }).waitFor();
  await words.press("Enter"); // the name that is offered
  await form.getByRole("button", { name: "إرسال" }).click();
  const card = a.locator("[data-thread-card]", { hasText: "هل هذا كافٍ" });
  await card.waitFor();
  await becomes(() => a.locator('[data-typing=""]').count(), 0, "what has been said is not being written");
  const named = async () => (await salma.api("GET", "/desk")).mine.filter((i) => i.kind === "mention" && i.url.includes(draft.url.split("/").pop())).length;
  await becomes(named, 1, "a mention is on the desk");
  const item = (await salma.api("GET", "/desk")).mine.find((i) => i.kind === "mention" && i.url.includes(draft.url.split("/").pop()));
  assert.match(item.title.ar, new RegExp(`^من ${who}: هل هذا كافٍ`), "who said it, and what");

  await card.getByRole("button", { name: "ردّ" }).click();
  await card.getByRole("combobox").pressSequentially("نعم");
  const id = await card.getAttribute("data-thread-card");
  await b.locator(`[data-typing="${id}"]`, { hasText: salma.session.person.name.ar }).waitFor();
  await card.getByRole("button", { name: "إرسال" }).click();
  await until(async () => (await threads(khalid)).find((t) => t.id === id).comments.length === 2, "the answer to arrive");
});

test("somebody of an agency that was not here yet is found by the beginning of a name, where they read the text", async () => {
  const page = await openEditor(khalid, draft.url);
  await compose(page, "دقيقة");
  const words = page.locator("form.c.new").getByRole("combobox").first();
  await words.pressSequentially("وما رأي @هاش");
  const option = page.getByRole("listbox").getByRole("option", { name: /عمر الهاشمي/ });
  await option.click();
  await becomes(() => words.inputValue(), "وما رأي @عمر الهاشمي ");
  await page.locator("form.c.new").getByRole("button", { name: "إرسال" }).click();
  const told = await until(async () => (await threads(khalid)).flatMap((t) => t.comments).find((c) => c.mentions.length > 0 && c.body.startsWith("وما رأي")), "the comment to be sent");
  assert.deepEqual(told.mentions.map((m) => m.name.ar), ["عمر الهاشمي"]);
  // What an agency keeps to itself has no readers elsewhere to offer.
  const own = await salma.api("POST", "/guidelines", { title: { ar: "دليل داخلي", en: "Ours" }, summary: "", language: "ar", kind: "agency", template: "free", text: "نص", visibility: "agency" });
  const offered = async (at, q) => (await salma.api("GET", `/drafts/${at}/people?q=${encodeURIComponent(q)}`)).items.map((x) => x.person.name.ar);
  assert.deepEqual(await offered(own.draft_id, "الهاشمي"), []);
  assert.deepEqual(await offered(own.draft_id, "ماجد"), [(await offered(draft.id, "ماجد"))[0]]);
  assert.deepEqual(await offered(draft.id, "عمر"), ["عمر الهاشمي"]);
});

test("a wording is rejected with its reason, and the comment with it", async () => {
  const made = await say(khalid, "الجهة", "تسمية أدقّ", { kind: "technical", proposal: "الإدارة" });
  const card = salma.page.locator(`[data-thread-card="${made.id}"]`);
  await card.locator(".proposed").getByRole("button", { name: "رفض" }).click();
  const dialog = salma.page.getByRole("dialog");
  const send = dialog.getByRole("button", { name: "رفض" });
  await send.click();
  assert.equal((await threads(salma)).find((t) => t.id === made.id).state, "open", "without a reason nothing happens");
  await dialog.getByRole("textbox").fill("الجهة هو اللفظ المعتمد");
  await send.click();
  await dialog.waitFor({ state: "detached" });
  const th = await until(async () => (await threads(khalid)).find((t) => t.id === made.id && t.state === "resolved"), "the comment to be settled");
  assert.deepEqual([th.outcome, th.outcome_note, th.proposal.state], ["rejected", "الجهة هو اللفظ المعتمد", "rejected"]);
});

test("comments are found by kind, by blocking and by words; J and K go through them", async () => {
  await say(khalid, "المدّة", "سؤال فني عن القياس", { kind: "technical" });
  await say(khalid, "سطر أخير", "ملزم قبل الاعتماد", { blocking: true });
  await say(khalid, "مدّة الانتظار", "فاصلة ناقصة", { kind: "editorial" });
  const page = await openEditor(salma, draft.url);
  const cards = page.locator("[data-thread-card]");
  const only = async (text) => {
    await until(async () => (await cards.count()) === 1 && (await cards.first().innerText()).includes(text), `only ${text}`);
  };
  // All of it is one line; the choices are behind its button, and what is chosen is said.
  const line = await page.locator(".rail-tools").boundingBox();
  assert.ok(line.height < 60, `the tools take ${line.height} px`);
  const more = page.locator(".narrow").getByRole("button", { name: /تضييق العرض/ });
  const choose = async (label, value) => {
    await more.focus();
    await page.keyboard.press("Enter");
    await page.locator(".narrow-more").getByRole("combobox", { name: label }).selectOption(value);
    await page.keyboard.press("Escape");
    await page.locator(".narrow-more").waitFor({ state: "detached" });
  };
  await choose("نوع التعليق", "technical");
  await only("سؤال فني");
  await page.locator(".narrow .said", { hasText: "تعليق واحد معروض" }).waitFor();
  await choose("نوع التعليق", "");
  await choose("تضييق العرض", "blocking");
  await only("ملزم قبل");
  await only("تعليق ملزِم");
  await page.locator(".narrow .said").getByRole("button", { name: "عرض الكل" }).click();
  await page.locator(".narrow .said").waitFor({ state: "detached" });
  await page.locator(".narrow input[type=search]").fill("فاصله");
  await only("فاصلة ناقصة");
  await page.locator(".narrow input[type=search]").fill("لا شيء كهذا");
  await page.getByRole("button", { name: "عرض الكل" }).click();
  await until(async () => (await cards.count()) >= 4, "all of them again");

  await page.locator(".rail .hd").click({ position: { x: 2, y: 2 } });
  await page.keyboard.press("j");
  const first = await page.locator("[data-thread-card][aria-current]").getAttribute("data-thread-card");
  await becomes(() => page.evaluate(() => document.activeElement.getAttribute("data-thread-card")), first, "the focus is on the comment");
  await page.keyboard.press("j");
  await page.locator(`[data-thread-card][aria-current]:not([data-thread-card="${first}"])`).waitFor();
  await page.keyboard.press("k");
  await page.locator(`[data-thread-card="${first}"][aria-current]`).waitFor();
});

test("a comment whose text is gone keeps its words and is put on other text", async () => {
  const made = await say(khalid, "كل سنة", "أهي كافية؟");
  const page = await openEditor(salma, `${draft.url}?thread=${made.id}`); // nothing is narrowed here
  await page.locator(`[data-thread-card="${made.id}"][aria-current]`).waitFor();
  await page.evaluate(() => {
    const view = document.querySelector(".cm-content").cmTile.root.view;
    const at = view.state.doc.toString().indexOf(" كل سنة");
    view.dispatch({ changes: { from: at, to: at + " كل سنة".length }, userEvent: "delete" });
  });
  // Whoever looks on sees it lose its text.
  await page.locator(`[data-thread-card="${made.id}"] .orphan`).waitFor();
  await until(async () => (await threads(khalid)).find((t) => t.id === made.id).orphaned, "its text to be gone");
  await page.reload();
  await openEditor(salma, draft.url);
  await page.locator(`[data-thread-card="${made.id}"] blockquote del`, { hasText: "كل سنة" }).click();
  const card = page.locator(`[data-thread-card="${made.id}"][aria-current]`);
  await page.evaluate(() => {
    const view = document.querySelector(".cm-content").cmTile.root.view;
    const at = view.state.doc.length + 200;
    view.dispatch({ changes: { from: view.state.doc.length, insert: `${"\n".repeat(200)}موضع بعيد` }, selection: { anchor: at, head: at + "موضع بعيد".length }, scrollIntoView: true });
  });
  const beside = () => page.evaluate((id) => {
    const view = document.querySelector(".cm-content").cmTile.root.view;
    return Math.abs(view.coordsAtPos(view.state.selection.main.from).top - document.querySelector(`[data-thread-card="${id}"]`).getBoundingClientRect().top) < 40;
  }, made.id);
  await becomes(beside, true, "the comment comes to the text chosen for it");
  await card.getByRole("button", { name: "ربط هنا" }).click();
  const th = await until(async () => (await threads(khalid)).find((t) => t.id === made.id && !t.orphaned), "it to stand on the other text");
  assert.equal(th.quote, "موضع بعيد");
});

test("on a phone the words stand above the sheet with their comment", async () => {
  const made = await say(khalid, "سطر أخير", "أيرى هذا على الهاتف؟");
  const phone = await person(browser, hub, "salma@mun.gov.example", { viewport: { width: 390, height: 700 } });
  try {
    const page = await openEditor(phone, `${draft.url}?thread=${made.id}`);
    await page.locator(".sheet", { hasText: "أيرى هذا على الهاتف؟" }).waitFor();
    await settles(
      () => page.evaluate(() => [document.querySelector(".cm-anchor.on, .cm-anchor.active")?.getBoundingClientRect().bottom ?? -1, document.querySelector(".sheet").getBoundingClientRect().top]),
      ([words, sheet]) => assert.ok(words > 0 && words <= sheet, `the words end at ${words}, the sheet begins at ${sheet}`),
    );
  } finally {
    await phone.close();
  }
});

test("hundreds of comments that come after everything else has settled stand beside their lines", async () => {
  const lines = Array.from({ length: 310 }, (_, i) => `البند ${i + 1} من القائمة الطويلة.`);
  const long = await networkDraft(salma, { ar: "تعليقات كثيرة", en: "Many comments" }, `${lines.join("\n\n")}\n`);
  const { version } = await salma.api("GET", `/drafts/${long.id}/suggestions`);
  let at = 0;
  for (const batch of Array.from({ length: 31 }, (_, i) => lines.slice(10 * i, 10 * i + 10))) {
    await Promise.all(batch.map((line) => {
      const from = at;
      at += line.length + 2;
      return salma.api("POST", `/drafts/${long.id}/threads`, { version, from, to: from + 5, body: `عن ${line}`, kind: "general", blocking: false, mentions: [], audience: "network" });
    }));
  }
  const { page } = salma;
  let give;
  const asked = new Promise((r) => { give = r; });
  await page.route(`**/drafts/${long.id}/threads?*`, async (route) => {
    await asked;
    await route.continue();
  });
  await openEditor(salma, long.url);
  // Nothing moves any more when the list comes.
  await page.evaluate(() => new Promise((r) => requestIdleCallback(() => requestAnimationFrame(() => requestIdleCallback(r)))));
  give();
  await page.locator("[data-thread-card]", { hasText: "عن البند 1 من" }).waitFor();
  await settles(() => page.locator("[data-thread-card]").count(), (n) => assert.ok(n < 60, "only those near the screen are drawn"));
  await page.unroute(`**/drafts/${long.id}/threads?*`);
  // By keyboard far down: a card that is there briefly at first keeps the focus when the whole one takes its place.
  await page.locator("[data-thread-card]", { hasText: "عن البند 1 من" }).focus();
  let read;
  const reading = new Promise((r) => { read = r; });
  await page.route(`**/drafts/${long.id}/threads?ids=*`, async (route) => {
    await reading;
    await route.continue();
  });
  for (let i = 0; i < 40; i++) await page.keyboard.press("j");
  const focused = (which) => page.evaluate((w) => document.activeElement.matches(`[data-thread-card][aria-current]${w}`), which);
  await becomes(() => focused("[aria-busy]"), true, "the focus goes to a card that is not read yet");
  read();
  await becomes(() => focused(":not([aria-busy])"), true, "the whole card has the focus");
  await page.unroute(`**/drafts/${long.id}/threads?ids=*`);
  // So many come briefly, and what is read is asked for; the counts and a search are over all of them.
  const queries = await page.evaluate(() => performance.getEntriesByType("resource").map((e) => new URL(e.name)).filter((u) => u.pathname.endsWith("/threads")).map((u) => [...u.searchParams.keys()][0]));
  assert.ok(queries.includes("brief") && queries.includes("ids"), `asked for ${queries}`);
  await page.locator(".rail .hd", { hasText: /310|٣١٠/ }).waitFor();
  await page.locator(".narrow input[type=search]").fill("البند 309");
  await page.locator(".narrow [role=status]", { hasText: "تعليق واحد معروض" }).waitFor();
});
