/**
 * The bugs of right-to-left editors that others ship, as tests: each is a row of the design's list. Rows that are held elsewhere: a side for each
 * line, code, the caret in mixed lines (editing), brackets and names (writing), the two-thumb slider by key (history), the secretariat's duties (steps,
 * duties). Hijri days, folding and plural forms are functions and have their tests beside them (pkg/arabic, src/locales).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, networkDraft, openEditor, person, settled, settles, startBrowser, startHub, until } from "./harness.mjs";

const text = [
  "# دليل الاتجاه", "", "## مدّة الانتظار", "", "تُعلن المستشفيات مُدَّةَ الانتظار، وتُراجعها كل سنة.", "", "### فرع عربي", "", "#### فرع أعمق", "", "نص.", "",
  "## Service charter", "", "### Published times", "", "#### Weekly review", "", "Text.", "", "سطر أخير.", "",
].join("\n");
let hub;
let browser;
let salma;
let jawaher;
let draft;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  // The pictures are taken with the marks' colours off, by a style sheet that the pages themselves would not allow.
  salma = await person(browser, hub, "salma@mun.gov.example", { bypassCSP: true });
  draft = await networkDraft(salma, { ar: "دليل الاتجاه", en: "Direction" }, text);
  await openEditor(salma, draft.url);
});
after(async () => {
  await salma?.close();
  await jawaher?.close();
  await browser?.close();
  await hub?.stop();
});

const inView = (page, fn, arg) => page.evaluate(([code, a]) => new Function("view", "arg", code)(document.querySelector(".cm-content").cmTile.root.view, a), [fn, arg]);
/** What the marked pieces of a line say. */
const pieces = (page, selector) => page.locator(`.cm-line ${selector}`).allTextContents();
const speak = async (locale) => {
  await salma.api("PATCH", "/me", { prefs: { ...salma.session.person.prefs, locale, digits: locale === "ar" ? "arab" : "latn" } });
  await salma.page.evaluate((l) => localStorage.setItem("lang", l), locale);
};

test("no mark parts the letters of a word: the line is drawn the same with it and without", async () => {
  const { page } = salma;
  const line = page.locator(".cm-line", { hasText: "تُعلن المستشفيات" });
  await page.addStyleTag({
    content: `.cm-anchor, .cm-searchMatch, .cm-sg-del, .cm-sg-ins { background: none !important; box-shadow: none !important; outline: none !important; text-decoration: none !important; color: inherit !important; }
      .cm-term { border-color: transparent !important; } .cm-content { caret-color: transparent !important; } .cm-clauses, .cm-tooltip, .toast { visibility: hidden !important; } .doc .cm-content ::selection { background: none !important; }`,
  });
  const picture = async () => {
    await page.evaluate(() => document.fonts.ready.then(() => null));
    return (await line.screenshot({ animations: "disabled" })).toString("base64");
  };
  // The line is drawn as it stays once two pictures in a row are the same.
  const still = async () => {
    let last = await picture();
    await until(async () => {
      const now = await picture();
      const same = now === last;
      last = now;
      return same;
    }, "the same line to give the same picture");
    return last;
  };
  let plain = await still();
  // A marked piece is drawn from its own place, which moves its edges by a fraction of a pixel; letters that are parted change their form.
  const apartFrom = (now) =>
    page.evaluate(async (pictures) => {
      const [x, y] = await Promise.all(
        pictures.map(async (p) => {
          const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${p}`)).blob());
          const c = new OffscreenCanvas(image.width, image.height).getContext("2d");
          c.drawImage(image, 0, 0);
          return c.getImageData(0, 0, image.width, image.height);
        }),
      );
      let apart = 0;
      for (let i = 0; i < x.data.length; i += 4) if (Math.abs(x.data[i] - y.data[i]) > 110) apart++;
      return { wide: x.width === y.width && x.height === y.height, apart };
    }, [plain, now]);
  const alike = ({ wide, apart }) => wide && apart <= 12;
  const drawnAlike = (what) => settles(async () => apartFrom(await picture()), (d) => assert.ok(alike(d), `${what}: the letters are drawn otherwise, ${d.apart} points differ`));
  // The measure itself: a word whose letters are parted is seen.
  await line.evaluate((e) => e.style.setProperty("letter-spacing", "2px"));
  assert.ok(!alike(await apartFrom(await still())), "parted letters are seen");
  await line.evaluate((e) => e.style.removeProperty("letter-spacing"));

  // A search for letters inside a word marks the word.
  await inView(page, "view.focus()");
  await page.keyboard.press("Control+f");
  const find = page.locator(".cm-find input[name=find]");
  // The panel moves the line; the picture to compare with is of that place.
  await find.fill("ليس في النص");
  await page.locator(".cm-find .n.none").waitFor();
  plain = await still();
  await find.fill("ستشف");
  await becomes(() => pieces(page, ".cm-searchMatch"), ["المستشفيات"]);
  await drawnAlike("a match");
  await find.fill("دة"); // in a word with its vowels, which the search does not look at
  await becomes(async () => (await pieces(page, ".cm-searchMatch")).slice(0, 2), ["مدّة", "مُدَّةَ"]);
  await drawnAlike("a match among vowels");
  await page.keyboard.press("Escape");
  await page.locator(".cm-find").waitFor({ state: "detached" });
  plain = await still();

  // A comment on letters inside a word stands on the word.
  const from = text.indexOf("ستشفيا");
  await salma.api("POST", `/drafts/${draft.id}/threads`, { version: 0, from, to: from + 3, body: "على حروف من كلمة", kind: "general", blocking: false, mentions: [], audience: "network" });
  await becomes(() => pieces(page, ".cm-anchor"), ["المستشفيات"]);
  await drawnAlike("a comment");

  // A selection ends where it was drawn to, and parts nothing.
  await inView(page, "view.focus(); view.dispatch({ selection: { anchor: arg, head: arg + 3 } });", from);
  await drawnAlike("a selection");
});

test("a double click takes an Arabic word with its vowels, without what stands beside it", async () => {
  const { page } = salma;
  for (const [word, letter] of [["المستشفيات", 4], ["مُدَّةَ", 2], ["الانتظار", 3], ["وتُراجعها", 5]]) {
    const at = text.indexOf(word, text.indexOf("تُعلن")) + letter;
    const box = await inView(page, "view.dispatch({ selection: { anchor: 0 } }); const c = view.coordsAtPos(arg, 1); return { x: c.left, y: (c.top + c.bottom) / 2 };", at);
    await page.mouse.dblclick(box.x - 2, box.y);
    await becomes(() => inView(page, "return view.state.sliceDoc(view.state.selection.main.from, view.state.selection.main.to)"), word);
  }
});

test("contents keep the indentation of four levels, whatever the language of a heading", async () => {
  const { page } = salma;
  for (const locale of ["ar", "en"]) {
    if (locale === "en") {
      await speak("en");
      await openEditor(salma, draft.url);
    }
    await page.locator(".toc li").nth(6).waitFor();
    const read = () => page.locator(".toc > ol > li > button:first-child").evaluateAll((list) =>
      list.map((b) => {
        const nav = b.closest("nav").getBoundingClientRect();
        const range = document.createRange();
        range.selectNodeContents(b.querySelector("[dir=auto]"));
        const r = range.getBoundingClientRect();
        return { text: b.querySelector("[dir=auto]").textContent, indent: Math.round(getComputedStyle(b).direction === "rtl" ? nav.right - r.right : r.left - nav.left) };
      }),
    );
    await settles(read, (rows) => {
      const indent = (t) => rows.find((r) => r.text === t)?.indent;
      for (const [two, three, four] of [["مدّة الانتظار", "فرع عربي", "فرع أعمق"], ["Service charter", "Published times", "Weekly review"]]) {
        assert.ok(indent(three) >= indent(two), `${locale}: ${JSON.stringify(rows)}`);
        assert.ok(indent(four) > indent(three), `${locale}: ${JSON.stringify(rows)}`);
      }
      for (const [a, b] of [["مدّة الانتظار", "Service charter"], ["فرع عربي", "Published times"], ["فرع أعمق", "Weekly review"]]) {
        assert.equal(indent(a), indent(b), `${locale}: both languages stand on the same line`);
      }
    });
  }
  await speak("ar");
  await openEditor(salma, draft.url);
});

test("a comment has one side, while it is written and when it is sent", async () => {
  const { page } = salma;
  for (const [body, side] of [["@salma مرحبا بالجميع", "rtl"], ["PDF مرفق مع الطلب", "rtl"], ["The text of the charter", "ltr"]]) {
    await inView(page, "const at = view.state.doc.toString().indexOf('سطر أخير'); view.focus(); view.dispatch({ selection: { anchor: at, head: at + 3 } });");
    await page.keyboard.press("Control+Alt+m");
    const area = page.locator(".c.new textarea");
    await area.waitFor();
    await area.fill(body);
    await becomes(() => area.evaluate((e) => getComputedStyle(e).direction), side, `while typed: ${body}`);
    await page.keyboard.press("Control+Enter");
    const sent = page.locator("[data-thread-card] .words p", { hasText: body.replace(/^@\S+ /, "") });
    await sent.waitFor();
    await becomes(() => sent.evaluate((e) => getComputedStyle(e).direction), side, `when sent: ${body}`);
  }
});

test("arrow keys go the way the page reads, in rows of buttons and in menus that hang from their own side", async () => {
  const { page } = salma;
  for (const [locale, on] of [["ar", "ArrowLeft"], ["en", "ArrowRight"]]) {
    await speak(locale);
    await openEditor(salma, draft.url);
    const first = page.locator(".rail .seg button").first();
    await first.focus();
    await page.keyboard.press(on);
    await becomes(() => page.locator(".rail .seg button").nth(1).evaluate((e) => e === document.activeElement), true, `${locale}: ${on} goes on`);
    const button = page.locator(".toc .sec-menu").first();
    await button.focus();
    await page.keyboard.press("Enter");
    const menu = page.locator(".menu");
    await menu.waitFor();
    await settles(async () => [await button.boundingBox(), await menu.boundingBox()], ([b, m]) => {
      // It hangs from the end of its button, and inside the window.
      const gap = locale === "ar" ? m.x - b.x : b.x + b.width - (m.x + m.width);
      assert.ok(Math.abs(gap) <= 12 || m.x <= 14 || m.x + m.width >= 1426, `${locale}: the menu stands ${gap} px from its button`);
      assert.ok(m.x >= 0 && m.x + m.width <= 1440);
    });
    // The menu hears keys from when it has the focus, a moment after it is seen.
    await becomes(() => menu.evaluate((e) => e.contains(document.activeElement)), true, `${locale}: the focus is in the menu`);
    await page.keyboard.press("Escape");
    await menu.waitFor({ state: "detached" });
  }
});

test("time runs with the page: the first version at the start, the last at the end", async () => {
  const { page } = salma;
  await speak("ar");
  await openEditor(salma, draft.url);
  await inView(page, "view.dispatch({ changes: { from: view.state.doc.length, insert: 'كلام في الآخر.\\n' } })");
  await until(async () => (await salma.api("GET", `/drafts/${draft.id}/history`)).head > 0, "an update");
  for (const locale of ["ar", "en"]) {
    await speak(locale);
    await page.goto(`${draft.url}/history`);
    await page.locator(".ts-thumb").nth(1).waitFor();
    await settles(
      () => page.locator(".ts-thumb").evaluateAll((l) => l.map((e) => e.getBoundingClientRect().x)),
      ([a, b]) => assert.ok(locale === "ar" ? a > b : a < b, `${locale}: thumbs at ${a} and ${b}`),
    );
  }
  await speak("ar");
});

test("an empty field begins where the page does, a filled one where its text does", async () => {
  const { page } = salma;
  await page.goto("/library");
  const field = page.locator("#matn input[type=search]");
  const side = () => field.evaluate((e) => getComputedStyle(e).direction);
  await becomes(side, "rtl", "the empty field");
  await field.fill("service");
  await becomes(side, "ltr", "English words");
  await field.fill("خدمة");
  await becomes(side, "rtl", "Arabic words");
  await page.goto("/account");
  const name = page.getByLabel("الاسم بالعربية");
  await name.fill("");
  await becomes(() => name.evaluate((e) => getComputedStyle(e).direction), "rtl", "an empty field without an example");
});

test("the secretariat's pages read as those of everybody, and figures in columns are of one width", async () => {
  jawaher = await person(browser, hub, "jawaher@sec.gov.example", { bypassCSP: true });
  const { page } = jawaher;
  for (const [locale, side] of [["ar", "rtl"], ["en", "ltr"]]) {
    await jawaher.api("PATCH", "/me", { prefs: { ...jawaher.session.person.prefs, locale, digits: "arab" } });
    await page.evaluate((l) => localStorage.setItem("lang", l), locale);
    for (const path of ["/secretariat", "/people", "/agencies"]) {
      await page.goto(path);
      await page.locator("main h1").first().waitFor();
      await settled(page);
      await becomes(() => page.evaluate(() => getComputedStyle(document.querySelector("main")).direction), side, `${path} in ${locale}`);
      await settles(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), (over) => assert.ok(over <= 0, `${path} in ${locale} is wider than the window`));
    }
  }
  const widths = await page.evaluate(async () => {
    const el = document.createElement("span");
    el.className = "n";
    el.style.position = "absolute";
    document.body.append(el);
    const measure = () => [..."٠١٢٣٤٥٦٧٨٩"].map((d) => {
      el.textContent = d.repeat(20);
      return Math.round(el.getBoundingClientRect().width);
    });
    measure();
    await document.fonts.ready;
    const out = measure();
    el.remove();
    return out;
  });
  assert.equal(new Set(widths).size, 1, `twenty of each digit are ${widths.join(", ")} px wide`);
});
