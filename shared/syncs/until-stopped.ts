import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import { isHeldBack, requireSendable } from "../provisioning/attempts/is-sendable.ts";
import { presentIntegration } from "../provisioning/attempts/require-integration.ts";
import type { Context, Ports } from "../provisioning/ports/ports.ts";

/** How often the integration is looked at while a step sends for many objects. */
const lookEachMs = 500;

/**
 * Do `work` until the integration may not be sent to any more, e.g. since it was paused: from then on no attempt is begun, and
 * what waits for the rate limit is given up. Answers why, where that is so, also at the beginning: what was not done waits.
 */
export const untilStopped = async (
  { ports, call, integration }: Context,
  work: (context: Context) => Promise<void>,
): Promise<Failure | undefined> => {
  let stopped = whyNot(integration);
  if (stopped) return stopped;
  const look = async (): Promise<void> => {
    const now = await presentIntegration(ports, integration.integrationId);
    stopped = whyNot(now ?? { ...integration, status: "deleted" });
  };
  let isDone = false;
  const watch = async (): Promise<void> => {
    while (!isDone && !stopped) {
      await ports.clock.sleep(lookEachMs);
      // The next look tells what this one could not.
      if (!isDone) await look().catch(() => undefined);
    }
  };
  const watching = watch();
  try {
    await work({ ports: stoppable(ports, () => stopped), integration, call });
  } catch (error) {
    if (!(error instanceof Failure) || !isHeldBack(error)) throw error;
    stopped ??= error;
  } finally {
    isDone = true;
    await watching;
  }
  if (!stopped) await look();
  return stopped;
};

const whyNot = (integration: Integration): Failure | undefined => {
  try {
    requireSendable(integration, {});
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
};

const stoppable = (ports: Ports, why: () => Failure | undefined): Ports => {
  const openProvider: Ports["openProvider"] = (target, limits) => {
    const stopped = why();
    if (stopped) throw stopped;
    const isWanted = async () => !why() && (await (limits.isWanted?.() ?? true));
    return ports.openProvider(target, { ...limits, isWanted });
  };
  return Object.create(ports, { openProvider: { value: openProvider } });
};
