/**
 * Two nodes of one hub, on PostgreSQL and Redis, as they are when a hub is scaled out: `make test` starts both services and names
 * them in MULTAQA_TEST_POSTGRES and MULTAQA_TEST_REDIS.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { becomes, caretAfter, editorText, openEditor, person, saveState, sharedDraft, startBrowser, startServer, until } from "./harness.mjs";

const { MULTAQA_TEST_POSTGRES: postgres, MULTAQA_TEST_REDIS: redis } = process.env;
const skip = postgres && redis ? false : "MULTAQA_TEST_POSTGRES and MULTAQA_TEST_REDIS name no servers; `make test-e2e` starts them";
const name = `nodes_${process.pid}_${Date.now()}`;
const sql = (text) => execFileSync("psql", [postgres, "-qc", text]);
let data;
let nodes = [];
let browser;
let salma;
let omar;

before(async () => {
  if (skip) return;
  sql(`create database ${name} locale 'C' encoding 'UTF8' template template0`);
  data = await mkdtemp(path.join(tmpdir(), "multaqa-nodes-"));
  const url = new URL(postgres);
  url.pathname = `/${name}`;
  const env = { MULTAQA_DATABASE_URL: url.href, MULTAQA_REDIS_URL: redis };
  nodes.push(await startServer("demo", data, env)); // seeds
  nodes.push(await startServer("demo", data, env));
  const [one, two] = nodes.map((n) => n.port);
  browser = await startBrowser();
  salma = await person(browser, { ports: [one, two] }, "salma@mun.gov.example");
  omar = await person(browser, { ports: [two, one] }, "omar@rta.gov.example");
});
after(async () => {
  await salma?.close();
  await omar?.close();
  await browser?.close();
  for (const n of nodes) await n.leave();
  if (data) await rm(data, { recursive: true, force: true });
  if (!skip) sql(`drop database if exists ${name} with (force)`);
});

test("two people write on two nodes; one node is killed while both type, and nothing is lost", { skip }, async () => {
  const draft = await sharedDraft(salma, omar, "# دليل على عقدتين\n\nسطر سلمى:\n\nسطر عمر:\n");
  const a = await openEditor(salma, draft.url);
  const b = await openEditor(omar, draft.url);
  const has = (page, text) => until(async () => (await editorText(page)).includes(text), text);
  await caretAfter(a, "سطر سلمى:");
  await a.keyboard.type(" من الأولى", { delay: 5 });
  await has(b, "سطر سلمى: من الأولى");
  await caretAfter(b, "سطر عمر:");
  await b.keyboard.type(" من الثانية", { delay: 5 });
  await has(a, "سطر عمر: من الثانية");
  await until(() => b.getByText("سلمى", { exact: false }).count(), "who writes on the other node to be shown");

  const words = Array.from({ length: 40 }, (_, i) => `كلمة${i}`);
  const long = (page) => page.keyboard.type(` ${words.join(" ")}`, { delay: 4 });
  const typing = Promise.all([long(a), long(b)]);
  await has(b, "كلمة5 "); // salma is in the middle of it
  nodes[0].kill();
  await typing;
  for (const page of [a, b]) await until(async () => (await saveState(page)) === "saved", "all to be saved");
  const [mine, theirs] = [`سطر سلمى: من الأولى ${words.join(" ")}\n`, `سطر عمر: من الثانية ${words.join(" ")}\n`];
  for (const page of [a, b]) {
    await has(page, mine);
    await has(page, theirs);
  }
  await becomes(async () => (await editorText(a)) === (await editorText(b)), true);
  // The node that lives tells it the same to who opens the text now.
  await a.reload();
  await a.locator('[data-online="true"]').waitFor();
  await has(a, mine);
  await becomes(async () => (await editorText(a)) === (await editorText(b)), true);
  await b.keyboard.type(" وبعدها", { delay: 5 });
  await has(a, "كلمة39 وبعدها");
  assert.deepEqual([salma.faults, omar.faults], [[], []]);
});
