import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { ConnectionCheck, ConnectionTest } from "../model/views.ts";
import { wordsOf } from "../provisioning/attempts/provider-failure.ts";
import { requireIntegration } from "../provisioning/attempts/require-integration.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { adviceFor } from "./test-target.ts";

/**
 * Test the connection of an integration with its stored secret, step by step until one fails. It asks for a user and a
 * group that cannot exist, so nobody is marked, changes nothing, not even the standing of the secret, and leaves no event.
 * @throws Failure `not-found`, `integration-not-active`, `store-unavailable`; `provider-unavailable` where no time was
 * left to ask
 */
export const checkConnection = async (
  ports: Ports,
  call: Pick<Call, "sendUntil" | "answerUntil">,
  integrationId: string,
): Promise<ConnectionTest> => {
  const integration = await requireIntegration(ports, integrationId);
  if (integration.status === "deleted")
    throw new Failure("integration-not-active", `Integration ${integrationId} is deleted.`);
  const checks: ConnectionCheck[] = [];
  const { now } = ports.clock;
  const began = now();
  const secret = await ports.secrets.read(integrationId, integration.secretVersionId);
  const lack = secretLack(integration, secret?.origin);
  checks.push(checkOf("secret", now() - began, lack));
  if (secret && lack === undefined) {
    const { baseUrl, profile, capabilities, overrides } = integration;
    const { credentials } = secret;
    // Neither the rate budget nor the standing of the secret: a refusal that was met before is asked for again.
    const provider = ports.openProvider({ baseUrl, profile, capabilities, overrides, credentials }, call);
    checks.push(...(await checkProvider(ports, provider, integration)));
  }
  return { ok: checks.every(({ ok }) => ok), checks };
};

const checkOf = (name: ConnectionCheck["name"], ms: number, detail?: string): ConnectionCheck => ({
  name,
  ok: detail === undefined,
  ...(detail !== undefined && { detail }),
  ms,
});

const secretLack = ({ baseUrl }: Integration, origin: string | undefined): string | undefined => {
  if (origin === undefined)
    return "The secret is gone from the store of secrets. Give the integration new credentials with reauth.";
  return origin === new URL(baseUrl).origin
    ? undefined
    : "The secret was entered for another origin. Give the integration new credentials with reauth.";
};

const checkProvider = async (
  ports: Ports,
  provider: ServiceProvider,
  { groupsEnabled }: Integration,
): Promise<ConnectionCheck[]> => {
  const { now } = ports.clock;
  const nobody = `usher-${ports.newId(now())}`;
  let began = now();
  const users = await failureOf(provider.findUsers(`${nobody}@example.invalid`, nobody));
  const checks = usersChecks(users, now() - began);
  if (users || !groupsEnabled) return checks;
  began = now();
  const groups = await failureOf(provider.findGroups(nobody));
  return [...checks, checkOf("groups", now() - began, groups && saying(groups))];
};

/** One request tells of three things: whether there is an answer, whether it takes the secret, whether it is SCIM. */
const usersChecks = (error: ProviderFailure | undefined, ms: number): ConnectionCheck[] => {
  if (error && ["unavailable", "refused-target"].includes(error.kind))
    return [checkOf("connection", ms, saying(error))];
  const connection = checkOf("connection", ms);
  if (error?.kind === "unauthorized") return [connection, checkOf("credentials", ms, saying(error))];
  return [connection, checkOf("credentials", ms), checkOf("users", ms, error && saying(error))];
};

const saying = (error: ProviderFailure): string => `${wordsOf(error)}${adviceFor(error)}`;

const failureOf = async (asked: Promise<unknown>): Promise<ProviderFailure | undefined> => {
  try {
    await asked;
    return undefined;
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    if (error.kind === "out-of-time")
      throw new Failure("provider-unavailable", `${wordsOf(error)} Test again.`, { cause: error });
    return error;
  }
};
