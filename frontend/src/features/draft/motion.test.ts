import { expect, it } from "vitest";
import type { Edition } from "../../api/types";
import { ballotSubject } from "./EditionActions";

it("writes the edition's number of a motion in the digits of its language", () => {
  const { motion } = ballotSubject({ id: "ed_1", number: "1.0", guideline: { title: { ar: "دليل ISO 9001", en: "A guide" } } } as Edition);
  expect(motion.ar).toBe("يُعتمد «دليل ISO 9001»، الإصدار ١.٠، دليلًا للشبكة.");
  expect(motion.en).toBe("“A guide”, edition 1.0, is adopted as a network guideline.");
});
