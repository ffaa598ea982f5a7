import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import { existingIntegration } from "../provisioning/attempts/require-integration.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { type Asked, type LifecycleChange, refuseChange } from "./run-lifecycle-attempt.ts";
import { settleLifecycleAttempt } from "./settle-lifecycle-attempt.ts";

/** @throws (with an event) Failure `precondition-failed` where `If-Match` names another version (RFC 9110 §13.1.1) */
export const requireMatch = async (
  asked: Asked,
  change: LifecycleChange & { integration: Integration },
  ifMatch: string | undefined,
): Promise<void> => {
  if (ifMatch === undefined || ifMatch.trim() === "*") return;
  const { integrationId, version } = change.integration;
  const tags = ifMatch.split(",").map((tag) => tag.trim());
  if (tags.includes(`"${version}"`)) return;
  // What was sent is not repeated: it may be a secret in the wrong place.
  const detail = `Integration ${integrationId} is at version "${version}", and If-Match names another one. Read it and decide again.`;
  await refuseChange(asked, change, new Failure("precondition-failed", detail));
};

/**
 * The integration, if it may still be changed: active, or waiting for reauth. An attempt of a process that is gone is
 * settled first.
 * @throws Failure `not-found`, `integration-not-active`
 */
export const requireChangeable = async (ports: Ports, integrationId: string): Promise<Integration> => {
  let row = await ports.integrations.read(integrationId);
  if (row?.attempt && row.attempt.leaseUntil <= ports.clock.now()) {
    await settleLifecycleAttempt(ports, row);
    row = await ports.integrations.read(integrationId);
  }
  const integration = existingIntegration(row, integrationId);
  if (integration.status === "deleted")
    throw new Failure("integration-not-active", `Integration ${integrationId} is deleted.`);
  return integration;
};
