import { expect, test } from "vitest";
import { defects } from "./defects.ts";
import { firstFailure } from "./explore.ts";
import { simulate } from "./simulate.ts";

/** As many worlds as a minute has room for, at the very least. */
const aMinute = 2_000;

test.each(Object.entries(defects))(
  "a service that %s is found out within a minute, for its defect alone",
  { timeout: 300_000 },
  async (_, { defect, target, told }) => {
    const isTold = (problems: string[]) => problems.some((problem) => told.test(problem));
    const search = { worlds: aMinute, defect, tellsKnown: true, isWanted: isTold };
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
