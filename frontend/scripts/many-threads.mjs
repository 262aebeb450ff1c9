/**
 * Measures a draft with thousands of comments in a real browser: opening, scrolling, typing, and one comment more.
 *
 *   node scripts/many-threads.mjs [threads]      (after make build)
 */
import { openEditor, person, startBrowser, startHub, until } from "../e2e/harness.mjs";
import { largeText } from "./large-text.mjs";

const threads = Number(process.argv[2] ?? 5000);
const hub = await startHub();
const browser = await startBrowser();
const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))];
const ms = (n) => `${Math.round(n * 10) / 10} ms`;
try {
  const salma = await person(browser, hub, "salma@mun.gov.example");
  const text = largeText(200_000);
  const made = await salma.api("POST", "/guidelines", { title: { ar: "تعليقات كثيرة", en: "Many comments" }, summary: "قياس", language: "ar", kind: "agency", template: "free", text });
  const edition = made.draft_id ? made : await salma.api("GET", `/editions/${made.in_work?.id ?? made.editions[0].id}`);
  const url = `/guidelines/${made.guideline?.id ?? made.id}/editions/${edition.id}`;
  let next = 0;
  const began = performance.now();
  const comment = async (i) => {
    const from = Math.floor((i * (text.length - 100)) / threads);
    for (;;) {
      try {
        return await salma.api("POST", `/drafts/${edition.draft_id}/threads`, { version: 0, from, to: from + 12, kind: ["general", "technical", "editorial"][i % 3], body: `تعليق رقم ${i} على هذا الموضع من النص`, blocking: i % 50 === 0, mentions: [] });
      } catch (e) {
        if (!/429/.test(String(e))) throw e;
        await new Promise((r) => setTimeout(r, 500)); // the hub takes so many a minute of one person
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, async () => {
    while (next < threads) await comment(next++);
  }));
  console.log(`${threads} comments made in ${Math.round((performance.now() - began) / 1000)} s`);

  const t0 = performance.now();
  const page = await openEditor(salma, url);
  const shown = performance.now() - t0;
  await until(() => page.locator("[data-thread-card]").count(), "the first cards");
  console.log(`opened: text ${ms(shown)}, cards ${ms(performance.now() - t0)}, ${await page.locator("[data-card]").count()} cards drawn`);
  console.log(`list over the line: ${JSON.stringify(await page.evaluate(() => performance.getEntriesByType("resource").filter((e) => e.name.includes("/threads")).map((e) => ({ kb: Math.round(e.transferSize / 1024), of: Math.round(e.decodedBodySize / 1024), ms: Math.round(e.duration) }))))}`);

  const frames = await page.evaluate(async () => {
    const box = document.querySelector(".ed");
    const out = [];
    let last = performance.now();
    for (let i = 0; i < 90; i++) {
      box.scrollTop += 400;
      await new Promise(requestAnimationFrame);
      out.push(performance.now() - last);
      last = performance.now();
    }
    return out;
  });
  console.log(`scrolling: frame p50 ${ms(quantile(frames, 0.5))}, p95 ${ms(quantile(frames, 0.95))}`);

  await page.evaluate(() => {
    const view = document.querySelector(".cm-content").cmTile.root.view;
    view.focus();
    const pos = view.viewport.from + 40;
    view.dispatch({ selection: { anchor: pos } });
  });
  const keys = [];
  for (let i = 0; i < 60; i++) {
    keys.push(await page.evaluate(() => {
      const view = document.querySelector(".cm-content").cmTile.root.view;
      const t = performance.now();
      const at = view.state.selection.main.head;
      view.dispatch({ changes: { from: at, insert: "م" }, selection: { anchor: at + 1 }, userEvent: "input.type" });
      document.body.offsetHeight;
      return performance.now() - t;
    }));
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  console.log(`typing: work of a key p50 ${ms(quantile(keys, 0.5))}, p95 ${ms(quantile(keys, 0.95))}`);
} finally {
  await browser.close();
  await hub.stop();
}
