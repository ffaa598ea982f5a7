import { omit } from "../common/objects.ts";
import { isExpiring } from "../model/credentials.ts";
import {
  defaultPolicies,
  guardOf,
  type Integration,
  type PublicIntegration,
  statusOf,
} from "../model/integration.ts";

/** The integration as callers see it at `now` (Unix ms). */
export const publicIntegration = (integration: Integration, now: number): PublicIntegration => {
  const kept = omit(
    integration,
    "secretVersionId",
    "secretOrigin",
    "targetHash",
    "mappingVersion",
    "pausedUntil",
    "pausedAt",
    "wokenAt",
    "remappedAt",
    "standing",
  );
  const policies = { ...defaultPolicies, ...kept.policies, guard: guardOf(kept.policies) };
  const shown = { ...kept, status: statusOf(integration), policies };
  const { credentials } = shown;
  if (shown.status === "deleted" || !isExpiring(credentials, now)) return shown;
  return { ...shown, credentials: { ...credentials, expiring: true } };
};
