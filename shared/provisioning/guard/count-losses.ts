import { chunksOf } from "../../common/chunks.ts";
import { concurrently } from "../../common/concurrently.ts";
import type { GroupLink, PushedMember, UserLink } from "../../model/link.ts";
import { beginsShutOut, dropGroup, holdMember, isInScope } from "../assignments/assignment.ts";
import { membershipThere } from "../memberships/group-difference.ts";
import { groupLinkOrNew } from "../memberships/group-state.ts";
import type { UserReads } from "../ports/call-reads.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { endsAccount, type Losses } from "./losses.ts";

/**
 * Users whom a group lets go of. `leavesGroup`: they are taken out of it at the provider, too. `joining`: whom it holds from now
 * on, or does already.
 */
export type Leaving = { groupId: string; userIds: string[]; leavesGroup: boolean; joining?: string[] };

/** What the call has read already; `noted` holds what is known of the memberships of all in `users`. */
export type KnownOfLeaving = {
  group?: GroupLink;
  users?: ReadonlyMap<string, UserReads>;
  noted?: ReadonlyMap<string, PushedMember>;
  /** Of those who join. */
  joined?: ReadonlyMap<string, UserReads>;
};

/**
 * What letting go of these users takes away, and what it closes that the group begins to hold others: an account that nobody
 * held until now, and whose user is not let in. Where nobody leaves or joins, nothing is read.
 */
export const countLosses = async (
  context: IntegrationContext,
  { groupId, userIds, leavesGroup, joining = [] }: Leaving,
  { group, users = new Map(), noted = new Map(), joined = users }: KnownOfLeaving = {},
): Promise<Losses> => {
  const { ports, integration } = context;
  const losses: Losses = { accounts: [], groupOnly: [] };
  await eachRead(context, joining, joined, (userId, reads) => {
    if (closesByJoining(context, groupId, reads)) losses.accounts.push(userId);
  });
  if (userIds.length === 0) return losses;
  const { integrationId } = integration;
  const key = { integrationId, id: groupId };
  const groupLink = group ?? groupLinkOrNew(key, await ports.groupLinks.read(key));
  const there = new Map(noted);
  const unknown = leavesGroup ? userIds.filter((userId) => !users.has(userId)) : [];
  for (const chunk of chunksOf(unknown, usersAtOnce))
    for (const [userId, one] of await ports.pushedMembers.among(integrationId, groupId, chunk))
      there.set(userId, one);
  await eachRead(context, userIds, users, (userId, { link }) => {
    if (link && losesAccount(context, groupId, link)) losses.accounts.push(userId);
    // A take-over that was refused has noted members of a group that is not this one's.
    else if (leavesGroup && membershipThere(groupLink, there.get(userId))) losses.groupOnly.push(userId);
  });
  return losses;
};

/** Each of these users, read in batches where the call has not read them. */
const eachRead = async (
  { ports, integration: { integrationId } }: IntegrationContext,
  userIds: string[],
  known: ReadonlyMap<string, UserReads>,
  look: (userId: string, reads: Partial<UserReads>) => void,
): Promise<void> => {
  for (const userId of userIds) {
    const reads = known.get(userId);
    if (reads) look(userId, reads);
  }
  const others = userIds.filter((userId) => !known.has(userId));
  await concurrently(chunksOf(others, usersAtOnce), chunksAtOnce, async (chunk) => {
    const read = await ports.reads.users(integrationId, chunk);
    for (const userId of chunk) look(userId, read.get(userId) ?? {});
  });
};

const usersAtOnce = 500;
const chunksAtOnce = 4;

/** An account that nothing else holds. */
const losesAccount = (context: IntegrationContext, groupId: string, link: UserLink): boolean => {
  const { policies } = context.integration;
  const isLast = isInScope(link.assignment) && !isInScope(dropGroup(link.assignment, groupId, policies));
  return isLast && endsAccount(context, link, policies.onUserUnassigned);
};

/** A lock is carried out whatever else goes, and so is the leaving of who has left. */
const closesByJoining = (
  context: IntegrationContext,
  groupId: string,
  { saved, link }: Partial<UserReads>,
): boolean =>
  link !== undefined &&
  saved !== undefined &&
  !saved.lock &&
  beginsShutOut(link.assignment, holdMember(link.assignment, groupId), saved) &&
  endsAccount(context, link, "deprovision");
