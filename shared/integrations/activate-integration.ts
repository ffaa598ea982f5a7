import { describeCredentials } from "../model/credentials.ts";
import type { Change } from "../model/event.ts";
import { Failure } from "../model/failure.ts";
import type { ActivationInput } from "../model/inputs.ts";
import type { Integration } from "../model/integration.ts";
import { toJson } from "../model/json.ts";
import type { Overrides } from "../model/overrides.ts";
import type { ActivatedIntegration } from "../model/views.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { credentialChanges } from "./credential-changes.ts";
import { runLifecycleAttempt, toPublic } from "./run-lifecycle-attempt.ts";
import { testTarget } from "./test-target.ts";

/** Input with all decided that the profile may decide: base URL and groups. */
export type Activation = Omit<ActivationInput, "baseUrl" | "groupsEnabled"> & {
  baseUrl: string;
  groupsEnabled: boolean;
};

/**
 * Test the target, then keep secret and integration. A failed test leaves neither; its event stays.
 * @throws Failure `activation-test-failed`, `target-refused`, `store-unavailable`, `audit-unavailable`
 */
export const activateIntegration = async (
  ports: Ports,
  call: Call,
  input: Activation,
): Promise<ActivatedIntegration> => {
  const integrationId = ports.newId(ports.clock.now());
  let leftovers: string[] = [];
  const integration = await runLifecycleAttempt(
    ports,
    call,
    { integrationId },
    { eventType: "idm_integration_activate", changes: toChanges(input), test: input.test },
    (attemptId) => toIntegration(ports, integrationId, attemptId, input),
    async (attemptId, proposed, { note, keep }) => {
      const tested = await testTarget(ports, call, input, input.test, attemptId, "activation-test-failed");
      leftovers = tested.leftovers;
      const notes = leftovers.map((leftover) => `Left by the test, remove by hand: ${leftover}`);
      if (!tested.ok) return { answer: tested.answer, notes, failure: tested.failure };
      const integration = {
        ...proposed,
        capabilities: { ...tested.capabilities, groups: tested.capabilities.groups && input.groupsEnabled },
      };
      await note(integration);
      try {
        await ports.secrets.create(integrationId, attemptId, {
          credentials: input.credentials,
          origin: proposed.secretOrigin,
        });
      } catch (error) {
        await ports.secrets.scheduleDeletion(integrationId).catch(() => undefined);
        if (!(error instanceof Failure)) throw error;
        return { answer: tested.answer, notes, failure: error };
      }
      await keep(integration);
      return { answer: tested.answer, notes, integration };
    },
  );
  const { warnings } = ports.profileOf(integration);
  return {
    ...toPublic(integration, ports.clock.now()),
    warnings,
    ...(leftovers.length > 0 && { leftovers }),
  };
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
  credentials,
}: Activation): Change[] => [
  { field: "application", to: toJson(application) },
  { field: "profile", to: profile },
  { field: "baseUrl", to: baseUrl },
  { field: "groupsEnabled", to: groupsEnabled },
  ...(attributeMappings.length > 0 ? [{ field: "attributeMappings", to: toJson(attributeMappings) }] : []),
  { field: "policies", to: policies },
  ...(overrides && Object.keys(overrides).length > 0 ? [{ field: "overrides", to: toJson(overrides) }] : []),
  ...credentialChanges(credentials),
];
