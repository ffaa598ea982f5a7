import { expect, test } from "vitest";
import { defects } from "./defects.ts";
import { firstFailure } from "./explore.ts";
import { makeAutomaticPlan } from "./make-automatic-plan.ts";
import { makePlan } from "./make-plan.ts";
import { simulate } from "./simulate.ts";

/** As many worlds as a minute has room for, at the very least. */
const aMinute = 2_000;

test.each(Object.entries(defects))(
  "a service that %s is found out within a minute, for its defect alone",
  { timeout: 300_000 },
  async (_, { defect, target, told, ...planted }) => {
    const isTold = (problems: string[]) => problems.some((problem) => told.test(problem));
    const make = "isAutomatic" in planted ? makeAutomaticPlan : makePlan;
    const search = { worlds: aMinute, make, defect, tellsKnown: true, isWanted: isTold };
    for (let seed = 1; seed <= aMinute; ) {
      const found = await firstFailure(target, { ...search, seed, worlds: aMinute - seed + 1 });
      if (!found) break;
      const { problems } = await simulate(found.plan, { tellsKnown: true });
      if (!isTold(problems)) return;
      // The same is wrong without the defect: a known finding.
      seed = found.seed + 1;
    }
    expect.fail("the defect was not found");
  },
);
