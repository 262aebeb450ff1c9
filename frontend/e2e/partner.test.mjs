/** A partner's bounded view (row 7): exactly what was shared, and nothing else by page, by address, by search, by export or over the socket. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, person, startBrowser, startHub, until } from "./harness.mjs";

let hub;
let browser;
let jawaher;
let nadia;
let shared; // the practice
let asked; // the guideline whose text she is asked about

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  [jawaher, nadia] = await Promise.all(["jawaher@sec.gov.example", "nadia@partner.example"].map((who) => person(browser, hub, who)));
  const practices = (await jawaher.api("GET", "/practices?limit=200")).items;
  const guidelines = (await jawaher.api("GET", "/guidelines?state=fact_check")).items;
  shared = practices.find((p) => p.stage === "piloting");
  asked = guidelines[0];
});
after(async () => {
  for (const p of [jawaher, nadia]) await p?.close();
  await browser?.close();
  await hub?.stop();
});

const status = (who, url) => who.page.evaluate(async (u) => (await fetch(u)).status, url);

test("a partner sees the draft and the practice that were shared with her, and finds both from her home", async () => {
  const { page } = nadia;
  const refused = []; // a page asks for nothing that its reader may not have
  page.on("response", (r) => r.status() >= 400 && refused.push(`${r.status()} ${r.url()}`));
  await page.goto("/");
  await page.locator(`a[href^="/guidelines/${asked.id}"]`).first().waitFor();
  await page.getByRole("navigation").getByRole("link", { name: "الممارسات" }).first().click();
  await becomes(() => page.locator('main a[href^="/practices/"]').count(), 1, "the practices she sees");
  await page.locator('main a[href^="/practices/"]').click();
  await page.getByRole("heading", { level: 1, name: shared.title.ar }).waitFor();
  assert.equal(await page.locator('a[href^="/ballots"]').count(), 0, "nothing leads to a ballot");
  await page.goto(`/guidelines/${asked.id}/editions/${asked.in_work.id}`);
  await page.locator(".cm-content").waitFor();
  await page.waitForLoadState("networkidle");
  assert.deepEqual(refused, []);
  page.removeAllListeners("response");
  assert.deepEqual(nadia.faults, []);
});

test("nothing else is hers: by list, by address, by search, by export, over the socket", async () => {
  const inWork = (list) => list.filter((g) => g.in_work).map((g) => g.id);
  assert.deepEqual(inWork((await nadia.api("GET", "/guidelines?limit=200")).items), [asked.id]);
  assert.deepEqual((await nadia.api("GET", "/practices?limit=200")).items.map((p) => p.id), [shared.id]);

  const guidelines = (await jawaher.api("GET", "/guidelines?limit=200")).items;
  const others = [];
  for (const g of guidelines.filter((x) => x.id !== asked.id && inWork([x]).length)) {
    // A guideline with a published edition is hers to read; its edition in work is not.
    if (!g.current) others.push(`/guidelines/${g.id}`);
    others.push(`/editions/${g.in_work.id}`);
    const { draft_id: draft } = await jawaher.api("GET", `/editions/${g.in_work.id}`);
    if (draft) others.push(...["threads", "history", "suggestions", "sections"].map((of) => `/drafts/${draft}/${of}`));
  }
  const practices = (await jawaher.api("GET", "/practices?limit=200")).items.filter((p) => p.id !== shared.id);
  const ballots = (await jawaher.api("GET", "/ballots?limit=200")).items;
  others.push(...practices.map((p) => `/practices/${p.id}`), ...ballots.map((b) => `/ballots/${b.id}`));
  assert.ok(practices.length > 10 && ballots.length > 10 && others.some((u) => u.startsWith("/drafts/")), "there is something to keep from her");
  for (const url of others) {
    const as = await status(nadia, `/api/v1${url}`);
    assert.equal(as, 404, `${url}: ${as}`);
  }
  for (const url of ["/people", "/ballots", "/moderation", "/workspaces"]) {
    const [hers, theirs] = [await status(nadia, `/api/v1${url}`), await status(jawaher, `/api/v1${url}`)];
    assert.ok([403, 404].includes(hers) || (await nadia.api("GET", url)).items.length === 0, `${url}: ${hers}, for the secretariat ${theirs}`);
  }

  const secret = guidelines.find((g) => g.in_work?.state === "draft" && !g.current);
  const draft = (await jawaher.api("GET", `/editions/${secret.in_work.id}`)).draft_id;
  const found = (await nadia.api("GET", `/library?q=${encodeURIComponent(secret.title.ar)}`)).items;
  assert.ok(!found.some((g) => g.id === secret.id), "a search finds what is in work");

  const topics = [...practices.map((p) => `practice/${p.id}`), ...ballots.map((b) => `ballot/${b.id}`), "practices", "ballots", `draft/${draft}/threads`];
  const said = await nadia.page.evaluate(
    ([list, hers, draft]) =>
      new Promise((resolve, reject) => {
        const ws = new WebSocket(`${location.origin.replace("http", "ws")}/api/v1/live`, "multaqa.v1");
        const out = { refused: [], opened: null };
        ws.onclose = (e) => reject(new Error(`closed ${e.code} ${JSON.stringify(out)}`));
        ws.onmessage = (e) => {
          const m = JSON.parse(e.data);
          if (m.t === "hello") for (const frame of [{ t: "watch", topics: [...list, hers] }, { t: "open", draft }]) ws.send(JSON.stringify(frame));
          if (m.t === "refused") out.refused.push(m.topic);
          if (m.draft === draft && m.t !== "refused") out.opened = m;
          if (out.refused.length >= list.length && out.opened) {
            ws.close();
            resolve(out);
          }
        };
      }),
    [topics, `practice/${shared.id}`, draft],
  );
  assert.deepEqual(said.refused.sort(), topics.sort(), "topics that are not hers are refused, and hers is not");
  assert.ok(!("text" in said.opened) && /denied|error|closed/.test(said.opened.t), JSON.stringify(said.opened));
});

test("the secretariat takes a practice back while she reads it, and shares it again", async () => {
  await nadia.page.goto(`/practices/${shared.id}`);
  await nadia.page.getByRole("heading", { level: 1, name: shared.title.ar }).waitFor();
  const { page } = jawaher;
  const choose = async () => {
    await page.getByRole("button", { name: "مشاركة مع شركاء" }).click();
    await page.getByRole("dialog").getByRole("checkbox").first().click();
    await page.getByRole("dialog").getByRole("button", { name: "حفظ" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };
  await page.goto(`/practices/${shared.id}`);
  await choose();
  await nadia.page.getByRole("heading", { level: 1, name: shared.title.ar }).waitFor({ state: "detached" });
  assert.equal(await status(nadia, `/api/v1/practices/${shared.id}`), 404);
  await nadia.page.goto("/practices");
  await nadia.page.getByText("لم تُشارَك معك ممارسة").waitFor();
  await choose();
  await until(async () => (await status(nadia, `/api/v1/practices/${shared.id}`)) === 200, "the card to be hers again");
  assert.deepEqual([...nadia.faults, ...jawaher.faults], []);
});
