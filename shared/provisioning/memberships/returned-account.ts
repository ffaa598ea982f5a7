import { allPages } from "../../common/all-pages.ts";
import { concurrently } from "../../common/concurrently.ts";
import { isObject, omit } from "../../common/objects.ts";
import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { Intent } from "../../model/attempt.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import { eventIdsOf, Failure } from "../../model/failure.ts";
import type { GroupLink, PushedMember, UserLink, UserObserved } from "../../model/link.ts";
import type { GroupReceipt } from "../../model/receipt.ts";
import type { LinkKey } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";
import { traceOf, withPresence } from "./uncertain-members.ts";

/** The groups that an account shows itself in (RFC 7643 §4.1.2), by their ids there; many providers show none. */
export const groupsShownBy = ({ resource }: RemoteResource): string[] => {
  const groups = readAttribute(resource, "groups");
  if (!Array.isArray(groups)) return [];
  return groups.flatMap((group) => {
    const id = isObject(group) ? readAttribute(group, "value") : group;
    return (typeof id === "string" && isUsable(id)) || typeof id === "number" ? [String(id)] : [];
  });
};

/** One that cannot be kept is none that we know. */
const isUsable = (id: string): boolean => id !== "" && id.length <= 1000 && id.isWellFormed();

/**
 * Groups, bound or left at the provider, that may hold an account which the user has now and had not just before, with
 * the membership as it may be there: groups that the account shows, and, where it is the account that this user gave
 * up, those that held it and were never told that it left, since it was gone; and those of the user who had it before
 * and gave it up. Some providers only hide what they delete, and bring it back with its groups.
 */
export const membershipsBrought = async (
  ports: Ports,
  { integrationId, id, observed: before }: UserLink,
  { remoteId, baseUrl, shownIn = [], heldBy }: UserObserved,
  intent: Intent,
): Promise<Map<string, PushedMember>> => {
  const brought = new Map<string, PushedMember>();
  if (remoteId === undefined || baseUrl === undefined || before.remoteId === remoteId) return brought;
  if (shownIn.length > 0) {
    const owners = await ports.claims.ownersOf({ integrationId, kind: "group", baseUrl }, shownIn);
    for (const groupId of owners.values())
      brought.set(groupId, { userId: id, remoteId, presence: "unknown", ...traceOf(intent) });
  }
  const holder = heldBy ?? (before.former?.remoteId === remoteId ? id : undefined);
  if (holder === undefined) return brought;
  const isThere = ({ assignment, observed }: GroupLink) =>
    assignment.bound || observed.remoteId !== undefined;
  await eachMembership(ports, { integrationId, id: holder }, isThere, (groupId, member) => {
    const mayBeThere = member.remoteId === remoteId && (member.isUnsent || member.presence !== "out");
    if (mayBeThere) brought.set(groupId, { ...withPresence(member, "unknown"), userId: id });
  });
  return brought;
};

/** Groups that are bound no longer, were left at the provider, and may hold the account of the user there. */
export const unboundHolding = async (
  ports: Ports,
  integrationId: string,
  userId: string,
): Promise<string[]> => {
  const holding: string[] = [];
  const isLeft = ({ assignment, observed }: GroupLink) =>
    !assignment.bound && observed.remoteId !== undefined;
  await eachMembership(ports, { integrationId, id: userId }, isLeft, (groupId, { presence }) => {
    if (presence !== "out") holding.push(groupId);
  });
  return holding.sort();
};

/** What is known of the user's membership in each of these groups of the integration. */
const eachMembership = async (
  ports: Ports,
  { integrationId, id }: LinkKey,
  isAsked: (group: GroupLink) => boolean,
  take: (groupId: string, member: PushedMember) => void,
): Promise<void> => {
  for await (const groups of allPages((page) => ports.groupLinks.list(integrationId, page), 100)) {
    await concurrently(groups.filter(isAsked), 16, async (group) => {
      const member = (await ports.pushedMembers.among(integrationId, group.id, [id])).get(id);
      if (member) take(group.id, member);
    });
  }
};

/** The user who had the account before is in the group with it no longer: from here on that is this user's matter. */
export const endFormerMembership = async (
  ports: Ports,
  { integrationId, groupId }: { integrationId: string; groupId: string },
  { heldBy, remoteId }: Pick<UserObserved, "heldBy" | "remoteId">,
): Promise<void> => {
  if (heldBy === undefined) return;
  const member = (await ports.pushedMembers.among(integrationId, groupId, [heldBy])).get(heldBy);
  if (member === undefined || member.remoteId !== remoteId) return;
  await ports.pushedMembers.save(integrationId, groupId, [omit(withPresence(member, "out"), "isUnsent")]);
};

/**
 * Take the user's account, which came back, out of the groups that may hold it and are not the user's. A failure is on
 * record as the group's own attempt; the user stays pending, and the next call for the user or that group goes on. The
 * events of these attempts.
 */
export const takeOutReturned = async (
  ports: Ports,
  { integrationId, id, observed: { mayBeIn = [] } }: UserLink,
  reconcile: (groupId: string) => Promise<GroupReceipt>,
): Promise<string[]> => {
  const eventIds: string[] = [];
  for (const groupId of mayBeIn) {
    try {
      if ((await ports.pushedMembers.waiting(integrationId, groupId)).includes(id))
        eventIds.push(...(await reconcile(groupId)).eventIds);
      if (!(await ports.pushedMembers.waiting(integrationId, groupId)).includes(id))
        await noteOut(ports, integrationId, groupId, [id]);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      eventIds.push(...eventIdsOf(error));
    }
  }
  return eventIds;
};

/** These users are out of the group, or it is theirs: what is known of them says so. */
export const noteOut = async (
  ports: Ports,
  integrationId: string,
  groupId: string,
  userIds: string[],
): Promise<void> => {
  await concurrently(userIds, 16, async (id) => {
    const link = await ports.userLinks.read({ integrationId, id });
    if (!link?.observed.mayBeIn?.includes(groupId)) return;
    const left = link.observed.mayBeIn.filter((other) => other !== groupId);
    const rest = omit(link.observed, "mayBeIn");
    // One that others write to meanwhile stays pending until the next call for the user.
    await ports.userLinks.note(link, link.rev, { ...rest, ...(left.length > 0 && { mayBeIn: left }) });
  });
};
