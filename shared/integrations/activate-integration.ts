import { describeCredentials } from "../model/credentials.ts";
import type { Change } from "../model/event.ts";
import { Failure } from "../model/failure.ts";
import type { ActivationInput } from "../model/inputs.ts";
import type { Integration } from "../model/integration.ts";
import { toJson } from "../model/json.ts";
import type { Overrides } from "../model/overrides.ts";
import type { ActivatedIntegration } from "../model/views.ts";
import type { StoredSecret } from "../provisioning/ports/integration-store.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { credentialChanges } from "./credential-changes.ts";
import { publicIntegration } from "./public-integration.ts";
import { runLifecycleAttempt } from "./run-lifecycle-attempt.ts";
import { testAndKeep } from "./test-and-keep.ts";

/** Input with all decided that the profile may decide: base URL and groups. */
type Activation = Omit<ActivationInput, "baseUrl" | "groupsEnabled"> & {
  baseUrl: string;
  groupsEnabled: boolean;
};

/**
 * Test the target, then keep secret and integration. A failed test leaves neither; its event stays.
 * @throws Failure `activation-test-failed`, `provider-unavailable`, `target-refused`, `store-unavailable`,
 * `audit-unavailable`
 */
export const activateIntegration = async (
  ports: Ports,
  call: Call,
  input: Activation,
): Promise<ActivatedIntegration> => {
  const integrationId = ports.newId(ports.clock.now());
  const { test } = input;
  let leftovers: string[] = [];
  const integration = await runLifecycleAttempt(
    { ports, call },
    { eventType: "idm_integration_activate", changes: toChanges(input), test },
    (attemptId) => toIntegration(ports, integrationId, attemptId, input),
    async (steps) => {
      const kept = await testAndKeep({ ports, call }, steps, {
        target: input,
        test,
        failedCode: "activation-test-failed",
        isDiscovered: true,
        isOtherTarget: true,
        storeSecret: (secret) => createSecret(ports, integrationId, steps.attemptId, secret),
      });
      leftovers = kept.leftovers;
      return kept;
    },
  );
  const { warnings } = ports.profileOf(integration);
  return {
    ...publicIntegration(integration, ports.clock.now()),
    warnings,
    ...(leftovers.length > 0 && { leftovers }),
  };
};

const createSecret = async (
  ports: Ports,
  integrationId: string,
  versionId: string,
  secret: StoredSecret,
): Promise<Failure | undefined> => {
  try {
    await ports.secrets.create(integrationId, versionId, secret);
    return undefined;
  } catch (error) {
    await ports.secrets.scheduleDeletion(integrationId).catch(() => undefined);
    if (!(error instanceof Failure)) throw error;
    return error;
  }
};

const toIntegration = (
  ports: Ports,
  integrationId: string,
  attemptId: string,
  input: Activation,
): Integration => {
  const now = new Date(ports.clock.now()).toISOString();
  return {
    integrationId,
    status: "active",
    application: input.application,
    profile: input.profile,
    baseUrl: input.baseUrl,
    ...overridesOf(input.overrides),
    credentials: describeCredentials(input.credentials),
    groupsEnabled: input.groupsEnabled,
    attributeMappings: input.attributeMappings,
    policies: input.policies,
    ...(input.allowSharedTarget && { allowSharedTarget: true }),
    ...(input.paused && { pausedAt: now }),
    capabilities: { groups: input.groupsEnabled, patch: true, filter: true },
    createdAt: now,
    updatedAt: now,
    version: 1,
    secretVersionId: attemptId,
    secretOrigin: new URL(input.baseUrl).origin,
    mappingVersion: 1,
  };
};

/** No override is none. */
const overridesOf = (overrides: Overrides = {}): { overrides?: Overrides } =>
  Object.keys(overrides).length > 0 ? { overrides } : {};

const toChanges = ({
  application,
  profile,
  overrides,
  baseUrl,
  groupsEnabled,
  attributeMappings,
  policies,
  allowSharedTarget,
  paused,
  credentials,
}: Activation): Change[] => [
  { field: "application", to: toJson(application) },
  { field: "profile", to: profile },
  { field: "baseUrl", to: baseUrl },
  { field: "groupsEnabled", to: groupsEnabled },
  ...(attributeMappings.length > 0 ? [{ field: "attributeMappings", to: toJson(attributeMappings) }] : []),
  { field: "policies", to: policies },
  ...(allowSharedTarget ? [{ field: "allowSharedTarget", to: true }] : []),
  ...(paused ? [{ field: "paused", to: true }] : []),
  ...(overrides && Object.keys(overrides).length > 0 ? [{ field: "overrides", to: toJson(overrides) }] : []),
  ...credentialChanges(credentials),
];
