import AxeBuilder from "@axe-core/playwright";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, settles, startBrowser, startHub } from "./harness.mjs";

let hub;
let browser;
let guide; // in its second edition
let paths;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  const list = await (await fetch(`${hub.base}/published?lang=ar`)).text();
  guide = list.match(/href="(\/guides\/[^"#]*\/2\.0)"/)?.[1] ?? assert.fail("the demo network publishes a second edition");
  const agency = list.match(/href="(\/published\?agency=[^"]*)"/)[1].replaceAll("&amp;", "&");
  paths = { library: "/published", found: "/published?q=الانتظار", nothing: "/published?q=zzzz", agency, guide, changes: `${guide}/changes/1.0`, missing: "/guides/gl_none" };
});
after(async () => {
  await browser?.close();
  await hub?.stop();
});

const looks = [
  { locale: "ar-AE", viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  { locale: "ar-AE", viewport: { width: 390, height: 844 }, colorScheme: "light" },
  { locale: "en-GB", viewport: { width: 1440, height: 900 }, colorScheme: "light" },
  { locale: "en-GB", viewport: { width: 390, height: 844 }, colorScheme: "dark" },
];

for (const look of looks) {
  test(`published pages, ${look.locale}, ${look.viewport.width} wide, ${look.colorScheme}: no fault that axe finds, nothing wider than the window`, async () => {
    const context = await browser.newContext({ baseURL: hub.base, ...look });
    const page = await context.newPage();
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(path);
      const { violations } = await new AxeBuilder({ page }).analyze();
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ").slice(0, 300)}`), [], name);
      // As wide as it was opened, and as a desktop at 200 % has it.
      for (const width of [look.viewport.width, 720]) {
        await page.setViewportSize({ ...look.viewport, width });
        await becomes(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, `${name} is wider than a window of ${width}`);
      }
      await page.setViewportSize(look.viewport);
    }
    await context.close();
  });
}

test("notes stand beside the text in either language of the page, and clause numbers in its margin", async () => {
  for (const locale of ["ar-AE", "en-GB"]) {
    const context = await browser.newContext({ baseURL: hub.base, javaScriptEnabled: false, locale, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(guide);
    const box = async (s) => (await page.locator(s).first().boundingBox()) ?? assert.fail(`${s} is not on the page`);
    await settles(() => Promise.all([box(".side.first"), box("article.txt"), box(".toc"), box("article.txt .num")]), ([note, text, toc, number]) => {
      assert.ok(note.x + note.width <= text.x, `${locale}: the note ends before the text begins`);
      assert.ok(number.x >= text.x + text.width && number.x + number.width <= toc.x + 1, `${locale}: the number stands between the text and the contents`);
    });
    await page.locator(".fold ol").waitFor(); // the contents show where there is room
    await context.close();
  }
});

test("a long name of an agency widens no phone, and the empty search begins where the page does", async () => {
  const context = await browser.newContext({ baseURL: hub.base, locale: "ar-AE", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(paths.library);
  await page.locator("select[name=agency] option").first().evaluate((o) => {
    o.textContent = "هيئة التنسيق والمتابعة للخدمات الحكومية المشتركة والمراكز الموحّدة في المناطق كلها";
  });
  await becomes(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, "the library is wider than the phone");
  const side = () => page.locator("#q").evaluate((e) => getComputedStyle(e).direction);
  assert.equal(await side(), "rtl");
  await page.locator("#q").fill("service");
  assert.equal(await side(), "ltr");
  await context.close();
});

test("a guide is walked with the keyboard, without JavaScript, on the phone", async () => {
  const context = await browser.newContext({ baseURL: hub.base, javaScriptEnabled: false, locale: "ar-AE", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(guide);
  await page.keyboard.press("Tab");
  const skip = page.locator(".skip");
  await becomes(() => skip.evaluate((e) => e.matches(":focus")), true);
  await settles(() => skip.boundingBox(), (b) => assert.ok(b.x >= 0, "the skip link shows"));
  await becomes(() => page.locator(".fold ol").isVisible(), false, "the contents are folded on the phone");
  const fold = page.locator(".fold summary");
  for (let i = 0; i < 15 && !(await fold.evaluate((e) => e.matches(":focus"))); i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator(".fold ol").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/#h-/);
  await context.close();
});

test("a guide prints whole on paper: text, notes and addresses, no buttons", async () => {
  const context = await browser.newContext({ baseURL: hub.base, locale: "ar-AE" });
  const page = await context.newPage();
  await page.goto(guide);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  for (const gone of [".pub", ".toc", ".use", ".foot"]) await becomes(() => page.locator(gone).isVisible(), false, gone);
  for (const kept of [".frame", "article.txt", "#editions"]) await becomes(() => page.locator(kept).isVisible(), true, kept);
  await becomes(() => page.locator("body").evaluate((e) => getComputedStyle(e).backgroundColor), "rgb(255, 255, 255)", "paper is white in the dark as well");
  const pdf = await page.pdf({ format: "A4" });
  assert.ok(pdf.length > 20_000 && pdf.subarray(0, 5).toString() === "%PDF-");
  await context.close();
});

test("search engines and feed readers find what is public, and only that", async () => {
  const map = await (await fetch(`${hub.base}/sitemap.xml`)).text();
  const pages = [...map.matchAll(/<loc>([^<]*)<\/loc>/g)].map((m) => m[1]);
  assert.ok(pages.includes(hub.base + guide), map.slice(0, 400));
  for (const at of pages) assert.equal((await fetch(at)).status, 200, at);
  const feed = await fetch(`${hub.base}/published.atom`);
  assert.match(feed.headers.get("content-type"), /atom\+xml/);
  assert.ok((await feed.text()).includes(hub.base + guide));
  assert.match(await (await fetch(`${hub.base}/robots.txt`)).text(), /Sitemap: http/);
  assert.equal((await fetch(`${hub.base}/published/nothing`)).status, 404);
  const old = await (await fetch(hub.base + guide.replace("2.0", "1.0"))).text();
  assert.match(old, /<meta name="robots" content="noindex">/);
  assert.ok(old.includes(`<link rel="latest-version" href="${guide}">`));
});
