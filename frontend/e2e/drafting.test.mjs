import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, caretAfter, editorText, openEditor, person, saveState, settles, sharedDraft, startBrowser, startHub, until } from "./harness.mjs";

const text = "## الغاية والنطاق\n\nيسري هذا الدليل على مراكز الخدمة الموحّدة.\n\nThis paragraph is English.\n\nلا تتجاوز مدّة الانتظار عشرين دقيقة.\n\n- [x] راجعت الجهة بطاقة الخدمة\n";
let hub;
let browser;
let salma;
let omar;
let draft;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  salma = await person(browser, hub, "salma@mun.gov.example");
  omar = await person(browser, hub, "omar@rta.gov.example");
  draft = await sharedDraft(salma, omar, text);
});
after(async () => {
  await salma?.close();
  await omar?.close();
  await browser?.close();
  await hub?.stop();
});

test("two people of two agencies write at the same time and see the same text", async () => {
  const [a, b] = await Promise.all([openEditor(salma, draft.url), openEditor(omar, draft.url)]);
  for (const page of [a, b]) await becomes(() => editorText(page), text);
  await caretAfter(a, "الموحّدة");
  await caretAfter(b, "عشرين دقيقة");
  await Promise.all([a.keyboard.type(" كتبت سلمى هنا", { delay: 5 }), b.keyboard.type(" وكتب عمر هناك", { delay: 5 })]);
  await until(async () => {
    const [x, y] = await Promise.all([editorText(a), editorText(b)]);
    return x === y && x.includes(" كتبت سلمى هنا") && x.includes(" وكتب عمر هناك");
  }, "both to hold both texts");
  await until(async () => (await saveState(a)) === "saved" && (await saveState(b)) === "saved", "both to be saved");

  // The other's caret carries name and agency.
  await a.locator(".cm-peer b", { hasText: "عمر" }).waitFor({ state: "attached" });
  await becomes(() => a.locator("[data-peers]").getAttribute("data-peers"), "1");

  // Undo takes back what Salma wrote and leaves what Omar wrote.
  await a.locator(".cm-content").focus();
  // What is typed slowly is more than one step.
  for (let i = 0; i < 40 && (await editorText(a)).includes("سلمى"); i++) await a.keyboard.press("Control+z");
  const undone = await editorText(a);
  assert.ok(!undone.includes("سلمى") && undone.includes(" وكتب عمر هناك"), undone);
  await until(async () => (await editorText(b)) === undone, "the undo to arrive");
});

test("every line has its own side", async () => {
  const a = salma.page;
  const sides = () => a.evaluate(() => [...document.querySelectorAll(".cm-line")].map((l) => [l.textContent.slice(0, 12), getComputedStyle(l).direction]));
  await settles(sides, (seen) => {
    for (const [start, want] of [["## الغاية", "rtl"], ["This paragra", "ltr"], ["- [x] راجعت", "rtl"], ["", "rtl"]]) {
      assert.equal(seen.find(([t]) => t.startsWith(start))?.[1], want, start);
    }
  });
});

test("writing goes on without a line, says so, and merges on return", async () => {
  const [a, b] = [salma.page, omar.page];
  salma.line.cut();
  await until(async () => (await a.locator("[data-online]").getAttribute("data-online")) === "false", "the lost line to be noticed");
  await caretAfter(a, "الموحّدة");
  await a.keyboard.type(" دون اتصال");
  await until(async () => (await saveState(a)) === "kept", "the text to be kept on the device");
  await caretAfter(b, "عشرين دقيقة");
  await b.keyboard.type(" مع اتصال");
  assert.ok(!(await editorText(b)).includes("دون اتصال"));
  salma.line.mend();
  await until(async () => {
    const [x, y] = await Promise.all([editorText(a), editorText(b)]);
    return x === y && x.includes(" دون اتصال") && x.includes(" مع اتصال");
  }, "both to be merged");
  await until(async () => (await saveState(a)) === "saved", "all to be saved");
  assert.equal((await editorText(a)).split(" دون اتصال").length, 2, "applied once");
});

test("text typed without a line survives closing the tab", async () => {
  const a = salma.page;
  salma.line.cut();
  await until(async () => (await a.locator("[data-online]").getAttribute("data-online")) === "false", "the lost line to be noticed");
  await caretAfter(a, "راجعت");
  await a.keyboard.type(" ثم أُغلق اللسان");
  await until(async () => (await saveState(a)) === "kept", "the text to be kept");
  let warned = false;
  a.on("dialog", (d) => {
    warned ||= d.type() === "beforeunload";
    void d.accept();
  });
  await a.close({ runBeforeUnload: true });
  await until(() => a.isClosed(), "the tab to close");
  assert.ok(warned, "closing warns");
  salma.line.mend();
  salma.page = await salma.context.newPage();
  await openEditor(salma, draft.url);
  await until(async () => (await editorText(omar.page)).includes(" ثم أُغلق اللسان"), "the kept text to arrive at the other");
  await until(async () => (await editorText(salma.page)) === (await editorText(omar.page)), "both to be equal");
  assert.equal((await editorText(omar.page)).split(" ثم أُغلق اللسان").length, 2, "applied once");
});

test("a duplicated tab takes nothing from the first, and what waits there is sent once", async () => {
  const a = salma.page;
  salma.line.cut();
  await until(async () => (await a.locator("[data-online]").getAttribute("data-online")) === "false", "the lost line to be noticed");
  await caretAfter(a, "عشرين دقيقة");
  await a.keyboard.type(" في لسانين");
  await until(async () => (await saveState(a)) === "kept", "the text to be kept");
  salma.line.mend();
  // The same page with all that the first holds in its session, as the browser's own command makes it.
  const [twin] = await Promise.all([salma.context.waitForEvent("page"), a.evaluate(() => void window.open(location.href))]);
  await twin.locator('.cm-content[contenteditable="true"]').waitFor();
  await twin.locator('[data-online="true"]').waitFor();
  await caretAfter(twin, "This paragraph");
  await twin.keyboard.type(" Typed in the twin.");
  for (const page of [a, twin]) await until(async () => (await saveState(page)) === "saved", "all to be saved");
  await until(async () => {
    const all = await Promise.all([a, twin, omar.page].map(editorText));
    return all.every((t) => t === all[0]) && all[0].includes(" في لسانين") && all[0].includes(" Typed in the twin.");
  }, "all three to be equal");
  const whole = await editorText(omar.page);
  for (const once of [" في لسانين", " Typed in the twin."]) assert.equal(whole.split(once).length, 2, `${once} is there once`);
  await twin.close();
});

test("a comment is seen by the other at once, answered and settled", async () => {
  const [a, b] = [salma.page, omar.page];
  await b.locator(".cm-line", { hasText: "لا تتجاوز" }).click();
  await b.keyboard.press("Home");
  for (let i = 0; i < 9; i++) await b.keyboard.press("Shift+ArrowLeft");
  await b.keyboard.press("Control+Alt+m");
  const body = b.locator(".c.new textarea");
  await body.waitFor();
  await body.fill("لماذا عشرون دقيقة؟");
  // How long it takes is printed; that it arrives is what is asserted.
  const card = a.locator("[data-thread-card]", { hasText: "لماذا عشرون دقيقة" });
  const sent = Date.now();
  await b.keyboard.press("Control+Enter");
  await card.waitFor();
  console.log(`# comment seen by the other after ${Date.now() - sent} ms`);
  const quoted = await settles(
    async () => (await a.locator(".cm-anchor[data-thread]").first().textContent()).trim(),
    (s) => assert.ok("لا تتجاوز مدّة الانتظار".startsWith(s) && s.length > 3, s),
  );

  // The anchor stays on its words when text is put before it.
  await a.locator(".cm-line", { hasText: "لا تتجاوز" }).click();
  await a.keyboard.press("Home");
  await a.keyboard.type("وعليه ");
  await until(async () => (await editorText(b)).includes("وعليه لا"), "the text to arrive");
  await becomes(async () => (await b.locator(".cm-anchor[data-thread]").first().textContent()).trim(), quoted);

  await card.locator(".c-head").click();
  await card.getByRole("button", { name: "ردّ", exact: true }).click();
  await card.locator("textarea").fill("حسب تجربة الموعد المسبق.");
  await a.keyboard.press("Control+Enter");
  await b.locator("[data-thread-card]", { hasText: "حسب تجربة الموعد" }).waitFor();
  await card.getByRole("button", { name: "حسم", exact: true }).click();
  const dialog = a.getByRole("dialog");
  await dialog.getByLabel("أُخذ علمًا").check();
  await dialog.getByRole("button", { name: "تثبيت الحسم" }).click();
  await dialog.waitFor({ state: "detached" });
  await until(async () => (await b.locator(".cm-anchor").count()) === 0 || (await b.locator(".verdict").count()) > 0, "the outcome to arrive");
});

test("reading mode shows the hub's rendering of what is saved", async () => {
  const a = salma.page;
  await a.getByRole("radio", { name: "قراءة" }).or(a.getByRole("button", { name: "قراءة" })).first().click();
  await a.locator(".reading h2", { hasText: "الغاية والنطاق" }).waitFor();
  await a.locator(".reading", { hasText: "وعليه لا تتجاوز" }).waitFor();
  await becomes(() => a.locator(".reading a.num").first().textContent(), "١");
});

test("nothing broke the content security policy and no script failed", () => {
  assert.deepEqual(salma.faults, []);
  assert.deepEqual(omar.faults, []);
});
