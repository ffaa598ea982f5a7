import { leaseMs, recordEvent } from "../provisioning/attempts/run-attempt.ts";
import type { IntegrationRow } from "../provisioning/ports/integration-store.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/**
 * End an orphaned lifecycle attempt. One that could not fail any more is finished; one whose new secret is stored
 * had passed its test, and is finished too; any other is undone: the row stays as it was, an activation leaves
 * neither row nor secret.
 */
export const settleLifecycleAttempt = async (ports: Ports, row: IntegrationRow): Promise<void> => {
  const { integrationId, attempt } = row;
  if (!attempt) return;
  const { intent, proposed } = attempt;
  const { attemptId, eventType, changes } = intent;
  const now = ports.clock.now();
  if (!(await ports.integrations.takeOver(integrationId, attemptId, now + leaseMs, now))) return;
  const held = { ...attempt, leaseUntil: now + leaseMs };
  try {
    const isTested =
      proposed.secretVersionId === attemptId && (await ports.secrets.hasVersion(integrationId, attemptId));
    const left = (attempt.mayLeave ?? []).map(
      (what) => `The test may have left at the service provider, look and remove by hand: ${what}`,
    );
    const about = { eventType, changes, answer: { details: [] }, notes: left };
    if (attempt.succeeded || isTested) {
      const notes = ["This attempt was cut off before it could be recorded; it was finished by recovery."];
      await recordEvent(ports, intent, { success: true, ...about, notes: [...notes, ...left] });
      if (proposed.status === "deleted") await ports.secrets.scheduleDeletion(integrationId);
      await ports.integrations.settle(integrationId, held, proposed);
      return;
    }
    const errorMessage = row.integration
      ? "This attempt was cut off before it took effect. The integration is as it was. Repeat the call."
      : "This attempt was cut off before the integration was active. Nothing was kept. Repeat the call.";
    if (!row.integration) await ports.secrets.scheduleDeletion(integrationId);
    await recordEvent(ports, intent, { success: false, errorMessage, ...about });
    await ports.integrations.settle(integrationId, held);
  } catch (error) {
    await ports.integrations.abandon(integrationId, held).catch(() => undefined);
    throw error;
  }
};
