// Makes cases for pkg/changeset with the original: @codemirror/state and @codemirror/collab. One JSON object a line.
//
//   node scripts/changeset-vectors.mjs COUNT SEED > ../pkg/changeset/testdata/vectors.jsonl
//
// The same count and seed give the same cases. Texts lean to Arabic with diacritics, emoji beyond the BMP, joiners and empty
// lines, because that is where lengths in UTF-16 units differ from everything else.
import { collab, receiveUpdates, sendableUpdates } from "@codemirror/collab";
import { ChangeSet, EditorState, MapMode } from "@codemirror/state";

const count = Number(process.argv[2] ?? 2000);
let state = Number(process.argv[3] ?? 1) >>> 0;

function random() {
  // mulberry32
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];

const atoms = ["م", "ُ", "ل", "ْ", "تَ", "قَى", "لا", "ـ", "٣", "a", "b", " ", "\n", "\n", "\n\n", "😀", "👩‍🌾", "𝒜", "é", "\u200f", "\u2067", "|", "- ", "🇯🇴", "\t", '"', "\\", "\r\n", "\r"];
function words(most) {
  let out = "";
  for (let n = below(most + 1); n > 0; n--) out += pick(atoms);
  return out;
}
// CodeMirror ends a line at \r\n, \r and \n alike.
const lines = EditorState.create();
const text = (s) => lines.toText(s);

// A position that does not cut a surrogate pair.
function position(s, from = 0) {
  let p = from + below(s.length - from + 1);
  if (p > 0 && p < s.length && s.charCodeAt(p) >= 0xdc00 && s.charCodeAt(p) <= 0xdfff) p++;
  return p;
}

function change(s) {
  const specs = [];
  let at = 0;
  const n = pick([0, 1, 1, 1, 2, 3, 6]);
  for (let i = 0; i < n; i++) {
    const from = random() < 0.3 ? at : position(s, at);
    const kind = random();
    const to = kind < 0.5 ? from : position(s.slice(0, Math.min(s.length, from + 6)), from);
    const safe = to > 0 && to < s.length && s.charCodeAt(to) >= 0xdc00 && s.charCodeAt(to) <= 0xdfff ? to + 1 : to;
    const insert = kind < 0.75 ? words(4) : "";
    specs.push({ from, to: safe, insert: text(insert) });
    at = safe;
  }
  return ChangeSet.of(specs, s.length);
}

const modes = [MapMode.Simple, MapMode.TrackDel, MapMode.TrackBefore, MapMode.TrackAfter];

function algebra() {
  const raw = words(pick([0, 3, 12, 24]));
  const doc = text(raw).toString();
  const a = change(doc);
  const b = change(doc);
  const after = a.apply(text(doc));
  const c = change(after.toString());
  const pos = [];
  for (let i = 0; i < 4; i++) {
    const p = below(doc.length + 1);
    const got = [];
    for (const mode of modes) for (const assoc of [-1, 1]) got.push(a.mapPos(p, assoc, mode));
    pos.push([p, ...got]);
  }
  return {
    raw, doc, a, b, c, after: after.toString(), compose: a.compose(c), map: a.map(b), before: a.map(b, true),
    invert: a.invert(text(doc)), pos,
  };
}

// An editor with unconfirmed updates receives the log one update at a time; some of its own are in it.
function rebase() {
  const doc = text(words(12)).toString();
  let editor = EditorState.create({ doc, extensions: [collab({ clientID: "me" })] });
  for (let n = 1 + below(3); n > 0; n--) {
    const changes = change(editor.doc.toString());
    if (!changes.empty) editor = editor.update({ changes }).state;
  }
  const own = sendableUpdates(editor).map((u) => u.changes);
  const log = [];
  let head = text(doc);
  for (let n = below(7); n > 0; n--) {
    const sendable = sendableUpdates(editor);
    const update =
      sendable.length > 1 && random() < 0.3
        ? { clientID: "me", changes: sendable[0].changes }
        : { clientID: "x", changes: change(head.toString()) };
    log.push(update);
    head = update.changes.apply(head);
    editor = receiveUpdates(editor, [update]).state;
  }
  const rebased = sendableUpdates(editor).map((u) => u.changes);
  return {
    doc, head: head.toString(), own, log: log.map((u) => u.changes), mine: log.map((u) => (u.clientID === "me" ? 1 : 0)),
    rebased, end: editor.doc.toString(),
  };
}

for (let i = 0; i < count; i++) {
  process.stdout.write(`${JSON.stringify(i % 4 === 3 ? { rebase: rebase() } : { algebra: algebra() })}\n`);
}
