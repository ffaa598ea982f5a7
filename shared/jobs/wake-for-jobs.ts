import type { Ports } from "../provisioning/ports/ports.ts";

const most = 1_000;

/**
 * Wakes the workers of integrations at which a job is open: one that nobody was woken for goes on.
 * @returns the failures for the log
 */
export const wakeForJobs = async ({ integrationJobs, wakeUps }: Ports): Promise<unknown[]> => {
  const integrationIds = await integrationJobs.openOnes(most);
  const woken = await Promise.allSettled(integrationIds.map((id) => wakeUps.wake(id)));
  return woken.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
};
