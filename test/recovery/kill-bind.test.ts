import { expect, test } from "vitest";
import { bind, holds, saved } from "./group-world.ts";
import { killEverywhere } from "./kill-harness.ts";

const bindThree = {
  prepare: saved("ada", "bob", "cy"),
  call: bind("ada", "bob", "cy"),
  expected: holds({ ada: true, bob: true, cy: true }, ["ada", "bob", "cy"]),
};

test("bind a group with three new members: what the kill cut off is told once, and completed by the call again", async () => {
  const { afterSteps, beforeAnswers, problems } = await killEverywhere(bindThree);
  expect(problems).toEqual([]);
  // Three users with eight steps each, the group, and its members.
  expect(afterSteps).toBeGreaterThanOrEqual(30);
  expect(beforeAnswers).toBe(5);
}, 180_000);
