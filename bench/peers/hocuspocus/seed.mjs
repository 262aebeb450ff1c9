// Writes documents into the database of the peer before it starts, as its SQLite extension stores them.
// usage: node seed.mjs DATABASE, with {"docs": n, "text": "…", "edits": n, "seed": n} on standard input.
// With edits, that many one-character insertions and deletions at random places follow the text, each by one of ten authors.
import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import * as Y from "yjs";

const { docs, text, edits = 0, seed = 1 } = JSON.parse(readFileSync(0, "utf8"));
const db = new Database(process.argv[2]);
db.exec(`CREATE TABLE IF NOT EXISTS "documents" ("name" varchar(255) NOT NULL, "data" blob NOT NULL, UNIQUE(name))`);

const first = new Y.Doc();
first.clientID = 1;
first.getText("t").insert(0, text);
let state = Y.encodeStateAsUpdate(first);
if (edits > 0) {
  let x = seed >>> 0;
  const random = (n) => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return Math.floor((x / 2 ** 32) * n);
  };
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  const body = doc.getText("t");
  // Authors take turns of fifty edits, as people do who work on one text.
  for (let i = 0; i < edits; i++) {
    if (i % 50 === 0) doc.clientID = 1000 + (i / 50) % 10;
    const at = random(body.length);
    if (i % 4 === 3) body.delete(at, 1);
    else body.insert(at, "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"[random(28)]);
  }
  state = Y.encodeStateAsUpdate(doc);
}
const put = db.prepare(`INSERT INTO "documents" ("name", "data") VALUES (?, ?)`);
db.transaction(() => {
  for (let i = 0; i < docs; i++) put.run(`d${i}`, Buffer.from(state));
})();
db.close();
