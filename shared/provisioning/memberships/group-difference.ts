import { omit } from "../../common/objects.ts";
import type { SavedGroup } from "../../model/directory.ts";
import type { GroupLink, GroupObserved, PushedMember } from "../../model/link.ts";
import { changeMarkDays, type GroupChange } from "../ports/directory-store.ts";
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

/**
 * The difference once these have joined and left, and nothing else of the group has changed. `noted`: what is known of
 * their memberships, read after the link.
 */
export const differenceAfter = (
  link: GroupLink,
  { candidates }: GroupDifference,
  { add, remove }: Pick<GroupChange, "add" | "remove">,
  noted: ReadonlyMap<string, PushedMember>,
): GroupDifference => {
  const before = new Map(candidates.map((candidate) => [candidate.userId, candidate]));
  const candidateOf = (userId: string, isMember: boolean): Candidate => ({
    userId,
    isMember,
    // Who leaves was noted as waiting before the group was changed.
    isWaiting: !isMember || before.get(userId)?.isWaiting === true,
    there: membershipThere(link, noted.get(userId)),
  });
  const joined = add.map((userId) => candidateOf(userId, true));
  const left = remove.map((userId) => candidateOf(userId, false));
  const changed = new Set([...add, ...remove]);
  const others = candidates.filter(({ userId }) => !changed.has(userId));
  // One who joins is held, also where another call, which added them before they left, has noted them as in the group since.
  return { candidates: [...others, ...joined, ...left] };
};

/** The version up to which changes were pushed, where what changed since can be told. */
export const pushedVersion = (ports: Ports, { version, versionAt }: GroupObserved): number | undefined => {
  const isRecent =
    versionAt !== undefined && ports.clock.now() - Date.parse(versionAt) < (changeMarkDays - 1) * dayMs;
  return isRecent ? version : undefined;
};

/**
 * The membership, where the account is or may be in the group. Without a group at the provider nobody is in it, whatever
 * a take-over that was cut off has noted; but whether it has a member who was sent to one that may be there is unknown.
 */
export const membershipThere = (
  { observed }: GroupLink,
  known: PushedMember | undefined,
): PushedMember | undefined => {
  const mayBeThere = known?.presence === "unknown" || (known?.presence === "in" && observed.remoteId);
  if (!known || !mayBeThere) return undefined;
  // While the group was bound nowhere nobody kept its members: an account may have been shut out, and be back, since.
  return observed.ended === "unbound" ? { ...omit(known, "foundThere"), presence: "unknown" } : known;
};

const readSome = async (
  ports: Ports,
  link: GroupLink,
  { groupId, version }: SavedGroup,
  { changed, waiting }: { changed: string[]; waiting: ReadonlySet<string> },
): Promise<Candidate[]> => {
  // Those who wait come first: among them are members whose account is to be closed.
  const userIds = [...new Set([...waiting, ...changed])];
  if (userIds.length === 0) return [];
  const [members, known] = await Promise.all([
    ports.groups.membersAmong(groupId, version, userIds),
    ports.pushedMembers.among(link.integrationId, groupId, userIds),
  ]);
  const candidates = userIds.map((userId) => ({
    userId,
    isMember: members.has(userId),
    isWaiting: waiting.has(userId),
    there: membershipThere(link, known.get(userId)),
  }));
  return candidates.filter((candidate) => !isSettled(candidate));
};

const readAll = async (
  ports: Ports,
  link: GroupLink,
  { groupId, version }: SavedGroup,
  waiting: ReadonlySet<string>,
): Promise<Candidate[]> => {
  const candidates = new Map<string, Candidate>();
  const add = (userId: string, isMember: boolean, known?: PushedMember) => {
    const candidate = {
      userId,
      isMember,
      isWaiting: waiting.has(userId),
      there: membershipThere(link, known),
    };
    if (!isSettled(candidate)) candidates.set(userId, candidate);
  };
  for await (const { members, left } of ports.groups.membersAndLeavers(groupId, version)) {
    const known = await ports.pushedMembers.among(link.integrationId, groupId, members);
    for (const userId of members) add(userId, true, known.get(userId));
    // The group may hold such a user who was never pushed, since a call failed half-way.
    for (const userId of left) add(userId, false);
  }
  for await (const page of ports.pushedMembers.all(link.integrationId, groupId)) {
    const userIds = page.map(({ userId }) => userId);
    const members = await ports.groups.membersAmong(groupId, version, userIds);
    for (const known of page) if (!members.has(known.userId)) add(known.userId, false, known);
  }
  // One who left long ago, and was never pushed, has left no other trace.
  const others = [...waiting].filter((userId) => !candidates.has(userId));
  for (const userId of others) add(userId, false);
  return [...candidates.values()];
};
