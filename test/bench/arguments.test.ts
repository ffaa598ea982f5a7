import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkOut } from "./front-checkout.ts";
import { readArguments } from "./front-options.ts";
import { sections } from "./sections.ts";

const known = sections.map(({ name }) => name);
const read = (...words: string[]) => readArguments(words, known);

test("every section can be asked for by its own name", () => {
  expect(new Set(known).size).toBe(known.length);
  for (const name of known) expect(read(name).names).toEqual([name]);
});

test("no name asks for all sections", () => {
  expect(read().names).toEqual([]);
  expect(read().options.against).toBeUndefined();
});

test("an unknown section is refused with the known ones", () => {
  expect(() => read("frnt")).toThrow(/no section frnt; there are .*front/);
});

test("another commit is measured by the section front alone", () => {
  expect(read("--against", "abc1234")).toMatchObject({ names: ["front"], options: { against: "abc1234" } });
  expect(read("front", "--against=abc1234").names).toEqual(["front"]);
  expect(() => read("cost", "--against", "abc1234")).toThrow("front alone");
});

test("--against without a commit is refused", () => {
  expect(() => read("front", "--against")).toThrow("--against");
  expect(() => read("--against=")).toThrow("needs a commit");
});

test("a commit that is not there is named", async () => {
  const own = fileURLToPath(new URL("../..", import.meta.url));
  await expect(checkOut("no-such-commit", own)).rejects.toThrow("knows no commit no-such-commit");
});

test("sizes are numbers, and lists where a row is made of each", () => {
  const { options } = read("--delays", "0,5", "--callers", "3", "--large");
  expect(options).toMatchObject({ delays: [0, 5], callers: [3], users: 100_000 });
  expect(read().options.users).toBe(1000);
  expect(() => read("--turns", "none")).toThrow("--turns must be a number from 1 on");
  expect(() => read("--acts", "1,2")).toThrow("--acts must be one number");
});
