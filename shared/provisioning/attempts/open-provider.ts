import { Failure } from "../../model/failure.ts";
import type { Call, IntegrationContext } from "../ports/ports.ts";
import type { SendingLimits, ServiceProvider } from "../ports/service-provider.ts";
import { requireSendable, type Sending } from "./is-sendable.ts";

/** Failures in a row after which a call tries no request a second time. */
const failuresBeforeOnce = 5;

/** The stored secret is gone: the integration waits for reauth from now on, and calls are told so. */
export const noteSecretGone = async ({
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
 * entered for, and is sent to no other, whatever the row says. Whoever provisions comes through here, so nothing is sent to
 * an integration that may not be sent to.
 * @throws Failure `integration-needs-reauth`, also where the secret is gone, `integration-not-active`,
 * `credentials-required`, `store-unavailable`
 */
export const openProvider = async (
  context: IntegrationContext & { call?: Partial<Pick<Call, "actor" | "isAutomatic" | "isProbe">> },
  limits: SendingLimits,
  { endsAccess = false }: Pick<Sending, "endsAccess"> = {},
): Promise<ServiceProvider> => {
  const { ports, integration, call } = context;
  requireSendable(integration, { endsAccess, ...(call && { call }) });
  const {
    integrationId,
    version,
    secretVersionId,
    baseUrl,
    profile,
    capabilities,
    overrides,
    pausedUntil,
    standing,
  } = integration;
  const secret = await ports.secrets.read(integrationId, secretVersionId);
  if (!secret) throw await noteSecretGone(context);
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
    budgetOf: { integrationId, version },
    pausedUntil,
    // What refused this secret once does not count any more once it was taken again.
    secretVersionId: [secretVersionId, standing?.healedAt].filter(Boolean).join(" "),
  };
  // Nobody waits for what the service does by itself, and a provider that fails is left in peace. A caller waits, until it
  // has failed again and again.
  const isTroubled = standing?.streak !== undefined || standing?.quarantine !== undefined;
  const isFailing = (standing?.streak?.failures ?? 0) >= failuresBeforeOnce;
  const isOnce = call?.isProbe === true || (call?.isAutomatic === true ? isTroubled : isFailing);
  const actor = call?.actor;
  return ports.openProvider(target, { ...limits, ...(isOnce && { isOnce }), ...(actor && { actor }) });
};
