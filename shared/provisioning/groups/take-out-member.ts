import { eventIdsOf, Failure } from "../../model/failure.ts";
import { remoteIdAt, type UserLink } from "../../model/link.ts";
import { waitForLease } from "../attempts/wait-for-lease.ts";
import { membershipThere } from "../memberships/group-difference.ts";
import { newGroupRun } from "../memberships/group-run.ts";
import { noteDue, readGroupState } from "../memberships/group-state.ts";
import type { Context } from "../ports/ports.ts";
import { attemptPush } from "./attempt-group.ts";
import { settleGroupAttempt } from "./settle-group-attempt.ts";

const maxRounds = 12;

/**
 * A user is taken out by a call, and the account cannot be: take it out of the groups, which hold the user still, so
 * that a later assignment restores what they grant. A failure is on record as the group's own attempt. The events.
 */
export const takeOutOfGroups = async (context: Context, { id, assignment }: UserLink): Promise<string[]> => {
  const eventIds: string[] = [];
  for (const groupId of assignment.groups) {
    try {
      eventIds.push(...(await takeOutMember(context, groupId, id)));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      eventIds.push(...eventIdsOf(error));
    }
  }
  return eventIds;
};

const takeOutMember = async (context: Context, groupId: string, userId: string): Promise<string[]> => {
  const { ports, call, integration } = context;
  const { integrationId } = integration;
  const run = newGroupRun();
  const read = () => readGroupState(ports, integrationId, groupId);
  for (let round = 0; round < maxRounds; round += 1) {
    const { saved, link } = await waitForLease(context, ports.groupLinks, read, (held) =>
      settleGroupAttempt(ports, call, held),
    );
    const known = (await ports.pushedMembers.among(integrationId, groupId, [userId])).get(userId);
    const there = membershipThere(link, known);
    const isThere = there && remoteIdAt(integration, link.observed) !== undefined;
    if (!saved || !link.assignment.bound || !isThere) break;
    const leave = { join: [], leave: [there], isWithoutName: true };
    const pushed = await attemptPush(context, { saved, link }, leave, run);
    if (pushed === "moved" || pushed.progress.next === "again") continue;
    if (pushed.failure) throw pushed.failure;
    await keepBack(context, groupId, userId);
    break;
  }
  return run.eventIds;
};

/** Another call may have taken the user back meanwhile, and have come to the group before they were taken out of it. */
const keepBack = async ({ ports, integration }: Context, groupId: string, userId: string): Promise<void> => {
  const { integrationId } = integration;
  const user = await ports.userLinks.read({ integrationId, id: userId });
  if (!user || user.assignment.excluded) return;
  await ports.pushedMembers.noteWaiting(integrationId, groupId, { begin: [userId] });
  await noteDue(ports, integrationId, groupId);
};
