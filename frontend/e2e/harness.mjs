/**
 * What the browser tests stand on: a hub of its own on a free port with the demo network in a fresh folder, a browser,
 * and for each person a context behind a line that can be cut.
 *
 * MULTAQA_SLOW=1 (`make test-e2e-slow`) makes the machine slow: every page has a quarter of the processor's speed, and whatever
 * the hub sends arrives up to 300 ms later, each piece by a delay of its own, seeded by MULTAQA_SEED. A read that comes before
 * the page has settled fails there; it is to wait for what it reads, never for a time.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

const server = process.env.MULTAQA_SERVER ?? path.resolve(import.meta.dirname, "../../bin/server");
const browserPath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((p) => existsSync(p));

const slow = process.env.MULTAQA_SLOW === "1" ? { cpu: 4, delay: 300 } : null;

/** How long anything is waited for, in milliseconds. It is paid only by a test that fails, so a starved machine gets a lot. */
export const patience = 120_000;

/** A number from 0 to 1, the same series in each run with one seed (mulberry32). */
const chance = ((state) => () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
})(Number(process.env.MULTAQA_SEED ?? 1));

function freePort() {
  return new Promise((resolve, reject) => {
    const s = net.createServer();
    s.on("error", reject);
    s.listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

/**
 * Starts a hub with the demo network, or an empty one ("serve"); `stop` ends it and removes its folder. The demo network
 * is copied from the folder MULTAQA_SEEDED, if that is set (`make test-e2e` seeds once for all files), and made anew otherwise.
 */
export async function startHub(command = "demo") {
  const data = await mkdtemp(path.join(tmpdir(), "multaqa-e2e-"));
  if (command === "demo" && process.env.MULTAQA_SEEDED) await cp(process.env.MULTAQA_SEEDED, data, { recursive: true });
  return startServer(command, data);
}

/** Starts the server on a folder; `leave` ends it and keeps the folder, `kill` does not let it finish anything. */
export async function startServer(command, data, env = {}) {
  const own = await freePort();
  const front = slow && (await startLine(slow.delay, own));
  const port = front ? Number(new URL(front.base).port) : own;
  const child = spawn(server, [command], {
    env: { ...process.env, MULTAQA_ADDR: `127.0.0.1:${own}`, MULTAQA_BASE_URL: `http://127.0.0.1:${port}`, MULTAQA_DEBUG_ADDR: "off", MULTAQA_DATA: data, MULTAQA_DATABASE_URL: "", MULTAQA_REDIS_URL: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stdout.on("data", (b) => (log += b));
  child.stderr.on("data", (b) => (log += b));
  let exited = null;
  child.on("exit", (code) => {
    exited = code ?? -1;
    front?.stop();
  });
  const base = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (exited !== null) throw new Error(`the hub ended with ${exited}:\n${log.slice(-2000)}`);
    return (await fetch(`${base}/readyz`).catch(() => null))?.ok;
  }, "the hub to be ready");
  return {
    base,
    port,
    log: () => log,
    async leave() {
      if (exited !== null) return;
      const gone = new Promise((resolve) => child.on("exit", resolve));
      child.kill("SIGTERM");
      await gone;
    },
    kill: () => child.kill("SIGKILL"),
    async stop() {
      await this.leave();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Waits for a condition and gives what it gave; it decides the tests, never a fixed time. `what` names it where it does not come. */
export async function until(condition, what = "a condition") {
  const end = Date.now() + patience;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${patience} ms for ${what}`);
    await new Promise((r) => setTimeout(r, 25));
  }
}

/**
 * Waits until what is read satisfies an assertion, and gives it: `await settles(() => rows.count(), (n) => assert.equal(n, 3))`.
 * A page shows what came of an act some time after it; the assertion is that it does, and its own words say what stood there instead.
 */
export async function settles(read, check) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await read();
    try {
      check(value);
      return value;
    } catch (e) {
      if (Date.now() > end) throw e;
    }
    await new Promise((r) => setTimeout(r, 25));
  }
}

/** Waits until what is read equals what is wanted. */
export const becomes = (read, want, what) => settles(read, (now) => assert.deepEqual(now, want, what));

/** Waits until a page of the application is there and nothing in it is still being fetched. */
export async function settled(page) {
  await page.locator("main, [role=main]").first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .skeleton'));
}

/**
 * A line to the hub that can be cut like a cable: open connections die, new ones are refused. With several nodes it leads to the
 * first that answers, as a proxy does. What comes from the hub is held back by up to `delay` milliseconds, in its order.
 */
async function startLine(delay, ...nodes) {
  const open = new Set();
  let cut = false;
  const s = net.createServer((near) => {
    if (cut) return near.destroy();
    const lead = ([port, ...others]) => {
      const far = net.connect(port, "127.0.0.1");
      let reached = false;
      let due = 0; // when the last piece is handed on
      const waiting = []; // nothing overtakes another piece, whichever clock rings first
      const later = (act) => {
        waiting.push(act);
        due = Math.max(due, Date.now() + chance() * delay);
        setTimeout(() => waiting.shift()(), due - Date.now());
      };
      open.add(near).add(far);
      const end = () => {
        open.delete(far);
        if (!reached && others.length > 0 && !near.destroyed && !cut) {
          near.off("error", end).off("close", end);
          return lead(others);
        }
        near.destroy();
        far.destroy();
        open.delete(near);
      };
      near.on("error", end).on("close", end);
      far.on("error", () => {}).on("close", () => (reached && delay > 0 && !cut ? later(() => near.end(end)) : end()));
      far.on("connect", () => {
        reached = true;
        near.pipe(far);
        if (delay === 0) return far.pipe(near);
        far.on("data", (piece) => later(() => near.write(piece)));
      });
    };
    lead(nodes);
  });
  await new Promise((resolve) => s.listen(0, "127.0.0.1", resolve));
  s.unref(); // a test that fails before it closes its people must not keep the process
  return {
    base: `http://127.0.0.1:${s.address().port}`,
    cut() {
      cut = true;
      for (const c of open) c.destroy();
    },
    mend() {
      cut = false;
    },
    stop() {
      cut = true;
      for (const c of open) c.destroy();
      s.close();
    },
  };
}

export async function startBrowser() {
  const browser = await chromium.launch({ executablePath: browserPath, timeout: patience, args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost, EXCLUDE 127.0.0.1"] });
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    context.setDefaultTimeout(patience);
    if (!slow) return context;
    const newPage = context.newPage.bind(context);
    context.newPage = async () => {
      const page = await newPage();
      const wires = await context.newCDPSession(page);
      await wires.send("Emulation.setCPUThrottlingRate", { rate: slow.cpu });
      return page;
    };
    return context;
  };
  return browser;
}

/** Signs a person in behind a line of their own. Violations of the content security policy and script errors are kept. */
export async function person(browser, hub, email, options = {}) {
  const line = await startLine(0, ...(hub.ports ?? [hub.port]));
  const context = await browser.newContext({ baseURL: line.base, locale: "ar-AE", viewport: { width: 1440, height: 900 }, ...options });
  const faults = [];
  context.on("page", (page) => {
    page.on("pageerror", (e) => faults.push(`error: ${e.message}`));
    page.on("console", (m) => {
      if (m.type() === "error" && /Content Security Policy|Refused to/i.test(m.text())) faults.push(`policy: ${m.text()}`);
    });
  });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (e) => console.error(`Content Security Policy: ${e.violatedDirective} ${e.blockedURI}`));
  });
  const page = await context.newPage();
  await page.goto("/signin");
  const api = async (method, url, body) => {
    const out = await page.evaluate(
      async ([m, u, b]) => {
        const res = await fetch(`/api/v1${u}`, {
          method: m,
          headers: { Accept: "application/json", ...(b === undefined ? {} : { "Content-Type": "application/json" }), ...(m === "GET" ? {} : { "Idempotency-Key": crypto.randomUUID() }) },
          body: b === undefined ? undefined : JSON.stringify(b),
        });
        const text = await res.text();
        return { status: res.status, data: text ? JSON.parse(text) : null };
      },
      [method, url, body],
    );
    if (out.status >= 400) throw Object.assign(new Error(`${method} ${url}: ${out.status} ${JSON.stringify(out.data)}`), out);
    return out.data;
  };
  const { demo } = await api("GET", "/session");
  const session = await api("POST", "/session", { email, password: demo.password });
  return {
    email, page, context, line, faults, api, session,
    async close() {
      await context.close();
      line.stop();
    },
  };
}

/** A draft that two people of two agencies may both write, made in a joint workspace of theirs. */
export async function sharedDraft(a, b, text) {
  const agencies = [a.session.agency.id, b.session.agency.id];
  const workspace = await a.api("POST", "/workspaces", { name: { ar: `مساحة ${Date.now()}`, en: `Space ${Date.now()}` }, agencies });
  const made = await a.api("POST", "/guidelines", {
    title: { ar: "دليل التجربة", en: "Trial guideline" }, summary: "نص للتجربة", language: "ar", kind: "agency", workspace_id: workspace.id, template: "free", text,
  });
  const guideline = made.guideline?.id ?? made.id;
  const edition = made.draft_id ? made : await a.api("GET", `/editions/${made.in_work?.id ?? made.editions[0].id}`);
  return { guideline, edition: edition.id, draft: edition.draft_id, url: `/guidelines/${guideline}/editions/${edition.id}` };
}

/** A draft of one agency that the whole network may see, comment on and suggest to. */
export async function networkDraft(by, title, text) {
  const made = await by.api("POST", "/guidelines", { title, summary: "نص للتجربة", language: "ar", kind: "agency", template: "free", text });
  const guideline = made.guideline?.id ?? made.id;
  await by.api("PUT", `/guidelines/${guideline}/visibility`, { to: "network" });
  const edition = made.draft_id ? made : await by.api("GET", `/editions/${made.in_work?.id ?? made.editions[0].id}`);
  return { id: edition.draft_id, url: `/guidelines/${guideline}/editions/${edition.id}` };
}

/** Selects a text in the editor, as dragging over it would. */
export function select(page, text) {
  return page.evaluate((t) => {
    const view = document.querySelector(".cm-content").cmTile.root.view;
    const at = view.state.doc.toString().indexOf(t);
    if (at < 0) throw new Error(`${t} is not there`);
    view.focus();
    view.dispatch({ selection: { anchor: at, head: at + t.length } });
  }, text);
}

/** Types a date into its field, as a person does: day, month, year and what follows, one digit after the other. */
export async function typeDate(form, label, digits) {
  await form.getByRole("group", { name: label, exact: true }).getByRole("spinbutton").first().focus();
  await form.page().keyboard.type(digits);
}

/** Opens an edition and waits until its text can be written. */
export async function openEditor(p, url) {
  await p.page.goto(url);
  await p.page.locator('.cm-content[contenteditable="true"]').waitFor();
  await p.page.locator('[data-online="true"]').waitFor();
  return p.page;
}

/** The whole text of the editor, also of lines that are not on the screen. */
export async function editorText(page) {
  await page.locator(".cm-content").first().waitFor({ state: "attached" });
  return page.evaluate(() => document.querySelector(".cm-content").cmTile.root.view.state.doc.toString());
}

/** What the foot of the page says of the text's safety. */
export async function saveState(page) {
  return page.locator("[data-save]").getAttribute("data-save");
}

/** Puts the caret at the end of the line that holds a text. */
export async function caretAfter(page, text) {
  await page.locator(".cm-line", { hasText: text }).first().click();
  await page.keyboard.press("End");
}
