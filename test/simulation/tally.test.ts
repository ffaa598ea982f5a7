import { expect, test } from "vitest";
import { createTally } from "./tally.ts";

test("a run tells how far it is in a line, and of each provider its worlds and the seeds of its findings", () => {
  const tally = createTally(["generic", "etag"]);
  tally.note({ name: "generic", seed: 7 });
  tally.note({ name: "etag", seed: 7 });
  expect(tally.line(1, 60)).toBe("minute 1 of 60: 2 worlds, no promise broken, up to seed 7");
  tally.note({ name: "etag", seed: 8, failure: "WRONG: has no account" });
  expect(tally.summary()).toEqual([
    "generic: 1 worlds, 0 findings",
    "etag: 2 worlds, 1 findings, at seeds 8",
    "all: 3 worlds, 1 findings, up to seed 8",
  ]);
});
