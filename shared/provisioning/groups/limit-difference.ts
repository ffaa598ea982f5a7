import type { SavedGroup } from "../../model/directory.ts";
import type { GroupLink } from "../../model/link.ts";
import { countLosses } from "../guard/count-losses.ts";
import { isConfirmedFor, keptInHolds } from "../guard/open-leavers.ts";
import { reserveLosses } from "../guard/reserve-losses.ts";
import { admitRemovals } from "../holds/admit-removals.ts";
import { leaveHold } from "../holds/leave-hold.ts";
import type { HeldBack } from "../holds/standing-items.ts";
import { type GroupDifference, goneFrom, membersIn } from "../memberships/group-difference.ts";
import type { UserReads } from "../ports/call-reads.ts";
import type { Context } from "../ports/ports.ts";

/** `members`: states that the call has read already. */
type Group = { saved: SavedGroup; link: GroupLink; members?: ReadonlyMap<string, UserReads> | undefined };

/** `letGo`: those whose account the guard lets go, or be closed, with the group; undefined where that is all. */
type Limited = { difference: GroupDifference; heldBack: HeldBack[]; letGo?: ReadonlySet<string> };

/**
 * What may be carried out of the difference of a group: without those who are kept in a hold. The guard is asked for all
 * others who leave, and for those whose account is to be closed since the group begins to hold them, but for what a call
 * has confirmed: the group may have changed since a call asked, and who was counted then is not counted again. A call for
 * one user asks for the others beside that one, who else stay as they are, since only a call for the group can confirm
 * them.
 */
export const limitDifference = async (
  context: Context,
  { saved, link, members }: Group,
  difference: GroupDifference,
  forUser: string | undefined,
): Promise<Limited> => {
  const { groupId } = saved;
  const kept = await stillKept(context, link, difference);
  const isKept = new Set(kept.map(({ userId }) => userId));
  const others = goneFrom(difference).filter((userId) => !isKept.has(userId) && userId !== forUser);
  if (forUser === undefined && isConfirmedFor(link, saved))
    return { difference: without(difference, isKept), heldBack: kept };
  const joining = membersIn(difference).filter((userId) => userId !== forUser);
  const leaving = { groupId, userIds: others, leavesGroup: true, joining };
  const losses = await countLosses(context, leaving, { group: link, ...(members && { joined: members }) });
  if (forUser !== undefined) {
    const isFree = await reserveLosses(context, losses);
    const left = isFree ? isKept : new Set(difference.candidates.map(({ userId }) => userId));
    left.delete(forUser);
    return {
      difference: without(difference, left),
      heldBack: [],
      letGo: new Set([...losses.accounts, forUser]),
    };
  }
  // What a call may take away is no part of an act that is held.
  const isFree = !context.call.isAutomatic && (await reserveLosses(context, losses));
  const leaves = new Set(others);
  const closed = losses.accounts.filter((userId) => !leaves.has(userId));
  const gone = losses.accounts.filter((userId) => leaves.has(userId));
  const userIds = [...gone, ...losses.groupOnly];
  const removals = { accounts: closed, groups: [{ groupId, userIds, accounts: gone }] };
  const held = isFree ? [] : await admitRemovals(context, removals);
  // Who joins with an account that is kept open is a member all the same: each is marked as held once the group holds them.
  const heldBack = [...kept, ...held.filter((one) => one.groupId !== undefined)];
  const isHeld = new Set(heldBack.map(({ userId }) => userId));
  const isKeptOpen = new Set(held.flatMap((one) => (one.groupId === undefined ? [one.userId] : [])));
  const letGo = new Set(losses.accounts.filter((userId) => !isKeptOpen.has(userId)));
  return { difference: without(difference, isHeld), heldBack, letGo };
};

/** Those who leave and are kept in a hold. Who is a member again leaves it. */
const stillKept = async (
  { ports, integration: { integrationId } }: Context,
  link: GroupLink,
  difference: GroupDifference,
): Promise<HeldBack[]> => {
  const kept = await keptInHolds(ports, link);
  if (kept.length === 0) return [];
  const gone = new Set(goneFrom(difference));
  const back = kept.filter(({ userId }) => !gone.has(userId));
  if (back.length > 0) await leaveHold(ports, integrationId, back);
  return kept.filter(({ userId }) => gone.has(userId));
};

const without = (difference: GroupDifference, userIds: ReadonlySet<string>): GroupDifference =>
  userIds.size === 0
    ? difference
    : { candidates: difference.candidates.filter(({ userId }) => !userIds.has(userId)), isPart: true };
