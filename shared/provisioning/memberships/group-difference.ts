import type { SavedGroup } from "../../model/directory.ts";
import type { GroupLink, GroupObserved } from "../../model/link.ts";
import { changeMarkDays } from "../ports/directory-store.ts";
import type { Ports } from "../ports/ports.ts";
import { type Candidate, isSettled } from "./plan-members.ts";

/** All users of whom something may have to be done, to make the group at the provider what the directory says. */
export type GroupDifference = {
  candidates: Candidate[];
  /** There are more, which this call is not to look at: the group stays pending. */
  isPart?: true;
};

/** Members that are to be held, provisioned and, where they are not in the group, added. */
export const membersIn = ({ candidates }: GroupDifference): string[] =>
  candidates.filter(({ isMember }) => isMember).map(({ userId }) => userId);

/** Users who are no members (any longer): the group lets go of each that it still holds in scope. */
export const goneFrom = ({ candidates }: GroupDifference): string[] =>
  candidates.filter(({ isMember }) => !isMember).map(({ userId }) => userId);

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
  const waiting = new Set(await ports.pushedMembers.waiting(link.integrationId, saved.groupId));
  if (version === undefined) return { candidates: await readAll(ports, link, saved, waiting) };
  const changed =
    version === saved.version ? [] : await ports.groups.changedBetween(saved.groupId, version, saved.version);
  return { candidates: await readSome(ports, link, saved, { changed, waiting }) };
};

/** The version up to which changes were pushed, where what changed since can be told. */
export const pushedVersion = (ports: Ports, { version, versionAt }: GroupObserved): number | undefined => {
  const isRecent =
    versionAt !== undefined && ports.clock.now() - Date.parse(versionAt) < (changeMarkDays - 1) * dayMs;
  return isRecent ? version : undefined;
};

const readSome = async (
  ports: Ports,
  link: GroupLink,
  { groupId, version }: SavedGroup,
  { changed, waiting }: { changed: string[]; waiting: ReadonlySet<string> },
): Promise<Candidate[]> => {
  const userIds = [...new Set([...changed, ...waiting])];
  if (userIds.length === 0) return [];
  const [members, known] = await Promise.all([
    ports.groups.membersAmong(groupId, version, userIds),
    ports.pushedMembers.among(link.integrationId, groupId, userIds),
  ]);
  return userIds
    .map((userId) => ({
      userId,
      isMember: members.has(userId),
      isWaiting: waiting.has(userId),
      membership: known.get(userId),
    }))
    .filter((candidate) => !isSettled(factsOf(link), candidate));
};

const readAll = async (
  ports: Ports,
  link: GroupLink,
  { groupId, version }: SavedGroup,
  waiting: ReadonlySet<string>,
): Promise<Candidate[]> => {
  const candidates = new Map<string, Candidate>();
  const add = (candidate: Omit<Candidate, "isWaiting">) => {
    const { userId } = candidate;
    const known = { ...candidate, isWaiting: waiting.has(userId) };
    if (!isSettled(factsOf(link), known)) candidates.set(userId, known);
  };
  for await (const { members, left } of ports.groups.membersAndLeavers(groupId, version)) {
    const known = await ports.pushedMembers.among(link.integrationId, groupId, members);
    for (const userId of members) add({ userId, isMember: true, membership: known.get(userId) });
    // The group may hold such a user who was never pushed, since a call failed half-way.
    for (const userId of left) add({ userId, isMember: false });
  }
  for await (const page of ports.pushedMembers.all(link.integrationId, groupId)) {
    const userIds = page.map(({ userId }) => userId);
    const members = await ports.groups.membersAmong(groupId, version, userIds);
    for (const membership of page) {
      const { userId } = membership;
      if (!members.has(userId)) add({ userId, isMember: false, membership });
    }
  }
  return [...candidates.values()];
};

const factsOf = ({ observed }: GroupLink) => ({ isThere: observed.remoteId !== undefined });
