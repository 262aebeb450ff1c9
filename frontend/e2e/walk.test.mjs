/**
 * Every page of the application, as those who see the most and as a representative, under the content security policy:
 * nothing is violated and no script fails (writing and pasting are in editing.test.mjs). The pages come from the router itself, so a new one is walked or fails here.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { person, settled, startBrowser, startHub, until } from "./harness.mjs";

const routes = [...readFileSync(path.resolve(import.meta.dirname, "../src/app/routes.tsx"), "utf8").matchAll(/^\s+path: "([^"]+)"/gm)].map((m) => m[1]);

let hub;
let browser;
const people = {};
let addresses;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  people.secretariat = await person(browser, hub, "jawaher@sec.gov.example");
  people.representative = await person(browser, hub, "salma@mun.gov.example", { locale: "en-GB" });
  const { api, session } = people.representative;
  const list = (await api("GET", "/guidelines?limit=50")).items;
  const full = await Promise.all(list.filter((g) => g.in_work || g.current).slice(0, 12).map((g) => api("GET", `/guidelines/${g.id}`)));
  const editions = full.flatMap((g) => g.editions.map((e) => ({ g: g.id, ...e })));
  const work = editions.find((e) => e.state === "draft") ?? editions[0];
  const out = editions.find((e) => e.state === "published") ?? editions[0];
  const practices = (await api("GET", "/practices")).items;
  const ballots = (await api("GET", "/ballots")).items;
  const own = await api("GET", `/agencies/${session.agency.id}`);
  const invited = await people.secretariat.api("POST", `/agencies/${session.agency.id}/invitations`, { email: "walk@example.gov", name: { ar: "زائر", en: "Visitor" }, kind: "writer", roles: [] });
  const several = (items, n) => items.filter((x, i, all) => all.findIndex((y) => (y.stage ?? y.state) === (x.stage ?? x.state)) === i).slice(0, n).map((x) => x.id);
  addresses = {
    "/guidelines/$gid": [work, out].map((e) => `/guidelines/${e.g}`),
    "/guidelines/$gid/editions/$eid": [work, out].map((e) => `/guidelines/${e.g}/editions/${e.id}`),
    "/guidelines/$gid/editions/$eid/history": ["", "?view=text", "?view=credits"].map((q) => `/guidelines/${work.g}/editions/${work.id}/history${q}`),
    "/practices/$id": several(practices, 4).map((id) => `/practices/${id}`),
    "/ballots/$id": several(ballots, 4).map((id) => `/ballots/${id}`),
    "/agencies/$id": [`/agencies/${session.agency.id}`],
    "/seats/$id/handover": own.seats.filter((s) => s.kind === "principal").map((s) => `/seats/${s.id}/handover`).slice(0, 1),
    "/invite/$token": [new URL(invited.url).pathname],
    "/library": ["/library", "/library?q=%D8%AF%D9%84%D9%8A%D9%84"],
    "/setup": ["/setup", "/setup?token=none"],
  };
});
after(async () => {
  for (const p of Object.values(people)) await p.close();
  await browser?.close();
  await hub?.stop();
});

test("the router was read", () => {
  assert.ok(routes.length >= 20 && routes.includes("/") && routes.includes("/account"), `${routes}`);
});

for (const who of ["secretariat", "representative"]) {
  test(`no page violates the policy for the ${who}`, async (t) => {
    const { page, faults } = people[who];
    let opened = 0;
    for (const route of routes) {
      const list = addresses[route] ?? (route.includes("$") ? [] : [route]);
      assert.ok(list.length > 0, `${route} is a new page: give it an address here`);
      for (const at of list) {
        await page.goto(at);
        await settled(page);
        // What opens over a page: its menus and those of its head.
        const openers = page.locator("button[aria-haspopup]:visible:not([disabled])");
        for (let i = 0; i < Math.min(3, await openers.count()); i++) {
          await openers.nth(i).click();
          await page.locator('[role="menu"], [role="listbox"], [role="dialog"]').first().waitFor();
          await page.keyboard.press("Escape");
          await until(async () => (await page.locator('[role="menu"], [role="listbox"], [role="dialog"]').count()) === 0, `${at}: closed again`);
          opened++;
        }
        assert.deepEqual(faults, [], at);
      }
    }
    t.diagnostic(`${routes.length} routes, ${opened} menus and dialogs`);
  });
}

test("markup made of a string is refused, and so is another policy", async () => {
  const { page, faults } = people.representative;
  for (const at of ["/", "/published"]) {
    await page.goto(at);
    await settled(page);
    const said = await page.evaluate(() => {
      const out = {};
      for (const [name, attempt] of Object.entries({
        element: () => { document.createElement("div").innerHTML = "<p>a</p>"; },
        parser: () => new DOMParser().parseFromString("<p>a</p>", "text/html"),
        script: () => { document.createElement("script").src = "/x.js"; },
        policy: () => window.trustedTypes.createPolicy("other", { createHTML: (s) => s }),
        again: () => window.trustedTypes.createPolicy(location.pathname === "/" ? "hub" : "another", { createHTML: (s) => s }),
      })) {
        try {
          attempt();
          out[name] = "allowed";
        } catch {
          out[name] = "refused";
        }
      }
      return out;
    });
    assert.deepEqual(said, { element: "refused", parser: "refused", script: "refused", policy: "refused", again: "refused" }, at);
  }
  await until(() => faults.length >= 6, "the refusals to be reported");
});

test("a page whose code does not arrive says so under the header, and comes when it is asked for again", async () => {
  const salma = await person(browser, hub, "salma@mun.gov.example");
  const { page } = salma;
  await page.goto("/");
  await page.locator("main h1").first().waitFor();
  await page.context().setOffline(true);
  await page.locator('header a[href="/guidelines"]').click();
  await page.getByText("لا اتصال بالخادم").waitFor();
  await page.locator("header .nav").waitFor();
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "إعادة المحاولة" }).click();
  await page.getByRole("heading", { name: "الأدلة الإرشادية" }).waitFor();
  await salma.close();
});
