import { describeCredentials } from "../model/credentials.ts";
import type { ReauthInput } from "../model/inputs.ts";
import type { Integration, PublicIntegration } from "../model/integration.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { otherTenantReason } from "./check-same-tenant.ts";
import { credentialChanges } from "./credential-changes.ts";
import { requireChangeable, requireMatch, runLifecycleAttempt, toPublic } from "./run-lifecycle-attempt.ts";
import { testTarget } from "./test-target.ts";

/**
 * Exchange the credentials. The new secret is tested from memory; only then does it become AWSCURRENT, and the row
 * names its version in the same write that clears `needs_reauth`. After a failure the old one stays.
 * @throws Failure `reauth-test-failed`, `different-tenant`, `target-refused`, `precondition-failed`
 */
export const reauthIntegration = async (
  ports: Ports,
  call: Call,
  integrationId: string,
  { credentials, test }: ReauthInput,
  ifMatch?: string,
): Promise<PublicIntegration> => {
  const now = await requireChangeable(ports, integrationId);
  const about = {
    eventType: "idm_integration_reauth" as const,
    changes: credentialChanges(credentials, now.credentials),
  };
  await requireMatch(ports, call, now, about, ifMatch);
  const renewed = await runLifecycleAttempt(
    ports,
    call,
    { integrationId, integration: now },
    { ...about, test },
    (attemptId): Integration => ({
      ...now,
      status: "active",
      credentials: describeCredentials(credentials),
      updatedAt: new Date(ports.clock.now()).toISOString(),
      version: now.version + 1,
      secretVersionId: attemptId,
      secretOrigin: new URL(now.baseUrl).origin,
    }),
    async (attemptId, proposed, { keep }) => {
      const tested = await testTarget(
        ports,
        call,
        { ...now, credentials },
        test,
        attemptId,
        "reauth-test-failed",
      );
      const notes = tested.leftovers.map((leftover) => `Left by the test, remove by hand: ${leftover}`);
      if (!tested.ok) return { answer: tested.answer, notes, failure: tested.failure };
      const failure = await otherTenantReason(ports, now, tested.provider, "reauth-test-failed");
      if (failure) return { answer: tested.provider.lastAnswer(), notes, failure };
      await ports.secrets.put(integrationId, attemptId, { credentials, origin: proposed.secretOrigin });
      await keep(proposed);
      return { answer: tested.answer, notes, integration: proposed };
    },
  );
  return toPublic(renewed, ports.clock.now());
};
