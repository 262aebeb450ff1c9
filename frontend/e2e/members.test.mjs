import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, person, settled, startBrowser, startHub, until } from "./harness.mjs";

let hub;
let browser;
const people = [];
const open = [];

before(async () => {
  hub = await startHub();
  browser = await startBrowser();
});
after(async () => {
  for (const p of people) await p.close();
  for (const c of open) await c.close();
  await browser?.close();
  await hub?.stop();
});

async function signedIn(email, options) {
  const p = await person(browser, hub, email, options);
  people.push(p);
  return p;
}

/** A browser of somebody who has no account yet; script errors and violations of the security policy are kept. */
async function stranger(base, locale = "ar") {
  const context = await browser.newContext({ baseURL: base, locale, viewport: { width: 1280, height: 900 } });
  open.push(context);
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (e) => faults.push(e.message));
  page.on("console", (m) => m.type() === "error" && /Content Security Policy/i.test(m.text()) && faults.push(m.text()));
  return { context, page, faults };
}

test("the first page speaks the browser's language; one that was chosen there goes with whoever signs in", async () => {
  for (const [locale, says, then] of [["en-GB", "en", "ar"], ["fr-FR", "ar", "en"]]) {
    const { page } = await stranger(hub.base, locale);
    const speaks = () => page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`);
    const is = (l) => (l === "ar" ? "ar rtl" : "en ltr");
    await page.goto("/signin");
    await page.locator('input[type="password"]').waitFor();
    await becomes(speaks, is(says), `a browser that asks for ${locale}`);
    await page.locator(".sgn button[lang]").first().click();
    await becomes(speaks, is(then), "the other language");
    await page.reload();
    await becomes(speaks, is(then), "the choice outlives the page");
    await page.locator(".sgn button[lang]").first().click();
    await becomes(speaks, is(says), "back");
    await page.locator(".sgn button[lang]").first().click();
    // An empty field says so in the page's language, not in the browser's, and has the focus.
    await page.locator('form button[type="submit"]').click();
    await page.locator(".errmsg", { hasText: then === "ar" ? "يلزم ملء هذا الحقل" : "This field is needed" }).first().waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.type), "email");
    await page.locator('input[type="email"]').fill("yasmin@mun.gov.example");
    await page.locator('input[type="password"]').fill("multaqa-demo-1448");
    assert.equal(await page.locator(".errmsg").count(), 0, "a field that was filled is no longer complained of");
    await page.locator('form button[type="submit"]').click();
    await page.waitForURL((u) => !u.pathname.startsWith("/signin"));
    await becomes(speaks, is(then), `who signed in from ${locale}`);
    if (then !== "ar") await until(async () => (await page.evaluate(() => fetch("/api/v1/session").then((r) => r.json()))).person.prefs.locale === then, "kept with the person");
  }
});

const dialog = (page) => page.getByRole("dialog").or(page.getByRole("alertdialog"));
const password = "a long password for tests";

/** Fills the two languages of a name inside a form. */
async function fillName(form, ar, en) {
  await form.locator('input[lang="ar"]').first().fill(ar);
  await form.locator('input[lang="en"]').first().fill(en);
}

test("the secretariat invites an expert, changes roles and suspends, and each of it can be taken back", async () => {
  const hassan = await signedIn("hassan@sec.gov.example");
  const page = hassan.page;
  await page.goto(`${hassan.line.base}/people`);
  await page.getByRole("heading", { name: "الأعضاء والأدوار" }).waitFor();

  // An address that is taken is refused beside its field; a new one gives a link, once.
  await page.getByRole("button", { name: "دعوة خبير أو شريك" }).click();
  await dialog(page).locator('input[type="email"]').fill("wael@expert.example");
  await dialog(page).locator('button[type="submit"]').click();
  await dialog(page).locator(".errmsg").waitFor();
  await dialog(page).locator('input[type="email"]').fill("laila@partner.example");
  await dialog(page).locator("select").selectOption("PO");
  await dialog(page).locator('button[type="submit"]').click();
  const link = await dialog(page).locator("[data-link]").innerText();
  await page.keyboard.press("Escape");
  await page.locator(".invlist").getByText("laila@partner.example").waitFor();

  // The partner accepts it in English, after a password that is too short was refused.
  const laila = await stranger(hub.base, "en");
  await laila.page.goto(link);
  await laila.page.locator(".sgn").waitFor(); // the page has chosen its language
  if (await laila.page.locator("html").getAttribute("lang") === "ar") await laila.page.locator(".sgn button.quiet").click();
  await laila.page.getByText("An invitation to the network as Partner.").waitFor();
  await fillName(laila.page.locator("form"), "ليلى", "Laila Haddad");
  await laila.page.locator('input[type="password"]').fill("short");
  await laila.page.locator('form button[type="submit"]').click();
  assert.ok(laila.page.url().includes("/invite/"), "a short password keeps the form");
  await laila.page.locator('input[type="password"]').fill(password);
  const reads = [];
  laila.page.on("request", (r) => r.method() === "GET" && r.url().includes("/api/v1/invitations/") && reads.push(r.url()));
  await laila.page.locator('form button[type="submit"]').click();
  await laila.page.waitForURL(/\/welcome$/);
  await laila.page.locator('input[name="digits"]').last().waitFor();
  assert.deepEqual(reads, [], "a used link is not read again");
  await laila.page.locator('input[name="digits"]').last().check();
  await laila.page.locator(".w3 .btn.primary").click();
  await laila.page.waitForURL((u) => u.pathname === "/");
  const again = await stranger(hub.base);
  await again.page.goto(link);
  await again.page.getByRole("heading", { name: "رابط الدعوة لم يعد صالحًا" }).waitFor();
  assert.doesNotMatch(await again.page.locator("main, .sgn").first().innerText(), /لا يُتاح لجهتك/, "what fits a page is not said of a link");
  await again.page.getByRole("link", { name: "دخول", exact: true }).click();
  await again.page.waitForURL(/\/signin$/);

  // Roles: what is gained is said before; it ends the person's session; undo gives the roles back.
  await page.getByRole("searchbox").fill("laila");
  const row = page.locator(".peoplelist > li");
  await until(async () => (await row.count()) === 1, "one row");
  await row.getByRole("button", { name: "إدارة" }).click();
  await dialog(page).getByRole("checkbox").nth(2).check();
  await dialog(page).getByText("يكتسب: خبير").waitFor();
  await dialog(page).locator('button[type="submit"]').click();
  await row.getByText("خبير").waitFor();
  await laila.page.goto(`${hub.base}/account`);
  await laila.page.waitForURL(/\/signin/);
  await page.getByRole("status").getByRole("button", { name: "تراجع" }).click();
  await until(async () => !(await row.innerText()).includes("خبير"), "the role to go");

  // Suspending asks first, is felt at once, and is undone in one press.
  const signIn = (who) =>
    who.page.evaluate(
      async (p) => (await fetch("/api/v1/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ email: "laila@partner.example", password: p }) })).status,
      password,
    );
  await row.getByRole("button", { name: "إيقاف" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "إيقاف" }).click();
  await row.getByText("موقوف").waitFor();
  assert.equal(await signIn(laila), 401);
  await row.getByRole("button", { name: "إعادة" }).click();
  await row.getByRole("button", { name: "إيقاف" }).waitFor();
  assert.equal(await signIn(laila), 200);
  await page.getByRole("searchbox").fill("حسن");
  await page.getByText("دورك وحالتك يغيّرهما مدير آخر.").waitFor();

  // An agency is added with a code that is taken, then with a good one, and its data is changed.
  await page.goto(`${hassan.line.base}/agencies`);
  await page.getByRole("button", { name: "إضافة جهة" }).first().click();
  await fillName(dialog(page), "مركز التجارب", "Trials Centre");
  const code = dialog(page).locator('input[dir="ltr"]:not([lang])').first();
  await code.fill("MUN");
  const sector = dialog(page).locator('input[dir="ltr"]:not([lang])').nth(1);
  if (await sector.count()) await sector.fill("digital");
  await dialog(page).locator('button[type="submit"]').click();
  await dialog(page).locator(".errmsg, .note.against").first().waitFor();
  await code.fill("TRI");
  await dialog(page).locator('button[type="submit"]').click();
  await page.waitForURL(/\/agencies\/ag_/);
  await page.getByText("لا مقاعد بعد").or(page.getByRole("heading", { name: "المقاعد" })).first().waitFor();
  await page.getByRole("button", { name: "تعديل" }).first().click();
  await fillName(dialog(page), "مركز التجارب الأول", "First Trials Centre");
  await dialog(page).locator('button[type="submit"]').click();
  await page.getByRole("heading", { name: "مركز التجارب الأول" }).waitFor();
  assert.deepEqual([...hassan.faults, ...laila.faults, ...again.faults], []);
});

test("a successor takes over a seat, finds what is open and casts the vote; a seat ends; an invitation is withdrawn", async () => {
  const salma = await signedIn("salma@mun.gov.example");
  const page = salma.page;
  await page.goto(`${salma.line.base}/agencies/${salma.session.agency.id}`);
  const majed = page.locator(".seatlist > li", { hasText: "ماجد" });
  await majed.getByRole("button", { name: "استبدال" }).click();
  await dialog(page).locator('input[type="email"]').fill("hala@mun.gov.example");
  await fillName(dialog(page), "هالة منصور", "Hala Mansour");
  await dialog(page).locator('button[type="submit"]').click();
  const link = await dialog(page).locator("[data-link]").innerText();
  await page.keyboard.press("Escape");

  const hala = await stranger(hub.base);
  await hala.page.goto(link);
  await hala.page.getByText("تخلُف على مقعد").waitFor();
  await hala.page.locator('input[type="password"]').fill(password);
  await hala.page.locator('form button[type="submit"]').click();
  await hala.page.waitForURL(/\/welcome$/);
  await hala.page.getByRole("button", { name: "المتابعة" }).or(hala.page.getByRole("button", { name: "متابعة" })).first().click();
  await hala.page.locator(".need").getByRole("link", { name: /تسلُّم المقعد/ }).first().click();
  await hala.page.waitForURL(/\/seats\/st_.*\/handover/);
  await hala.page.getByText("ماجد سعيد").first().waitFor();
  const ballots = hala.page.locator("section", { has: hala.page.getByRole("heading", { name: /^اقتراعات مفتوحة/ }) });
  await ballots.locator("li").first().waitFor(); // open ballots are handed over
  await hala.page.getByRole("button", { name: "تسلّمتُ المقعد" }).click();
  await hala.page.getByText("جرى التسلّم في").waitFor();
  await ballots.locator("li", { hasText: "لم تصوّت" }).first().getByRole("link").click();
  await hala.page.waitForURL(/\/ballots\/bl_/);
  await hala.page.getByRole("radio").first().waitFor();
  await hala.page.goto(`${hub.base}/`);
  await hala.page.locator(".need > li").first().waitFor();
  await settled(hala.page);
  assert.equal(await hala.page.locator(".need").getByRole("link", { name: /تسلُّم المقعد/ }).count(), 0);

  // The seat's history names who held it; an offered seat is withdrawn, a seat ended.
  await page.reload();
  await page.locator(".seatlist > li", { hasText: "هالة" }).waitFor();
  await page.locator(".hashiya .tl > li", { hasText: "ماجد سعيد" }).waitFor();
  assert.doesNotMatch(await page.locator(".hashiya .tl").innerText(), /[a-z]/i, "the log speaks the reader's language");
  await page.getByRole("button", { name: "دعوة" }).first().click();
  await dialog(page).locator('input[type="email"]').fill("extra@mun.gov.example");
  await fillName(dialog(page), "إضافي", "Extra");
  await dialog(page).locator('button[type="submit"]').click();
  const voided = await dialog(page).locator("[data-link]").innerText();
  await page.keyboard.press("Escape");
  await page.locator(".invlist").getByRole("button", { name: "سحب" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "سحب" }).click();
  await page.getByText("سُحبت الدعوة").waitFor();
  const late = await stranger(hub.base);
  await late.page.goto(voided);
  await late.page.getByText("رابط الدعوة لم يعد صالحًا").waitFor();
  const reader = page.locator(".seatlist > li", { hasText: "ياسمين" });
  await reader.getByRole("button", { name: "إنهاء المقعد" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "إنهاء المقعد" }).click();
  await becomes(() => reader.count(), 0, "the seat ends");
  // Who held it may still sign in, is told, and is led to nothing that would refuse.
  const yasmin = await signedIn("yasmin@mun.gov.example");
  await yasmin.page.goto(`${yasmin.line.base}/`);
  await yasmin.page.getByRole("status").filter({ hasText: "لا مقعد لك في الشبكة الآن" }).waitFor();
  assert.equal(await yasmin.page.locator(".nav").getByRole("link", { name: "الممارسات" }).count(), 0);
  assert.deepEqual([...salma.faults, ...hala.faults], []);
});

test("an agency joins a joint workspace and leaves it; both say before what it gains and loses", async () => {
  const jawaher = await signedIn("jawaher@sec.gov.example");
  const page = jawaher.page;
  await page.goto(`${jawaher.line.base}/agencies`);
  await page.locator(".spacelist").getByRole("button", { name: "الجهات" }).first().click();
  await dialog(page).locator("select").selectOption({ index: 1 });
  await dialog(page).getByText(/^تكتسب/).waitFor();
  await dialog(page).locator(".movelist li").first().waitFor();
  const before = (await jawaher.api("GET", "/workspaces")).items.find((w) => w.kind === "joint");
  await dialog(page).locator(".btn.primary").click();
  await dialog(page).locator(".memberlist li").nth(before.agencies.length).waitFor();
  const joined = (await jawaher.api("GET", "/workspaces")).items.find((w) => w.id === before.id);
  const fresh = joined.agencies.find((a) => !before.agencies.some((b) => b.id === a.id));
  await dialog(page).locator(".memberlist li", { hasText: fresh.name.ar }).getByRole("button", { name: "إخراج" }).click();
  await dialog(page).getByText(/^تفقد/).waitFor();
  await dialog(page).locator(".btn.danger").click();
  await until(async () => (await jawaher.api("GET", "/workspaces")).items.find((w) => w.id === before.id).agencies.length === before.agencies.length, "the agency to leave");
  assert.deepEqual(jawaher.faults, []);
});

test("a person changes the name, ends a session elsewhere and changes the password, in English", async () => {
  const omar = await signedIn("omar@rta.gov.example");
  await omar.api("PATCH", "/me", { prefs: { locale: "en" } });
  const elsewhere = await signedIn("omar@rta.gov.example");
  const page = omar.page;
  await page.goto(`${omar.line.base}/account`);
  await settled(page);
  if ((await page.locator("html").getAttribute("lang")) === "ar") await page.evaluate(() => localStorage.clear()).then(() => page.reload());
  const rename = page.locator("section", { has: page.getByRole("button", { name: "Change the name" }) });
  await fillName(rename, "عمر", " Omar");
  await rename.getByRole("button").click();
  await rename.locator(".errmsg").first().waitFor();
  await fillName(rename, "عمر الجديد", "Omar Renamed");
  await rename.getByRole("button").click();
  await page.getByText("Name changed").waitFor();
  await page.locator(".kv").getByText("Omar Renamed").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator(".kv").getByText("Omar Renamed").waitFor({ state: "detached" });

  const sessions = page.locator(".seslist > li");
  await sessions.nth(1).waitFor();
  const count = await sessions.count();
  const socket = elsewhere.page.waitForEvent("websocket"); // its page listens
  await elsewhere.page.goto(`${elsewhere.line.base}/practices`);
  await (await socket).waitForEvent("framereceived");
  await page.locator(".seslist").getByRole("button", { name: "End" }).first().click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End" }).click();
  await until(async () => (await sessions.count()) === count - 1, "the session to go");
  await elsewhere.page.waitForURL(/\/signin/); // at once: the socket ends with its session, and nobody did anything there
  await elsewhere.page.locator('input[type="password"]').waitFor();
  assert.equal(new URL(elsewhere.page.url()).searchParams.get("next"), "/practices", "signing in leads back to where the session ended");
  await elsewhere.page.locator('.sgn [role="status"]').waitFor(); // and the page says why it is there

  const form = page.locator("form", { has: page.locator('input[autocomplete="current-password"]') });
  await form.locator('input[autocomplete="current-password"]').fill("not the password at all");
  await form.locator('input[autocomplete="new-password"]').fill(password);
  await form.getByRole("button").click();
  await form.locator(".errmsg").waitFor();
  await form.locator('input[autocomplete="current-password"]').fill((await omar.api("GET", "/session")).demo?.password ?? "multaqa-demo-1448");
  assert.equal(await form.locator(".errmsg").count(), 0, "what was refused is not said of another password");
  await form.getByRole("button").click();
  await page.getByText("Password changed").waitFor();
  assert.equal((await omar.api("GET", "/session")).person.email, "omar@rta.gov.example", "the session goes on");
  assert.deepEqual(omar.faults, []);
});

test("an empty hub is set up once, from the address on its console", async () => {
  const empty = await startHub("serve");
  try {
    const address = await until(() => empty.log().match(/http:\S+\/setup\?token=\S+/)?.[0], "the address");
    const first = await stranger(empty.base);
    await first.page.goto(`${empty.base}/`);
    await first.page.waitForURL(/\/setup/);
    const form = first.page.locator("form");
    const fill = async (token) => {
      if (token) await form.locator('input[autocomplete="off"]').fill(token);
      for (const [i, [ar, en]] of [["شبكة الخدمات", "Services Network"], ["الأمانة العامة", "Secretariat"], ["جواهر", "Jawaher"]].entries()) {
        await form.locator('input[lang="ar"]').nth(i).fill(ar);
        await form.locator('input[lang="en"]').nth(i).fill(en);
      }
      await form.locator('input[type="email"]').fill("admin@sec.gov.example");
      await form.locator('input[type="password"]').fill(password);
      await form.locator('button[type="submit"]').click();
    };
    await fill("a-token-that-nobody-made");
    await form.locator(".errmsg").first().waitFor();
    await first.page.goto(address);
    await fill();
    await first.page.waitForURL(/\/welcome$/);
    await first.page.goto(`${empty.base}/secretariat`);
    await first.page.getByRole("link", { name: "الأعضاء والأدوار" }).waitFor();
    const second = await stranger(empty.base);
    await second.page.goto(address);
    await second.page.getByRole("link", { name: /الدخول|دخول/ }).first().waitFor();
    await settled(second.page);
    assert.equal(await second.page.locator('input[type="password"]').count(), 0, "it is not set up twice");
    assert.deepEqual([...first.faults, ...second.faults], []);
  } finally {
    await empty.stop();
  }
});
