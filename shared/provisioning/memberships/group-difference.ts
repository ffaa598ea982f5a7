import type { SavedGroup } from "../../model/directory.ts";
import type { GroupLink, GroupObserved, PushedMember } from "../../model/link.ts";
import { changeMarkDays } from "../ports/directory-store.ts";
import type { Ports } from "../ports/ports.ts";

/** What the group at the provider lacks and what it has too much, against what was last pushed. User ids. */
export type GroupDifference = {
  /** Members that are to be held, provisioned and, where `pushed` does not have their account, pushed. */
  join: string[];
  /** Of those in `join`, the ones that the provider has in the group, perhaps with an account that they no longer have. */
  pushed: Map<string, PushedMember>;
  leave: PushedMember[];
  /** Not members (any longer): whoever of these the group still holds in scope must be let go. */
  gone: string[];
  /** Users that were noted as waiting to be pushed. */
  waiting: string[];
  /** There is more, which this call is not to carry out: the group stays pending. */
  isPart?: true;
};

const dayMs = 86_400_000;

/**
 * The difference between the directory's members and the pushed ones. Where the group was pushed before, only users
 * that changed since are read, so the cost does not grow with the group; else, or when the marks of the changes may
 * have expired, both lists are read once.
 */
export const readGroupDifference = async (
  ports: Ports,
  link: GroupLink,
  saved: SavedGroup,
): Promise<GroupDifference> => {
  const version = pushedVersion(ports, link.observed);
  const waiting = await ports.pushedMembers.waiting(link.integrationId, saved.groupId);
  const difference: GroupDifference = { join: [], pushed: new Map(), leave: [], gone: [], waiting };
  if (version !== undefined) {
    const changed =
      version === saved.version
        ? []
        : await ports.groups.changedBetween(saved.groupId, version, saved.version);
    await compareSome(ports, link, saved, [...new Set([...changed, ...waiting])], difference);
    return difference;
  }
  const isWaiting = new Set(waiting);
  const left = new Set<string>();
  for await (const page of ports.groups.membersAndLeavers(saved.groupId, saved.version)) {
    const { members } = page;
    // Never pushed, perhaps, and held by the group all the same: a call that failed half-way leaves such users.
    for (const userId of page.left) left.add(userId);
    const pushed = await ports.pushedMembers.among(link.integrationId, saved.groupId, members);
    for (const userId of members) {
      addMember(difference, userId, maybeThere(link, pushed.get(userId)), isWaiting);
    }
  }
  for await (const pushed of ports.pushedMembers.all(link.integrationId, saved.groupId)) {
    const userIds = pushed.map(({ userId }) => userId);
    const members = await ports.groups.membersAmong(saved.groupId, saved.version, userIds);
    const gone = pushed.filter(({ userId }) => !members.has(userId));
    difference.leave.push(...gone.filter((member) => maybeThere(link, member)));
    for (const { userId } of gone) left.add(userId);
  }
  difference.gone.push(...left);
  return difference;
};

/** The version up to which changes were pushed, where what changed since can be told. */
export const pushedVersion = (ports: Ports, { version, versionAt }: GroupObserved): number | undefined => {
  const isRecent =
    versionAt !== undefined && ports.clock.now() - Date.parse(versionAt) < (changeMarkDays - 1) * dayMs;
  return isRecent ? version : undefined;
};

/**
 * Without a group at the provider nobody is in it, whatever a take-over that was cut off has noted; unless it is in
 * doubt who was sent to a group that may be there.
 */
const maybeThere = ({ observed }: GroupLink, member: PushedMember | undefined): PushedMember | undefined =>
  member && (member.presence === "unknown" || (member.presence === "in" && observed.remoteId))
    ? member
    : undefined;

const compareSome = async (
  ports: Ports,
  link: GroupLink,
  { groupId, version }: SavedGroup,
  userIds: string[],
  difference: GroupDifference,
): Promise<void> => {
  if (userIds.length === 0) return;
  const [members, pushed] = await Promise.all([
    ports.groups.membersAmong(groupId, version, userIds),
    ports.pushedMembers.among(link.integrationId, groupId, userIds),
  ]);
  const isWaiting = new Set(difference.waiting);
  for (const userId of userIds) {
    const before = maybeThere(link, pushed.get(userId));
    if (members.has(userId)) addMember(difference, userId, before, isWaiting);
    else {
      difference.gone.push(userId);
      if (before) difference.leave.push(before);
    }
  }
};

/** One who waits, or is in doubt, is looked at again even where pushed: the account may have changed since. */
const addMember = (
  difference: GroupDifference,
  userId: string,
  before: PushedMember | undefined,
  isWaiting: Set<string>,
): void => {
  if (before?.presence === "in" && !isWaiting.has(userId)) return;
  difference.join.push(userId);
  if (before) difference.pushed.set(userId, before);
};
