import { omit } from "../common/objects.ts";
import { describeCredentials } from "../model/credentials.ts";
import type { ReauthInput } from "../model/inputs.ts";
import type { PublicIntegration } from "../model/integration.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { credentialChanges } from "./credential-changes.ts";
import { publicIntegration } from "./public-integration.ts";
import { requireChangeable, requireMatch } from "./require-changeable.ts";
import { runLifecycleAttempt } from "./run-lifecycle-attempt.ts";
import { testAndKeep } from "./test-and-keep.ts";
import { wakeWorker } from "./wake-worker.ts";

/**
 * Exchange the credentials. The new secret is tested from memory; only then does it become AWSCURRENT, and the row
 * names its version in the same write that clears `needs_reauth`. After a failure the old one stays.
 * @throws Failure `reauth-test-failed`, `provider-unavailable`, `different-tenant`, `target-in-use`, `target-refused`,
 * `precondition-failed`
 */
export const reauthIntegration = async (
  ports: Ports,
  call: Call,
  { integrationId, ifMatch }: { integrationId: string; ifMatch?: string | undefined },
  { credentials, allowSharedTarget, test }: ReauthInput,
): Promise<PublicIntegration> => {
  const now = await requireChangeable(ports, integrationId);
  const changes = credentialChanges(credentials, now.credentials);
  const change = { eventType: "idm_integration_reauth" as const, changes, integration: now, test };
  await requireMatch({ ports, call }, change, ifMatch);
  const renewed = await runLifecycleAttempt(
    { ports, call },
    change,
    (attemptId) => ({
      ...omit(now, "pausedUntil"),
      status: "active" as const,
      wokenAt: ports.clock.now(),
      credentials: describeCredentials(credentials),
      updatedAt: new Date(ports.clock.now()).toISOString(),
      version: now.version + 1,
      secretVersionId: attemptId,
      secretOrigin: new URL(now.baseUrl).origin,
      ...(allowSharedTarget !== undefined && { allowSharedTarget }),
    }),
    (steps) =>
      testAndKeep({ ports, call }, steps, {
        target: { ...now, credentials },
        test,
        failedCode: "reauth-test-failed",
        before: now,
        sameTenantAs: now,
        isDiscovered: false,
        isOtherTarget: true,
        storeSecret: (secret) => ports.secrets.put(integrationId, steps.attemptId, secret),
      }),
  );
  await wakeWorker(ports, integrationId);
  return publicIntegration(renewed, ports.clock.now());
};
