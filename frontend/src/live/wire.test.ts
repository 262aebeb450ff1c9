import { ChangeSet, Text } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { caretBefore, decodeCarets, decodeFrame, decodePush, encodeCarets, encodeFrame, encodePush, identity, peekFrame, Reader, readChange, utf8Length, WireError, Writer, writeChange } from "./wire";

const hex = (b: Uint8Array) => Array.from(b, (x) => x.toString(16).padStart(2, "0")).join(" ");
const bytes = (s: string) => Uint8Array.from(s.split(" ").filter(Boolean), (x) => Number.parseInt(x, 16));

describe("carets", () => {
  it("reads and writes the example of the protocol page", () => {
    const carets = [{ client: 3, version: 300, anchor: 5, head: 9 }];
    const b = encodeCarets(7, carets);
    expect(hex(b)).toBe("03 07 03 ac 02 05 09");
    expect(decodeCarets(b)).toEqual({ handle: 7, carets });
    expect(decodeCarets(bytes("02 01 00 02 01 00"))).toBeNull();
    expect(() => decodeCarets(b.slice(0, 5))).toThrow(WireError);
  });
});

describe("frames", () => {
  it("reads and writes the example of the protocol page", () => {
    const changes = ChangeSet.of({ from: 1000, insert: "م" }, 5000);
    const b = encodeFrame(7, 300, [{ client: 3, seq: 41, changes }]);
    expect(hex(b)).toBe("02 07 ac 02 06 29 02 a0 1f 0a d9 85");
    expect(peekFrame(b)).toEqual({ handle: 7, from: 300 });
    const f = decodeFrame(b, 5000);
    expect(f.updates).toHaveLength(1);
    expect(f.updates[0]!.changes.toJSON()).toEqual(changes.toJSON());
  });

  it("packs consecutive sequences of one client in a run and keeps the lengths along the way", () => {
    const a = ChangeSet.of({ from: 0, insert: "أهلا\n" }, 3);
    const c = ChangeSet.of({ from: 2, to: 5 }, a.newLength);
    const d = ChangeSet.of({ from: 0, to: 1, insert: "👩‍⚕️" }, c.newLength);
    const updates = [
      { client: 2, seq: 5, changes: a },
      { client: 2, seq: 6, changes: c },
      { client: 9, seq: 1, changes: d },
    ];
    const out = decodeFrame(encodeFrame(1, 0, updates), 3).updates;
    expect(out.map((u) => [u.client, u.seq, u.changes.toJSON()])).toEqual(updates.map((u) => [u.client, u.seq, u.changes.toJSON()]));
  });

  it("takes a change that keeps everything, as a rebased update may", () => {
    const f = decodeFrame(bytes("02 01 00 02 01 00"), 4);
    expect(f.updates[0]!.changes.empty).toBe(true);
  });
});

describe("pushes", () => {
  it("round-trips random changes with diacritics, pairs and line breaks", () => {
    let seed = 7;
    const rand = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    const pieces = ["م", "مُدّة", "\n", "👍🏽", "a", "\n\n", "٢٫٣", "‏"];
    for (let i = 0; i < 500; i++) {
      const length = rand(60);
      const changes: ChangeSet[] = [];
      let at = length;
      for (let k = 0; k < 1 + rand(4); k++) {
        const from = rand(at + 1);
        const to = Math.min(at, from + rand(5));
        const insert = rand(3) === 0 && to > from ? "" : pieces[rand(pieces.length)]!;
        const c = ChangeSet.of({ from, to, insert }, at);
        changes.push(c);
        at = c.newLength;
      }
      const p = decodePush(encodePush({ handle: 3, base: i, length, seq: i + 1, changes }));
      expect(p.changes.map((c) => c.toJSON())).toEqual(changes.map((c) => c.toJSON()));
      expect([p.handle, p.base, p.length, p.seq]).toEqual([3, i, length, i + 1]);
    }
  });

  it("a push takes the caret along", () => {
    const changes = [ChangeSet.of({ from: 4, insert: "مُ" }, 9), ChangeSet.of({ from: 6, insert: "دّ" }, 11)];
    const caret = { anchor: caretBefore(changes, 8), head: caretBefore(changes, 13) };
    expect(caret).toEqual({ anchor: 4, head: 9 });
    const p = decodePush(encodePush({ handle: 3, base: 1, length: 9, seq: 1, changes, caret }));
    expect(p.caret).toEqual(caret);
    // Who gets it maps it over what was typed, and it is behind that again.
    expect(changes.reduce((at, c) => c.mapPos(at, 1), 4)).toBe(8);
    expect(() => decodePush(encodePush({ handle: 3, base: 1, length: 9, seq: 1, changes, caret: { anchor: 0, head: 10 } }))).toThrow(WireError);
  });
});

describe("refused", () => {
  const cases: [string, string, number][] = [
    ["sum beyond the length", "01 15", 4],
    ["keep at the end", "01 04", 4],
    ["two keeps in a row", "03 04 04 05", 9],
    ["two deletes in a row", "02 05 05", 9],
    ["empty keep", "02 00 05", 4],
    ["ill-formed UTF-8", "01 06 ff", 4],
    ["carriage return", "01 06 0d", 4],
    ["NUL", "01 06 00", 4],
    ["text cut off", "01 12 61", 4],
    ["varint not shortest", "81 00 06 61", 4],
    ["varint too large", "ff ff ff ff 0f", 4],
    ["replacement without text", "01 07 00", 4],
    ["lone surrogate as UTF-8", "01 0e ed a0 80", 4],
  ];
  for (const [what, b, length] of cases) {
    it(what, () => {
      expect(() => readChange(new Reader(bytes(b)), length)).toThrow(WireError);
    });
  }
  it("trailing bytes and a run of one", () => {
    expect(() => decodeFrame(bytes("02 01 00 02 01 00 ff"), 4)).toThrow(WireError);
    expect(() => decodeFrame(bytes("02 01 00 03 01 01 00"), 4)).toThrow(WireError);
    expect(() => decodeFrame(bytes("02 01 00"), 4)).toThrow(WireError);
  });
});

describe("helpers", () => {
  it("counts bytes of UTF-8", () => {
    for (const s of ["", "abc", "مُدّة", "👍🏽 x", "a\nب\n"]) {
      expect(utf8Length(Text.of(s.split("\n")))).toBe(new TextEncoder().encode(s).length);
    }
  });
  it("makes a change that says nothing", () => {
    for (const s of ["a", "👍x", "\nب"]) {
      const doc = Text.of(s.split("\n"));
      const c = identity(doc)!;
      expect(c.apply(doc).toString()).toBe(s);
      const w = new Writer();
      writeChange(w, c);
      expect(w.done()[0]).toBe(1);
    }
    expect(identity(Text.empty)).toBeNull();
  });
});
