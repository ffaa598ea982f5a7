import type { Policies } from "../../shared/model/integration.ts";
import type { Switches } from "../providers/quirky/switches.ts";
import type { Automatic } from "./automatic.ts";
import type { Draft } from "./drafts.ts";
import type { NetworkFault, StoreFault } from "./faults.ts";
import type { TargetName } from "./targets.ts";

/** One call of a world. */
export type PlannedCall = {
  what: Draft;
  /** Which of the processes carries it out. */
  process: number;
  /** Seed of how long its requests take, of its ids and of its back-offs. */
  chance: number;
  store?: StoreFault[];
  network?: NetworkFault[];
};

/**
 * All that happens in one world, as data: the calls, round by round, those of a round at the same time, and all that
 * goes wrong. A plan is made from a seed, made smaller where it fails, and printed as a test.
 */
export type Plan = {
  target: TargetName;
  /** What was drawn for `mixed`. */
  switches?: Switches;
  policies: Policies;
  /** Seed of what belongs to no call, such as the clocks of the processes. */
  chance: number;
  rounds: PlannedCall[][];
  /** The service works by itself as well, and what goes wrong with that. Without it calls alone do anything. */
  automatic?: Automatic;
};

export const processCount = 2;
