import { history, undo } from "@codemirror/commands";
import { ChangeSet, EditorState, Text, type TransactionSpec } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { plain, receive, shared, sharing } from "../collab";
import { emptied, groups, inserted, layIn, markOwn, own, suggesting, suggestions, takeOut } from "./suggestions";

/** An editor without a screen, in suggest mode. */
class Pen {
  state: EditorState;
  private version = 0;
  constructor(text: string) {
    const doc = Text.of(text.split("\n"));
    this.state = EditorState.create({ doc, extensions: [sharing({ version: 0, confirmed: doc, unconfirmed: [] }), history(), suggestions()] });
    this.apply(layIn(this.state, []));
  }
  apply(spec: TransactionSpec) {
    this.state = this.state.update(spec).state;
  }
  get text() {
    return plain(this.state.doc);
  }
  /** The text that everybody has. */
  get base() {
    return plain(this.state.field(shared).confirmed);
  }
  /** What the text would be with all that is suggested here. */
  get accepted() {
    return ChangeSet.of(groups(this.state).flatMap((g) => g.parts), this.base.length).apply(this.state.field(shared).confirmed).toString();
  }
  get crossed() {
    return this.state.field(own).struck.map((s) => this.state.sliceDoc(s.from, s.to));
  }
  /** The editor without what is struck. */
  get rest() {
    return ChangeSet.of(this.state.field(own).struck.map((s) => ({ ...s })), this.state.doc.length).apply(this.state.doc).toString();
  }
  type(over: string, text: string, event = "input.type") {
    const from = this.text.indexOf(over);
    expect(from).toBeGreaterThanOrEqual(0);
    this.apply({ changes: { from, to: from + over.length, insert: text }, selection: { anchor: from + text.length }, userEvent: event });
  }
  /** An update of the log on the shared text. */
  arrive(changes: ChangeSet) {
    this.apply(receive(this.state, [{ client: 9, seq: ++this.version, changes }]).spec);
  }
  edit(over: string, text: string) {
    const from = this.base.indexOf(over);
    expect(from).toBeGreaterThanOrEqual(0);
    this.arrive(ChangeSet.of({ from, to: from + over.length, insert: text }, this.base.length));
  }
  named(key: string) {
    const [g] = groups(this.state);
    this.apply(markOwn(this.state, [{ key, from: g!.from, to: g!.to }]));
  }
  /** What the hub appends when the one suggestion is accepted as it is now. */
  accept() {
    return ChangeSet.of(groups(this.state)[0]!.parts, this.base.length);
  }
}

describe("typing in suggest mode", () => {
  it("strikes what is typed over, and the shared text stays", () => {
    const p = new Pen("لا تتجاوز عشرين دقيقة.");
    p.type("عشرين", "خمس عشرة");
    expect(p.base).toBe("لا تتجاوز عشرين دقيقة.");
    expect(p.crossed).toEqual(["عشرين"]);
    expect(p.accepted).toBe("لا تتجاوز خمس عشرة دقيقة.");
    const [g] = groups(p.state);
    expect(g!.parts).toEqual([{ from: 10, to: 15, insert: "خمس عشرة" }]);
  });
  it("one's own suggested text is taken away as text", () => {
    const p = new Pen("سطر.");
    p.type(".", " جديد.");
    p.type(" جديد", "");
    expect(groups(p.state).map((g) => g.parts)).toEqual([[{ from: 3, to: 4, insert: "." }]]);
    p.apply(takeOut(p.state, null));
    expect(suggesting(p.state)).toBe(false);
    expect(p.text).toBe("سطر.");
  });
  it("a row of a table, an image and many pasted lines are suggested like words", () => {
    const p = new Pen("| أ | ب |\n| - | - |\n| ١ | ٢ |\n\nنص.\n");
    p.type("| ١ | ٢ |\n", "");
    p.type("نص.", "![شعار](/files/x.png)\n\nنص.\n\n- بند\n- بند", "input.paste");
    expect(p.base).toContain("| ١ | ٢ |");
    expect(p.accepted).toBe("| أ | ب |\n| - | - |\n\n![شعار](/files/x.png)\n\nنص.\n\n- بند\n- بند\n");
  });
  it("undo lifts what was struck", () => {
    const p = new Pen("كل سنة.");
    p.type("سنة", "شهر");
    expect(p.crossed).toEqual(["سنة"]);
    for (let i = 0; i < 3 && groups(p.state).length > 0; i++) undo({ state: p.state, dispatch: (tr) => (p.state = tr.state) });
    expect(p.crossed).toEqual([]);
    expect(p.text).toBe("كل سنة.");
  });
  it("what became empty is to be taken back", () => {
    const p = new Pen("كل سنة.");
    p.type(".", "، وكل شهر.");
    p.named("k");
    expect(emptied(p.state)).toEqual([]);
    undo({ state: p.state, dispatch: (tr) => (p.state = tr.state) });
    expect(emptied(p.state)).toEqual(["k"]);
  });
});

describe("what others write meanwhile", () => {
  it("on the same line, before, behind and inside what is struck", () => {
    const p = new Pen("لا تتجاوز مدّة الانتظار عشرين دقيقة.");
    p.type("مدّة الانتظار", "المدّة");
    p.edit("لا", "يجب ألّا");
    p.edit("عشرين", "ثلاثين");
    p.edit("مدّة الانتظار", "مدّة وقت الانتظار");
    // What was typed inside by another was never seen by who struck the words around it, so it stays.
    expect(p.accepted).toContain("وقت");
    expect(p.accepted).toBe(p.rest);
    expect(p.text).toContain("يجب ألّا");
    expect(p.text).toContain("ثلاثين");
  });
});

describe("one's own suggestion comes back accepted", () => {
  it("its words are there once, and the caret stays among them", () => {
    const p = new Pen("لا تتجاوز عشرين دقيقة.");
    p.type("عشرين", "خمس عشرة");
    p.named("k");
    const at = p.state.selection.main.head;
    p.arrive(p.accept());
    expect(p.text).toBe("لا تتجاوز خمس عشرة دقيقة.");
    expect(p.base).toBe(p.text);
    expect(groups(p.state)).toEqual([]);
    expect(p.state.selection.main.head).toBe(at - "عشرين".length);
  });
  it("what was typed on since stays suggested", () => {
    const p = new Pen("نص.");
    p.type("نص", "كلمة");
    p.named("k");
    const accepted = p.accept();
    p.type("كلمة", "كلمة أخرى");
    p.arrive(accepted);
    expect(p.base).toBe("كلمة.");
    expect(p.text).toBe("كلمة أخرى.");
    expect(groups(p.state).map((g) => [g.key, g.parts[0]!.insert])).toEqual([[null, " أخرى"]]);
  });
  it("a deletion only, and another one beside it", () => {
    const p = new Pen("أ ب ج د.");
    p.type("ب ", "");
    p.named("k");
    const accepted = p.accept();
    p.type("د", "هـ");
    p.arrive(accepted);
    expect(p.base).toBe("أ ج د.");
    expect(p.accepted).toBe("أ ج هـ.");
  });
  it("another's edit that says something else is another's edit", () => {
    const p = new Pen("أ ب ج.");
    p.type("ب", "بـ");
    p.edit("ب", "ت");
    expect(p.base).toBe("أ ت ج.");
    expect(inserted(p.state).length).toBe(1);
  });
});

// A small generator with a seed: a failing one is run again by its number.
function seeded(seed: number) {
  let a = seed >>> 0;
  return (n: number) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

it("whatever is typed here and there, what is shown is what would be accepted", () => {
  const bits = ["س", " ", "\n", "نصّ", "كلمة ", "😀"];
  let absorbed = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const r = seeded(seed);
    const p = new Pen("لا تتجاوز مدّة الانتظار\nعشرين دقيقة 😀.\n\nسطر أخير");
    for (let i = 0; i < 40; i++) {
      const before = p.base;
      const kind = r(8);
      if (kind < 4) {
        const from = r(p.state.doc.length + 1);
        const to = Math.min(p.state.doc.length, from + (r(2) ? r(6) : 0));
        p.apply({ changes: { from, to, insert: r(3) ? bits[r(bits.length)]! : "" }, userEvent: "input.type" });
        expect(p.base, `seed ${seed}`).toBe(before);
      } else if (kind < 7 || groups(p.state).length === 0) {
        const from = r(p.base.length + 1);
        const to = Math.min(p.base.length, from + (r(2) ? r(6) : 0));
        p.arrive(ChangeSet.of({ from, to, insert: r(3) ? bits[r(bits.length)]! : "" }, p.base.length));
      } else {
        const all = groups(p.state);
        const g = all[r(all.length)]!;
        const want = p.accepted;
        p.arrive(ChangeSet.of(g.parts, p.base.length));
        absorbed++;
        expect(p.accepted, `seed ${seed}, step ${i}`).toBe(want);
        expect(groups(p.state).length, `seed ${seed}, step ${i}`).toBe(all.length - 1);
      }
      const s = p.state.field(shared);
      expect(s.overlay!.apply(s.confirmed).toString(), `seed ${seed}, step ${i}`).toBe(p.text);
      expect(p.accepted, `seed ${seed}, step ${i}`).toBe(p.rest);
    }
  }
  expect(absorbed).toBeGreaterThan(60);
}, 120_000);
