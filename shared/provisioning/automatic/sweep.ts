import { concurrently } from "../../common/concurrently.ts";
import { type Integration, statusOf } from "../../model/integration.ts";
import { isSendable } from "../attempts/is-sendable.ts";
import { isProbeDue } from "../attempts/quarantine.ts";
import { changeStanding, dueBefore, recordStanding } from "../attempts/standing.ts";
import type { Ports } from "../ports/ports.ts";
import { type Dispatched, dispatchChange, wakeAll } from "./dispatch-change.ts";
import { dueStates, isAnythingDue } from "./due-work.ts";
import { recordMade } from "./record-made.ts";

const pageSize = 200;
const atOnce = 8;

type Sweep = {
  until: number;
  onDispatch?: (dispatched: Dispatched) => void;
  /** What else is to be looked at each time, of those that are read anyway. */
  eachIntegration?: (integration: Integration) => Promise<void>;
};

/**
 * Finds what a lost record of the stream, or a lost wake-up, has left: changes that are not dispatched, events of who was
 * made, and integrations at which something is due. Safe to run at any time, and twice at once. `onDispatch` is told of
 * each change that was found.
 * @returns the failures for the log
 */
export const sweepWork = async (
  ports: Ports,
  { until, onDispatch, eachIntegration = async () => undefined }: Sweep,
): Promise<unknown[]> => {
  const failures: unknown[] = [];
  const tried = new Set<string>();
  let limit = pageSize;
  for (let isMore = true; isMore && ports.clock.now() < until; ) {
    const found = await ports.work.changed(ports.clock.now(), limit);
    const fresh = found.filter(({ kind, id }) => !tried.has(`${kind} ${id}`));
    for (const { kind, id } of fresh) tried.add(`${kind} ${id}`);
    isMore = found.length === limit;
    // What could not be dispatched may fill a page, and more is behind it.
    if (fresh.length === 0) limit *= 2;
    await concurrently(fresh, atOnce, async (ref) => {
      try {
        const dispatched = await dispatchChange(ports, ref, until);
        if (dispatched) onDispatch?.(dispatched);
      } catch (error) {
        failures.push(error);
      }
    });
  }
  failures.push(...(await recordMade(ports, { until }).catch((error: unknown) => [error])));
  const current = await ports.integrations.current();
  await concurrently(current, atOnce, async (integration) => {
    await sweepIntegration(ports, integration).catch((error: unknown) => failures.push(error));
    await eachIntegration(integration).catch((error: unknown) => failures.push(error));
  });
  return failures;
};

const sweepIntegration = async (ports: Ports, integration: Integration): Promise<void> => {
  const { integrationId } = integration;
  await recordStanding(ports, integration);
  const isQuarantined = statusOf(integration) === "quarantined";
  if (!isSendable(integration) && !isQuarantined) return;
  const isDue = isSendable(integration) && (await isAnythingDue(ports, integration));
  if (isDue || isProbeDue(integration, ports)) return wakeAll(ports, [integrationId]);
  await noteFound(ports, integration);
};

/** The index shows what was marked so long ago. */
const lagMs = 10_000;

/** Nothing is due, whatever its time, that was to be: from now on only times count, and what waits is not read for it. */
const noteFound = async (ports: Ports, integration: Integration): Promise<void> => {
  const found = dueStates.flatMap((state) => {
    const at = dueBefore(integration, state);
    return at !== undefined && at < ports.clock.now() - lagMs ? [[state, at] as const] : [];
  });
  if (found.length === 0) return;
  await changeStanding(ports, integration.integrationId, (now) => ({
    ...now,
    foundBefore: { ...now.foundBefore, ...Object.fromEntries(found) },
  }));
};
