import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, editorText, openEditor, person, saveState, settles, sharedDraft, startBrowser, startHub, until } from "./harness.mjs";

const lines = [
  "## القسم الأول", "", "نظام Q-Flow الجديد", "", "@salma مرحبا", "", "PDF مرفق مع الطلب", "", "(٣) سلمى", "", "Salma (البلدية) wrote this line", "",
  "`npm ci` أمر التثبيت", "", "```", "سطر رمز", "```", "", "## English heading here", "", "| الخدمة Q-Flow | المدّة |", "| --- | --- |", "| الرخصة | ٣ أيام |", "", "آخر سطر", "",
];
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
  draft = await sharedDraft(salma, omar, lines.join("\n"));
  await openEditor(salma, draft.url);
});
after(async () => {
  await salma?.close();
  await omar?.close();
  await browser?.close();
  await hub?.stop();
});

const inView = (page, fn, arg) => page.evaluate(([code, a]) => new Function("view", "arg", code)(document.querySelector(".cm-content").cmTile.root.view, a), [fn, arg]);
const caretAt = (page, text, offset = 0) =>
  inView(page, "const at = view.state.doc.toString().indexOf(arg[0]) + arg[1]; view.focus(); view.dispatch({ selection: { anchor: at }, scrollIntoView: true });", [text, offset]);
const head = (page) => inView(page, "return view.state.selection.main.head");
const paste = (page, kinds) =>
  page.evaluate((k) => {
    const data = new DataTransfer();
    for (const [type, text] of Object.entries(k)) data.setData(type, text);
    document.querySelector(".cm-content").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, kinds);

test("every block keeps its own side, also beside a heading of the other", async () => {
  const want = [
    ...["## القسم", "نظام Q-Flow", "@salma", "PDF مرفق", "(٣) سلمى", "`npm ci`", "| الخدمة"].map((start) => [start, "rtl"]),
    ...["Salma (", "```", "سطر رمز", "## English"].map((start) => [start, "ltr"]),
  ];
  // What is code is known once the text is parsed, which goes on after the text stands there.
  await becomes(async () => {
    const sides = await salma.page.evaluate(() => [...document.querySelectorAll(".cm-line")].map((l) => [l.textContent, getComputedStyle(l).direction]));
    return want.map(([start]) => [start, sides.find(([t]) => t.startsWith(start))?.[1]]);
  }, want);
});

test("the caret walks a mixed line from side to side without jumping back, and deletes in the order of the text", async () => {
  const { page } = salma;
  const text = "نظام Q-Flow الجديد";
  await caretAt(page, text);
  const seen = new Set([await head(page)]);
  // Where two runs meet, one place of the text is two on the screen; the caret says which of them it means.
  const at = () => inView(page, "const { head, assoc } = view.state.selection.main; return view.coordsAtPos(head, assoc || 1).left;");
  let last = await at();
  for (let i = 0; i < text.length; i++) {
    await page.keyboard.press("ArrowLeft");
    const left = await at();
    assert.ok(left <= last + 1, `step ${i}: the caret went right, ${last} to ${left}`);
    last = left;
    seen.add(await head(page));
  }
  assert.ok(seen.size >= text.length - 1, `${seen.size} of ${text.length + 1} places were visited`);
  const before = await editorText(page);
  await caretAt(page, text, text.length);
  for (const digits of [" 123", " ١٢٣"]) {
    await page.keyboard.insertText(digits);
    for (let i = digits.length; i > 0; i--) await page.keyboard.press("Backspace");
    await becomes(() => editorText(page), before);
  }
  // The selection of a mixed line is the text between, not what lies between on the screen.
  await caretAt(page, text);
  await page.keyboard.press("Shift+End");
  await becomes(() => inView(page, "return view.state.sliceDoc(view.state.selection.main.from, view.state.selection.main.to)"), text);
});

test("a line is turned by a mark in the text, and reading mode turns it too", async () => {
  const { page } = salma;
  await caretAt(page, "Salma (");
  await page.keyboard.press("Control+Alt+d");
  await until(async () => (await editorText(page)).includes("\n\u200fSalma ("), "the mark");
  const side = () => page.evaluate(() => getComputedStyle([...document.querySelectorAll(".cm-line")].find((l) => l.textContent.includes("Salma ("))).direction);
  await becomes(side, "rtl");
  await becomes(() => page.locator(".cm-turned").count(), 1);
  await until(async () => (await saveState(page)) === "saved", "the mark to be saved");
  const html = (await salma.api("GET", `/editions/${draft.edition}/reading`)).html;
  assert.match(html, /dir="rtl"><a[^>]*>[^<]*<\/a>\u200fSalma \(/);
  await page.keyboard.press("Control+Alt+d");
  await becomes(() => editorText(page), lines.join("\n"));
  await becomes(side, "ltr");
});

test("a page and a Word document are pasted as clean Markdown, in one step of undo", async () => {
  const { page } = salma;
  const before = await editorText(page);
  await caretAt(page, "آخر سطر", 7);
  await paste(page, {
    "text/plain": "عنوان\nأول\nثانٍ",
    "text/html": "<html><body><h2><b>عنوان من صفحة</b></h2><p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>أول<o:p></o:p></p><p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span><b>ثانٍ</b></p><script>document.title='x'</script></body></html>",
  });
  await until(async () => (await editorText(page)).includes("آخر سطر\n\n## عنوان من صفحة\n\n- أول\n- **ثانٍ**"), "the Markdown");
  await page.keyboard.press("Control+z");
  await until(async () => (await editorText(page)) === before, "one undo to take it back");
  // Pasting as plain text brings no HTML.
  await paste(page, { "text/plain": " كما هو **" });
  await until(async () => (await editorText(page)).includes("آخر سطر كما هو **"), "the words alone");
  await page.keyboard.press("Control+z");
  await becomes(() => editorText(page), before);
});

test("a paste of 5 MB is refused with words, and the text stays", async () => {
  const { page } = salma;
  const before = await editorText(page);
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "سطر طويل من النص ".repeat(330_000));
    document.querySelector(".cm-content").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await page.getByText("ما زال في الحافظة").waitFor();
  assert.equal(await editorText(page), before);
  await until(async () => (await saveState(page)) === "saved", "all to be saved");
});

test("an image is pasted, described, shown, and kept from whoever may not read the text", async () => {
  const { page } = salma;
  await caretAt(page, "آخر سطر", 7);
  await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    canvas.width = 40;
    canvas.height = 20;
    const g = canvas.getContext("2d");
    g.fillStyle = "#1c5f57";
    g.fillRect(0, 0, 40, 20);
    const blob = await new Promise((r) => canvas.toBlob(r, "image/png"));
    const data = new DataTransfer();
    data.items.add(new File([blob], "خريطة.png", { type: "image/png" }));
    document.querySelector(".cm-content").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await until(async () => /!\[وصف الصورة\]\(\/files\/[0-9a-f]{64}\.png\)/.test(await editorText(page)), "the image in the text");
  await page.locator(".cm-picture figcaption").waitFor();
  // The description is selected: typing writes it.
  await becomes(() => inView(page, "return view.state.sliceDoc(view.state.selection.main.from, view.state.selection.main.to)"), "وصف الصورة");
  await page.keyboard.insertText("خريطة المراكز");
  await until(async () => (await editorText(page)).includes("![خريطة المراكز](/files/"), "the description");
  const img = page.locator('.cm-picture img[alt="خريطة المراكز"]');
  await img.waitFor();
  await until(() => img.evaluate((el) => el.complete && el.naturalWidth === 40), "the image to be shown");
  await becomes(() => page.locator(".cm-picture figcaption").count(), 0);
  const address = /\((\/files\/[^)]+)\)/.exec(await editorText(page))[1];
  assert.equal((await fetch(hub.base + address)).status, 404, "nobody sees it without signing in");
  const svg = await page.evaluate(async (id) => {
    const res = await fetch(`/api/v1/drafts/${id}/images`, { method: "POST", body: "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>" });
    return [res.status, (await res.json()).code];
  }, draft.draft);
  assert.deepEqual(svg, [400, "media.unknown_type"]);
});

// Writing over a selection, the browser itself puts a style on what it inserts; the policy stops that, and nothing is missing.
const ofTheBrowser = (f) => !/Applying inline style|style-src-attr inline/.test(f);

test("a table is edited as a table while another types in it", async () => {
  const [a, b] = [salma.page, await openEditor(omar, draft.url)];
  await until(async () => (await editorText(b)).includes("/files/"), "the other to have the text");
  await caretAt(a, "الرخصة", 6);
  await caretAt(b, "أيام", 4);
  await Promise.all([
    b.keyboard.type(" عمل", { delay: 20 }),
    (async () => {
      await a.getByRole("button", { name: "عمود جديد" }).click();
      await a.keyboard.press("Tab");
      await a.keyboard.insertText("عاجل");
    })(),
  ]);
  const want = "| الخدمة Q-Flow |  | المدّة |\n| --- | --- | --- |\n| الرخصة | عاجل | ٣ أيام عمل |";
  await until(async () => (await editorText(a)).includes(want) && (await editorText(b)).includes(want), `both to hold the table\n${await editorText(a)}`);
  await caretAt(a, "عمل |", 0);
  await a.keyboard.press("Tab");
  await until(async () => (await editorText(a)).includes(`${want}\n|  |  |  |`), "a row behind the last");
  // Cells stand below each other.
  const ends = () => a.evaluate(() => [...document.querySelectorAll(".cm-line.md-table:not(.md-table-rule)")].slice(0, 2).map((l) => [...l.querySelectorAll(".cm-cell")].map((c) => Math.round(c.getBoundingClientRect().right))));
  await settles(ends, (edges) => {
    assert.equal(edges.length, 2);
    assert.equal(edges[0].length, 3);
    edges[0].forEach((x, i) => assert.ok(Math.abs(x - edges[1][i]) <= 12, JSON.stringify(edges)));
  });
});

test("[[ finds a guideline and links to it", async () => {
  const { page } = salma;
  const wanted = (await salma.api("GET", "/guidelines?limit=20")).items.find((g) => g.current && g.title.ar.includes("دليل"));
  await caretAt(page, "PDF مرفق مع الطلب", 17);
  await page.keyboard.type(" [[", { delay: 10 });
  await page.keyboard.insertText(wanted.title.ar.slice(0, 14));
  await page.locator(".cm-tooltip-autocomplete li", { hasText: wanted.title.ar }).first().click();
  await until(async () => (await editorText(page)).includes(`[${wanted.title.ar}](/guides/${wanted.id})`), "the link");
});

test("the keys are explained, and nothing broke the content security policy", async () => {
  const { page } = salma;
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+/");
  await page.getByRole("dialog").getByText("لصق بلا تنسيق").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.deepEqual(salma.faults.filter(ofTheBrowser), []);
  assert.deepEqual(omar.faults, []);
});

test("a text beyond the limits says in reading where it is, and leads there", async () => {
  const draft = await sharedDraft(salma, omar, `مقدمة.\n${"\nفقرة.\n".repeat(60)}\n${">".repeat(40)} عميق\n`);
  const page = await openEditor(salma, draft.url);
  await page.getByRole("radio", { name: "قراءة" }).or(page.getByRole("button", { name: "قراءة" })).first().click();
  const said = page.locator(".paper").getByRole("alert");
  await settles(() => said.innerText(), (s) => assert.match(s, /السطر ١٢٣: القوائم والاقتباسات متداخلة/));
  await becomes(() => page.locator(".paper").getByRole("button", { name: "إعادة المحاولة" }).count(), 0, "another try shows no more");
  await page.getByRole("button", { name: "الانتقال إلى السطر" }).click();
  const at = page.locator(".cm-line", { hasText: "عميق" });
  await at.waitFor();
  await page.keyboard.type("هنا");
  await settles(() => at.innerText(), (s) => assert.ok(s.startsWith("هنا"), "the caret is there"));
  salma.faults.splice(0, salma.faults.length, ...salma.faults.filter((f) => !/413/.test(f))); // the refusal, in the browser's own words
});

test("in an English page the count of matches stands clear of an Arabic word", async () => {
  const draft = await sharedDraft(salma, omar, "سطر عن الخدمة.\n");
  await salma.api("PATCH", "/me", { prefs: { locale: "en", digits: "latn", calendar: "gregory", theme: "auto" } });
  try {
    const page = await openEditor(salma, draft.url);
    await page.locator(".cm-content").press("Control+f");
    const field = page.locator('.cm-find input[main-field="true"]');
    await field.fill("الخدمة");
    // The padding is on the side where the count stands: a stylesheet that takes :dir() for a language has it on neither.
    const { pad, count } = await field.evaluate((el) => ({ pad: Number.parseFloat(getComputedStyle(el).paddingRight), count: el.parentElement.querySelector(".n").getBoundingClientRect().width }));
    assert.ok(pad > count, `${pad} px for a count of ${count} px`);
  } finally {
    await salma.api("PATCH", "/me", { prefs: { locale: "ar", digits: "arab", calendar: "hijri", theme: "auto" } });
  }
});

test("on a phone the tools of a table are one row that scrolls inside the page", async () => {
  const draft = await sharedDraft(salma, omar, "| أ | ب |\n| --- | --- |\n| ١ | ٢ |\n");
  const page = await openEditor(salma, draft.url);
  await page.setViewportSize({ width: 390, height: 844 });
  try {
    await page.locator(".cm-line").first().click();
    const tools = page.locator(".table-tools");
    await settles(() => tools.boundingBox(), (b) => assert.ok(b && b.x >= 0 && b.x + b.width <= 390 && b.height < 60, JSON.stringify(b)));
    for (const end of [tools.locator("button").first(), tools.locator("button").last()]) {
      await end.scrollIntoViewIfNeeded();
      await settles(() => end.boundingBox(), (b) => assert.ok(b && b.x >= 0 && b.x + b.width <= 390, JSON.stringify(b)));
    }
  } finally {
    await page.setViewportSize({ width: 1440, height: 900 });
  }
});
