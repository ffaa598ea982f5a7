import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { IntegrationRow } from "../ports/integration-store.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";

/**
 * The integration, if provisioning calls may use it.
 * @throws Failure `not-found`, `integration-not-active`, `integration-needs-reauth`
 */
export const requireActive = async (ports: Ports, integrationId: string): Promise<Integration> =>
  activeIn(await ports.integrations.read(integrationId), integrationId);

/** The same of a row that was read. */
export const activeIn = (row: IntegrationRow | undefined, integrationId: string): Integration => {
  const integration = integrationIn(row, integrationId);
  if (integration.status === "needs_reauth") {
    throw new Failure(
      "integration-needs-reauth",
      `The service provider refused the credentials of integration ${integrationId}. Give it new ones with reauth.`,
    );
  }
  if (integration.status !== "active") {
    throw new Failure("integration-not-active", `Integration ${integrationId} is ${integration.status}.`);
  }
  return integration;
};

/** The integration in whatever status. @throws Failure `not-found` */
export const requireIntegration = async (ports: Ports, integrationId: string): Promise<Integration> =>
  integrationIn(await ports.integrations.read(integrationId), integrationId);

/** The same of a row that was read. */
export const integrationIn = (row: IntegrationRow | undefined, integrationId: string): Integration => {
  if (!row?.integration) throw new Failure("not-found", `There is no integration ${integrationId}.`);
  return row.integration;
};

/** The stored secret is gone: the integration waits for reauth from now on, and calls are told so. */
export const secretGone = async ({
  ports,
  integration: { integrationId, secretVersionId },
}: IntegrationContext): Promise<Failure> => {
  const at = new Date(ports.clock.now()).toISOString();
  await ports.integrations.requireReauth(integrationId, secretVersionId, at);
  return new Failure(
    "integration-needs-reauth",
    `The secret of integration ${integrationId} is gone from the store of secrets. Give it new credentials with reauth.`,
  );
};

/**
 * The integration's service provider, opened with its stored secret. The secret is bound to the origin that it was
 * entered for, and is sent to no other, whatever the row says.
 * @throws Failure `integration-needs-reauth` where the secret is gone, `credentials-required`, `store-unavailable`
 */
export const openProvider = async (
  context: IntegrationContext,
  times: { sendUntil: number; answerUntil: number },
): Promise<ServiceProvider> => {
  const { ports, integration } = context;
  const { integrationId, secretVersionId, baseUrl, profile, capabilities, overrides, pausedUntil } =
    integration;
  const secret = await ports.secrets.read(integrationId, secretVersionId);
  if (!secret) throw await secretGone(context);
  if (secret.origin !== new URL(baseUrl).origin) {
    throw new Failure(
      "credentials-required",
      `The secret of integration ${integrationId} was entered for another origin.`,
    );
  }
  const { credentials } = secret;
  const target = {
    baseUrl,
    profile,
    capabilities,
    overrides,
    credentials,
    budgetOf: integrationId,
    pausedUntil,
    secretVersionId,
  };
  return ports.openProvider(target, times);
};
