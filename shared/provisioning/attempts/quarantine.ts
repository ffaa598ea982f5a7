import { omit } from "../../common/objects.ts";
import type { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { Quarantine, Standing, Streak } from "../../model/standing.ts";
import type { Context, IntegrationContext, Ports } from "../ports/ports.ts";
import { isGivenUp } from "./provider-failure.ts";
import { changeStanding, recordStanding, withDue, withEventOf } from "./standing.ts";

/** So many failures in a row, or so many equal refusals of different objects, are the provider's. */
const mostFailures = 20;
/** Of at least so many objects. */
const fewestObjects = 5;
const minute = 60_000;
/** While anything has failed, one object is tried at least so often, in quarantine and before. */
export const longestPauseMs = 5 * minute;

/** A failure of the provider. `refusal` tells refusals apart; absent for what passes. */
export type CountedFailure = { object: string; at: number; refusal?: string };

/** The streak with one failure more. One of another kind begins anew. */
export const addFailure = (streak: Streak | undefined, { object, at, refusal }: CountedFailure): Streak => {
  const isSame = streak !== undefined && streak.refusal === refusal;
  const objects = isSame ? streak.objects : [];
  return {
    failures: (isSame ? streak.failures : 0) + 1,
    objects: objects.includes(object) ? objects : [...objects, object].slice(0, mostFailures),
    lastAt: at,
    ...(refusal !== undefined && { refusal }),
  };
};

/** Whether it is the provider that fails, whatever it is sent. */
export const isOfProvider = ({ failures, objects, refusal }: Streak): boolean =>
  refusal === undefined
    ? failures >= mostFailures && objects.length >= fewestObjects
    : objects.length >= mostFailures;

/** 1 min, doubling to 5. */
export const pauseAfter = (probes: number): number => Math.min(minute * 2 ** probes, longestPauseMs);

/** Put the integration in quarantine, with one event. Nothing happens where it is. */
export const quarantine = async (
  { ports, integration }: IntegrationContext,
  streak: Streak,
  reason: string,
): Promise<void> => {
  const { integrationId } = integration;
  const at = ports.clock.now();
  const nextProbeAt = at + pauseAfter(0);
  const begun: Quarantine = {
    since: new Date(at).toISOString(),
    reason,
    nextProbeAt,
    probes: 0,
    // Until then nothing is tried, and calls that fail meanwhile mark what they have saved.
    turnSince: nextProbeAt,
    ...(streak.refusal !== undefined && { refusal: streak.refusal }),
  };
  const changed = await changeStanding(ports, integrationId, (now, present) =>
    now.quarantine
      ? undefined
      : withEventOf(
          { ports, integration: present },
          { ...now, streak, quarantine: begun },
          {
            eventType: "idm_integration_quarantined",
            changes: [{ field: "status", from: present.status, to: "quarantined" }],
            note: `${streak.failures} failures in a row: ${reason}`,
          },
        ),
  );
  if (changed) await recordStanding(ports, changed);
};

/**
 * The provider has taken something: what waits after passing failures is due now, and a quarantine is over, with one event.
 * Costs nothing where nothing had failed, by the integration as it was read, or as the caller knows.
 */
export const noteAnswering = async (
  { ports, integration }: IntegrationContext,
  hasFailed = isTroubled(integration),
): Promise<void> => {
  if (!hasFailed) return;
  const changed = await changeStanding(ports, integration.integrationId, (now, present) =>
    isTroubled(present) ? withoutTrouble({ ports, integration: present }, now) : undefined,
  );
  if (changed) await recordStanding(ports, changed);
};

/**
 * What an attempt tells of the provider, whoever made it. A failure that passes is put on record where nothing has failed
 * before, so that the next success is known to be the first after it. Those of calls count as those of workers do, which
 * count their own: a provider that hangs is not to hold one Lambda after the other.
 */
export const noteOutcome = async (
  context: Context,
  object: string,
  { eventId, failure }: { eventId?: string; failure?: Failure },
): Promise<void> => {
  if (eventId === undefined || isGivenUp(failure)) return;
  if (!failure) return noteAnswering(context);
  const { ports, integration, call } = context;
  if (failure.code !== "provider-unavailable") return;
  if (!call.isAutomatic) return noteFailedCall(context, object, failure);
  if (isTroubled(integration)) return;
  await changeStanding(ports, integration.integrationId, (now) =>
    now.streak || now.quarantine
      ? undefined
      : { ...now, streak: { failures: 0, objects: [], lastAt: ports.clock.now() } },
  );
};

/** Of very many calls that fail at once some may lose the race for the record: others are counted, and that is enough. */
const triesOfCalls = 6;
const noteFailedCall = async (
  { ports, integration }: Context,
  object: string,
  { detail }: Failure,
): Promise<void> => {
  const counted = (now: Standing) =>
    now.quarantine
      ? undefined
      : { ...now, streak: addFailure(now.streak, { object, at: ports.clock.now() }) };
  const { integrationId } = integration;
  const noted = await changeStanding(ports, integrationId, counted, { most: triesOfCalls }).catch(
    () => undefined,
  );
  const streak = noted?.standing?.streak;
  if (noted && streak && isOfProvider(streak))
    await quarantine({ ports, integration: noted }, streak, detail);
};

const isTroubled = ({ standing }: Integration): boolean =>
  standing?.streak !== undefined || standing?.quarantine !== undefined;

const withoutTrouble = (context: IntegrationContext, now: Standing): Standing => {
  const { quarantine: over, streak } = now;
  const at = context.ports.clock.now();
  const isRefused = (over?.refusal ?? streak?.refusal) !== undefined;
  const states = isRefused && over ? (["retrying", "failed"] as const) : (["retrying"] as const);
  const rest = omit(now, "streak", "quarantine");
  // One object that fails for itself, among others that are taken, is not tried again with each of them.
  const isJustWoken = at - (now.dueBefore?.retrying ?? 0) < minute && (streak?.objects.length ?? 0) <= 1;
  const next = isJustWoken && !over ? rest : withDue(rest, states, at);
  if (!over) return next;
  return withEventOf(context, next, {
    eventType: "idm_integration_recovered",
    changes: [{ field: "status", from: "quarantined", to: context.integration.status }],
    note: `The service provider works again. It was in quarantine since ${over.since}: ${over.reason}`,
  });
};

/** Whether something that waits for a later time is to be tried now, to find out whether the provider is back. */
export const isProbeDue = ({ standing }: Integration, { clock }: Pick<Ports, "clock">): boolean => {
  const { quarantine: held, streak } = standing ?? {};
  if (held) return held.nextProbeAt <= clock.now();
  if (!streak || streak.refusal !== undefined) return false;
  return clock.now() - streak.lastAt >= longestPauseMs;
};

/**
 * Take the probe that is due, so that no other worker makes it. The integration then; undefined where another has taken it.
 */
export const claimProbe = ({ ports, integration }: IntegrationContext): Promise<Integration | undefined> =>
  changeStanding(ports, integration.integrationId, (now, present) => {
    if (!isProbeDue(present, ports)) return undefined;
    const at = ports.clock.now();
    const { quarantine: held, streak } = now;
    if (held) {
      const probes = held.probes + 1;
      return { ...now, quarantine: { ...held, probes, nextProbeAt: at + pauseAfter(probes) } };
    }
    return streak && { ...now, streak: { ...streak, lastAt: at } };
  });

/** What the provider said, without what it was asked for: the same of different objects is the same refusal. */
export const refusalOf = ({ detail }: Pick<Failure, "detail">, status: number | undefined): string => {
  const said = detail.slice(detail.indexOf(" failed: ") + 1);
  return `${status ?? ""} ${said}`.slice(0, 300);
};
