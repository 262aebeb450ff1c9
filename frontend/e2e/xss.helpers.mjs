/**
 * What the test of hostile texts stands on: the shared corpus, a client of the API without a browser, a network whose
 * every text is an attack, and a browser context that notices whatever an attack could do.
 */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** Attacks of the shared corpus, or null where it does not stand beside the repository. */
export function payloads() {
  const root = process.env.MULTAQA_SHARED ?? ancestors(import.meta.dirname).map((d) => path.join(d, "shared")).find((d) => existsSync(path.join(d, "corpus/xss.json")));
  if (!root) return null;
  return JSON.parse(readFileSync(path.join(root, "corpus/xss.json"), "utf8")).vectors;
}

function ancestors(dir) {
  const up = path.dirname(dir);
  return up === dir ? [dir] : [dir, ...ancestors(up)];
}

/** A person at the API without a browser. */
export async function client(base, email, password) {
  const cookies = {};
  const raw = async (method, url, body) => {
    const res = await fetch(`${base}/api/v1${url}`, {
      method,
      headers: {
        Accept: "application/json",
        Cookie: Object.entries(cookies).map(([k, v]) => `${k}=${v}`).join("; "),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(method === "GET" ? {} : { "Idempotency-Key": randomUUID() }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    for (const line of res.headers.getSetCookie()) {
      const [, k, v] = line.match(/^([^=]+)=([^;]*)/);
      cookies[k] = v;
    }
    const text = await res.text();
    return { status: res.status, data: text ? JSON.parse(text) : null };
  };
  const api = async (method, url, body) => {
    const out = await raw(method, url, body);
    if (out.status >= 400) throw new Error(`${method} ${url} as ${email}: ${out.status} ${JSON.stringify(out.data)}`);
    return out.data;
  };
  if (password) await api("POST", "/session", { email, password });
  return { email, raw, api, cookies, session: await api("GET", "/session") };
}

const both = (s) => ({ ar: s, en: s });
const text = "# عنوان\n\nنص.\n";
const days = (n) => new Date(Date.now() + n * 86_400_000).toISOString();

/**
 * Fills the demo network with attacks. Each text takes the next attack that its field admits: names are one line of at
 * most 120 characters. Answers with the addresses to visit and how many attacks were kept where.
 */
export async function seed(hub, vectors) {
  const { demo } = (await client(hub.base)).session;
  const account = (role) => demo.accounts.filter((a) => a.role === role);
  const sign = (a) => client(hub.base, a.email, demo.password);
  const secretariat = await sign(account("SA")[0]);
  const moderator = account("MO")[0] ? await sign(account("MO")[0]) : secretariat;
  const people = [];
  for (const a of demo.accounts.filter((x) => x.email !== secretariat.email && x.email !== moderator.email)) people.push(await sign(a));
  const leads = people.filter((p) => p.session.roles.includes("AL"));
  const kept = {};
  const used = new Set();
  let next = 0;
  // Marks of our own, which say that they ran even where a dialog would not show, and a word that no line holds.
  const own = ['<img src=x onerror="window.__xss=1">', '"><script>window.__xss=1</script>', "javascript:window.__xss=1//", "'-(window.__xss=1)-'", "{{constructor.constructor('window.__xss=1')()}}", "[x](javascript:window.__xss=1)", "W".repeat(118)];
  const varied = [...own, ...vectors.map((v) => v.input).sort((a, b) => hash(a) - hash(b))];
  /** Sends body(attack) with one attack after another until one is admitted. */
  const put = async (who, method, url, place, body) => {
    for (let tries = 0; tries < 60; tries++) {
      const attack = varied[next++ % varied.length];
      const out = await who.raw(method, url, body(attack));
      if (out.status < 300) {
        kept[place] = (kept[place] ?? 0) + 1;
        used.add(attack);
        return out.data;
      }
      if (out.status !== 400 && out.data?.code !== "glossary.taken") throw new Error(`${method} ${url} as ${who.email}: ${out.status} ${JSON.stringify(out.data)}`);
    }
    throw new Error(`no attack was admitted: ${method} ${url}`);
  };

  for (const p of [secretariat, moderator, ...people]) await put(p, "PATCH", "/me", "person name", (s) => ({ name: both(s) }));
  const { items: agencies } = await secretariat.api("GET", "/agencies");
  for (const a of agencies) {
    await put(secretariat, "PATCH", `/agencies/${a.id}`, "agency name", (s) => ({ name: both(s) }));
    await put(secretariat, "PATCH", `/agencies/${a.id}`, "agency short name", (s) => ({ short: both(s.slice(0, 24).trim()) }));
  }
  const pages = ["/", "/guidelines", "/practices", "/practices/new", "/ballots", "/library", "/search", "/secretariat", "/agencies", "/people", "/glossary", "/account", "/signin", "/setup", "/welcome", "/published"];
  for (const a of agencies.slice(0, 2)) pages.push(`/agencies/${a.id}`);
  for (const s of own.slice(0, 3)) for (const at of ["/library?q=", "/search?q=", "/published?q="]) pages.push(at + encodeURIComponent(s));
  const { url } = await put(secretariat, "POST", `/agencies/${agencies[0].id}/invitations`, "invitation", (s) => ({ email: `new${next}@example.gov`, name: both(s), kind: "writer", roles: [] }));
  pages.push(new URL(url).pathname);
  const workspace = await put(secretariat, "POST", "/workspaces", "workspace name", (s) => ({ name: both(s), agencies: leads.slice(0, 2).map((p) => p.session.agency.id) }));

  const publish = async (lead, body) => {
    const made = await put(lead, "POST", "/guidelines", "guideline title", (s) => ({ summary: s.slice(0, 900), language: "ar", kind: "agency", template: "free", title: both(s), ...body }));
    const edition = await made_(lead, made);
    await lead.api("PUT", `/guidelines/${edition.guideline.id}/visibility`, { to: "public", agencies: [] });
    return edition;
  };
  const made_ = (who, made) => (made.draft_id ? made : who.api("GET", `/editions/${made.id}`));
  // All attacks as the text of guides; one that opens a code fence goes last, or it would swallow the others. A text
  // over the renderer's limits is refused whole, so such a batch is halved until the attack that is over them is alone.
  const all = vectors.map((v) => v.input).sort((a, b) => /```|~~~/.test(a) - /```|~~~/.test(b));
  const refused = [];
  const guide = async (batch, lead) => {
    const body = `${text}\n${batch.map((s, n) => `## ${n}\n\n${s}\n\n* ${s.split("\n")[0]}\n`).join("\n")}`;
    const edition = await publish(lead, { text: body });
    const out = await secretariat.raw("POST", `/editions/${edition.id}/events`, { event: "force_publish", reason: `سبب النشر العاجل ${varied[next++ % varied.length]}`.slice(0, 900), change_note: batch[0].slice(0, 200), review_by: days(300) });
    if (out.status === 413 && batch.length > 1) {
      const half = Math.ceil(batch.length / 2);
      await guide(batch.slice(0, half), lead);
      await guide(batch.slice(half), lead);
    } else if (out.status === 413) {
      refused.push(out.data.code);
    } else if (out.status >= 400) {
      throw new Error(`publish: ${out.status} ${JSON.stringify(out.data)}`);
    } else {
      kept["guide text"] = (kept["guide text"] ?? 0) + batch.length;
      pages.push(`/guides/${edition.guideline.id}`, `/guidelines/${edition.guideline.id}/editions/${edition.id}`);
    }
  };
  const size = 40;
  for (let i = 0; i < all.length; i += size) await guide(all.slice(i, i + size), leads[(i / size) % leads.length]);

  // A text in work with discussions, seen in the editor.
  for (const s of [all.slice(0, 60).join("\n\n"), own.join("\n\n")]) {
    const edition = await publish(leads[0], { text: `${text}\n${s}\n` });
    const draft = await leads[0].api("GET", `/drafts/${edition.draft_id}`);
    for (let i = 0; i < 6; i++) {
      const thread = await put(leads[0], "POST", `/drafts/${edition.draft_id}/threads`, "thread", (b) => ({ version: draft.version, from: 0, to: 20, kind: "general", body: b }));
      await put(leads[0], "POST", `/threads/${thread.id}/comments`, "comment", (b) => ({ body: b }));
      if (i === 0) await put(leads[0], "POST", `/threads/${thread.id}/resolve`, "outcome", (b) => ({ outcome: "noted", note: b }));
    }
    pages.push(`/guidelines/${edition.guideline.id}`, `/guidelines/${edition.guideline.id}/editions/${edition.id}`);
  }

  // The history of a text: names of versions, and suggestions to it.
  for (let i = 0; i < 2; i++) {
    const edition = await publish(leads[0], { text: `${text}\n${own.join("\n\n")}\n` });
    const { version } = await leads[0].api("GET", `/drafts/${edition.draft_id}`);
    for (let k = 0; k < 4; k++) {
      await put(leads[0], "POST", `/drafts/${edition.draft_id}/revisions`, "revision name", (s) => ({ version, name: s }));
      await put(leads[0], "POST", `/drafts/${edition.draft_id}/suggestions`, "suggestion", (s) => ({ key: `s${i}${k}`, version, parts: [{ from: 2 + k, to: 3 + k, insert: s.replace(/[\r\n]+/g, " ") }], note: s }));
    }
    const at = `/guidelines/${edition.guideline.id}/editions/${edition.id}`;
    pages.push(at, `${at}/history`, `${at}/history?view=text`, `${at}/history?view=credits`);
  }
  // The glossary, whose words are explained over the texts above.
  for (let i = 0; i < 4; i++) {
    await put(secretariat, "POST", "/terms", "term", (s) => ({ words: both(s.slice(0, 80)), definition: both(s.slice(0, 600)), discouraged: [{ lang: "ar", text: `كلمة ${i} ${s}`.slice(0, 80) }] }));
  }
  for (const p of leads.slice(0, 2)) {
    const { seats } = await secretariat.api("GET", `/agencies/${p.session.agency.id}`);
    pages.push(...seats.slice(0, 1).map((seat) => `/seats/${seat.id}/handover`));
  }

  // Practices in every stage that can be reached, with ballots and votes.
  const closes = days(10);
  for (let i = 0; i < 3; i++) {
    const practice = await put(leads[i], "POST", "/practices", "practice", (s) => ({
      title: both(s), problem: s, context: s, evidence: [{ text: s, date: "2026-01-01", source: s }], cost: s, contacts: s, axis: "delivery",
    }));
    pages.push(`/practices/${practice.id}`);
    if (i === 0) continue;
    await put(secretariat, "POST", `/practices/${practice.id}/stage`, "reason of a stage", (s) => ({ to: "screened", reason: `سبب كافٍ ${s}` }));
    const ballot = await put(secretariat, "POST", `/practices/${practice.id}/ballots`, "question", (s) => ({ question: both(s), closes_at: closes }));
    await secretariat.api("POST", `/ballots/${ballot.id}/open`, { closes_at: closes });
    pages.push(`/ballots/${ballot.id}`);
    for (const p of leads.slice(0, 6)) {
      const { subject } = await p.api("GET", `/ballots/${ballot.id}`);
      const out = await p.raw("POST", `/ballots/${ballot.id}/votes`, { choice: "against", reason: `سبب التصويت كما يلي ${varied[next++ % varied.length]}`.slice(0, 900), revision_hash: subject.revision_hash });
      if (out.status < 300) kept["reason of a vote"] = (kept["reason of a vote"] ?? 0) + 1;
    }
    if (i === 2) await put(secretariat, "POST", `/ballots/${ballot.id}/cancel`, "reason of a cancellation", (s) => ({ reason: `سبب الإلغاء كما يلي ${s}` }));
  }

  // Flags, and a decision.
  const { items: published } = await leads[0].api("GET", "/library");
  for (const g of published.slice(0, 3)) {
    const object = g.guideline_id ?? g.id;
    const out = await people[people.length - 1].raw("POST", "/flags", { object, reason: "other", text: varied[next++ % varied.length] });
    if (out.status < 300) kept.flag = (kept.flag ?? 0) + 1;
  }
  const queue = await moderator.raw("GET", "/moderation/queue");
  for (const it of (queue.data?.items ?? []).slice(0, 1)) {
    const out = await moderator.raw("POST", `/moderation/${it.id}/decide`, { action: "keep", reason: varied[next++ % varied.length], version: it.version });
    if (out.status < 300) kept["decision"] = (kept.decision ?? 0) + 1;
  }
  return { pages, kept, refused, distinct: used.size, workspace, people: { secretariat, moderator, lead: leads[0] } };
}

function hash(s) {
  let h = 7;
  for (const c of s) h = (h * 31 + c.codePointAt(0)) | 0;
  return h;
}

/** A browser context that notices what attacks do; nothing leaves the machine. */
export async function watched(browser, hub, who, options = {}) {
  const seen = { dialogs: [], ran: [], policy: [], foreign: [], errors: [] };
  const context = await browser.newContext({ baseURL: hub.base, locale: "ar-AE", viewport: { width: 1440, height: 900 }, ...options });
  if (who) await context.addCookies(Object.entries(who.cookies).map(([name, value]) => ({ name, value, url: hub.base })));
  await context.exposeBinding("__report", ({ page }, kind, what) => seen[kind].push(`${page.url()}: ${what}`));
  await context.addInitScript(() => {
    const report = window.__report;
    document.addEventListener("securitypolicyviolation", (e) => report("policy", `${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`), true);
    for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
      window[name] = (...args) => {
        report("ran", `${name}(${args})`);
        return null;
      };
    }
    Object.defineProperty(window, "__xss", { set: () => report("ran", "marker"), get: () => undefined });
  });
  // Watched, not intercepted: a route would switch the browser's cache off. No foreign host is ever looked up (see startBrowser).
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(hub.base) && !/^(data|blob):/.test(url)) seen.foreign.push(url);
  });
  const open = async () => {
    const page = await context.newPage();
    page.on("dialog", (d) => {
      seen.dialogs.push(`${page.url()}: ${d.message()}`);
      return d.dismiss();
    });
    page.on("pageerror", (e) => seen.errors.push(`${page.url()}: ${e.message}`));
    page.on("popup", (p) => seen.ran.push(`a window opened: ${p.url()}`));
    return page;
  };
  return { open, context, seen };
}
