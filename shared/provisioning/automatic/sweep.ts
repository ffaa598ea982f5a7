import { concurrently } from "../../common/concurrently.ts";
import { isSendable } from "../attempts/is-sendable.ts";
import type { Ports } from "../ports/ports.ts";
import { dispatchChange, wakeAll } from "./dispatch-change.ts";
import { isAnythingDue } from "./due-work.ts";

const pageSize = 200;
const atOnce = 8;

/**
 * Finds what a lost record of the stream, or a lost wake-up, has left: changes that are not dispatched, and integrations
 * at which something is due. Safe to run at any time, and twice at once.
 * @returns the failures for the log
 */
export const sweepWork = async (ports: Ports, { until }: { until: number }): Promise<unknown[]> => {
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
      await dispatchChange(ports, ref).catch((error: unknown) => failures.push(error));
    });
  }
  const current = await ports.integrations.current();
  await concurrently(current, atOnce, async (integration) => {
    const { integrationId } = integration;
    if (!isSendable(integration)) return;
    const look = isAnythingDue(ports, integrationId).then((isDue) => (isDue ? [integrationId] : []));
    await look.then((due) => wakeAll(ports, due)).catch((error: unknown) => failures.push(error));
  });
  return failures;
};
