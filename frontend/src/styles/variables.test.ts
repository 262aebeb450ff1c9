import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

// A declaration with a variable that nobody sets is dropped without a word by the browser, and another font or colour stands there.
test("every variable of the style sheets is set somewhere", () => {
  const set = new Set<string>();
  const used = new Map<string, string>();
  for (const file of readdirSync("src", { recursive: true, encoding: "utf8" })) {
    if (!/\.(css|tsx?)$/.test(file)) continue;
    const text = readFileSync(`src/${file}`, "utf8");
    for (const [, name] of text.matchAll(/(--[a-z][\w-]*)(?:"(?: as string)?\]?)?\s*[:,]/g)) set.add(name!);
    if (file.endsWith(".css")) for (const [, name] of text.matchAll(/var\((--[\w-]+)\)/g)) used.set(name!, file);
  }
  expect(used.size).toBeGreaterThan(40);
  expect([...used].filter(([name]) => !set.has(name))).toEqual([]);
});
