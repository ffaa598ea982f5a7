import { omit } from "../common/objects.ts";
import { isExpiring } from "../model/credentials.ts";
import { guardOf, type Integration, type PublicIntegration, statusOf } from "../model/integration.ts";

/** The integration as callers see it at `now` (Unix ms). */
export const publicIntegration = (integration: Integration, now: number): PublicIntegration => {
  const shown = {
    ...omit(
      integration,
      "secretVersionId",
      "secretOrigin",
      "targetHash",
      "mappingVersion",
      "pausedUntil",
      "pausedAt",
      "wokenAt",
      "standing",
    ),
    status: statusOf(integration),
    policies: { ...integration.policies, guard: guardOf(integration.policies) },
  };
  const { credentials } = shown;
  if (shown.status === "deleted" || !isExpiring(credentials, now)) return shown;
  return { ...shown, credentials: { ...credentials, expiring: true } };
};
