import type { SavedGroup } from "../../model/directory.ts";
import type { GroupLink } from "../../model/link.ts";
import type { Action, GroupReceipt } from "../../model/receipt.ts";
import { foreignName } from "../memberships/group-capabilities.ts";
import type { GroupDifference } from "../memberships/group-difference.ts";
import { type GroupState, groupState, pushedUpTo, readGroupState } from "../memberships/group-state.ts";
import type { Context, IntegrationContext, Ports } from "../ports/ports.ts";
import { outOfTime } from "../users/reconcile-user.ts";
import { releaseMembers } from "./provision-members.ts";

/** Kept back from the time of the call, so that members provisioned in it are pushed in it. */
export const pushReserveMs = 5_000;

/** What a call has come to so far, over all its rounds. */
export type Tally = {
  does?: Action | undefined;
  eventIds: string[];
  added: Set<string>;
  removed: Set<string>;
  waiting: string[];
  unfinished: string[];
  outdated: string[];
  /** Members whom the provider shows as not added or not removed: the group stays pending, and the next call sends them. */
  unconfirmed: string[];
};

/** Why a call ended, where that is not obvious, and how it leaves things, where that is known. */
export type Ended = { reason?: string; now?: GroupState };

/**
 * Let go of those who left, remember who waits, and note the version that is done with. `known` is the link as the
 * attempt left it: whoever has changed the group since has not come to the link yet, and goes on from it.
 */
export const finishGroup = async (
  context: Context,
  saved: SavedGroup,
  known: GroupLink | undefined,
  difference: GroupDifference,
  tally: Tally,
): Promise<"again" | Ended> => {
  const { ports, call, integration } = context;
  const { integrationId } = integration;
  const { groupId } = saved;
  const released = await releaseMembers(context, groupId, difference.gone);
  tally.eventIds.push(...released.eventIds);
  tally.unfinished.push(...released.unfinished);
  tally.outdated.push(...released.outdated);

  const state = known ? { saved, link: known } : await readGroupState(ports, integrationId, groupId);
  let { link } = state;
  const isDone = tally.unfinished.length === 0 && !difference.isPart;
  await saveWaiting(ports, link, difference, tally);
  const { version, lastError, isDue = false } = link.observed;
  const staysDue = tally.unconfirmed.length > 0;
  if (isDone && (version !== saved.version || lastError || isDue !== staysDue)) {
    const observed = {
      ...pushedUpTo(ports, saved, link.observed),
      ...(staysDue && { isDue: true as const }),
    };
    if (!(await ports.groupLinks.note(link, link.rev, observed))) return "again";
    link = { ...link, observed };
  }
  if (state.saved && state.saved.version !== saved.version) return "again";
  const now = { saved: state.saved, link };
  if (!link.observed.remoteId && tally.unfinished.length === 0)
    return { now, reason: "the group has no member that can be provisioned" };
  const theirs = foreignName(context, link, saved.name);
  if (theirs !== undefined && tally.unfinished.length === 0)
    return {
      now,
      reason: `the group is named ${theirs} at the service provider, which renames no groups by SCIM`,
    };
  return tally.unfinished.length > 0 && ports.clock.now() >= call.sendUntil - pushReserveMs
    ? { now, reason: outOfTime }
    : { now };
};

/** Members that wait are noted one by one, so that the next call finds them without reading the group. */
export const saveWaiting = async (
  ports: Ports,
  link: GroupLink,
  difference: GroupDifference,
  tally: Tally,
): Promise<void> => {
  const known = new Set(difference.waiting);
  const fresh = [...tally.waiting, ...tally.unfinished].filter((userId) => !known.has(userId));
  // A leaving member who is in the group waits until taken out, which notes it.
  const leaving = new Set(difference.leave.map(({ userId }) => userId));
  const over = difference.gone.filter((userId) => known.has(userId) && !leaving.has(userId));
  await ports.pushedMembers.noteWaiting(link.integrationId, link.id, { begin: fresh, end: over });
};

export const toGroupReceipt = async (
  { ports, integration }: IntegrationContext,
  groupId: string,
  tally: Tally,
  { reason, now }: Ended,
): Promise<GroupReceipt> => {
  const { saved, link } = now ?? (await readGroupState(ports, integration.integrationId, groupId));
  const { remoteId } = link.observed;
  const isSkipped = !remoteId && tally.unfinished.length === 0;
  const state =
    tally.unfinished.length > 0 || reason === outOfTime ? "pending" : groupState(integration, link, saved);
  const why = reason ?? troubleOf(tally);
  return {
    integrationId: integration.integrationId,
    groupId,
    action: tally.does ?? (isSkipped ? "skipped" : "unchanged"),
    state,
    ...(why && { reason: why }),
    ...(remoteId && { remoteId }),
    members: {
      added: tally.added.size,
      removed: tally.removed.size,
      pending: [...tally.unfinished, ...tally.waiting].slice(0, 100),
    },
    eventIds: tally.eventIds,
  };
};

const troubleOf = ({ unfinished, outdated, unconfirmed }: Tally): string | undefined => {
  if (unfinished.length > 0) return "some members could not be provisioned; see their events";
  if (unconfirmed.length > 0)
    return "the service provider accepted a change of members that it does not show; the same call again repeats it";
  return outdated.length > 0
    ? "the accounts of some members could not be updated; see their events"
    : undefined;
};
