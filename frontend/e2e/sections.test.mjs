import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, caretAfter, editorText, openEditor, person, saveState, sharedDraft, startBrowser, startHub, typeDate, until } from "./harness.mjs";

const text = "# دليل\n\nمقدّمة الدليل.\n\n## النطاق\n\nنص النطاق.\n\n## الأحكام\n\nنص الأحكام.\n";
let hub;
let browser;
let salma;
let omar;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  salma = await person(browser, hub, "salma@mun.gov.example");
  omar = await person(browser, hub, "omar@rta.gov.example");
});
after(async () => {
  await salma?.close();
  await omar?.close();
  await browser?.close();
  await hub?.stop();
});

test("a section is given to an agency, kept from the others on screen and server, finished and given back", async () => {
  const draft = await sharedDraft(salma, omar, text);
  const [a, b] = await Promise.all([openEditor(salma, draft.url), openEditor(omar, draft.url)]);
  await a.getByRole("button", { name: "قسم «الأحكام»: الإسناد" }).focus();
  await a.keyboard.press("Enter");
  await a.getByRole("menuitem", { name: "إسناد القسم" }).click();
  const dialog = a.getByRole("dialog");
  await dialog.getByLabel("الجهة").selectOption(omar.session.agency.id);
  await typeDate(dialog, "موعد الإنجاز", "01052031");
  await dialog.getByRole("button", { name: "حفظ" }).click();
  await dialog.waitFor({ state: "detached" });
  await a.locator(".cm-kept-tag").waitFor();
  await b.locator(".cm-kept-tag.mine").waitFor();

  // The editor holds Salma back and says why; beside the section she goes on.
  await caretAfter(a, "نص الأحكام");
  await a.keyboard.type("زيادة");
  await a.getByText(/هذا القسم مسند إلى/).first().waitFor();
  await becomes(() => editorText(a), text);
  await caretAfter(a, "مقدّمة الدليل");
  await a.keyboard.type(" تمهيد");
  await caretAfter(b, "نص الأحكام");
  await b.keyboard.type(" كتبته جهته");
  await until(async () => (await editorText(a)).includes("نص الأحكام. كتبته جهته") && (await editorText(b)).includes("تمهيد"), "both to see both");
  await until(async () => (await saveState(a)) === "saved" && (await saveState(b)) === "saved", "both to be saved");

  // Suggesting there is open to Salma; taking it in is for Omar's agency.
  await a.getByRole("radio", { name: "اقتراح" }).click();
  await caretAfter(a, "نص الأحكام");
  await a.keyboard.type(" مقترحة");
  const suggested = async () => (await omar.api("GET", `/drafts/${draft.draft}/suggestions`)).items.filter((x) => x.state === "open");
  await until(async () => (await suggested()).length === 1, "the suggestion to arrive");
  const [{ id }] = await suggested();
  await assert.rejects(salma.api("POST", `/suggestions/${id}/accept`, {}), (e) => e.data.code === "draft.section");
  await omar.api("POST", `/suggestions/${id}/accept`, {});
  await until(async () => (await editorText(b)).includes(" مقترحة"), "what was accepted to be in the text");
  await a.getByRole("radio", { name: "تحرير" }).click();

  // It is a duty of Omar's agency until it is finished.
  const duties = async () => (await omar.api("GET", "/desk")).mine.filter((i) => i.kind === "section.write" && i.url.includes(draft.edition));
  await becomes(async () => (await duties()).length, 1);
  // The desk leads to the section, not to the beginning of the text.
  await b.goto((await duties())[0].url);
  await becomes(() => b.evaluate(() => getSelection().anchorNode?.parentElement?.closest(".cm-line")?.textContent.includes("الأحكام")), true);
  await b.getByRole("button", { name: "قسم «الأحكام»: الإسناد" }).focus();
  await b.keyboard.press("Enter");
  await b.getByRole("menuitem", { name: "إتمام القسم" }).click();
  await until(async () => (await duties()).length === 0, "the duty to be done");

  // Taken back, it is everybody's at once.
  await a.getByRole("button", { name: "قسم «الأحكام»: الإسناد" }).focus();
  await a.keyboard.press("Enter");
  await a.getByRole("menuitem", { name: "إنهاء الإسناد" }).click();
  await a.locator(".cm-kept-tag").waitFor({ state: "detached" });
  await caretAfter(a, "كتبته جهته");
  await a.keyboard.type(" وغيرها");
  await until(async () => (await editorText(b)).includes("مقترحة وغيرها"), "the text to arrive");
  for (const p of [salma, omar]) assert.deepEqual(p.faults, []);
});

/** Pushes one insertion over a socket of its own, as a client that the editor does not hold back: what the hub answered. */
const push = (p, draft, before, words) =>
  p.page.evaluate(
    ([id, place, insert]) =>
      new Promise((resolve, reject) => {
        const uv = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...uv(n >> 7)]);
        const ws = new WebSocket(`${location.origin.replace("http", "ws")}/api/v1/live`, "multaqa.v1");
        ws.binaryType = "arraybuffer";
        const answer = (said) => {
          ws.close();
          resolve(said);
        };
        ws.onclose = (e) => reject(new Error(`closed ${e.code}`));
        ws.onmessage = (e) => {
          if (typeof e.data !== "string") return new Uint8Array(e.data)[0] === 2 && answer("accepted");
          const m = JSON.parse(e.data);
          if (m.t === "hello") ws.send(JSON.stringify({ t: "open", draft: id }));
          if (m.t === "opened") {
            const bytes = [...new TextEncoder().encode(insert)];
            const at = m.text.indexOf(place);
            ws.send(new Uint8Array([1, ...uv(m.draft), ...uv(m.version), ...uv(m.text.length), 1, 1, 2, ...uv(at * 4), ...uv(bytes.length * 4 + 2), ...bytes]));
          }
          if (m.t === "rejected" || m.t === "denied") answer(m.code);
        };
      }),
    [draft, before, words],
  );

test("a section past its day says so to both agencies; the hub refuses what a socket pushes into it", async () => {
  const draft = await sharedDraft(salma, omar, text);
  const [a, b] = await Promise.all([openEditor(salma, draft.url), openEditor(omar, draft.url)]);
  const { version } = await salma.api("GET", `/drafts/${draft.draft}/sections`);
  const given = await salma.api("POST", `/drafts/${draft.draft}/sections`, { version, from: text.indexOf("## الأحكام"), agency: omar.session.agency.id, due_at: "2024-05-01T12:00:00Z", note: "" });
  for (const p of [a, b]) await p.locator(".cm-kept-tag.late", { hasText: "تأخّر" }).waitFor();
  const owed = (await omar.api("GET", "/desk")).mine.find((i) => i.kind === "section.write" && i.url.includes(draft.edition));
  assert.ok(Date.parse(owed.due_at) < Date.now());

  assert.equal(await push(salma, draft.draft, "نص الأحكام", "دخيل "), "draft.section");
  assert.equal(await push(salma, draft.draft, "مقدّمة الدليل", "هنا: "), "accepted", "beside the section the same push is in order");
  assert.equal(await push(omar, draft.draft, "نص الأحكام", "صاحبه: "), "accepted", "and in it for whom it is given to");
  await becomes(() => editorText(a), text.replace("مقدّمة", "هنا: مقدّمة").replace("نص الأحكام", "صاحبه: نص الأحكام"));

  // Finished, it is late no longer.
  await omar.api("POST", `/sections/${given.id}/done`, { done: true });
  for (const p of [a, b]) await p.locator(".cm-kept-tag", { hasText: "أُتمّ" }).waitFor();
  for (const p of [a, b]) await becomes(() => p.locator(".cm-kept-tag.late").count(), 0);
  for (const p of [salma, omar]) assert.deepEqual(p.faults, []);
});
