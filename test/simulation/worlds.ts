import { expect, test } from "vitest";
import { explain, firstFailure } from "./explore.ts";
import { makeAutomaticPlan } from "./make-automatic-plan.ts";
import { type TargetName, targets } from "./targets.ts";

/**
 * How many worlds of each provider a run of all tests tries: together a good half of a minute on two cores, at about
 * 15 ms each. `npm run simulate` tries others for as long as wanted.
 */
const worldsOfEach = 90;
/** Each of these is another provider. */
const mixedWorlds = 200;

/** A world of automatic work has days of sweeps at its end, and takes some 60 ms. */
const automaticWorlds = 4;

const names = Object.keys(targets) as TargetName[];

/** Every second provider, so that two test files share them. */
export const testWorlds = (half: 0 | 1): void => {
  test.each(names.filter((_, at) => at % 2 === half))(
    "%s is as the directory says, whatever went wrong and whoever was at it together, once the faults stop",
    { timeout: 600_000 },
    async (name) => {
      const found = await firstFailure(name, {
        seed: 1,
        worlds: name === "mixed" ? mixedWorlds : worldsOfEach,
      });
      expect(found && (await explain(found))).toBeUndefined();
    },
  );
  test.each(names.filter((_, at) => at % 2 === half))(
    "%s becomes what the directory says by itself, whatever is lost, late or killed on the way",
    { timeout: 600_000 },
    async (name) => {
      const found = await firstFailure(name, { seed: 1, worlds: automaticWorlds, make: makeAutomaticPlan });
      expect(found && (await explain(found))).toBeUndefined();
    },
  );
};
