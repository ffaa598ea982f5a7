import { timesOfAttempt } from "../model/attempt.ts";
import { expiringFrom } from "../model/credentials.ts";
import { serviceActor } from "../model/event.ts";
import { dailyUuid, timeOfUuidV7 } from "../model/ids.ts";
import type { Integration } from "../model/integration.ts";
import { recordEvent } from "../provisioning/attempts/run-attempt.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/** What this process has said already: integration and event. Spares the store a refused write each minute. */
export type Warned = Map<string, string>;

/**
 * One event a day for each integration whose credentials end within 14 days, or have ended. Days are counted from when
 * that became so: none is told of a time before the secret was there. The id of the event comes from the day and the
 * integration alone, so that any number of runs, at the same time or one after the other, write one.
 * @returns the failures for the log; each run tries again
 */
export const warnExpiringCredentials = async (ports: Ports, warned: Warned): Promise<unknown[]> => {
  const failures: unknown[] = [];
  const now = ports.clock.now();
  for (const integration of await ports.integrations.current()) {
    const start = warnedFrom(integration);
    if (start > now) continue;
    const eventId = dailyUuid(start, now, `credential-expiring ${integration.integrationId}`);
    if (warned.get(integration.integrationId) === eventId) continue;
    try {
      await warn(ports, integration, eventId);
      warned.set(integration.integrationId, eventId);
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
};

/**
 * From when on it is warned of the end of the credentials (Unix ms); never, where no end is known. The version of a secret is
 * named by the id of the attempt that stored it; the warning comes behind that one's event.
 */
export const warnedFrom = ({ credentials, secretVersionId }: Integration): number =>
  Math.max(expiringFrom(credentials), (timeOfUuidV7(secretVersionId) ?? 0) + 1);

const warn = async (ports: Ports, integration: Integration, eventId: string): Promise<void> => {
  const { integrationId, application, credentials } = integration;
  const { name, displayLabel } = application;
  const about = {
    eventType: "idm_integration_credential_expiring" as const,
    changes: [{ field: "expiresAt", to: credentials.expiresAt ?? "" }],
  };
  const intent = {
    attemptId: eventId,
    ...timesOfAttempt(eventId, ports.eventRetentionDays),
    actor: serviceActor({ id: eventId, type: "schedule" }),
    organization: ports.organization,
    integrationId,
    application: { id: integrationId, name, ...(displayLabel !== undefined && { displayLabel }) },
    resource: { type: "application" as const, id: integrationId, name },
    step: "lookup" as const,
    ...about,
  };
  const note = `The credentials of ${displayLabel ?? name} end at ${credentials.expiresAt}. Give the integration new ones with reauth.`;
  await recordEvent(ports, intent, { success: true, ...about, answer: { details: [] }, notes: [note] });
};
