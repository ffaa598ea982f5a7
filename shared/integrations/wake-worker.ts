import type { Ports } from "../provisioning/ports/ports.ts";

/** What has waited for the integration is begun at once. A wake-up that is lost costs a minute: the sweep finds what is due. */
export const wakeWorker = async (ports: Pick<Ports, "wakeUps">, integrationId: string): Promise<void> => {
  await ports.wakeUps.wake(integrationId).catch(() => undefined);
};
