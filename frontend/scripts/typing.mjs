// How long a large draft takes to open and a key takes to reach the screen, in the real browser, against a hub of its own:
//   node scripts/typing.mjs [--kb 500] [--keys 400] [--profile FILE] [--peer]
//
// Three times a key, all of them between its keydown event and the end of the frame that shows it. The frame rate limit is off.
//   clock   all of it. The compositor still asks for a frame up to ten milliseconds after the key, on any page;
//   frame   without that wait: the page answers the event and makes the frame, by the clock. Over 16 ms, a frame is missed;
//   work    what of it the page's main thread had the processor for, which other programs cannot add to. From a trace, so of other keys.
// --peer has a second person type into the same text meanwhile. --profile writes a .cpuprofile of the typing.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { openEditor, person, sharedDraft, startHub, until } from "../e2e/harness.mjs";
import { largeText } from "./large-text.mjs";

const { values: o } = parseArgs({ options: { kb: { type: "string", default: "500" }, keys: { type: "string", default: "400" }, profile: { type: "string" }, "profile-open": { type: "string" }, trace: { type: "string" }, peer: { type: "boolean", default: false }, json: { type: "boolean", default: false } } });
const text = largeText(Number(o.kb) * 1024);
const stats = (list) => {
  const s = [...list].sort((a, b) => a - b);
  const at = (p) => s[Math.min(s.length - 1, Math.floor(p * s.length))] ?? 0;
  return { n: s.length, p50: at(0.5), p95: at(0.95), max: s[s.length - 1] ?? 0 };
};
// Main-thread time of each key: from its keydown to the end of the frame that shows it, milliseconds.
function workOf(events) {
  const downs = events.filter((e) => e.name === "EventDispatch" && e.args?.data?.type === "keydown").sort((a, b) => a.ts - b.ts);
  if (downs.length === 0) return [];
  const { tid, pid } = downs[0];
  const commits = events.filter((e) => e.name === "Layerize" && e.tid === tid && e.pid === pid && e.tdur !== undefined).sort((a, b) => a.ts - b.ts);
  return downs.flatMap((d) => {
    const shown = commits.find((c) => c.ts >= d.ts + (d.dur ?? 0));
    return shown ? [(shown.tts + shown.tdur - d.tts) / 1000] : [];
  });
}
const ms = (x) => `${x.toFixed(1)} ms`;

const hub = await startHub();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu-vsync", "--disable-frame-rate-limit"] });
try {
  const salma = await person(browser, hub, "salma@mun.gov.example");
  const omar = await person(browser, hub, "omar@rta.gov.example");
  const { page } = salma;
  await salma.context.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((l) => window.longTasks.push(...l.getEntries().map((e) => e.duration))).observe({ type: "longtask", buffered: true });
  });
  const draft = await sharedDraft(salma, omar, text);
  // Once for the browser's cache, as it is for whoever comes back; the second opening is the one that counts.
  await openEditor(salma, draft.url);
  await page.goto("/account");
  const cdp = await salma.context.newCDPSession(page);
  await cdp.send("Profiler.enable");
  await cdp.send("Profiler.setSamplingInterval", { interval: 200 });
  if (o["profile-open"]) await cdp.send("Profiler.start");
  const began = Date.now();
  await page.goto(draft.url, { waitUntil: "commit" });
  await page.locator(".cm-content").waitFor();
  const seen = Date.now() - began;
  await page.locator('.cm-content[contenteditable="true"]').waitFor();
  await page.locator('[data-online="true"]').waitFor();
  const writable = Date.now() - began;
  // Quiet: the browser found an idle moment twice in a row.
  await page.evaluate(() => new Promise((r) => requestIdleCallback(() => requestIdleCallback(r))));
  const quiet = Date.now() - began;
  if (o["profile-open"]) writeFileSync(o["profile-open"], JSON.stringify((await cdp.send("Profiler.stop")).profile));
  const tasks = await page.evaluate(() => window.longTasks);

  await page.evaluate(() => {
    window.keys = [];
    const ends = new MessageChannel();
    let key = 0, began = 0, answered = 0, drawn = 0;
    ends.port1.onmessage = () => {
      const now = performance.now();
      window.keys.push({ clock: now - key, frame: answered - began + now - drawn });
    };
    addEventListener("keydown", (e) => {
      [key, began] = [e.timeStamp, performance.now()];
      requestAnimationFrame(() => {
        drawn = performance.now();
        ends.port2.postMessage(0);
      });
    }, { capture: true });
    // The last that happens of a key: whatever listens to it on the text has.
    addEventListener("beforeinput", () => void (answered = performance.now()));
  });
  let stopPeer = async () => {};
  if (o.peer) {
    await openEditor(omar, draft.url);
    await omar.page.locator(".cm-content").click();
    let going = true;
    const typing = (async () => {
      while (going) await omar.page.keyboard.type("كلام ", { delay: 60 });
    })();
    stopPeer = async () => {
      going = false;
      await typing;
    };
  }
  const letters = "وتُراجَع المدّة كل ستة أشهر ";
  const places = {};
  const tracing = await browser.newBrowserCDPSession();
  const trace = [];
  tracing.on("Tracing.dataCollected", (e) => trace.push(...e.value));
  if (o.profile) await cdp.send("Profiler.start");
  const press = async () => {
    for (let i = 0; i < Number(o.keys); i++) {
      const key = letters[i % letters.length];
      await cdp.send("Input.dispatchKeyEvent", { type: "keyDown", text: key, key, code: key === " " ? "Space" : "KeyD" });
      await cdp.send("Input.dispatchKeyEvent", { type: "keyUp", key, code: key === " " ? "Space" : "KeyD" });
      // About what a fast typist does, and no multiple of any timer.
      await page.waitForTimeout(47);
    }
    await until(() => page.evaluate((n) => window.keys.length >= n, Number(o.keys)), "the frames");
  };
  for (const [name, part] of [["start", 0.002], ["middle", 0.5], ["end", 0.998]]) {
    await page.evaluate((p) => {
      const view = document.querySelector(".cm-content").cmTile.root.view;
      const { doc } = view.state;
      // A paragraph near the place: the next line that opens with a letter.
      let line = doc.lineAt(Math.floor(doc.length * p));
      while (line.number < doc.lines && !/^\p{L}/u.test(line.text)) line = doc.line(line.number + 1);
      view.focus();
      view.dispatch({ selection: { anchor: line.to }, scrollIntoView: true });
    }, part);
    await page.evaluate(() => new Promise((r) => requestIdleCallback(() => requestIdleCallback(r))));
    await page.evaluate(() => void (window.keys.length = 0));
    await press();
    const timed = await page.evaluate(() => window.keys.splice(0));
    trace.length = 0;
    await tracing.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["devtools.timeline"] } });
    await press();
    const traced = new Promise((r) => tracing.once("Tracing.tracingComplete", r));
    await tracing.send("Tracing.end");
    await traced;
    places[name] = { clock: stats(timed.map((k) => k.clock)), frame: stats(timed.map((k) => k.frame)), work: stats(workOf(trace)) };
    if (o.trace) writeFileSync(`${o.trace}-${name}.json`, JSON.stringify(trace));
  }
  if (o.profile) writeFileSync(o.profile, JSON.stringify((await cdp.send("Profiler.stop")).profile));
  await stopPeer();
  const result = { bytes: Buffer.byteLength(text), characters: text.length, opening: { seen, writable, quiet, longTasks: tasks.map(Math.round) }, typing: places };
  if (o.json) console.log(JSON.stringify(result));
  else {
    console.log(`${(result.bytes / 1024).toFixed(0)} KB, ${text.split("\n").length} lines${o.peer ? ", another typing" : ""}`);
    console.log(`opening: text seen ${seen} ms, writable ${writable} ms, quiet ${quiet} ms; tasks over 50 ms: ${result.opening.longTasks.join(", ") || "none"}`);
    for (const [name, place] of Object.entries(places)) {
      for (const [what, s] of Object.entries(place)) console.log(`key to frame, ${name.padEnd(6)} ${what.padEnd(5)}  p50 ${ms(s.p50)}  p95 ${ms(s.p95)}  max ${ms(s.max)}  (${s.n} keys)`);
    }
  }
  for (const p of [salma, omar]) await p.close();
} finally {
  await browser.close();
  await hub.stop();
}
