import { isDeepStrictEqual } from "node:util";
import { omit, present } from "../common/objects.ts";
import { describeCredentials } from "../model/credentials.ts";
import type { Change } from "../model/event.ts";
import { Failure } from "../model/failure.ts";
import type { UpdateInput } from "../model/inputs.ts";
import { guardOf, type Integration, type Policies, type PublicIntegration } from "../model/integration.ts";
import { type JsonValue, toJson } from "../model/json.ts";
import { noteSecretGone } from "../provisioning/attempts/open-provider.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { credentialChanges } from "./credential-changes.ts";
import { publicIntegration } from "./public-integration.ts";
import { requireChangeable, requireMatch } from "./require-changeable.ts";
import { refuseChange, runLifecycleAttempt } from "./run-lifecycle-attempt.ts";
import { testAndKeep } from "./test-and-keep.ts";

/**
 * Change an integration. What decides where and as whom is called (base URL, credentials, overrides, groups) is tested
 * before it is saved. Another origin needs credentials in the same call: a stored secret goes to no origin that it was
 * not entered for. Under another base URL remote ids are verified before use; under the same one the new secret has to
 * open the same tenant.
 * @throws Failure `immutable-field`, `credentials-required`, `groups-disabled`, `precondition-failed`,
 * `update-test-failed`, `provider-unavailable`, `different-tenant`, `target-in-use`, `target-refused`
 */
export const updateIntegration = async (
  ports: Ports,
  call: Call,
  { integrationId, ifMatch }: { integrationId: string; ifMatch?: string | undefined },
  patch: UpdateInput,
): Promise<PublicIntegration> => {
  const now = await requireChangeable(ports, integrationId);
  const { test } = patch;
  const change = {
    eventType: "idm_integration_update" as const,
    changes: toChanges(now, patch),
    integration: now,
    test,
  };
  await requireMatch({ ports, call }, change, ifMatch);
  const refusal = refusalOf(ports, now, patch);
  if (refusal) return refuseChange({ ports, call }, change, refusal);

  const updated = await runLifecycleAttempt(
    { ports, call },
    change,
    (attemptId) => apply(ports, now, patch, attemptId),
    async (steps) => {
      const { attemptId, proposed } = steps;
      if (!needsTest(now, proposed, patch)) {
        await steps.keep(proposed);
        return { integration: proposed };
      }
      const credentials =
        patch.credentials ?? (await ports.secrets.read(integrationId, now.secretVersionId))?.credentials;
      if (!credentials) return { failure: await noteSecretGone({ ports, integration: now }) };
      const isNew = patch.credentials !== undefined;
      return testAndKeep({ ports, call }, steps, {
        target: { ...proposed, credentials },
        test,
        failedCode: "update-test-failed",
        before: now,
        sameTenantAs: isNew && proposed.baseUrl === now.baseUrl ? now : undefined,
        isDiscovered: true,
        isOtherTarget: isNew || proposed.baseUrl !== now.baseUrl,
        storeSecret: isNew ? (secret) => ports.secrets.put(integrationId, attemptId, secret) : undefined,
      });
    },
  );
  return publicIntegration(updated, ports.clock.now());
};

const refusalOf = (ports: Ports, now: Integration, patch: UpdateInput): Failure | undefined => {
  const immutable = (field: string) =>
    new Failure(
      "immutable-field",
      `${field} cannot be changed after activation. Delete the integration and activate a new one.`,
      {
        errors: [{ path: field, message: "cannot be changed after activation" }],
      },
    );
  if (patch.profile !== undefined && patch.profile !== now.profile) return immutable("profile");
  const ssoIdpUrl = patch.application?.ssoIdpUrl;
  if (ssoIdpUrl !== undefined && ssoIdpUrl !== now.application.ssoIdpUrl)
    return immutable("application.ssoIdpUrl");
  if (
    patch.baseUrl !== undefined &&
    !patch.credentials &&
    new URL(patch.baseUrl).origin !== now.secretOrigin
  ) {
    return new Failure(
      "credentials-required",
      "Another origin of baseUrl needs credentials in the same call: the stored secret was entered for another origin.",
    );
  }
  const profile = ports.profileOf({ ...now, overrides: patch.overrides ?? now.overrides });
  if ((patch.groupsEnabled ?? now.groupsEnabled) && profile.groups === "none") {
    return new Failure("groups-disabled", `${profile.title} takes users alone. Set groupsEnabled to false.`, {
      errors: [{ path: "groupsEnabled", message: "the profile has no groups" }],
    });
  }
  return undefined;
};

const needsTest = (now: Integration, proposed: Integration, patch: UpdateInput): boolean =>
  patch.credentials !== undefined ||
  proposed.baseUrl !== now.baseUrl ||
  !isDeepStrictEqual(proposed.overrides, now.overrides) ||
  proposed.groupsEnabled !== now.groupsEnabled;

const apply = (ports: Ports, now: Integration, patch: UpdateInput, attemptId: string): Integration => {
  const { application, baseUrl, groupsEnabled, attributeMappings, policies, credentials, allowSharedTarget } =
    patch;
  const { overrides: before } = now;
  const overrides = patch.overrides ?? before ?? {};
  // Overrides decide what of a user is sent, too.
  const isRemapped =
    (attributeMappings !== undefined && !isDeepStrictEqual(attributeMappings, now.attributeMappings)) ||
    !isDeepStrictEqual(overrides, before ?? {});
  return {
    ...omit(now, "overrides", "pausedUntil"),
    ...(Object.keys(overrides).length > 0 && { overrides }),
    application: { ...now.application, ...present(application ?? {}) },
    baseUrl: baseUrl ?? now.baseUrl,
    groupsEnabled: groupsEnabled ?? now.groupsEnabled,
    attributeMappings: attributeMappings ?? now.attributeMappings,
    policies: policiesAfter(now.policies, policies),
    ...(allowSharedTarget !== undefined && { allowSharedTarget }),
    updatedAt: new Date(ports.clock.now()).toISOString(),
    version: now.version + 1,
    mappingVersion: now.mappingVersion + (isRemapped ? 1 : 0),
    ...(isRemapped && { remappedAt: ports.clock.now() }),
    ...(credentials && {
      status: "active" as const,
      wokenAt: ports.clock.now(),
      credentials: describeCredentials(credentials),
      secretVersionId: attemptId,
      secretOrigin: new URL(baseUrl ?? now.baseUrl).origin,
    }),
  };
};

const policiesAfter = (now: Policies, patch: UpdateInput["policies"] = {}): Policies => {
  const { guard, ...others } = patch;
  return { ...now, ...present(others), ...(guard && { guard: { ...now.guard, ...guard } }) };
};

/** Before and after of the fields that differ; the token is named, never told. */
const toChanges = (now: Integration, patch: UpdateInput): Change[] => {
  const before: Record<string, unknown> = {
    ...now,
    overrides: now.overrides ?? {},
    ...prefixed("application", now.application),
    ...prefixed("policies", { ...now.policies, guard: guardOf(now.policies) }),
  };
  const { application = {}, credentials } = patch;
  const policies = { ...patch.policies };
  if (policies.guard) policies.guard = guardOf(policiesAfter(now.policies, policies));
  const after: Record<string, unknown> = {
    ...omit(patch, "application", "policies", "credentials", "test"),
    ...prefixed("application", application),
    ...prefixed("policies", policies),
  };
  const changes = Object.entries(after).flatMap(([field, to]): Change[] => {
    if (to === undefined || isDeepStrictEqual(before[field], to)) return [];
    return [
      {
        field,
        ...(before[field] !== undefined && { from: toJson(before[field]) as JsonValue }),
        to: toJson(to),
      },
    ];
  });
  return credentials ? [...changes, ...credentialChanges(credentials, now.credentials)] : changes;
};

const prefixed = (prefix: string, fields: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([field, value]) => [`${prefix}.${field}`, value]));
