import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { person, startBrowser, startHub, until } from "./harness.mjs";

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

const words = { for: "موافق", abstain: "ممتنع" };

// Through the form of the page: choice, reason, then the question that cannot be skipped.
async function cast(p, choice) {
  const form = p.page.locator("#my-vote");
  await form.getByText(words[choice], { exact: true }).first().click();
  await form.getByRole("textbox").first().fill("لأن التجربة في مراكزنا أثبتت جدواها.");
  await form.locator("button[type=submit]").click();
  await p.page.getByRole("alertdialog").locator(".btn.primary").click();
}

test("two agencies vote in the browser, the page of the one hears of the other, and the tally is theirs", async () => {
  const { items } = await salma.api("GET", "/ballots?state=open");
  let ballot = null;
  for (const b of items) {
    const [x, y] = await Promise.all([salma.api("GET", `/ballots/${b.id}`), omar.api("GET", `/ballots/${b.id}`)]);
    if (x.abilities["ballot.cast"] && y.abilities["ballot.cast"]) {
      ballot = x;
      break;
    }
  }
  assert.ok(ballot, "the demo network has an open ballot that both agencies may vote in");
  await Promise.all([salma.page.goto(`/ballots/${ballot.id}`), omar.page.goto(`/ballots/${ballot.id}`)]);
  await cast(salma, "for");
  await until(async () => (await salma.api("GET", `/ballots/${ballot.id}`)).mine?.choice === "for", "the first vote to be recorded");
  // The other page hears of it over the socket and reads the ballot again.
  const heard = salma.page.waitForResponse((r) => r.request().method() === "GET" && new URL(r.url()).pathname.endsWith(`/ballots/${ballot.id}`));
  await cast(omar, "abstain");
  await heard;
  const done = await until(async () => {
    const b = await omar.api("GET", `/ballots/${ballot.id}`);
    return b.mine?.choice === "abstain" && b;
  }, "the second vote to be recorded");
  const votes = done.electorate.filter((e) => e.choice);
  assert.equal(done.tally.for, votes.filter((e) => e.choice === "for").length);
  assert.equal(done.tally.abstain, votes.filter((e) => e.choice === "abstain").length);
  assert.equal(votes.filter((e) => [salma, omar].some((p) => p.session.agency.id === e.agency.id)).length, 2);
});

test("no agency's name leaves its tile, in either language, on a desktop or a phone", async () => {
  const ballots = (await omar.api("GET", "/ballots?state=open")).items.map((b) => b.id);
  for (const lang of ["ar", "en"]) {
    await omar.api("PATCH", "/me", { prefs: { ...omar.session.person.prefs, locale: lang } });
    for (const id of ballots) {
      await omar.page.goto(`/ballots/${id}`);
      for (const width of [1440, 390]) {
        await omar.page.setViewportSize({ width, height: 900 });
        await omar.page.locator(`html[lang="${lang}"] .grid24 .v`).first().waitFor();
        assert.deepEqual(await omar.page.locator(".grid24 .v").evaluateAll((tiles) => tiles.filter((v) => v.scrollWidth > v.clientWidth || v.lastElementChild.scrollWidth > v.lastElementChild.clientWidth + 1).map((v) => v.innerText)), [], `${lang} ${width} ${id}`);
      }
    }
  }
});

test("nothing broke the content security policy and no script failed", () => {
  assert.deepEqual(salma.faults, []);
  assert.deepEqual(omar.faults, []);
});
