import { allPages } from "../common/all-pages.ts";
import { chunksOf } from "../common/chunks.ts";
import { concurrently } from "../common/concurrently.ts";
import type { JobRun, JobStep } from "../jobs/run-job.ts";
import { countLosses } from "../provisioning/guard/count-losses.ts";
import { isConfirmedFor } from "../provisioning/guard/open-leavers.ts";
import { admitRemovals, type Removals } from "../provisioning/holds/admit-removals.ts";
import { asksGuard } from "../provisioning/holds/held-account.ts";
import { markGroupHeld, markUserHeld } from "../provisioning/holds/mark-held.ts";
import { readGroupState } from "../provisioning/memberships/group-state.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import { readUserStates } from "../provisioning/users/user-state.ts";
import { itemIn, rowsPrefix } from "./sync-items.ts";
import type { VerifyPlace } from "./verify-place.ts";

const readAtOnce = 100;
const writtenAtOnce = 16;

/**
 * The guard is asked for all that the repair is about to take away, before the first of it is sent: a job that goes beyond the
 * limit is held whole. Each object asks again in its turn, which counts nobody twice. Safe to repeat.
 */
export const guardStep = async (
  context: Context,
  job: JobRun["job"],
  place: VerifyPlace,
): Promise<JobStep> => {
  const own = { ...context, call: { ...context.call, isAutomatic: true as const } };
  const found = await openAccess(own, job);
  const removals = {
    accounts: await accountsOf(own, found.accounts),
    groups: await concurrently([...found.members], writtenAtOnce, (group) => groupOf(own, group)),
  };
  await holdTogether(own, removals);
  return { place: { ...place, phase: "repair" } };
};

/** `members`: users who are in a group and no members of it, by group. */
type OpenAccess = { accounts: string[]; members: Map<string, string[]> };

/** What was found open, and waits to be repaired. */
const openAccess = async ({ ports }: Context, job: JobRun["job"]): Promise<OpenAccess> => {
  const accounts: string[] = [];
  const members = new Map<string, string[]>();
  for await (const rows of allPages((part) => ports.integrationJobs.items(job, part, rowsPrefix), 500))
    for (const { finding, state, userId, groupId } of rows.flatMap((row) => itemIn(row) ?? [])) {
      if (state !== "found" || userId === undefined) continue;
      if (finding === "active") accounts.push(userId);
      if (finding === "member-extra" && groupId !== undefined)
        members.set(groupId, [...(members.get(groupId) ?? []), userId]);
    }
  return { accounts, members };
};

/** Those that nobody has let go, and that are to be closed still. */
const accountsOf = async (context: Context, userIds: string[]): Promise<string[]> => {
  const { ports, integration } = context;
  const asking: string[] = [];
  for (const chunk of chunksOf(userIds, readAtOnce))
    for (const [userId, state] of await readUserStates(ports, integration.integrationId, chunk))
      if (await asksGuard(context, state)) asking.push(userId);
  return asking;
};

const groupOf = async (
  context: Context,
  [groupId, extra]: [string, string[]],
): Promise<Removals["groups"][number]> => {
  const { ports, integration } = context;
  const { saved, link } = await readGroupState(ports, integration.integrationId, groupId);
  const isOver = !saved || saved.deleted || !link.assignment.bound || isConfirmedFor(link, saved);
  if (isOver) return { groupId, userIds: [], accounts: [] };
  const back = await ports.groups.membersAmong(groupId, saved.version, extra);
  const leaving = { groupId, userIds: extra.filter((userId) => !back.has(userId)), leavesGroup: true };
  const { accounts, groupOnly } = await countLosses(context, leaving, { group: link });
  return { groupId, userIds: [...accounts, ...groupOnly], accounts };
};

const holdTogether = async (context: Context, removals: Removals): Promise<void> => {
  const { ports, integration } = context;
  const held = await admitRemovals(context, removals);
  await concurrently(held, writtenAtOnce, async ({ userId, groupId, holdId }) => {
    if (groupId === undefined)
      await markUserHeld(ports, { integrationId: integration.integrationId, id: userId }, holdId);
  });
  for (const { groupId } of removals.groups) {
    const ofGroup = held.filter((one) => one.groupId === groupId);
    const [first] = ofGroup;
    const key = { integrationId: integration.integrationId, id: groupId };
    if (first) await markGroupHeld(ports, key, first.holdId, ofGroup);
  }
};
