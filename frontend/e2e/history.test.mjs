/** Two people of two agencies write; the history shows each one's words, and an older text comes back while the other types. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, caretAfter, editorText, openEditor, person, select, settles, sharedDraft, startBrowser, startHub, until } from "./harness.mjs";

let hub;
let browser;
before(async () => {
  hub = await startHub();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await hub?.stop();
});

const text = "# دليل التجربة\n\n## الانتظار\n\nلا تتجاوز مدّة الانتظار ثلاثين دقيقة.\n\nتُنشر النتائج كل شهر.\n\n## القياس\n\nتُقاس المدّة آليًّا.\n\nتُحفظ السجلات خمس سنوات.\n";

test("history shows whose words are whose, and restoring loses nothing", async () => {
  const salma = await person(browser, hub, "salma@mun.gov.example");
  const omar = await person(browser, hub, "omar@rta.gov.example");
  try {
    const made = await sharedDraft(salma, omar, text);
    const [a, b] = await Promise.all([openEditor(salma, made.url), openEditor(omar, made.url)]);
    await caretAfter(a, "كل شهر.");
    await a.keyboard.type(" ويطّلع عليها الجمهور.");
    await caretAfter(b, "خمس سنوات.");
    await b.keyboard.type(" وتُتلف بعدها.");
    await until(async () => (await editorText(a)).includes("وتُتلف بعدها.") && (await editorText(b)).includes("الجمهور."), "both to see both");
    const head = await until(async () => {
      const h = await salma.api("GET", `/drafts/${made.draft}/history`);
      return h.head > 0 && h.writers.length === 2 && (await salma.api("GET", `/drafts/${made.draft}/history/text`), h.head);
    });

    // From the edition's page to its history.
    await a.getByRole("link", { name: "سجلّ النسخ" }).click();
    await a.waitForURL(/\/history/);
    const diff = a.locator(".hist-d");
    await diff.waitFor();
    await diff.locator("ins", { hasText: "ويطّلع عليها الجمهور" }).first().waitFor(); // salma's words are insertions
    const theirs = omar.session.agency.short.ar;
    const block = diff.locator(".blk", { hasText: "وتُتلف" });
    await settles(() => block.locator(".by").innerText(), (s) => assert.ok(s.includes(theirs), "the other's change carries their agency"));
    await becomes(() => diff.locator("del").count(), 0, "nothing was deleted");
    await becomes(() => diff.evaluate((e) => getComputedStyle(e).direction), "rtl");

    // An agency filters; its own words stay.
    const margin = a.locator("#hashiya");
    await margin.locator(".who-list button", { hasText: theirs }).first().click();
    await becomes(() => diff.locator(".blk.chg").count(), 1);
    await margin.getByRole("button", { name: "كل الجهات" }).click();

    // The slider by keyboard: Home of the first thumb is the beginning; in a right-to-left page arrow left goes on.
    const to = a.getByRole("slider", { name: /^إلى/ });
    await to.focus();
    await a.keyboard.press("ArrowRight");
    await a.waitForURL(new RegExp(`to=${head - 1}`));
    await a.keyboard.press("ArrowLeft");
    await until(async () => !/to=/.test(a.url()), "the head again");

    // Authors: every stretch has its writer, and any version is played here.
    await a.getByRole("radio", { name: "الكتّاب" }).click();
    const authored = a.locator(".hist-text .cm-content");
    await authored.locator(".by", { hasText: "وتُتلف بعدها" }).waitFor();
    await settles(() => authored.locator(".by", { hasText: "وتُتلف بعدها" }).getAttribute("title"), (s) => assert.ok(s?.includes(theirs), s));
    await a.getByRole("slider").focus();
    await a.keyboard.press("Home");
    await until(async () => !(await authored.innerText()).includes("وتُتلف"), "the text of the beginning");

    // Contributions by section.
    await a.getByRole("radio", { name: "المساهمات" }).click();
    await a.keyboard.press("Escape");
    await a.goto(`${made.url}/history?view=credits`);
    await a.locator(".credits tbody th", { hasText: "القياس" }).waitFor();

    // A name, and then the way back to it while the other types on.
    await a.goto(`${made.url}/history?from=0&to=${Math.floor(head / 2)}`);
    await a.getByRole("button", { name: "تسمية النسخة" }).click();
    await a.getByLabel("الاسم").fill("قبل ورشة الصياغة");
    await a.getByRole("button", { name: "حفظ الاسم" }).click();
    await a.locator(".rev-list", { hasText: "قبل ورشة الصياغة" }).waitFor();
    // Its menu leaves the name its room.
    const named = await a.locator(".rev-list .with-menu > button").first().boundingBox();
    assert.ok(named.width > 150, `the name has ${named.width} px`);
    const target = await until(async () => (await salma.api("GET", `/drafts/${made.draft}/history`)).revisions.find((r) => r.name === "قبل ورشة الصياغة"), "the name in the history");
    assert.equal(target.version, Math.floor(head / 2));

    // The name is changed, taken away, and offered back.
    await a.getByRole("button", { name: "النسخة «قبل ورشة الصياغة»: الاسم" }).click();
    await a.getByRole("menuitem", { name: "تغيير الاسم" }).click();
    await a.getByLabel("الاسم", { exact: true }).fill("قبل الورشة");
    await a.getByRole("button", { name: "حفظ الاسم" }).click();
    await a.locator(".rev-list", { hasText: "قبل الورشة" }).waitFor();
    await a.getByRole("button", { name: "النسخة «قبل الورشة»: الاسم" }).click();
    await a.getByRole("menuitem", { name: "إزالة الاسم" }).click();
    await a.locator(".rev-list", { hasText: "قبل الورشة" }).waitFor({ state: "detached" });
    await a.locator(".toast").getByRole("button", { name: "تراجع" }).click();
    await a.locator(".rev-list", { hasText: "قبل الورشة" }).waitFor();

    await b.keyboard.press("Control+End");
    const tail = "سطر يُكتب أثناء الاستعادة";
    const typing = b.keyboard.type(tail, { delay: 15 });
    await a.getByRole("button", { name: "استعادة هذه النسخة" }).click();
    await a.getByRole("button", { name: "استعادة", exact: true }).click();
    await typing;
    await a.locator(".toast", { hasText: "عاد النص إلى" }).waitFor();
    // Whatever was typed before the restoration is in the log, and what was typed after it is in the text.
    // All is saved once the hub's text is what the other's editor holds.
    const line = await until(async () => {
      const h = await salma.api("GET", `/drafts/${made.draft}/history`);
      if (!h.revisions.some((x) => x.kind === "restored")) return null;
      const { text: saved } = await salma.api("GET", `/drafts/${made.draft}/history/text?version=${h.head}`);
      return saved === (await editorText(b)) ? h : null;
    });
    const restored = line.revisions.find((x) => x.kind === "restored");
    const before = line.revisions.find((x) => x.kind === "before_restore");
    const was = (await salma.api("GET", `/drafts/${made.draft}/history/text?version=${before.version}`)).text;
    const now = (await salma.api("GET", `/drafts/${made.draft}/history/text?version=${line.head}`)).text;
    const half = (await salma.api("GET", `/drafts/${made.draft}/history/text?version=${target.version}`)).text;
    assert.equal((await salma.api("GET", `/drafts/${made.draft}/history/text?version=${restored.version}`)).text, half, "the restored text is that of the version");
    const letters = (s) => [...s].filter((c) => c.trim()).length;
    const typedBefore = was.includes(tail) ? tail : [...tail].reduce((best, _, i) => (was.includes(tail.slice(0, i + 1)) ? tail.slice(0, i + 1) : best), "");
    assert.ok(letters(typedBefore) + letters(now) - letters(half) >= letters(tail), `before ${JSON.stringify(typedBefore)}, now ${JSON.stringify(now.slice(-60))}`);
    await until(async () => (await editorText(b)) === now, "the other's editor to show the restored text");

    // And back again.
    await a.locator(".toast").getByRole("button", { name: "تراجع" }).click();
    await a.locator(".toast", { hasText: "كما كان قبل الاستعادة" }).waitFor();
    await until(async () => (await editorText(b)) === was, "what was there before");
    assert.deepEqual([...salma.faults, ...omar.faults], []);

    // Who only reads published guides does not see it.
    const yasmin = await person(browser, hub, "yasmin@mun.gov.example");
    await assert.rejects(yasmin.api("GET", `/drafts/${made.draft}/history`), (e) => e.status === 404);
    await yasmin.close();
  } finally {
    await salma.close();
    await omar.close();
  }
});

test("a table is compared as a table: what changed is marked in its cell, in either language of the page", async () => {
  const salma = await person(browser, hub, "salma@mun.gov.example");
  const omar = await person(browser, hub, "omar@rta.gov.example");
  try {
    const made = await sharedDraft(salma, omar, "## الرسوم\n\n| الخدمة | المدّة |\n|---|---|\n| تجديد | يوم |\n| إلغاء | ساعة |\n\nختام.\n");
    const a = await openEditor(salma, made.url);
    const b = await openEditor(omar, made.url);
    await select(b, "يوم");
    await b.keyboard.type("يومان");
    await select(b, "| إلغاء | ساعة |\n");
    await b.keyboard.press("Delete");
    await until(async () => (await editorText(a)).includes("يومان") && !(await editorText(a)).includes("إلغاء"), "the change to arrive");
    for (const locale of ["ar", "en"]) {
      await salma.api("PATCH", "/me", { prefs: { locale, digits: "latn", calendar: "gregory", theme: "auto" } });
      await a.goto(`${made.url}/history`);
      const diff = a.locator(".hist-d");
      await diff.locator(".trow").first().waitFor();
      await becomes(() => diff.locator(".trow > div").allInnerTexts(), ["الخدمة", "المدّة", "تجديد", "يوم يومان", "إلغاء", "ساعة"], "the changed rows under the heading of their table");
      assert.ok(!(await diff.innerText()).includes("|"), "no sign of Markdown is left");
      await becomes(() => diff.locator(".trow del").allInnerTexts(), ["يوم", "إلغاء", "ساعة"]);
      await becomes(() => diff.locator(".blk.chg").count(), 2, "signs that the editor lined up are no change");
      // Cells of one column stand under each other.
      const starts = await diff.locator(".trow > div:nth-child(2)").evaluateAll((cells) => cells.map((c) => Math.round(c.getBoundingClientRect().right)));
      assert.equal(new Set(starts).size, 1, String(starts));
    }
    assert.deepEqual([...salma.faults, ...omar.faults], []);
  } finally {
    await salma.api("PATCH", "/me", { prefs: { locale: "ar", digits: "arab", calendar: "hijri", theme: "auto" } });
    await salma.close();
    await omar.close();
  }
});
