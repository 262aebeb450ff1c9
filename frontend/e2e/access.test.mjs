/**
 * The screens of the application, as axe sees them: nothing that keeps anybody from reading or working with them, in Arabic
 * and English, light and dark. The published pages, the forms of an edition's steps and the moderator's queue at work have their
 * own (published, steps, ballots, moderation).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { becomes, caretAfter, networkDraft, openEditor, person, saveState, settled, startBrowser, startHub, until } from "./harness.mjs";

let hub;
let browser;
const people = {};
const at = {}; // addresses of what the screens show

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  [people.salma, people.omar, people.jawaher] = await Promise.all(["salma@mun", "omar@rta", "jawaher@sec"].map((who) => person(browser, hub, `${who}.gov.example`)));
  const context = await browser.newContext({ baseURL: hub.base, locale: "ar-AE", viewport: { width: 1440, height: 900 } });
  people.nobody = { page: await context.newPage(), faults: [], close: () => context.close() };
  const { salma, jawaher } = people;
  const draft = await networkDraft(salma, { ar: "دليل للجميع", en: "A guide for all" }, "# دليل\n\n## القسم\n\nنص القسم مع [رابط](https://example.gov).\n\n- [ ] بند\n\n| الخدمة | المدّة |\n| --- | --- |\n| الرخصة | يوم |\n");
  const say = (from, body, more = {}) => salma.api("POST", `/drafts/${draft.id}/threads`, { version: 0, from, to: from + 3, body, kind: "general", blocking: false, mentions: [], audience: "network", ...more });
  await say(8, "تعليق ملزم", { blocking: true });
  const thread = await say(17, "تعليق مفتوح", { proposal: "صياغة" });
  // A history has something to show once somebody has written.
  await openEditor(salma, draft.url);
  await caretAfter(salma.page, "بند");
  await salma.page.keyboard.type(" المكتوب");
  await until(async () => (await saveState(salma.page)) === "saved" && (await salma.api("GET", `/drafts/${draft.id}/history`)).head > 0, "what was typed to be in the history");
  const ballots = (await salma.api("GET", "/ballots")).items;
  const practices = (await salma.api("GET", "/practices")).items;
  const invited = await jawaher.api("POST", `/agencies/${salma.session.agency.id}/invitations`, { email: "reader@mun.gov.example", name: { ar: "زائر", en: "Visitor" }, kind: "writer", roles: [] });
  Object.assign(at, {
    editor: draft.url, comment: `${draft.url}?thread=${thread.id}`, history: `${draft.url}/history`, guideline: draft.url.split("/editions/")[0],
    open: `/ballots/${ballots.find((b) => b.state === "open").id}`, result: `/ballots/${ballots.find((b) => b.state === "certified").id}`,
    practice: `/practices/${practices.find((p) => p.stage === "piloting").id}`, members: `/agencies/${salma.session.agency.id}`, invite: new URL(invited.url).pathname,
  });
});
after(async () => {
  for (const p of Object.values(people)) await p.close();
  await browser?.close();
  await hub?.stop();
});

// Who looks at what, in which light, and what is there once the screen is.
const screens = [
  ["sign-in", "nobody", () => "/signin", "light", "form"],
  ["first run: an invitation", "nobody", () => at.invite, "dark", "form"],
  ["first run: welcome", "omar", () => "/welcome", "dark", "main h1"],
  ["desk", "salma", () => "/", "light", ".ruler"],
  ["workspace", "omar", () => "/guidelines", "dark", "main h1"],
  ["a guideline", "omar", () => at.guideline, "light", "main h1"],
  ["editor", "salma", () => at.editor, "dark", '.cm-content[contenteditable="true"]'],
  ["a comment", "omar", () => at.comment, "light", "[data-thread-card][aria-current]"],
  ["history", "salma", () => at.history, "light", ".hist-d"],
  ["an open ballot", "omar", () => at.open, "dark", "h1"],
  ["a result", "salma", () => at.result, "light", ".hash"],
  ["a practice", "salma", () => at.practice, "dark", "h1"],
  ["library", "salma", () => "/library", "dark", "main h1"],
  ["members of an agency", "salma", () => at.members, "light", ".seatlist > li"],
  ["moderation", "jawaher", () => "/secretariat", "light", "main h1"],
  ["settings", "omar", () => "/account", "dark", ".seslist > li"],
];

test("omar reads English, the others Arabic", async () => {
  const { omar } = people;
  await omar.api("PATCH", "/me", { prefs: { ...omar.session.person.prefs, locale: "en" } });
  await omar.page.evaluate(() => localStorage.setItem("lang", "en"));
});

for (const [name, who, address, colorScheme, there] of screens) {
  test(`${name}: axe finds nothing, ${who === "omar" ? "English" : "Arabic"}, ${colorScheme}`, async () => {
    const { page, faults } = people[who];
    await page.emulateMedia({ colorScheme });
    await page.goto(address());
    await page.locator(there).first().waitFor();
    await settled(page);
    await becomes(() => page.locator("html").getAttribute("lang"), who === "omar" ? "en" : "ar");
    // One page without frames: there is nothing to gather from elsewhere.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    assert.deepEqual(violations.map((v) => `${v.impact} ${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target} ${n.html.slice(0, 120)}`).join(" | ")}`), []);
    assert.deepEqual(faults, []);
    await page.setViewportSize({ width: 390, height: 844 });
    await narrow(page, name);
    await page.setViewportSize({ width: 1440, height: 900 });
  });
}

const narrow = (page, name) => becomes(() => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)), 0, `${name} is wider than a phone`);

test("on an English phone nobody has to scroll sideways to sign in", async () => {
  const context = await browser.newContext({ baseURL: hub.base, locale: "en-GB", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  for (const path of ["/signin", at.invite]) {
    await page.goto(path);
    await page.locator("form").first().waitFor();
    await becomes(() => page.locator("html").getAttribute("lang"), "en");
    await narrow(page, path);
  }
  await context.close();
});
