import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const rows = read("docs/quirks.md")
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, number, quirk, handling, tests = ""]) => ({ number: Number(number), quirk, handling, tests }));
/** A test's title may come after those of what it is a case in. */
const named = rows.flatMap(({ number, tests }) =>
  [...tests.matchAll(/`([^`]+)` › "([^"]+)"/g)].map(([, file = "", title = ""]) => ({ number, file, title })),
);

test("each of at least 66 quirks has its row, and none is empty", () => {
  expect(rows.length).toBeGreaterThanOrEqual(66);
  expect(rows.map(({ number }) => number)).toEqual(rows.map((_, at) => at + 1));
  for (const { quirk, handling } of rows) expect([quirk, handling]).not.toContain("");
});

test("every row names tests and nothing else", () => {
  for (const { number, tests } of rows) {
    const left = tests.replaceAll(/`[^`]+` › "[^"]+"/g, "").replaceAll("; ", "");
    expect(`${number}: ${left}`).toMatch(/^\d+: $/);
    expect(`${number}: ${tests}`).not.toMatch(/: $/);
  }
});

test.each(named)("row $number: $title is in $file", ({ file, title }) => {
  expect(existsSync(new URL(file, root))).toBe(true);
  const source = read(file);
  // As code spells it: in quotes of any kind.
  const isIn = (part: string) => ['"', "'", "`"].some((quote) => source.includes(quote + part + quote));
  expect(title.split(" › ").filter((part) => !isIn(part))).toEqual([]);
});
