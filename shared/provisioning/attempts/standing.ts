import { omit } from "../../common/objects.ts";
import type { Outcome } from "../../model/attempt.ts";
import { type AttemptEventType, type Change, serviceActor } from "../../model/event.ts";
import type { Integration } from "../../model/integration.ts";
import type { Standing } from "../../model/standing.ts";
import type { WaitingState, WorkState } from "../../model/work.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import { presentIntegration } from "./require-integration.ts";
import { newIntent, recordEvent } from "./run-attempt.ts";

/** Unix ms: what waits in that state and was marked before is due, whatever its own time. Undefined where nothing is. */
export const dueBefore = (integration: Integration, state: WorkState): number | undefined => {
  const { standing } = integration;
  const at = Math.max(changedAt(integration, state) ?? 0, standing?.dueBefore?.[state] ?? 0);
  return at > (standing?.foundBefore?.[state] ?? 0) ? at : undefined;
};

/** When the integration was changed in a way that may end what keeps this state. */
const changedAt = ({ wokenAt, remappedAt }: Integration, state: WorkState): number | undefined => {
  if (state === "retrying") return wokenAt;
  return state === "failed" || state === "unconfirmed" ? remappedAt : undefined;
};

/** What a change of the standing says; undefined where nothing is to be written. */
type ChangeOfStanding = (now: Standing, integration: Integration) => Standing | undefined;

const maxTries = 20;

/**
 * Change what is known of a service provider: read, apply, write if nobody wrote meanwhile. The integration then; undefined
 * where nothing was written.
 */
export const changeStanding = async (
  ports: Ports,
  integrationId: string,
  change: ChangeOfStanding,
  { healed, most = maxTries }: { healed?: { secretVersionId: string; at: string }; most?: number } = {},
): Promise<Integration | undefined> => {
  for (let tries = 1; tries <= most; tries += 1) {
    const integration = await presentIntegration(ports, integrationId);
    if (!integration) return undefined;
    const now = integration.standing ?? { rev: 0 };
    const next = change(now, integration);
    if (!next) return undefined;
    const standing = { ...next, rev: now.rev };
    if (await ports.integrations.noteStanding(integrationId, standing, healed))
      return { ...integration, standing: { ...standing, rev: now.rev + 1 } };
    if (healed && !isRefused(await presentIntegration(ports, integrationId), healed)) return undefined;
    // Many calls may fail in the same moment.
    await ports.clock.sleep(20 * tries * ports.random());
  }
  throw new Error("The standing of the integration keeps changing.");
};

const isRefused = (integration: Integration | undefined, { secretVersionId }: { secretVersionId: string }) =>
  integration?.status === "needs_reauth" && integration.secretVersionId === secretVersionId;

/** That what waits in these states is due, as of `at` (Unix ms). */
export const withDue = (standing: Standing, states: readonly WaitingState[], at: number): Standing => ({
  ...standing,
  dueBefore: { ...standing.dueBefore, ...Object.fromEntries(states.map((state) => [state, at])) },
});

/** With an event that tells of the change; it goes with the change, and is written by `recordStanding`. */
export const withEventOf = (
  { ports, integration }: IntegrationContext,
  standing: Standing,
  about: { eventType: AttemptEventType; changes: Change[]; note: string },
): Standing => {
  const { eventType, changes, note } = about;
  const { integrationId, application } = integration;
  const actor = serviceActor({ id: ports.newId(ports.clock.now()), type: "automatic" });
  const resource = { type: "application" as const, id: integrationId, name: application.name };
  const intent = newIntent({ ports, call: { actor }, integration: shownIn(integration) }, resource, {
    eventType,
    changes,
    step: "lookup",
  });
  const outcome: Outcome = { success: true, eventType, changes, answer: { details: [] }, notes: [note] };
  return { ...standing, unrecorded: [...(standing.unrecorded ?? []), { intent, outcome }] };
};

const shownIn = (integration: Integration) => omit(integration, "standing");

/** Write the events of changes that are on record. Safe to call at any time: one that is written already stays. */
export const recordStanding = async (
  ports: Ports,
  { integrationId, standing }: Integration,
): Promise<void> => {
  const { unrecorded = [] } = standing ?? {};
  if (unrecorded.length === 0) return;
  for (const { intent, outcome } of unrecorded) await recordEvent(ports, intent, outcome);
  const written = new Set(unrecorded.map(({ intent }) => intent.attemptId));
  await changeStanding(ports, integrationId, (now) => {
    const left = now.unrecorded?.filter(({ intent }) => !written.has(intent.attemptId)) ?? [];
    if (left.length === (now.unrecorded?.length ?? 0)) return undefined;
    return { ...omit(now, "unrecorded"), ...(left.length > 0 && { unrecorded: left }) };
  });
};
