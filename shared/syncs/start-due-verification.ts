import { startJob } from "../jobs/start-job.ts";
import { serviceActor } from "../model/event.ts";
import { Failure } from "../model/failure.ts";
import { type Integration, verifyEvery } from "../model/integration.ts";
import { changeStanding } from "../provisioning/attempts/standing.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { requireVerifiable } from "../verification/open-reader.ts";

/** Whoever asks for it by a policy knows that reading marks accounts as managed. */
const input = { mode: "verify", acknowledgeManaged: true } as const;

/**
 * Begin a verification, without repair, of an integration whose policy wants one by now. A new integration, and one that is
 * verified by a call, has its next after as long. While another job is open it waits for that.
 */
export const startDueVerification = async (ports: Ports, integration: Integration): Promise<void> => {
  const { integrationId, policies, standing, createdAt } = integration;
  const now = ports.clock.now();
  const every = verifyEvery(policies, ports.profileOf(integration));
  const last = standing?.verifiedAt ?? Date.parse(createdAt);
  if (every === undefined || now < last + every || !isReadable(ports, integration)) return;
  const actor = serviceActor({ id: ports.newId(now), type: "automatic" });
  try {
    await startJob(ports, { actor }, { integrationId, kind: "sync", input });
  } catch (error) {
    if (error instanceof Failure && error.code === "job-in-progress") return;
    throw error;
  }
  await changeStanding(ports, integrationId, (standingNow) => ({ ...standingNow, verifiedAt: now }));
  // One that is lost costs a minute.
  await ports.wakeUps.wake(integrationId);
};

const isReadable = (ports: Ports, integration: Integration): boolean => {
  try {
    requireVerifiable(ports, integration, input);
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
};
