import { omit } from "../common/objects.ts";
import type { Integration } from "../model/integration.ts";
import type {
  IntegrationRow,
  IntegrationStore,
  SecretStore,
} from "../provisioning/ports/integration-store.ts";
import { notRehearsed } from "./not-rehearsed.ts";

/**
 * Integrations as they are, but for what keeps them from being sent to: what would go out is asked for, once they are
 * active again. Nothing is noted of them.
 */
export const rehearsedIntegrations = (
  real: IntegrationStore,
  change: (integration: Integration) => Integration,
): IntegrationStore => ({
  read: async (integrationId) => {
    const row = await real.read(integrationId);
    return row && awake(row, change);
  },
  all: async () => (await real.all()).map((row) => awake(row, change)),
  current: real.current,
  requireReauth: async () => {},
  noteStanding: async () => true,
  begin: notRehearsed,
  takeOver: notRehearsed,
  mark: notRehearsed,
  settle: notRehearsed,
  abandon: notRehearsed,
});

/** As an active one; a lifecycle call under way is left alone. */
const awake = (
  { integrationId, integration }: IntegrationRow,
  change: (integration: Integration) => Integration,
): IntegrationRow => {
  if (!integration) return { integrationId };
  const status = integration.status === "needs_reauth" ? "active" : integration.status;
  const active = { ...omit(integration, "pausedAt", "standing", "pausedUntil"), status };
  return { integrationId, integration: change(active) };
};

/** No secret is read: nothing is sent that could bear it. */
export const rehearsedSecrets = (integrations: Pick<IntegrationStore, "read">): SecretStore => ({
  async read(integrationId) {
    const integration = (await integrations.read(integrationId))?.integration;
    if (!integration) return undefined;
    const credentials = { type: "bearer" as const, clientSecret: "none" };
    return { credentials, origin: new URL(integration.baseUrl).origin };
  },
  create: notRehearsed,
  put: notRehearsed,
  hasVersion: notRehearsed,
  scheduleDeletion: notRehearsed,
});
