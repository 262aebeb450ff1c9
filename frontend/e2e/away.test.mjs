import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { editorText, openEditor, person, saveState, sharedDraft, startBrowser, startHub, until } from "./harness.mjs";

// Every word is there once, so whatever is lost or doubled shows; they are cut out and put in whole.
const words = Array.from({ length: 1_200 }, (_, i) => `كلمة${i}`);
const start = Array.from({ length: 60 }, (_, i) => `${i % 10 === 0 ? `## القسم ${i}\n\n` : ""}${words.slice(i * 20, i * 20 + 20).join(" ")}`).join("\n\n") + "\n";
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
  draft = await sharedDraft(salma, omar, start);
  await Promise.all([openEditor(salma, draft.url), openEditor(omar, draft.url)]);
});
after(async () => {
  await salma?.close();
  await omar?.close();
  await browser?.close();
  await hub?.stop();
});

/** Cuts and puts in words all over the text, each its own edit; gives what was put in and what was taken out. */
const scatter = (page, edits, seed, name) =>
  page.evaluate(async ([n, first, mine]) => {
    const { view } = document.querySelector(".cm-content").cmTile.root;
    let state = first | 0;
    const below = (limit) => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return Math.floor(((state >>> 0) / 4294967296) * limit);
    };
    const put = [];
    const cut = [];
    for (let i = 0; i < n; i++) {
      const text = view.state.doc.toString();
      const all = [...text.matchAll(/(?<=^|[ \n])(كلمة|سلمى|عمر)\d+ /g)];
      const at = all[below(all.length)];
      if (i % 2 === 0) {
        const word = `${mine}${first + i}`;
        put.push(word);
        view.dispatch({ changes: { from: at.index, insert: `${word} ` }, userEvent: "input.type" });
      } else {
        cut.push(at[0].trim());
        view.dispatch({ changes: { from: at.index, to: at.index + at[0].length }, userEvent: "delete.backward" });
      }
      // Others' text comes in between, and the device keeps what there is by then.
      if (i % 10 === 9) await new Promise((r) => setTimeout(r));
    }
    return { put, cut };
  }, [edits, seed, name]);

const alone = async (p) => {
  p.line.cut();
  await until(async () => (await p.page.locator("[data-online]").getAttribute("data-online")) === "false", "the lost line to be noticed");
};

test("500 edits all over the text, a reload without a line and a duplicated tab: both are equal, nothing is lost or doubled", async () => {
  const done = [];
  await alone(salma);
  const [first, others] = await Promise.all([scatter(salma.page, 250, 10_000, "سلمى"), scatter(omar.page, 150, 20_000, "عمر")]);
  done.push(first, others);
  await until(async () => (await saveState(salma.page)) === "kept", "the first half to be kept on the device");
  // The hub is not there for a new page either. What the device keeps waits until it is.
  let warned = false;
  salma.page.on("dialog", (d) => {
    warned ||= d.type() === "beforeunload";
    d.accept().catch(() => {});
  });
  await assert.rejects(salma.page.reload(), /net::ERR_/);
  assert.ok(warned, "leaving warns");
  await until(() => salma.page.url().startsWith("chrome-error:"), "the page of the browser itself");
  salma.line.mend();
  await openEditor(salma, draft.url);
  await until(async () => (await editorText(omar.page)).includes(first.put.at(-1)), "the first half to arrive at the other");
  await until(async () => (await saveState(salma.page)) === "saved", "the first half to be saved");

  await alone(salma);
  done.push(...(await Promise.all([scatter(salma.page, 250, 30_000, "سلمى"), scatter(omar.page, 150, 40_000, "عمر")])));
  await until(async () => (await saveState(salma.page)) === "kept", "the second half to be kept on the device");
  salma.line.mend();
  const [twin] = await Promise.all([salma.context.waitForEvent("page"), salma.page.evaluate(() => void window.open(location.href))]);
  await twin.locator('.cm-content[contenteditable="true"]').waitFor();
  done.push(await scatter(twin, 20, 50_000, "سلمى"));
  const pages = [salma.page, twin, omar.page];
  for (const page of pages) await until(async () => (await saveState(page)) === "saved", "all to be saved");
  await until(async () => {
    const [a, b, c] = await Promise.all(pages.map(editorText));
    return a === b && b === c && done.every((d) => d.put.every((w) => a.includes(w) || done.some((e) => e.cut.includes(w))));
  }, "all three to be equal");

  const counts = new Map();
  for (const [word] of (await editorText(omar.page)).matchAll(/(كلمة|سلمى|عمر)\d+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const cut = new Set(done.flatMap((d) => d.cut));
  const wrong = [...words, ...done.flatMap((d) => d.put)].filter((w) => (counts.get(w) ?? 0) !== (cut.has(w) ? 0 : 1)).map((w) => `${w}: ${counts.get(w) ?? 0}`);
  assert.deepEqual(wrong, []);
  // A page that is opened now knows nothing else.
  await twin.close();
  const whole = await editorText(omar.page);
  await openEditor(salma, draft.url);
  assert.equal(await editorText(salma.page), whole);
  assert.deepEqual([salma.faults, omar.faults], [[], []]);
});
