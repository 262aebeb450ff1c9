import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, startHub, until } from "./harness.mjs";
import { payloads, seed, watched } from "./xss.helpers.mjs";

const vectors = payloads();
const skip = vectors ? false : "the shared corpus is not beside the repository; set MULTAQA_SHARED";

let hub;
let browser;
let world;

before(async () => {
  if (skip) return;
  hub = await startHub();
  world = await seed(hub, vectors);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await hub?.stop();
});

/** Visits the pages that `part` admits, a few at a time since each waits for its network to be quiet, and answers with what was noticed. */
async function walk(who, options, part) {
  const { open, context, seen } = await watched(browser, hub, who, options);
  const waiting = world.pages.filter(part);
  const shown = waiting.length;
  const tab = async () => {
    const page = await open();
    for (let at = waiting.shift(); at; at = waiting.shift()) await visit(page, at);
  };
  await Promise.all([tab(), tab(), tab()]);
  await context.close();
  return { shown, seen };
}

async function visit(page, at) {
  const res = await page.goto(at, { waitUntil: "load" });
  assert.ok(res.status() < 500, `${at}: ${res.status()}`);
  // The page is there when its main part is and nothing in it waits any more.
  await page.locator("main, [role=main]").first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .skeleton'));
  await page.waitForLoadState("networkidle");
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${at} is ${over} px wider than the window`);
  // Attacks that wait for a hand: what can be hovered, focused or opened without leaving the page.
  await page.evaluate(() => {
    for (const el of document.querySelectorAll("main *")) {
      for (const kind of ["mouseover", "mouseenter", "pointerenter", "focusin", "toggle", "animationend", "transitionend", "wheel"]) el.dispatchEvent(new Event(kind));
    }
    for (const el of document.querySelectorAll("details")) el.open = true;
    for (const a of document.querySelectorAll("a[href], form[action], [formaction]")) {
      const to = a.href ?? a.action;
      if (/^\s*(javascript|data|vbscript|blob|file):/i.test(String(to))) window.__report("ran", `a link to ${to}`);
    }
    for (const el of document.querySelectorAll("main *")) {
      for (const { name } of el.attributes) if (/^on/i.test(name)) window.__report("ran", `attribute ${name}`);
      if (/^(script|iframe|object|embed|base|meta|link|style)$/i.test(el.localName) && !el.closest(".cm-editor")) window.__report("ran", `element ${el.localName}`);
    }
  });
  assert.ok(page.url().startsWith(hub.base), `${at} led to ${page.url()}`);
}

// The secretariat sees every page; the others those that look otherwise to them.
const text = (at) => at.startsWith("/guides/") || at.includes("/editions/");
let texts = 0;
for (const [name, who, options, part] of [
  ["the secretariat", () => world.people.secretariat, {}, () => true],
  ["an agency's lead, in English", () => world.people.lead, { locale: "en-GB" }, (at) => !text(at)],
  ["a moderator", () => world.people.moderator, {}, (at) => !text(at)],
  ["a reader outside", () => null, {}, (at) => at.startsWith("/published") || at.startsWith("/invite/") || at.startsWith("/library") || at === "/signin" || at === "/setup" || (at.startsWith("/guides/") && texts++ < 4)],
]) {
  test(`attacks in every text do nothing on the pages of ${name}`, { skip }, async (t) => {
    const { shown, seen } = await walk(who(), options, part);
    t.diagnostic(`${shown} pages, ${seen.policy.length} policy violations, ${seen.errors.length} script errors, ${seen.foreign.length} foreign requests`);
    assert.deepEqual(seen, { dialogs: [], ran: [], policy: [], foreign: [], errors: [] });
  });
}

test("the watch notices an attack that works", { skip }, async () => {
  const { open, context, seen } = await watched(browser, hub, null);
  const page = await open();
  await page.goto("/published");
  await page.evaluate(() => {
    // Markup made of a string is refused by itself, which the watch is to notice too.
    try {
      document.body.insertAdjacentHTML("beforeend", '<img src="/nothing.png" onerror="window.__xss=1">');
    } catch {}
    const foreign = new Image();
    foreign.src = "https://attack.example/x.png";
    document.body.append(foreign);
    window.alert("ran");
    window.__xss = 1;
  });
  await until(() => seen.policy.length >= 2 && seen.ran.length >= 2, "the watch to report");
  await context.close();
});

test("the attacks were there", { skip }, (t) => {
  t.diagnostic(JSON.stringify({ ...world.kept, refused: world.refused, distinct: world.distinct, pages: world.pages.length }));
  assert.ok(world.distinct >= 60, `${world.distinct} different attacks beside the texts`);
  assert.equal(world.kept["guide text"] + world.refused.length, vectors.length);
  assert.ok(world.refused.length <= 5 && world.refused.every((c) => c.startsWith("markdown.")), `refused: ${world.refused}`);
  for (const place of ["person name", "agency name", "guideline title", "practice", "question", "reason of a vote", "thread", "comment", "flag", "revision name", "suggestion", "term"]) assert.ok(world.kept[place] > 0, `none as ${place}`);
});
