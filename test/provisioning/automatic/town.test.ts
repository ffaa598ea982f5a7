import { expect, test } from "vitest";
import { liveInTown } from "./town.ts";

test.each([1, 2])(
  "three integrations equal the directory after a day of changes, outages and dying workers (seed %i)",
  { timeout: 120_000 },
  async (seed) => {
    expect(await liveInTown({ users: 40, groups: 5, changes: 100, seed })).toEqual([]);
  },
);
