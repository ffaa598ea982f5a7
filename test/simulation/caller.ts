import { AsyncLocalStorage } from "node:async_hooks";
import { type Chance, createChance } from "./chance.ts";
import type { Fault, NetworkFaultKind, StoreFaultKind } from "./faults.ts";
import type { PlannedCall } from "./plan.ts";

/** A call under way. What it meets is its own: other calls of the plan may go and come without changing it. */
export type Caller = {
  /** Its correlation id. */
  id: string;
  /** The requests of a reauth may go out while the integration is stopped. */
  isReauth: boolean;
  /** The scheduler's step at which it began. */
  beganAt: number;
  chance: Chance;
  nextStoreFault(): StoreFaultKind | undefined;
  nextNetworkFault(): NetworkFaultKind | undefined;
};

/** Whose promises run. */
export const callers = new AsyncLocalStorage<Caller>();

export const createCaller = (
  id: string,
  { chance, store = [], network = [] }: Pick<PlannedCall, "chance" | "store" | "network">,
  beganAt: number,
): Caller => {
  const inOrder = <K>(faults: Fault<K>[]) => {
    let count = -1;
    return (): K | undefined => {
      count += 1;
      return faults.find(({ nth, times = 1 }) => nth <= count && count < nth + times)?.kind;
    };
  };
  return {
    id,
    beganAt,
    isReauth: id.endsWith("-reauth"),
    chance: createChance(chance),
    nextStoreFault: inOrder(store),
    nextNetworkFault: inOrder(network),
  };
};
