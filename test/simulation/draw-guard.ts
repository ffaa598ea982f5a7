import { createChance } from "./chance.ts";
import type { Draft } from "./drafts.ts";
import { networkFaultKinds, storeFaultKinds } from "./faults.ts";
import { someFaults } from "./make-plan.ts";
import { userCount } from "./model.ts";
import { type Plan, type PlannedCall, processCount } from "./plan.ts";

/** How likely a world has a guard that keeps somebody, and how likely a round of it has somebody who decides. */
const guarded = 0.3;
const decided = 0.5;

/**
 * In some worlds few may go in an hour, or nobody; somebody looks at the holds and decides, and people are locked. Of a chance of
 * its own, so that all other worlds stay what they are.
 */
export const withGuard = (plan: Plan, seed: number): Plan => {
  const chance = createChance(seed ^ 0x90a4d);
  if (!chance.isTrue(guarded)) return plan;
  const guard = { users: chance.upTo(3), percent: chance.pick([0, 0, 50]), most: 2 };
  const trouble = chance.pick([0, 0.2, 0.4]);
  const aCall = (): PlannedCall => {
    const store = someFaults(chance, trouble, { kinds: storeFaultKinds, most: 25 });
    const network = someFaults(chance, trouble, { kinds: networkFaultKinds, most: 10 });
    return {
      what: aDraft(),
      process: chance.upTo(processCount),
      chance: chance.seed(),
      ...(store.length > 0 && { store }),
      ...(network.length > 0 && { network }),
    };
  };
  const aDraft = (): Draft => {
    if (chance.isTrue(0.25))
      return { do: chance.pick(["lock", "lock", "unlock"] as const), user: chance.upTo(userCount) };
    return {
      do: "decide",
      verdict: chance.pick(["approved", "approved", "rejected"] as const),
      hold: chance.upTo(3),
      ...(chance.isTrue(0.4) && { person: chance.upTo(userCount) }),
      ...(chance.isTrue(0.1) && { isOff: true as const }),
    };
  };
  const rounds = plan.rounds.flatMap((round): PlannedCall[][] => {
    if (!chance.isTrue(decided)) return [round];
    const isBeside = round.length < 3 && chance.isTrue(0.4);
    return isBeside ? [[...round, aCall()]] : [round, [aCall()]];
  });
  return { ...plan, policies: { ...plan.policies, guard }, rounds };
};
