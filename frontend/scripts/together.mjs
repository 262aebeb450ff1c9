// How long a key and a comment of one person take to be seen by another, between two real browsers, against a hub of its own:
//   node scripts/together.mjs [--kb 200] [--writers 25] [--keys 200] [--comments 60]
//
// First the two alone, then among so many writers: the others are the application's own sessions without a screen, who type two letters a
// second each all over the text and whose lines are cut in turns. A key's time runs from its keydown event in one browser to the
// end of the frame that shows it in the other, a comment's from the moment it is sent. At the end all texts must be the same, and hold every letter that was typed.
import assert from "node:assert/strict";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "vite";
import { editorText, openEditor, person, sharedDraft, startBrowser, startHub, until } from "../e2e/harness.mjs";
import { largeText } from "./large-text.mjs";

const { values: o } = parseArgs({ options: { kb: { type: "string", default: "200" }, writers: { type: "string", default: "25" }, keys: { type: "string", default: "200" }, comments: { type: "string", default: "60" } } });
const [keys, comments, others] = [Number(o.keys), Number(o.comments), Number(o.writers) - 2];
const [mine, theirs] = ["\u0672", "\u0671"]; // letters that occur nowhere else
const stats = (list) => {
  const s = [...list].sort((a, b) => a - b);
  const at = (p) => s[Math.min(s.length - 1, Math.floor(p * s.length))].toFixed(0);
  return `p50 ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)}  max ${at(1)} ms  (${s.length})`;
};
const count = (text, letter) => text.split(letter).length - 1;

const out = await build({
  configFile: false, logLevel: "error", define: { "process.env.NODE_ENV": JSON.stringify("production") }, root: path.resolve(import.meta.dirname, ".."),
  build: { write: false, target: "es2022", lib: { entry: "scripts/crowd.ts", formats: ["iife"], name: "crowdOf" } },
});
const code = (Array.isArray(out) ? out[0] : out).output[0].code;

const hub = await startHub();
const browsers = [await startBrowser(), await startBrowser()];
try {
  const salma = await person(browsers[0], hub, "salma@mun.gov.example");
  const omar = await person(browsers[1], hub, "omar@rta.gov.example");
  const draft = await sharedDraft(salma, omar, `بداية النص\n\n${largeText(Number(o.kb) * 1024)}`);
  await openEditor(salma, draft.url);
  await openEditor(omar, draft.url);
  const now = "performance.timeOrigin + performance.now()";
  await salma.page.evaluate(`window.pressed = []; addEventListener("keydown", (e) => window.pressed.push(performance.timeOrigin + e.timeStamp), { capture: true })`);
  await omar.page.evaluate(`(() => {
    window.seen = []; window.said = new Map();
    const ends = new MessageChannel();
    let due = false;
    ends.port1.onmessage = () => {
      due = false;
      const at = ${now};
      for (let n = document.querySelector(".cm-line").textContent.split("${mine}").length - 1; window.seen.length < n;) window.seen.push(at);
      for (const m of document.body.textContent.matchAll(/ملاحظة رقم (\\d+)\\./g)) if (!window.said.has(m[1])) window.said.set(m[1], at);
    };
    new MutationObserver(() => {
      if (due) return;
      due = true;
      requestAnimationFrame(() => ends.port2.postMessage(0));
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  })()`);
  let said = 0;
  const type = async () => {
    await salma.page.evaluate(() => {
      const view = document.querySelector(".cm-content").cmTile.root.view;
      view.focus();
      view.dispatch({ selection: { anchor: view.state.doc.line(1).to }, scrollIntoView: true });
      window.pressed.length = 0;
    });
    const before = await omar.page.evaluate(() => window.seen.length);
    const cdp = await salma.context.newCDPSession(salma.page);
    for (let i = 0; i < keys; i++) {
      await cdp.send("Input.dispatchKeyEvent", { type: "keyDown", text: mine, key: mine, code: "KeyD" });
      await cdp.send("Input.dispatchKeyEvent", { type: "keyUp", key: mine, code: "KeyD" });
      await salma.page.waitForTimeout(130);
    }
    await until(() => omar.page.evaluate((n) => window.seen.length >= n, before + keys), "the keys on the other screen");
    const [pressed, seen] = [await salma.page.evaluate(() => window.pressed), await omar.page.evaluate((n) => window.seen.slice(n), before)];
    return stats(seen.map((at, i) => at - pressed[i]));
  };
  const comment = async () => {
    const sent = [];
    for (let i = 0; i < comments; i++) {
      const n = ++said;
      const body = { from: 2, to: 6, body: `ملاحظة رقم ${n}.`, kind: "general", blocking: false, mentions: [], audience: "network" };
      const { version } = await salma.api("GET", `/drafts/${draft.draft}/history`).then((h) => ({ version: h.head }));
      sent.push([n, await salma.page.evaluate(`${now}`)]);
      const thread = await salma.api("POST", `/drafts/${draft.draft}/threads`, { version, ...body });
      await until(() => omar.page.evaluate((k) => window.said.has(String(k)), n), `comment ${n} on the other screen`);
      // The margin draws what is in sight: the next one takes its place.
      await salma.api("POST", `/threads/${thread.id}/resolve`, { outcome: "noted", note: "" });
    }
    const seen = new Map(await omar.page.evaluate(() => [...window.said]));
    return stats(sent.map(([n, at]) => seen.get(String(n)) - at));
  };
  console.log(`two browsers, ${o.kb} KB: a key      ${await type()}`);
  console.log(`two browsers, ${o.kb} KB: a comment  ${await comment()}`);

  const crowds = [];
  for (const [email, n] of [["majed@mun.gov.example", Math.ceil(others / 2)], ["omar@rta.gov.example", Math.floor(others / 2)]]) {
    const p = await person(browsers[0], hub, email);
    await p.page.evaluate(code);
    await p.page.evaluate(([d, who, k]) => window.crowd.begin(d, who, k), [draft.draft, p.session.person.id, n]);
    crowds.push(p);
  }
  for (const p of crowds) await until(() => p.page.evaluate(() => window.crowd.ready()), "the other writers");
  for (const p of crowds) await p.page.evaluate((l) => window.crowd.go(l, 4000, 500, 2000), theirs);
  console.log(`${o.writers} writers, ${o.kb} KB: a key     ${await type()}`);
  console.log(`${o.writers} writers, ${o.kb} KB: a comment ${await comment()}`);
  let typed = 0;
  for (const p of crowds) typed += await p.page.evaluate(() => window.crowd.stop());
  for (const p of crowds) await until(() => p.page.evaluate(() => window.crowd.settled()), "the others to be saved");
  const texts = async () => new Set([await editorText(salma.page), await editorText(omar.page), ...(await Promise.all(crowds.map((p) => p.page.evaluate(() => window.crowd.texts())))).flat()]);
  await until(async () => (await texts()).size === 1, "one text everywhere");
  const [text] = await texts();
  assert.equal(count(text, theirs), typed, "letters of the others");
  assert.equal(count(text, mine), 2 * keys, "letters of the one");
  console.log(`all ${Number(o.writers)} texts are one; ${typed} letters of the others and ${2 * keys} of the one are in it, their lines cut every second`);
} finally {
  for (const b of browsers) await b.close();
  await hub.stop();
}
