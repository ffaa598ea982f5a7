import { statusOf } from "../model/integration.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { requireChangeable, requireMatch } from "./require-changeable.ts";
import { runLifecycleAttempt } from "./run-lifecycle-attempt.ts";

/**
 * Deactivate: nothing changes at the service provider, later calls answer `integration-not-active`, and the secret
 * is scheduled for deletion with a recovery window.
 */
export const deleteIntegration = async (
  ports: Ports,
  call: Call,
  integrationId: string,
  ifMatch?: string,
): Promise<void> => {
  const now = await requireChangeable(ports, integrationId);
  const change = {
    eventType: "idm_integration_delete" as const,
    changes: [{ field: "status", from: statusOf(now), to: "deleted" }],
    integration: now,
  };
  await requireMatch({ ports, call }, change, ifMatch);
  await runLifecycleAttempt(
    { ports, call },
    change,
    () => ({
      ...now,
      status: "deleted",
      updatedAt: new Date(ports.clock.now()).toISOString(),
      version: now.version + 1,
    }),
    async ({ proposed, keep }) => {
      // Kept first: a stop between here and the row still ends in a deleted integration without a secret.
      await keep(proposed);
      await ports.secrets.scheduleDeletion(integrationId);
      return { integration: proposed };
    },
  );
};
