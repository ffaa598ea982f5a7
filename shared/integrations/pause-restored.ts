import { serviceActor } from "../model/event.ts";
import { Failure } from "../model/failure.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { pauseIntegration } from "./pause-integration.ts";

const reason = "Restored data: paused until somebody has compared it with what is there.";

/**
 * Before anything is done with data that was restored: pause every integration, each with its event. What was due when the
 * copy was made would else be sent within a minute, to accounts that have moved on. Safe to run again.
 * @param until Unix ms: how long to wait for lifecycle calls that were under way when the copy was made
 * @returns how many integrations are paused now
 * @throws Failure `attempt-in-progress`, and those of a store
 */
export const pauseRestored = async (ports: Ports, { until }: { until: number }): Promise<number> => {
  const id = ports.newId(ports.clock.now());
  const actor = { ...serviceActor({ id, type: "restore" }), reason };
  let paused = 0;
  for (const { integrationId } of await ports.integrations.all()) {
    await waitForLease(ports, integrationId, until);
    paused += (await pauseOne(ports, { actor, sendUntil: until, answerUntil: until }, integrationId)) ? 1 : 0;
  }
  return paused;
};

/** Nobody is at work here: whoever held it is gone, or works on what the copy was made of. */
const waitForLease = async ({ integrations, clock }: Ports, integrationId: string, until: number) => {
  const leaseUntil = (await integrations.read(integrationId))?.attempt?.leaseUntil ?? 0;
  const wait = leaseUntil - clock.now();
  if (wait > 0 && leaseUntil < until) await clock.sleep(wait + 1);
};

/** False where there is nothing to pause: a deleted integration, or an activation that came to nothing. */
const pauseOne = async (ports: Ports, call: Call, integrationId: string): Promise<boolean> => {
  const row = await ports.integrations.read(integrationId);
  if (row?.integration?.pausedAt !== undefined && !row.attempt) return true;
  try {
    await pauseIntegration(ports, call, { integrationId }, true);
    return true;
  } catch (error) {
    const isNothing =
      error instanceof Failure && (error.code === "not-found" || error.code === "integration-not-active");
    if (isNothing) return false;
    throw error;
  }
};
