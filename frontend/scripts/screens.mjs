// Takes screenshots of a running demo hub, to be looked at beside the design:
//   node scripts/screens.mjs http://localhost:8080 OUT [name filter] [e-mail of a demo account]
// Arabic and English, 1440 and 390 wide, light and dark. The pages are taken whole.
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [base, out, filter = '', who = ''] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking'] });

async function api(page, path) {
  return page.evaluate(async (p) => (await fetch('/api/v1' + p)).json(), path);
}

const shots = [
  ['ar', 1440, 'light'], ['ar', 390, 'light'], ['en', 1440, 'light'], ['ar', 1440, 'dark'], ['en', 390, 'dark'],
];
for (const [lang, width, theme] of shots) {
  const ctx = await browser.newContext({ viewport: { width, height: width === 390 ? 844 : 900 }, locale: lang, colorScheme: theme });
  const page = await ctx.newPage();
  page.on('console', (m) => m.type() === 'error' && console.log(lang, width, 'console:', m.text().slice(0, 300)));
  page.on('pageerror', (e) => console.log(lang, width, 'page error:', String(e).slice(0, 300)));
  const shot = async (name, path) => {
    if (filter && !name.includes(filter)) return;
    await page.goto(base + path, { waitUntil: 'networkidle' }).catch((e) => console.log(name, String(e).slice(0, 120)));
    await page.waitForTimeout(400);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) console.log(`${name} ${lang} ${width}: ${wide}px wider than the window`);
    await page.screenshot({ path: `${out}/${name}-${lang}-${width}-${theme}.png`, fullPage: true });
  };
  await shot('signin', '/signin');
  await page.goto(base + '/signin');
  const demo = (await api(page, '/session')).demo;
  const email = who || demo.accounts[0].email;
  await page.evaluate(async ([e, p]) => fetch('/api/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: e, password: p }) }), [email, demo.password]);
  await page.evaluate(async (p) => fetch('/api/v1/me', { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ prefs: p }) }),
    { locale: lang, digits: lang === 'ar' ? 'arab' : 'latn', calendar: 'hijri', theme });
  await page.evaluate(([l, t]) => { localStorage.setItem('lang', l); localStorage.setItem('theme', t); }, [lang, theme]);
  await shot('home', '/');
  await shot('guidelines', '/guidelines');
  const guidelines = (await api(page, '/guidelines')).items;
  const busy = guidelines.filter((g) => g.in_work).sort((a, b) => (b.threads_open ?? 0) - (a.threads_open ?? 0))[0];
  await shot('guideline', `/guidelines/${busy.id}`);
  await shot('editor', `/guidelines/${busy.id}/editions/${busy.in_work.id}`);
  await shot('practices', '/practices');
  await shot('nominate', '/practices/new');
  // One page of each state.
  const each = (items, key) => items.filter((x, i) => items.findIndex((y) => key(y) === key(x)) === i);
  for (const b of each((await api(page, '/ballots')).items, (x) => x.result ?? x.state)) await shot(`ballot-${b.result ?? b.state}`, `/ballots/${b.id}`);
  for (const p of each((await api(page, '/practices')).items, (x) => x.stage)) await shot(`practice-${p.stage}`, `/practices/${p.id}`);
  await shot('ballots', '/ballots');
  await shot('glossary', '/glossary');
  await shot('secretariat', '/secretariat');
  await shot('people', '/people');
  await shot('welcome', '/welcome');
  await shot('library', '/library');
  await shot('account', '/account');
  await shot('agencies', '/agencies');
  const { agency } = await api(page, '/session');
  if (agency) await shot('agency', `/agencies/${agency.id}`);
  const published = guidelines.find((g) => g.current && g.visibility === 'public') ?? guidelines.find((g) => g.current);
  await shot('guide', `/guides/${published.id}/e/${published.current.number}?lang=${lang}`);
  await shot('published', `/published?lang=${lang}`);
  await ctx.close();
}
await browser.close();
