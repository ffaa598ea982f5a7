import { concurrently } from "../../common/concurrently.ts";
import type { Call, Ports } from "../ports/ports.ts";

/** Integrations at once, as long as no more than that hang. */
const width = 8;

/**
 * The work of one call in each of these integrations, their results in order. A provider that hangs takes all the time
 * of each call, and would keep those behind it out for good. So an integration that takes longer than an even share of
 * the time lets others begin beside it. Every call then reaches every integration, without a record of whose turn it is,
 * and one that is merely slow still has all the time left.
 */
export const inEveryIntegration = <T, R>(
  { ports: { clock }, call }: { ports: Ports; call: Call },
  held: readonly T[],
  work: (one: T) => Promise<R>,
): Promise<R[]> => {
  const turnMs = (call.sendUntil - clock.now()) / Math.ceil(held.length / width);
  return concurrently(held, width, work, () => clock.sleep(Math.max(0, turnMs)));
};
