import {
  changeDirectoryGroup,
  refuseUnknown,
  requireGroups,
} from "../../directory/change-directory-group.ts";
import { existingGroup } from "../../directory/save-group.ts";
import { isAskedBy } from "../../model/asked.ts";
import type { SavedGroup } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { ChangeMembersInput } from "../../model/inputs.ts";
import type { GroupReceipt } from "../../model/receipt.ts";
import { activeIntegration } from "../attempts/require-integration.ts";
import type { KnownGroup } from "../groups/reconcile-group.ts";
import { guardLeaving } from "../guard/guard-losses.ts";
import { leavingOf, noteConfirmed, openLeavers } from "../guard/open-leavers.ts";
import { differenceAfter, membersIn, readGroupDifference } from "../memberships/group-difference.ts";
import { waitingBind } from "../memberships/waiting-bind.ts";
import type { GroupChange } from "../ports/directory-store.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { unorderedState } from "../users/user-state.ts";
import { takeExisting } from "./bind-as-asked.ts";
import { provisionSavedGroup, savingReceipt } from "./saved-receipt.ts";

/** Add and remove members and provision the difference; what it costs does not depend on the size of the group. */
export const changeGroupMembers = async (
  ports: Ports,
  call: Call,
  { integrationId, groupId }: { integrationId: string; groupId: string },
  { add = [], remove = [], confirm }: ChangeMembersInput & { confirm?: number | undefined },
): Promise<GroupReceipt> => {
  const userIds = [...new Set([...add, ...remove])];
  const { row, saved, link, users } = await ports.reads.group(integrationId, groupId, userIds);
  const integration = activeIntegration(row, integrationId);
  requireGroups(ports, integration);
  if (!link?.assignment.bound)
    throw new Failure("not-found", `Group ${groupId} is not bound to integration ${integrationId}.`);
  refuseUnknown(add, (userId) => users.get(userId)?.saved?.deleted === false);
  const context = { ports, call, integration };
  let known: Pick<KnownGroup, "difference"> | undefined;
  let isConfirmed = false;
  const at = new Date(ports.clock.now()).toISOString();
  const computed = async (base: SavedGroup | undefined): Promise<GroupChange | undefined> => {
    const group = existingGroup(base, groupId);
    const change: GroupChange = { name: group.name, add, remove };
    // Both are read after the link.
    const [difference, noted] = await Promise.all([
      readGroupDifference(ports, link, group),
      ports.pushedMembers.among(integrationId, groupId, userIds),
    ]);
    const left = await openLeavers(ports, link, group, difference);
    const leaving = leavingOf(groupId, change, { left, joined: membersIn(difference) });
    isConfirmed = await guardLeaving(context, leaving, confirm, { group: link, users, noted });
    const there = new Set([...users].filter(([, { member }]) => member).map(([userId]) => userId));
    const isAllNew = !add.some((userId) => there.has(userId)) && remove.every((userId) => there.has(userId));
    known = isAllNew ? { difference: differenceAfter(link, difference, change, noted) } : undefined;
    // All was so during this call; what has come since comes after it.
    const isSo = add.every((userId) => there.has(userId)) && !remove.some((userId) => there.has(userId));
    if (base === saved && isSo) return undefined;
    return isConfirmed ? { ...change, next: { integrationId, at, isConfirmed } } : change;
  };
  const carriedOut = { integrationId, until: call.answerUntil };
  let changed: SavedGroup | undefined;
  try {
    changed = await changeDirectoryGroup({ ports, call, carriedOut }, groupId, computed, { saved });
  } catch (error) {
    return savingReceipt(ports, { integrationId, groupId }, error);
  }
  if (isConfirmed && changed) {
    await noteConfirmed(ports, link, changed);
    return provisionSavedGroup(context, groupId);
  }
  if (waitingBind(link)) return provisionSavedGroup(context, groupId, await takeExisting(context, link));
  const states = [...users].map(([id, reads]) => [id, unorderedState({ integrationId, id }, reads)] as const);
  // Written after the link was read; where nothing was written, the group is read again.
  const isKnown = changed !== saved && known !== undefined;
  const start = isKnown ? { saved: changed, link, ...known, members: new Map(states) } : undefined;
  const isOwnAct = isAskedBy(changed?.asked, call.actor);
  return provisionSavedGroup(context, groupId, { known: start, isOwnAct });
};
