// How long the time slider takes from a move to the text of that moment, in a real browser, over a draft with 100,000 updates:
//   node scripts/time-slider.mjs [updates]      (after make build; the draft is written by go run ./bench/timeline)
//
// A move's time runs from the press of a key or the button of the pointer to the frame that shows the text of the version the
// thumb then stands on. While the thumb is dragged, what is measured is the time between two frames and whether the text
// keeps up, and after the last move how long the text is behind.
import { execFileSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startBrowser, startServer, until } from "../e2e/harness.mjs";

const updates = Number(process.argv[2] ?? 100_000);
const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))];
const say = (what, list) => console.log(`${what.padEnd(34)} p50 ${quantile(list, 0.5).toFixed(0)} ms, p95 ${quantile(list, 0.95).toFixed(0)} ms, most ${Math.max(...list).toFixed(0)} ms (${list.length})`);

const data = process.env.BENCH_DATA ?? (await mkdtemp(path.join(tmpdir(), "multaqa-slider-")));
if (!process.env.BENCH_DATA) console.log(execFileSync("go", ["run", "./bench/timeline", "-dir", data, "-updates", String(updates)], { cwd: path.resolve(import.meta.dirname, "../.."), encoding: "utf8" }).trim());
const hub = await startServer("serve", data);
const browser = await startBrowser();
try {
  const context = await browser.newContext({ baseURL: hub.base, locale: "ar-AE", viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto("/signin");
  const api = (method, url, body) =>
    page.evaluate(async ([m, u, b]) => {
      const res = await fetch(`/api/v1${u}`, { method: m, headers: { Accept: "application/json", ...(b ? { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() } : {}) }, body: b && JSON.stringify(b) });
      return res.json();
    }, [method, url, body]);
  await api("POST", "/session", { email: "writer0@bench.example", password: "a password of the benchmark 1" });
  const g = (await api("GET", "/guidelines")).items[0];
  const whole = await api("GET", `/guidelines/${g.id}`);
  const edition = whole.in_work?.id ?? whole.editions[0].id;
  const opened = performance.now();
  await page.goto(`/guidelines/${g.id}/editions/${edition}/history?view=text`);
  await page.locator(".hist-text[data-version]").waitFor();
  console.log(`opened with the text of the last version in ${(performance.now() - opened).toFixed(0)} ms`);
  await page.evaluate(() => {
    window.thumb = () => document.querySelector(".ts-thumb input");
    window.shown = () => document.querySelector(".hist-text")?.getAttribute("data-version");
    // Resolves in the frame that shows the text of the thumb's version.
    window.settled = (since) => new Promise((done) => {
      const look = () => (window.shown() === window.thumb().value ? done(performance.now() - since) : requestAnimationFrame(look));
      requestAnimationFrame(look);
    });
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, (e) => (window.moved = e.timeStamp), true);
  });
  const track = await page.locator(".ts-track").boundingBox();
  const at = (share) => ({ x: track.x + track.width * (1 - share), y: track.y + track.height / 2 });
  // Twenty places, near and far, in an order that never stays in one window.
  const places = Array.from({ length: 20 }, (_, i) => ((i * 7 + 3) % 20) / 20 + 0.02);
  for (const when of ["first", "again"]) {
    const took = [];
    for (const share of places) {
      const { x, y } = at(share);
      await page.mouse.click(x, y);
      took.push(await page.evaluate(() => window.settled(window.moved)));
    }
    say(`pointer, to any place, ${when}`, took);
    // By then the rest of the line has come by itself.
    await page.evaluate(() => new Promise((r) => requestIdleCallback(r)));
  }
  const keys = { "arrow, one update": ["ArrowLeft", "ArrowRight"], "Page Up and Page Down, a tenth": ["PageUp", "PageDown"], "Home and End": ["Home", "End"] };
  for (const [what, list] of Object.entries(keys)) {
    const took = [];
    await page.locator(".ts-thumb input").focus();
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press(list[Math.floor(i / 4) % list.length]);
      took.push(await page.evaluate(() => window.settled(window.moved)));
    }
    say(what, took);
  }
  // Dragged over the whole line in 120 steps, back and forth.
  await page.mouse.move(at(0.95).x, at(0.95).y);
  await page.mouse.down();
  await page.evaluate(() => {
    window.frames = [];
    window.going = true;
    let last = performance.now();
    let texts = 0;
    let before = window.shown();
    requestAnimationFrame(function tick(now) {
      window.frames.push(now - last);
      last = now;
      if (window.shown() !== before) texts++;
      before = window.shown();
      window.texts = texts;
      if (window.going) requestAnimationFrame(tick);
    });
  });
  for (let i = 0; i < 120; i++) {
    const { x, y } = at(0.95 - 0.9 * Math.abs(Math.sin((i / 120) * Math.PI)));
    await page.mouse.move(x, y);
    await new Promise((r) => setTimeout(r, 16));
  }
  const last = await page.evaluate(() => ((window.going = false), performance.now()));
  const behind = await page.evaluate((since) => window.settled(since), last);
  await page.mouse.up();
  say("dragging, between two frames", await page.evaluate(() => window.frames));
  console.log(`dragging: ${await page.evaluate(() => window.texts)} texts shown on the way; ${behind.toFixed(0)} ms behind at the end`);
  await until(() => page.evaluate(() => window.shown() === window.thumb().value), "the last text");
} finally {
  await browser.close();
  await hub.leave();
}
