import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { becomes, editorText, openEditor, person, saveState, settles, sharedDraft, startBrowser, startHub, until } from "./harness.mjs";

const lines = [
  "# دليل الكتابة", "", "## القسم الأول", "", "تُعلن الجهة مُدَّة الإنجاز إعلانًا واضحا.", "", "ثم يُراجَع الأعلان كل ستة أشهر، واعلان المدة واجب.", "", "### فرع أول", "", "نظام Q-Flow الجديد رقم 123 أو ١٢٣", "",
  "(٣) سلمى", "", "Salma (البلدية)", "", "@name مرحبا", "", "PDF مرفق", "", "## القسم الثاني", "", "| النظام | المدّة |", "| --- | --- |", "| Q-Flow | ٣ أيام |", "| CRM | يوم |", "", "آخر سطر", "",
];
let hub;
let browser;
let salma;
let omar;
let draft;

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  salma = await person(browser, hub, "salma@mun.gov.example", { permissions: ["clipboard-read", "clipboard-write"] });
  omar = await person(browser, hub, "omar@rta.gov.example");
  draft = await sharedDraft(salma, omar, lines.join("\n"));
  await openEditor(salma, draft.url);
});
after(async () => {
  await salma?.close();
  await omar?.close();
  await browser?.close();
  await hub?.stop();
});

const inView = (page, fn, arg) => page.evaluate(([code, a]) => new Function("view", "arg", code)(document.querySelector(".cm-content").cmTile.root.view, a), [fn, arg]);
const caretAt = (page, text, offset = 0) =>
  inView(page, "const at = view.state.doc.toString().indexOf(arg[0]) + arg[1]; view.focus(); view.dispatch({ selection: { anchor: at }, scrollIntoView: true });", [text, offset]);
const selected = (page) => inView(page, "return view.state.sliceDoc(view.state.selection.main.from, view.state.selection.main.to)");
const has = async (page, text) => {
  let now = "";
  await until(async () => (now = await editorText(page)).includes(text), "the text").catch(() => assert.fail(`the text does not hold «${text}»; it is\n${now}`));
};
const give = (page, type, kinds) =>
  page.evaluate(([t, k]) => {
    const data = new DataTransfer();
    for (const [kind, text] of Object.entries(k)) data.setData(kind, text);
    document.querySelector(".cm-content").dispatchEvent(new ClipboardEvent(t, { clipboardData: data, bubbles: true, cancelable: true }));
  }, [type, kinds]);
const fixture = (name) => readFile(path.resolve(import.meta.dirname, "fixtures", name), "utf8");
// A test that fails leaves the others the text it began with.
const asBefore = async (page, run) => {
  const before = await editorText(page);
  try {
    await run(before);
  } finally {
    await inView(page, "if (view.state.doc.toString() !== arg) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: arg } });", before);
  }
};

test("finds words in their other spellings, counts them, replaces one and all of them in one step", async () => {
  const { page } = salma;
  await asBefore(page, async (before) => {
    await caretAt(page, "# دليل");
    await page.keyboard.press("Control+f");
    const panel = page.getByRole("search", { name: "بحث واستبدال" });
    await panel.getByRole("textbox", { name: "بحث" }).fill("اعلان");
    await panel.getByText("٣ نتائج").waitFor();
    await page.keyboard.press("Enter");
    await panel.getByText("١ من ٣").waitFor();
    // What stands over the last letter belongs to the word.
    await becomes(() => selected(page), "إعلانً");
    await page.keyboard.press("Enter");
    await becomes(() => selected(page), "أعلان");
    await page.keyboard.press("Shift+Enter");
    await becomes(() => selected(page), "إعلانً");
    await panel.getByRole("checkbox", { name: "دون الهمزات والتشكيل" }).uncheck();
    await panel.getByText("نتيجة واحدة").waitFor();
    await panel.getByRole("checkbox", { name: "دون الهمزات والتشكيل" }).check();
    await panel.getByRole("textbox", { name: "بحث" }).fill("مدة");
    await panel.getByText("٣ نتائج").waitFor();
    await panel.getByRole("textbox", { name: "استبدال بـ" }).fill("مهلة $1");
    // The first press shows what would be replaced, the second replaces that one and goes on to the next.
    const one = panel.getByRole("button", { name: "استبدال", exact: true });
    await caretAt(page, "# دليل");
    await one.click();
    await panel.getByText("١ من ٣").waitFor();
    assert.equal(await editorText(page), before);
    await one.click();
    await panel.getByText("١ من ٢").waitFor();
    await becomes(() => editorText(page), before.replace("مُدَّة", "مهلة $1"));
    await page.locator(".cm-content").focus();
    await page.keyboard.press("Control+z");
    await becomes(() => editorText(page), before, "one replacement is one step");
    await panel.getByRole("button", { name: "استبدال الكل" }).click();
    await panel.getByText("استُبدلت ٣ مواضع").waitFor();
    await has(page, "مهلة $1 الإنجاز");
    await has(page, "المهلة $1 واجب");
    await panel.getByRole("textbox", { name: "بحث" }).fill("لا يوجد هذا");
    await panel.getByText("لا نتائج").waitFor();
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
    await becomes(() => page.evaluate(() => document.activeElement?.classList.contains("cm-content")), true);
    await page.keyboard.press("Control+z");
    await becomes(() => editorText(page), before, "one step takes all of it back");
  });
});

test("what Word and a web page put on the clipboard becomes the Markdown an editor would have written", async () => {
  const { page, faults } = salma;
  const since = faults.length;
  for (const name of ["word", "page"]) {
    await asBefore(page, async (before) => {
      await caretAt(page, "آخر سطر", 7);
      await give(page, "paste", { "text/html": await fixture(`${name}.html`), "text/plain": "نص" });
      await has(page, `آخر سطر\n\n${(await fixture(`${name}.md`)).trim()}`);
      await page.keyboard.press("Control+z");
      await becomes(() => editorText(page), before);
    });
  }
  // The browser reports styles and handlers of markup that is only read, though none is applied or run.
  assert.deepEqual(faults.splice(since).filter((f) => !/inline style|style-src-attr inline|inline event handler|script-src-attr inline/.test(f)), []);
});

test("Ctrl+Shift+V pastes the words alone, from the clipboard of the device", async () => {
  const { page } = salma;
  await asBefore(page, async () => {
    await caretAt(page, "آخر سطر", 7);
    await page.evaluate(() => navigator.clipboard.write([new ClipboardItem({ "text/html": new Blob(["<b>غامق</b>"], { type: "text/html" }), "text/plain": new Blob(["غامق"], { type: "text/plain" }) })]));
    await page.keyboard.press("Control+Shift+v");
    await has(page, "آخر سطرغامق\n");
    await page.keyboard.press("Control+v");
    await has(page, "آخر سطرغامق**غامق**\n");
  });
});

test("5 MB are refused with their size and the limit; the text is as it was, and the clipboard too", async () => {
  const { page } = salma;
  const before = await editorText(page);
  await caretAt(page, "آخر سطر", 7);
  await page.evaluate(() => navigator.clipboard.writeText("م".repeat(2_621_440)));
  await page.keyboard.press("Control+v");
  await page.getByText("حجم الملصق ٥ ميغابايت والحدّ ٢٤٠ كيلوبايت").waitFor();
  assert.equal(await editorText(page), before);
  assert.equal(await page.evaluate(async () => (await navigator.clipboard.readText()).length), 2_621_440);
});


test("images come by the picker and by dropping them where they shall stand", async () => {
  const { page } = salma;
  const made = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    canvas.width = 30;
    canvas.height = 20;
    canvas.getContext("2d").fillRect(0, 0, 10, 10);
    const blob = await new Promise((r) => canvas.toBlob(r, "image/png"));
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await asBefore(page, async () => {
    await caretAt(page, "آخر سطر", 7);
    await page.locator('.tools input[type="file"]').setInputFiles([{ name: "خطة.png", mimeType: "image/png", buffer: Buffer.from(made) }, { name: "نص.txt", mimeType: "text/plain", buffer: Buffer.from("x") }]);
    await until(async () => /آخر سطر\n\n!\[وصف الصورة\]\(\/files\/[0-9a-f]{64}\.png\)/.test(await editorText(page)), "the picked image");
    assert.equal((await editorText(page)).match(/\/files\//g).length, 1);
  });
  await asBefore(page, async () => {
    await caretAt(page, "القسم الثاني", 0);
    const drop = (words, n) =>
      page.evaluate(([bytes, sought, after]) => {
        const view = document.querySelector(".cm-content").cmTile.root.view;
        const at = view.coordsAtPos(view.state.doc.toString().indexOf(sought) + after);
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "مخطط.png", { type: "image/png" }));
        view.contentDOM.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true, clientX: at.left - 1, clientY: (at.top + at.bottom) / 2 }));
      }, [made, words, n]);
    await drop("آخر سطر", 0);
    await until(async () => /!\[وصف الصورة\]\(\/files\/[0-9a-f]{64}\.png\)\n\nآخر سطر/.test(await editorText(page)), "the dropped image at its line");
    // Within the words of a paragraph it comes behind them, not between two letters.
    await drop("آخر سطر", 3);
    await until(async () => /آخر سطر\n\n!\[وصف الصورة\]\(\/files\/[0-9a-f]{64}\.png\)/.test(await editorText(page)), "the dropped image behind its paragraph");
    await page.locator(".cm-picture img").first().waitFor();
  });
  const pasteFile = (bytes, name, type) =>
    page.evaluate(([b, n, t]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(b)], n, { type: t }));
      document.querySelector(".cm-content").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, [bytes, name, type]);
  // Two screenshots in a row: the description of the first is still selected when the second comes.
  await asBefore(page, async () => {
    await caretAt(page, "آخر سطر", 7);
    await pasteFile(made, "أولى.png", "image/png");
    await until(async () => (await selected(page)) === "وصف الصورة", "the description to be selected");
    await pasteFile(made, "ثانية.png", "image/png");
    await until(async () => /آخر سطر\n\n(!\[وصف الصورة\]\(\/files\/[0-9a-f]{64}\.png\)\n*){2}$/.test(await editorText(page)), "both images, whole");
  });
  // What is no image of an accepted kind is refused with words, also when it is pasted.
  await asBefore(page, async (before) => {
    await caretAt(page, "آخر سطر", 7);
    await pasteFile([...Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>")], "رسم.svg", "image/svg+xml");
    await page.getByText("الملف ليس صورة من نوع مقبول").first().waitFor();
    assert.equal(await editorText(page), before);
  });
});

test("a link leads to a clause of another guideline", async () => {
  const { page } = salma;
  const wanted = (await salma.api("GET", "/guidelines?limit=20")).items.find((g) => g.current && g.title.ar.includes("دليل"));
  const clause = (await salma.api("GET", `/editions/${wanted.current.id}/reading`)).toc.find((c) => c.number && c.text);
  await asBefore(page, async () => {
    await caretAt(page, "آخر سطر", 7);
    await page.keyboard.type(" [[", { delay: 10 });
    await page.keyboard.insertText(`${wanted.title.ar}#${clause.number}`);
    await page.locator(".cm-tooltip-autocomplete li", { hasText: clause.text }).first().click();
    await has(page, `](/guides/${wanted.id}#${clause.id})`);
  });
});

test("footnotes and callouts are written by key, and a footnote's ends are a key apart", async () => {
  const { page } = salma;
  await asBefore(page, async () => {
    await caretAt(page, "إعلانًا واضحا", 13);
    await page.keyboard.press("Control+Alt+f");
    await page.keyboard.insertText("شرح الإعلان");
    await has(page, "واضحا[^1].");
    await has(page, "[^1]: شرح الإعلان");
    await page.keyboard.press("Control+Alt+f");
    await becomes(() => inView(page, "return view.state.doc.lineAt(view.state.selection.main.head).text"), "تُعلن الجهة مُدَّة الإنجاز إعلانًا واضحا[^1].");
    await caretAt(page, "ثم يُراجَع");
    await page.keyboard.press("Control+Alt+n");
    await has(page, "> [!NOTE]\n> ثم يُراجَع");
  });
});

test("the contents count the comments of each section, the foot counts the words", async () => {
  const { page } = salma;
  const text = await editorText(page);
  await until(async () => (await saveState(page)) === "saved", "all to be saved");
  const now = await openEditor(salma, draft.url);
  await caretAt(now, "PDF مرفق", 0);
  await now.keyboard.press("Shift+End");
  await now.keyboard.press("Control+Alt+m");
  await now.locator(".c.new textarea").fill("أي ملف؟");
  await now.keyboard.press("Control+Enter");
  const entry = (name) => now.getByRole("navigation", { name: "محتويات" }).getByRole("button", { name: new RegExp(`${name}.*تعليق مفتوح واحد`) });
  await entry("القسم الأول").waitFor();
  await entry("فرع أول").waitFor();
  assert.equal(await entry("القسم الثاني").count(), 0);
  const words = text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’_-]*/gu).length;
  await until(async () => (await now.locator(".foot").textContent()).includes(new Intl.NumberFormat("ar-u-nu-arab").format(words)), `${words} words`);
});

test("spell-check is off, can be turned on, and stays so", async () => {
  const { page } = salma;
  const on = () => page.locator(".cm-content").getAttribute("spellcheck");
  await becomes(on, "false");
  await page.getByRole("button", { name: "تدقيق إملائي" }).click();
  await becomes(on, "true");
  await openEditor(salma, draft.url);
  await until(async () => (await on()) === "true", "the choice to be kept");
  await page.getByRole("button", { name: "تدقيق إملائي" }).click();
  await becomes(on, "false");
});

test("a table is walked and rearranged by keys, each a step of undo, and left with its pipes in line", async () => {
  const { page } = salma;
  await asBefore(page, async (before) => {
    const sides = () => page.evaluate(() => [...new Set([...document.querySelectorAll(".cm-line.md-table")].map((l) => getComputedStyle(l).direction))].join());
    await becomes(sides, "rtl", "a row of Latin names has its columns where the others have them");
    await caretAt(page, "| Q-Flow", 4);
    await page.keyboard.press("Tab");
    await becomes(() => selected(page), "٣ أيام");
    await page.keyboard.press("Shift+Tab");
    await becomes(() => selected(page), "Q-Flow");
    await page.keyboard.press("Alt+ArrowDown");
    await has(page, "| CRM | يوم |\n| Q-Flow | ٣ أيام |");
    await page.keyboard.press("Control+z");
    await becomes(() => editorText(page), before);
    // In a table read from the right, the next column is on the left.
    await page.keyboard.press("Alt+Shift+ArrowLeft");
    await has(page, "| المدّة | النظام |");
    await page.keyboard.press("Control+z");
    await becomes(() => editorText(page), before);
    await page.keyboard.press("Control+Shift+Enter");
    await has(page, "| --- | --- |\n|  |  |\n| Q-Flow");
    await page.keyboard.press("Control+z");
    await becomes(() => editorText(page), before);
    for (const name of ["إضافة عمود قبل العمود", "نقل العمود إلى ما بعده", "نقل الصف إلى أسفل", "حذف العمود"]) {
      await caretAt(page, "| Q-Flow", 4);
      await page.getByRole("button", { name, exact: true }).click();
      await settles(() => editorText(page), (now) => assert.notEqual(now, before, name));
      await page.keyboard.press("Control+z");
      await becomes(() => editorText(page), before, name);
    }
    await caretAt(page, "| Q-Flow", 8);
    await page.keyboard.insertText(" الجديد");
    await caretAt(page, "آخر سطر", 7);
    await has(page, "| النظام        | المدّة  |\n| ------------- | ------ |\n| Q-Flow الجديد | ٣ أيام |\n| CRM           | يوم    |");
    // The spaces are for the source; the cells are as wide as before, and nothing wraps.
    await settles(
      () => page.evaluate(() => [...document.querySelectorAll(".cm-line.md-table:not(.md-table-rule)")].map((l) => Math.round(l.getBoundingClientRect().height))),
      (heights) => assert.ok(Math.max(...heights) - Math.min(...heights) <= 3, heights.join()),
    );
  });
});

test("a table of an English part is read, walked and rearranged from the left, also in an Arabic text", async () => {
  const { page } = salma;
  const rows = "| Service | Days |\n| --- | --- |\n| Licence | 3 |\n| Permit | 1 |";
  await asBefore(page, async () => {
    await caretAt(page, "آخر سطر", 7);
    await page.keyboard.insertText(`\n\n${rows}\n\nنهاية`);
    await has(page, rows);
    const before = await editorText(page);
    await caretAt(page, "| Licence", 4);
    const head = () => page.evaluate(() => {
      const row = [...document.querySelectorAll(".cm-line.md-table")].find((l) => l.textContent.includes("Service"));
      return row && [getComputedStyle(row).direction, ...[...row.querySelectorAll(".cm-cell")].map((c) => c.textContent.trim())];
    });
    await becomes(head, ["ltr", "Service", "Days"]);
    const side = () => page.evaluate(() => {
      const row = [...document.querySelectorAll(".cm-line.md-table")].find((l) => l.textContent.includes("Service"));
      const [a, b] = [...row.querySelectorAll(".cm-cell")].map((c) => c.getBoundingClientRect().left);
      return a < b;
    });
    await becomes(side, true, "the first column is on the left");
    // What the tools say and show is of this table, not of the page.
    await settles(() => page.getByRole("button", { name: "نقل العمود إلى ما بعده", exact: true }).getAttribute("title"), (said) => assert.match(said, /Alt\+Shift\+→/));
    await page.keyboard.press("Alt+Shift+ArrowLeft");
    assert.equal(await editorText(page), before, "nothing is left of the first column");
    await page.keyboard.press("Alt+Shift+ArrowRight");
    await has(page, "| 3 | Licence |");
    // The caret went along, so the same column comes back.
    await page.keyboard.press("Alt+Shift+ArrowLeft");
    await has(page, "| Licence | 3 |");
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+z");
    await becomes(() => editorText(page), before);
    for (const [name, want] of [["عمود جديد", "| Licence |  | 3"], ["إضافة عمود قبل العمود", "|  | Licence | 3"], ["حذف العمود", "\n| 3 |\n"], ["نقل الصف إلى أسفل", "| Permit | 1 |\n| Licence | 3 |"], ["حذف الصف", "| --- | --- |\n| Permit"]]) {
      await caretAt(page, "| Licence", 4);
      await page.getByRole("button", { name, exact: true }).click();
      await settles(() => editorText(page), (now) => assert.ok(now.includes(want), `${name}: ${now}`));
      await page.keyboard.press("Control+z");
      await becomes(() => editorText(page), before, name);
    }
  });
});

test("brackets, names and digits stand where a reader expects them", async () => {
  const { page } = salma;
  const places = (text) =>
    page.evaluate((wanted) => {
      const line = [...document.querySelectorAll(".cm-line")].find((l) => l.textContent === wanted);
      if (!line) return null;
      const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      const out = [];
      while (walk.nextNode()) {
        for (let i = 0; i < walk.currentNode.length; i++) {
          const r = document.createRange();
          r.setStart(walk.currentNode, i);
          r.setEnd(walk.currentNode, i + 1);
          const b = r.getBoundingClientRect();
          out.push([walk.currentNode.data[i], (b.left + b.right) / 2]);
        }
      }
      return { dir: getComputedStyle(line).direction, out };
    }, text);
  // From the right: bracket, digit, bracket, name.
  await settles(() => places("(٣) سلمى"), (arabic) => {
    assert.equal(arabic?.dir, "rtl");
    const xs = arabic.out.map(([, x]) => x);
    for (let i = 1; i < xs.length; i++) assert.ok(xs[i] <= xs[i - 1] + 0.5, `«${arabic.out[i][0]}» is left of what is before it: ${JSON.stringify(arabic.out)}`);
  });
  // A line that opens with a Latin name is still Arabic; from the right: the name, a bracket, the agency, a bracket.
  await settles(() => places("Salma (البلدية)"), (latin) => {
    assert.equal(latin?.dir, "rtl");
    const at = (c) => latin.out.find(([x]) => x === c)[1];
    assert.ok(at("S") < at("a"), "the name itself is read from the left");
    assert.ok(at("S") > at("("));
    assert.ok(at("(") > at("ا"));
    assert.ok(at("ا") > at("ة"));
    assert.ok(at("ة") > at(")"));
  });
  for (const [text, dir] of [["@name مرحبا", "rtl"], ["PDF مرفق", "rtl"]]) await becomes(async () => (await places(text))?.dir, dir, text);
});

test("in reading mode every cell stands at the side of its column, whatever its own letters, and a table at its own side", async () => {
  const own = await sharedDraft(salma, omar, "## قسم\n\n| النظام | المدّة |\n| --- | --- |\n| نظام الطلبات الموحّد | ٣ أيام |\n| CRM | 3 |\n\n| Service | Working days |\n| --- | --- |\n| Licence | 3 |\n");
  await openEditor(salma, own.url);
  await salma.page.getByRole("radio", { name: "قراءة" }).or(salma.page.getByRole("button", { name: "قراءة" })).first().click();
  await salma.page.locator(".reading td", { hasText: "Licence" }).waitFor();
  const sides = await salma.page.locator(".reading :is(th, td)").evaluateAll((cells) => cells.map((c) => [c.textContent, getComputedStyle(c).textAlign]));
  assert.deepEqual(sides, [...["النظام", "المدّة", "نظام الطلبات الموحّد", "٣ أيام", "CRM", "3"].map((c) => [c, "right"]), ...["Service", "Working days", "Licence", "3"].map((c) => [c, "left"])]);
  const [arabic, english] = await salma.page.locator(".reading table").evaluateAll((t) => t.map((x) => x.getBoundingClientRect().left));
  assert.ok(english < arabic, "the English table stands at the left");
});

test("nothing broke the content security policy", async () => {
  const ofTheBrowser = (f) => !/Applying inline style|style-src-attr inline/.test(f);
  assert.deepEqual(salma.faults.filter(ofTheBrowser), []);
  assert.deepEqual(omar.faults, []);
});
