import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, editorText, openEditor, person, settles, sharedDraft, startBrowser, startHub, until } from "./harness.mjs";

const text = "## الانتظار\n\nيُقاس زمن الانتظار كلَّ يوم.\n\nتُعرض كلمة الشبّاك على `زمن الانتظار`.\n";
let hub;
let browser;
let salma;
let omar;
let hassan;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  salma = await person(browser, hub, "salma@mun.gov.example");
  omar = await person(browser, hub, "omar@rta.gov.example");
  hassan = await person(browser, hub, "hassan@sec.gov.example");
});
after(async () => {
  for (const p of [salma, omar, hassan]) await p?.close();
  await browser?.close();
  await hub?.stop();
});

test("a discouraged word is underlined, explained and replaced; an approval shows in an open text", async () => {
  const draft = await sharedDraft(salma, omar, text);
  const page = await openEditor(salma, draft.url);
  const avoid = page.locator(".cm-term-avoid");
  await avoid.first().waitFor();
  await becomes(() => avoid.count(), 1, "prose only, never code");
  await avoid.first().hover();
  const tip = page.locator(".cm-term-tip");
  await tip.getByText("مدّة الانتظار").first().waitFor();
  await settles(() => tip.innerText(), (s) => assert.match(s, /الزمن من أخذ الرقم/));
  await tip.getByRole("button").click();
  await until(async () => (await editorText(page)).includes("يُقاس مدّة الانتظار كلَّ يوم"), "the word to be replaced");
  await becomes(() => page.locator(".cm-term-avoid").count(), 0);

  // Salma proposes a word; the secretariat approves it on its page; her open editor knows it at once.
  await salma.api("POST", "/terms", { words: { ar: "نافذة الخدمة", en: "service window" }, definition: { ar: "موضع يلقى فيه الموظّف المتعامل.", en: "" }, discouraged: [{ lang: "ar", text: "الشبّاك" }] });
  const office = hassan.page;
  await office.goto("/glossary");
  await office.getByRole("radio", { name: "المقترحة" }).click();
  const row = office.locator(".terms > li", { hasText: "نافذة الخدمة" });
  await row.getByRole("button", { name: "اعتماد" }).click();
  await office.getByRole("dialog").getByRole("button", { name: "اعتماد" }).click();
  await row.waitFor({ state: "detached" });
  await page.locator(".cm-term-avoid", { hasText: "الشبّاك" }).waitFor();

  // By the keyboard alone.
  await page.locator(".cm-term-avoid", { hasText: "الشبّاك" }).click();
  await page.keyboard.press("Control+.");
  await page.locator(".cm-term-tip button:focus").waitFor();
  await page.keyboard.press("Enter");
  await until(async () => (await editorText(page)).includes("كلمة نافذة الخدمة على"), "the word to be replaced by key");
  for (const p of [salma, hassan]) assert.deepEqual(p.faults, []);
});

test("what stands on the first row of a text is explained below it, clear of the toolbar", async () => {
  const draft = await sharedDraft(salma, omar, `يُقاس زمن الانتظار كلَّ يوم.\n${"\nفقرة.\n".repeat(40)}`);
  const page = await openEditor(salma, draft.url);
  const word = page.locator(".cm-term-avoid").first();
  const clear = async (box) => {
    const tools = await page.locator(".tools").boundingBox();
    return box !== null && box.y >= tools.y + tools.height && box.y + box.height < 900;
  };
  await word.hover();
  await until(async () => clear(await page.locator(".cm-term-tip").boundingBox()), "the definition to stand below the toolbar");
  await page.mouse.move(5, 5);
  await page.locator(".cm-term-tip").waitFor({ state: "detached" });
  await page.locator(".cm-content").press("Control+Home");
  await page.keyboard.type("[[");
  await until(async () => clear(await page.locator(".cm-tooltip-autocomplete").boundingBox()), "the list of guidelines to stand below the toolbar");
});

test("a word that another term uses is refused by name", async () => {
  await hassan.page.goto("/glossary");
  await hassan.page.getByRole("button", { name: "إضافة مصطلح" }).click();
  const dialog = hassan.page.getByRole("dialog");
  await dialog.getByLabel(/الكلمة المفضّلة.*العربية/).fill("الزَبون");
  await dialog.getByLabel(/الكلمة المفضّلة.*الإنجليزية/).fill("patron");
  await dialog.getByLabel(/التعريف.*العربية/).fill("تعريف");
  await dialog.getByRole("button", { name: "حفظ" }).click();
  await dialog.getByText("هذه الكلمة مستعملة في مصطلح آخر معتمد").waitFor();
});
