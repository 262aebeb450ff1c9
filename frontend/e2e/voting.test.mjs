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

async function cast(p, choice) {
  const { page } = p;
  await page.getByRole("radio", { name: words[choice], exact: false }).first().check({ force: true });
  await page.getByRole("textbox").first().fill("لأن التجربة في مراكزنا أثبتت جدواها.");
  await page.locator("form button[type=submit], .btn.primary").last().click();
  const confirm = page.getByRole("alertdialog").or(page.getByRole("dialog"));
  if (await confirm.isVisible().catch(() => false)) await confirm.locator(".btn.primary").click();
}

test("two agencies vote in the browser; each sees the other's vote arrive and the tally is theirs", async () => {
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
  await until(async () => (await salma.api("GET", `/ballots/${ballot.id}`)).mine?.choice === "for", 15_000, "the first vote to be recorded");
  await cast(omar, "abstain");
  const done = await until(async () => {
    const b = await omar.api("GET", `/ballots/${ballot.id}`);
    return b.mine?.choice === "abstain" && b;
  }, 15_000, "the second vote to be recorded");
  const votes = done.electorate.filter((e) => e.choice);
  assert.equal(done.tally.for, votes.filter((e) => e.choice === "for").length);
  assert.equal(done.tally.abstain, votes.filter((e) => e.choice === "abstain").length);
  assert.equal(votes.filter((e) => [salma, omar].some((p) => p.session.agency.id === e.agency.id)).length, 2);
});

test("nothing broke the content security policy and no script failed", () => {
  assert.deepEqual(salma.faults, []);
  assert.deepEqual(omar.faults, []);
});
