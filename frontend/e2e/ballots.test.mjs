// A practice from its card to its result, and everything that may happen to a ballot, through the screen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { becomes, person, settled, settles, startBrowser, startHub, until } from "./harness.mjs";

let hub;
let browser;
let salma; // votes for one agency
let omar; // for another
let hassan; // prepares and opens
let jawaher; // certifies

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
  [salma, omar, hassan, jawaher] = await Promise.all(["salma@mun", "omar@rta", "hassan@sec", "jawaher@sec"].map((who) => person(browser, hub, `${who}.gov.example`)));
});
after(async () => {
  for (const p of [salma, omar, hassan, jawaher]) await p?.close();
  await browser?.close();
  await hub?.stop();
});

const why = "لأن التجربة في مراكزنا أثبتت جدواها.";
const ballot = (p, id) => p.api("GET", `/ballots/${id}`);
const dialog = (p) => p.page.getByRole("dialog").or(p.page.getByRole("alertdialog"));

/** Presses an act of the secretariat, fills its form and sends it. */
async function act(p, id, name, fill = async () => {}) {
  if (!p.page.url().endsWith(`/ballots/${id}`)) await p.page.goto(`/ballots/${id}`);
  await p.page.locator(`button[data-act="${name}"]:not([aria-disabled])`).click();
  await fill(dialog(p));
  await dialog(p).locator("button[type=submit]").click();
  await dialog(p).waitFor({ state: "detached" });
}

/** Votes with the mouse through the form of the page. */
async function cast(p, id, word, reason = why) {
  if (!p.page.url().endsWith(`/ballots/${id}`)) await p.page.goto(`/ballots/${id}`);
  const form = p.page.locator("#my-vote");
  await form.locator(".ch").filter({ hasText: word }).first().click();
  await form.getByRole("textbox").fill(reason);
  await form.locator("button[type=submit]").click();
  // The words of an earlier vote may still stand there; the hub's answer is that of this one.
  const answer = p.page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith(`/ballots/${id}/votes`));
  await p.page.getByRole("alertdialog").locator(".btn.primary").click();
  assert.equal((await answer).status(), 200);
  await p.page.getByText("سُجّل صوت الجهة").first().waitFor();
}

/** A practice of salma's agency, nominated, completed and moved on through the screen up to "screened". */
async function nominate(n) {
  await salma.page.goto("/practices/new");
  await salma.page.getByLabel("اسم الممارسة بالعربية").fill(`ممارسة للاقتراع ${n}`);
  await salma.page.getByLabel("المشكلة").fill("يراجع المتعامل ثلاث نوافذ لخدمة واحدة.");
  await salma.page.getByLabel("الدليل", { exact: true }).fill("انخفض زمن الزيارة من ٤٧ إلى ٢٢ دقيقة.");
  await salma.page.locator("form button[type=submit]").click();
  await salma.page.waitForURL(/\/practices\/pr_/);
  return salma.page.url().split("/").pop();
}

async function stage(p, id, to, reason) {
  await p.page.goto(`/practices/${id}`);
  await p.page.locator(`button[data-stage="${to}"]`).click();
  if (reason) await dialog(p).getByLabel("السبب").fill(reason);
  await dialog(p).locator("button[type=submit]").click();
  await until(async () => (await p.api("GET", `/practices/${id}`)).stage === to, `the practice to be ${to}`);
}

/** A ballot on the practice, prepared from its page; simple majority, quorum as given. */
async function prepare(id, quorum = "5") {
  await hassan.page.goto(`/practices/${id}`);
  await hassan.page.getByRole("button", { name: "إعداد اقتراع" }).click();
  const form = dialog(hassan).locator("form");
  await form.locator("select").first().selectOption("simple");
  await form.getByLabel("النصاب، نسبة مئوية").fill(quorum);
  await form.getByText("اقتراع عاجل").click();
  await form.locator("button[type=submit]").click();
  await hassan.page.waitForURL(/\/ballots\/bl_/);
  return hassan.page.url().split("/").pop();
}

test("a practice goes from card to ballot, votes are changed and recused, the ballot is cancelled and a second round opened", async () => {
  const id = await nominate(1);
  await stage(hassan, id, "needs_more", "تلزم أرقام موثقة من مركزين.");
  await salma.page.goto(`/practices/${id}`);
  await salma.page.getByRole("button", { name: "تعديل" }).click();
  await salma.page.getByRole("button", { name: "إضافة دليل" }).click();
  await salma.page.getByLabel("الدليل", { exact: true }).last().fill("٨١٪ من الطلبات في زيارة واحدة.");
  await salma.page.locator("form button[type=submit]").click();
  await until(async () => (await salma.api("GET", `/practices/${id}`)).evidence.length === 2, "the second piece of evidence");
  await stage(salma, id, "nominated");
  for (const to of ["screened", "under_study", "studied", "piloting", "piloted"]) await stage(hassan, id, to);

  const first = await prepare(id);
  assert.equal((await ballot(hassan, first)).state, "draft");
  await act(hassan, first, "open");
  assert.equal((await salma.api("GET", `/practices/${id}`)).stage, "in_ballot");
  // Voted, changed, recused and back: the last one counts.
  await cast(salma, first, "موافق");
  await cast(salma, first, "متنحٍّ");
  assert.equal((await ballot(salma, first)).tally.R, 1);
  await cast(salma, first, "موافق");
  await cast(omar, first, "غير موافق");
  const counted = await ballot(omar, first);
  assert.deepEqual([counted.tally.for, counted.tally.against, counted.tally.R], [1, 1, 0]);
  assert.equal(counted.history.filter((h) => h.event === "ballot.vote").length, 4);
  // The quorum is met, so an extension is shut and says so.
  await hassan.page.goto(`/ballots/${first}`);
  const shut = hassan.page.locator('button[data-act="extend"][aria-disabled="true"]');
  await settles(async () => hassan.page.locator(`[id="${await shut.getAttribute("aria-describedby")}"]`).innerText(), (s) => assert.match(s, /اكتمل النصاب/));
  // An early close needs a reason, and is announced 24 hours ahead.
  await act(hassan, first, "close", (form) => form.getByLabel(/السبب/).fill("يلزم القرار قبل إقرار الخطة السنوية."));
  assert.ok((await ballot(hassan, first)).notice_closes_at);
  await act(hassan, first, "cancel", (form) => form.getByLabel("السبب").fill("يُعاد الاقتراع بعد استكمال الدليل."));
  assert.equal((await ballot(hassan, first)).state, "cancelled");
  assert.equal((await salma.api("GET", `/practices/${id}`)).stage, "piloted");

  // The second round copies the question; this one is opened later, then at once.
  await act(hassan, first, "rounds");
  await hassan.page.waitForURL((u) => !u.pathname.endsWith(first));
  const second = hassan.page.url().split("/").pop();
  await act(hassan, second, "open", (form) => form.getByText("في موعد لاحق").click());
  assert.equal((await ballot(hassan, second)).state, "scheduled");
  await act(hassan, second, "open");
  assert.equal((await ballot(hassan, second)).state, "open");
});

test("a ballot without a quorum is extended once, and the result of another is certified by somebody else", async () => {
  const id = await nominate(2);
  await stage(hassan, id, "screened");
  const open = await prepare(id, "60");
  await act(hassan, open, "open");
  const was = (await ballot(hassan, open)).closes_at;
  await act(hassan, open, "extend");
  const now = await ballot(hassan, open);
  assert.equal(now.extended_from, was);
  assert.ok(now.closes_at > was);
  await hassan.page.locator('button[data-act="extend"][aria-disabled="true"]').waitFor();

  const { items } = await hassan.api("GET", "/ballots?state=closed");
  const mine = [];
  for (const b of items) if ((await ballot(jawaher, b.id)).abilities["ballot.certify"]) mine.push(b);
  assert.ok(mine.length > 0, "the demo network has a closed ballot that jawaher may certify");
  await act(jawaher, mine[0].id, "certify");
  await jawaher.page.locator(".hash").waitFor();
  const done = await ballot(jawaher, mine[0].id);
  assert.equal(done.state, "certified");
  await becomes(() => jawaher.page.locator(".hash").innerText(), done.certificate_hash);
  // The arithmetic of quorum and majority stands on the page.
  await settles(() => jawaher.page.locator(".hashiya").innerText(), (s) => assert.match(s, /[٠-٩]+×[٠-٩]+ [≥<] [٠-٩]+×[٠-٩]+/));
});

/** Votes of other agencies' principals, as their own screens send them. */
async function votesOf(n, id, choice) {
  const { demo } = await hassan.api("GET", "/session");
  const b = await ballot(hassan, id);
  const principals = [];
  for (let next = ""; next !== undefined && principals.length < n; ) {
    const page = await hassan.api("GET", `/people?limit=100${next}`);
    principals.push(...page.items.filter((x) => x.kind === "principal" && !/sec\.|mun\.|rta\./.test(x.email)).map((x) => x.email));
    next = page.next ? `&cursor=${encodeURIComponent(page.next)}` : undefined;
  }
  for (const email of principals.slice(0, n)) {
    const send = (path, cookie, body) =>
      fetch(`${hub.base}/api/v1${path}`, { method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID(), ...(cookie ? { Cookie: cookie } : {}) }, body: JSON.stringify(body) });
    const signed = await send("/session", "", { email, password: demo.password });
    const cookie = signed.headers.getSetCookie().map((c) => c.split(";")[0]).join("; ");
    const voted = await send(`/ballots/${id}/votes`, cookie, { choice, reason: why, revision_hash: b.subject.revision_hash });
    assert.equal(voted.status, 200, `${email}: ${await voted.text()}`);
  }
}

test("a ballot whose outcome cannot change is closed early, certified, rolled out, made the standard and retired", async () => {
  const id = await nominate(3);
  await stage(hassan, id, "screened");
  const open = await prepare(id);
  await act(hassan, open, "open");
  // One agency of twenty decides nothing: without a reason the hub refuses, and the form says what is missing.
  await cast(salma, open, "موافق");
  await hassan.page.goto(`/ballots/${open}`);
  await hassan.page.locator('button[data-act="close"]').click();
  await dialog(hassan).locator("button[type=submit]").click();
  await dialog(hassan).locator(".note.against").waitFor();
  await hassan.page.keyboard.press("Escape");
  await votesOf(10, open, "for"); // eleven of twenty: the others no longer tip it
  await hassan.page.goto(`/ballots/${open}`);
  await act(hassan, open, "close");
  const closed = await ballot(hassan, open);
  assert.deepEqual([closed.state, closed.result, closed.tally.for], ["closed", "carried", 11]);
  assert.ok(new Date(closed.closed_at) < new Date(closed.closes_at), "before its time");
  await act(jawaher, open, "certify");
  // The certificate is given as a file: the counts, the rule, the votes by name, who certified and its hash (rules D1.16).
  const [file] = await Promise.all([jawaher.page.waitForEvent("download"), jawaher.page.locator("a[download]").click()]);
  const { readFile } = await import("node:fs/promises");
  const paper = JSON.stringify(JSON.parse(await readFile(await file.path(), "utf8")));
  for (const part of [open, "two_thirds|simple", "hash", "11"]) assert.match(paper, new RegExp(part));
  assert.equal((await salma.api("GET", `/practices/${id}`)).stage, "approved");
  await stage(hassan, id, "rolling_out");
  await stage(hassan, id, "standard");
  await salma.page.goto("/practices");
  await salma.page.locator(".st", { hasText: "ممارسة للاقتراع 3" }).getByRole("heading", { name: "معتمدة في الجميع" }).waitFor();
  await stage(hassan, id, "retired", "حلّت محلها ممارسة أحدث.");
  await salma.page.goto(`/practices/${id}`);
  await salma.page.locator(".hashiya").getByText("حلّت محلها ممارسة أحدث.").waitFor();
});

test("a card sent back says what is asked for, keeps what is written, and is handed in only once it is saved", async () => {
  const id = await nominate(6);
  await stage(hassan, id, "needs_more", "نرجو دليلًا ثانيًا بتاريخه.");
  const { page } = salma;
  await page.goto(`/practices/${id}`);
  await page.locator(".matn .note").getByText("نرجو دليلًا ثانيًا بتاريخه.").waitFor();
  const again = page.locator('button[data-stage="nominated"]');
  await again.waitFor();
  await page.getByRole("button", { name: "تعديل" }).click();
  await page.getByLabel("الكلفة").fill("٣٥٠٠ درهم للمركز");
  assert.equal(await again.count(), 0, "the card is not handed in from under its editor");
  await page.reload();
  await page.getByRole("button", { name: "تعديل" }).click();
  assert.equal(await page.getByLabel("الكلفة").inputValue(), "٣٥٠٠ درهم للمركز");
  await page.locator("form button[type=submit]").click();
  await again.click();
  await dialog(salma).getByRole("heading", { name: "إعادة الاقتراح بعد الاستكمال" }).waitFor();
  await dialog(salma).locator("button[type=submit]").click();
  await until(async () => (await salma.api("GET", `/practices/${id}`)).stage === "nominated", "the card to be handed in");
  assert.equal((await salma.api("GET", `/practices/${id}`)).cost, "٣٥٠٠ درهم للمركز");
});

test("a practice leaves the path by being declined, or by being merged into another", async () => {
  const declined = await nominate(4);
  await stage(hassan, declined, "declined", "خارج نطاق خدمات الشبكة.");
  await salma.page.goto("/practices");
  await salma.page.locator(".exits > li", { hasText: "ممارسة للاقتراع 4" }).getByText("غير مقبولة").waitFor();
  const merged = await nominate(5);
  const { items } = await hassan.api("GET", "/practices");
  const into = items.find((x) => x.stage === "screened");
  await hassan.page.goto(`/practices/${merged}`);
  await hassan.page.locator('button[data-stage="merged"]').click();
  await dialog(hassan).getByLabel("السبب").fill("تتناول المشكلة نفسها.");
  await dialog(hassan).locator("select").selectOption(into.id);
  await dialog(hassan).locator("button[type=submit]").click();
  await hassan.page.locator(".note").getByRole("link").click();
  await hassan.page.waitForURL((u) => u.pathname.endsWith(into.id));
});

test("a vote is cast with the keyboard alone", async () => {
  const { items } = await omar.api("GET", "/ballots?state=open");
  let id = "";
  for (const b of items) if ((await ballot(omar, b.id)).abilities["ballot.cast"] && !(await ballot(omar, b.id)).mine) id = b.id;
  assert.ok(id, "an open ballot omar has not voted in");
  const { page } = omar;
  await page.goto(`/ballots/${id}`);
  await page.locator("#my-vote").waitFor();
  const reach = async (what) => {
    for (let i = 0; i < 80; i++) {
      if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, what)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not reach ${what}`);
  };
  await reach('#my-vote input[type="radio"]');
  await page.keyboard.press("Space");
  for (const at of [1, 2]) {
    await page.keyboard.press("ArrowDown");
    await becomes(() => page.locator('#my-vote input[type="radio"]').nth(at).isChecked(), true);
  }
  await page.keyboard.press("Tab");
  await reach("#my-vote textarea");
  await page.keyboard.type("نمتنع حتى تكتمل البيانات.");
  await reach('#my-vote button[type="submit"]');
  await page.keyboard.press("Enter");
  // The question has the focus.
  await becomes(() => page.evaluate(() => !!document.activeElement?.closest('[role="alertdialog"]')), true);
  await page.keyboard.press("Enter");
  const done = await until(async () => {
    const b = await ballot(omar, id);
    return b.mine && b;
  }, "the vote to be recorded");
  assert.equal(done.mine.choice, "abstain");
});

test("a vote that comes after closing is told so, and what counts instead", async () => {
  const { items } = await salma.api("GET", "/ballots?state=open");
  let b = null;
  for (const x of items) if ((await ballot(salma, x.id)).abilities["ballot.cast"]) b = await ballot(salma, x.id);
  assert.ok(b, "an open ballot salma may vote in");
  await salma.page.goto(`/ballots/${b.id}`);
  const form = salma.page.locator("#my-vote");
  await form.locator(".ch").filter({ hasText: b.mine?.choice === "abstain" ? "غير موافق" : "ممتنع" }).click();
  await form.getByRole("textbox").fill(why);
  await form.locator("button[type=submit]").click();
  // The hub's answer of a ballot whose time has just passed, at the moment of casting.
  await salma.page.route(`**/ballots/${b.id}/votes`, (r) => r.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify({ code: "ballot.closed", status: 409, title: "", title_ar: "أُغلق الاقتراع.", title_en: "The ballot is closed." }) }));
  await salma.page.getByRole("alertdialog").locator(".btn.primary").click();
  await salma.page.locator(".note.against", { hasText: "أُغلق الاقتراع قبل وصول" }).waitFor();
  await salma.page.unroute(`**/ballots/${b.id}/votes`);
});

test("the screens have no fault that axe finds, and a result prints without its buttons", async () => {
  const { items } = await salma.api("GET", "/ballots");
  const open = items.find((b) => b.state === "open");
  const done = items.find((b) => b.state === "certified");
  for (const path of [`/ballots/${open.id}`, `/ballots/${done.id}`, `/practices/${done.subject.id}`]) {
    await salma.page.goto(path);
    await salma.page.locator("h1").waitFor();
    await settled(salma.page);
    await becomes(() => salma.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${path} is wider than the window`);
    const found = await new AxeBuilder({ page: salma.page }).analyze();
    assert.deepEqual(found.violations.map((v) => `${path} ${v.id}: ${v.nodes[0].target}`), []);
  }
  await salma.page.goto(`/ballots/${done.id}`);
  await salma.page.locator(".res").waitFor();
  await salma.page.emulateMedia({ media: "print" });
  await becomes(() => salma.page.locator(".btn:visible, .top:visible").count(), 0);
  // On a sheet's width the margin follows the page instead of lying over it.
  await salma.page.setViewportSize({ width: 794, height: 1123 });
  await salma.page.locator(".hash").waitFor();
  await settles(
    () => Promise.all([salma.page.locator(".matn").boundingBox(), salma.page.locator(".hashiya").boundingBox()]),
    ([page, margin]) => assert.ok(margin.y >= page.y + page.height, "the margin is printed after the page"),
  );
  if (process.env.SHOTS) await salma.page.pdf({ path: `${process.env.SHOTS}/result.pdf`, format: "A4" });
  await salma.page.emulateMedia({ media: null });
  await salma.page.setViewportSize({ width: 1440, height: 900 });
});

test("nothing broke the content security policy and no script failed", () => {
  for (const p of [salma, omar, hassan, jawaher]) assert.deepEqual(p.faults, []);
});

test("everybody votes one to one: the tie stands, a discussion opens by itself, and a new round is offered once", async () => {
  const { items } = await salma.api("GET", "/ballots?state=closed,certified");
  const tied = items.find((b) => b.result === "tie" && b.discussion);
  assert.ok(tied, "the demo network has a tied ballot with its discussion");
  await salma.page.goto(`/ballots/${tied.id}`);
  await salma.page.getByRole("heading", { name: "نقاش بعد التعادل" }).waitFor();
  await salma.page.getByLabel("مشاركة", { exact: true }).fill("نقترح تجربة في مركزين قبل الجولة التالية.");
  await omar.page.goto(`/ballots/${tied.id}`);
  await omar.page.getByRole("heading", { name: "نقاش بعد التعادل" }).waitFor();
  await salma.page.getByRole("button", { name: "نشر المشاركة" }).click();
  await omar.page.locator(".posts").getByText("نقترح تجربة في مركزين").waitFor(); // over the socket
  await salma.page.locator(".res", { hasText: "تعادلت الأصوات" }).waitFor();
  await salma.page.locator(".hashiya", { hasText: "فُتح نقاش للتعادل" }).waitFor();
  await omar.page.goto(`/practices/${tied.subject.id}`);
  await omar.page.getByRole("link", { name: "نقاش بعد التعادل" }).waitFor();
  // The secretariat ends it with what came of it, and everybody reads that.
  await omar.page.goto(`/ballots/${tied.id}`);
  await omar.page.getByRole("button", { name: "نشر المشاركة" }).waitFor();
  assert.equal(await omar.page.getByRole("button", { name: "إغلاق النقاش" }).count(), 0);
  await hassan.page.goto(`/ballots/${tied.id}`);
  await hassan.page.getByRole("button", { name: "إغلاق النقاش" }).click();
  await hassan.page.getByRole("dialog").getByLabel("ما انتهى إليه").fill("تُجرَّب في مركزين، ثم تُعرض من جديد.");
  await hassan.page.getByRole("dialog").locator("button[type=submit]").click();
  await omar.page.locator(".discussion [data-closed]", { hasText: "تُجرَّب في مركزين" }).waitFor();
  await omar.page.getByRole("button", { name: "نشر المشاركة" }).waitFor({ state: "detached" });
});
