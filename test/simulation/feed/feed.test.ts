import { expect, test } from "vitest";
import { type DialectName, dialects } from "./dialects.ts";
import { feedWorld } from "./feed.ts";

/** About 30 ms each. Others are tried from FEED_SEED=NUMBER on. */
const worlds = 40;
const first = Number(process.env.FEED_SEED ?? 1);

test.each(Object.keys(dialects) as DialectName[])(
  "a directory that is fed in the dialect of %s is what the identity provider was told, whatever fails or is killed on the way",
  { timeout: 120_000 },
  async (name) => {
    const faults = new Set<string>();
    for (let seed = first; seed < first + worlds; seed += 1) {
      const { problems, story, met } = await feedWorld(name, seed);
      for (const fault of met) faults.add(fault.split(" ")[1] ?? "");
      const told = [...problems, `${name}, seed ${seed}`, ...story.slice(-80), ...met].join("\n");
      expect(problems.length === 0 ? "" : told).toBe("");
    }
    expect(faults.size).toBeGreaterThan(3);
  },
);

test("the same seed gives the same world", async () => {
  expect(await feedWorld("okta", first + 3)).toEqual(await feedWorld("okta", first + 3));
});
