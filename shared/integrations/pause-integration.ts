import { omit } from "../common/objects.ts";
import type { PublicIntegration } from "../model/integration.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { publicIntegration } from "./public-integration.ts";
import { requireChangeable, requireMatch } from "./require-changeable.ts";
import { runLifecycleAttempt } from "./run-lifecycle-attempt.ts";
import { wakeWorker } from "./wake-worker.ts";

/**
 * Pause an integration, or resume it. While it is paused all that is asked for is saved, and nothing is sent. What has
 * waited is due once it is resumed.
 * @throws Failure `not-found`, `integration-not-active`, `precondition-failed`, `attempt-in-progress`
 */
export const pauseIntegration = async (
  ports: Ports,
  call: Call,
  { integrationId, ifMatch }: { integrationId: string; ifMatch?: string | undefined },
  isPaused: boolean,
): Promise<PublicIntegration> => {
  const now = await requireChangeable(ports, integrationId);
  const change = {
    eventType: "idm_integration_update" as const,
    changes: [{ field: "paused", from: now.pausedAt !== undefined, to: isPaused }],
    integration: now,
  };
  await requireMatch({ ports, call }, change, ifMatch);
  const updated = await runLifecycleAttempt(
    { ports, call },
    change,
    () => {
      const at = ports.clock.now();
      const updatedAt = new Date(at).toISOString();
      const next = { ...now, updatedAt, version: now.version + 1 };
      if (isPaused) return { ...next, pausedAt: now.pausedAt ?? updatedAt };
      return { ...omit(next, "pausedAt"), wokenAt: at };
    },
    async ({ proposed, keep }) => {
      await keep(proposed);
      return { integration: proposed };
    },
  );
  if (!isPaused) await wakeWorker(ports, integrationId);
  return publicIntegration(updated, ports.clock.now());
};
