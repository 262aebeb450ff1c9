import { history, undo } from "@codemirror/commands";
import { EditorState, type TransactionSpec } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { FakeHub, seeded } from "../../live/fakehub";
import { sharing, shared } from "./collab";
import type { DeviceRecord, DeviceStore } from "./device";
import { hygiene } from "./hygiene";
import { Session } from "./session";

function memoryStore(): DeviceStore & { records: Map<string, DeviceRecord> } {
  const records = new Map<string, DeviceRecord>();
  return {
    records,
    save: async (r) => void records.set(r.key, structuredClone(r)),
    remove: async (key) => void records.delete(key),
    list: async (draft, person) => [...records.values()].filter((r) => r.draft === draft && r.person === person),
    setAside: async () => {},
    lock: async () => () => {},
  };
}

class Writer {
  state: EditorState | null = null;
  session: Session;
  readonly line: ReturnType<FakeHub["connection"]>;
  healed = 0;
  constructor(hub: FakeHub, readonly store = memoryStore(), restored?: DeviceRecord) {
    this.line = hub.connection();
    this.session = new Session(
      {
        draft: "dr_1", person: "pe_1", store,
        connect: (port) => this.line.connection.open(port),
        ready: (start) => {
          this.state = EditorState.create({ doc: start.unconfirmed.reduce((d, u) => u.changes.apply(d), start.confirmed), extensions: [sharing(start), history(), hygiene(() => {})] });
          this.session.attach({
            state: () => this.state!,
            dispatch: (spec) => {
              this.state = this.state!.update(spec).state;
            },
          });
        },
        presence: () => {}, left: () => {},
        now: () => hub.time.now, setTimeout: (fn, ms) => hub.time.set(fn, ms), clearTimeout: (t) => hub.time.clear(t),
      },
      restored && { record: restored, release: () => {} },
    );
    this.session.begin();
  }
  edit(spec: TransactionSpec): void {
    this.state = this.state!.update(spec).state;
    this.session.edited();
  }
  get text(): string {
    return this.state!.doc.toString();
  }
}

const pieces = ["م", "دّ", " ", "\n", "Q-Flow ", "👍🏽", "٢.٣ ", "ن\n\n", "xyz"];

function scribble(w: Writer, rand: () => number): void {
  const n = w.state!.doc.length;
  const from = Math.floor(rand() * (n + 1));
  const to = rand() < 0.4 ? Math.min(n, from + Math.floor(rand() * 9)) : from;
  const insert = to > from && rand() < 0.5 ? "" : pieces[Math.floor(rand() * pieces.length)]!;
  w.edit({ changes: { from, to, insert } });
}

describe("a draft with several writers", () => {
  for (let seed = 1; seed <= 40; seed++) {
    it(`converges over lossy lines, seed ${seed}`, async () => {
      const rand = seeded(seed);
      const hub = new FakeHub(rand);
      hub.draft("dr_1", "تُحتسب مدّة إنجاز الخدمة\nمن لحظة اكتمال الطلب 👍🏽\n");
      const writers = [new Writer(hub), new Writer(hub), new Writer(hub)];
      await hub.time.run(300);
      for (let i = 0; i < 150; i++) {
        const w = writers[Math.floor(rand() * writers.length)]!;
        scribble(w, rand);
        if (rand() < 0.06) w.line.cut();
        if (rand() < 0.1) undoIn(w);
        await hub.time.run(rand() * 60);
      }
      await hub.time.run(60_000);
      expect(hub.faults).toEqual([]);
      for (const w of writers) {
        expect(w.text).toBe(hub.text("dr_1"));
        expect(w.session.status).toMatchObject({ pending: 0, save: "saved", online: true, problem: null, version: hub.version("dr_1") });
        expect(w.state!.field(shared).confirmed.toString()).toBe(hub.text("dr_1"));
        expect(w.store.records.size).toBe(0);
      }
    });
  }
});

function undoIn(w: Writer): void {
  undo({ state: w.state!, dispatch: (tr) => void (w.state = tr.state) });
  w.session.edited();
}

describe("one writer", () => {
  async function opened(text = "النص\n") {
    const hub = new FakeHub(seeded(3));
    hub.draft("dr_1", text);
    const w = new Writer(hub);
    await hub.time.run(200);
    return { hub, w };
  }

  it("composes what waits behind a push in flight, and sends nothing for nothing", async () => {
    const { hub, w } = await opened();
    for (const c of "تبسيط الرحلة") w.edit({ changes: { from: w.state!.doc.length, insert: c } });
    expect(w.session.status.save).toBe("saving");
    await hub.time.run(500);
    expect(hub.text("dr_1")).toBe("النص\nتبسيط الرحلة");
    expect(hub.version("dr_1")).toBe(1);
    w.line.cut();
    hub.unreachable = true;
    await hub.time.run(10);
    w.edit({ changes: { from: 0, insert: "x" } });
    w.edit({ changes: { from: 0, to: 1 } });
    expect(w.session.status).toMatchObject({ pending: 0, save: "saved", online: false });
  });

  it("applies once what was accepted without the answer arriving", async () => {
    const { hub, w } = await opened();
    w.edit({ changes: { from: 0, insert: "أ" } });
    const before = hub.version("dr_1");
    while (hub.version("dr_1") === before) await hub.time.run(1);
    w.line.cut();
    w.edit({ changes: { from: 0, insert: "ب" } });
    await hub.time.run(20_000);
    expect(hub.text("dr_1")).toBe("بأالنص\n");
    expect(w.text).toBe(hub.text("dr_1"));
    expect(hub.faults).toEqual([]);
  });

  it("keeps a day of edits on the device and merges them from another page load", async () => {
    const { hub, w } = await opened("بند أول\nبند ثان\n");
    const other = new Writer(hub);
    await hub.time.run(200);
    hub.unreachable = true;
    w.line.cut();
    await hub.time.run(10);
    for (let i = 0; i < 500; i++) w.edit({ changes: { from: 3, insert: String(i % 10) } });
    expect(w.session.status.save).toBe("unsaved");
    await hub.time.run(1_000);
    expect(w.session.status.save).toBe("kept");
    expect(w.store.records.size).toBe(1);
    for (let i = 0; i < 20; i++) {
      other.edit({ changes: { from: 0, insert: "س" } });
    }
    await hub.time.run(24 * 3_600_000 / 100);
    const left = w.text;
    w.session.close();
    await hub.time.run(10);
    hub.unreachable = false;
    const back = new Writer(hub, w.store, [...w.store.records.values()][0]);
    expect(back.text).toBe(left);
    await hub.time.run(5_000);
    expect(back.session.status).toMatchObject({ pending: 0, save: "saved" });
    expect(back.session.status.merged).not.toBeNull();
    await hub.time.run(2_000);
    expect(back.store.records.size).toBe(0);
    expect(hub.text("dr_1")).toContain("9876543210".repeat(2));
    expect(hub.text("dr_1").match(/\d/g)).toHaveLength(500);
    expect(back.text).toBe(hub.text("dr_1"));
    expect(other.text).toBe(hub.text("dr_1"));
  });

  it("comes back under a new number when its own is no longer known, without sending twice", async () => {
    const { hub, w } = await opened();
    w.edit({ changes: { from: 0, insert: "أ" } });
    const before = hub.version("dr_1");
    while (hub.version("dr_1") === before) await hub.time.run(1);
    w.line.cut();
    w.edit({ changes: { from: 1, insert: "ب" } });
    hub.drafts.get("dr_1")!.resumes.clear();
    await hub.time.run(20_000);
    expect(hub.text("dr_1")).toBe("أبالنص\n");
    expect(w.text).toBe(hub.text("dr_1"));
    expect(w.session.status.save).toBe("saved");
  });

  it("says so when the hub refuses, keeps the text and sends again when the right is back", async () => {
    const { hub, w } = await opened();
    hub.write = false;
    w.edit({ changes: { from: 0, insert: "أ" } });
    await hub.time.run(1_000);
    expect(w.session.status).toMatchObject({ save: "refused", problem: "policy.forbidden", pending: 1 });
    expect(w.store.records.size).toBe(1);
    hub.write = true;
    w.session.abilities({ "draft.write": true });
    await hub.time.run(1_000);
    expect(hub.text("dr_1")).toBe("أالنص\n");
    expect(w.session.status.save).toBe("saved");
  });

  it("says so when the text stands still before what waits could be sent, here and after a return", async () => {
    const { hub, w } = await opened();
    hub.unreachable = true;
    w.line.cut();
    await hub.time.run(10);
    w.edit({ changes: { from: 0, insert: "أ" } });
    hub.write = false;
    hub.unreachable = false;
    await hub.time.run(20_000);
    expect(w.session.status).toMatchObject({ online: true, save: "refused", problem: "draft.not_writable", pending: 1 });
    expect(hub.text("dr_1")).toBe("النص\n");
    hub.write = true;
    w.session.abilities({ "draft.write": true });
    await hub.time.run(1_000);
    expect(hub.text("dr_1")).toBe("أالنص\n");
    expect(w.session.status).toMatchObject({ save: "saved", problem: null });
    // On a line that is up, with nothing on its way, it is known at once; with something on its way its answer decides.
    w.session.abilities({ "draft.write": false });
    w.edit({ changes: { from: 0, insert: "ب" } });
    await hub.time.run(1_000);
    expect(w.session.status).toMatchObject({ save: "refused", problem: "draft.not_writable" });
    w.session.abilities({ "draft.write": true });
    await hub.time.run(1_000);
    expect(hub.text("dr_1")).toBe("بأالنص\n");
    w.edit({ changes: { from: 0, insert: "ت" } });
    await hub.time.run(1);
    w.session.abilities({ "draft.write": false });
    await hub.time.run(1_000);
    expect(hub.text("dr_1")).toBe("تبأالنص\n");
    expect(w.session.status).toMatchObject({ save: "saved", problem: null });
  });

  it("undoes only what this person wrote", async () => {
    const { hub, w } = await opened();
    const other = new Writer(hub);
    await hub.time.run(200);
    w.edit({ changes: { from: 0, insert: "مني " }, userEvent: "input" });
    await hub.time.run(500);
    other.edit({ changes: { from: 2, insert: "OTHER" }, userEvent: "input" });
    await hub.time.run(500);
    undoIn(w);
    await hub.time.run(500);
    expect(hub.text("dr_1")).toBe("OTHERالنص\n");
  });

  it("notices a dead line and reports it within 15 s", async () => {
    const { hub, w } = await opened();
    // The socket neither answers nor closes.
    for (const s of hub.sockets) s.send = () => {};
    for (const s of hub.sockets) s.toClient = () => {};
    w.edit({ changes: { from: 0, insert: "أ" } });
    hub.unreachable = true;
    await hub.time.run(15_000);
    expect(w.session.status.online).toBe(false);
    expect(w.session.status.save).toBe("kept");
    hub.unreachable = false;
    await hub.time.run(20_000);
    expect(hub.text("dr_1")).toBe("أالنص\n");
  });

  it("keeps refused characters out: NUL, CR, lone and split surrogates", async () => {
    const { hub, w } = await opened("😀\n");
    w.edit({ changes: { from: 2, insert: "a\0b\ud800c" } });
    w.edit({ changes: { from: 1, to: 2, insert: "\ude01" } });
    await hub.time.run(1_000);
    expect(hub.text("dr_1")).toBe(w.text);
    expect(w.text).toBe("😁ab\ufffdc\n");
    w.edit({ changes: { from: 0, insert: "ن".repeat(5_000_000) } });
    expect(w.state!.doc.length).toBeLessThan(20);
  });
});
