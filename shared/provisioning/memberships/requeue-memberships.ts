import { omit } from "../../common/objects.ts";
import { isOpenForSure } from "../../model/account-facts.ts";
import type { Intent } from "../../model/attempt.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
import { isRecent } from "../attempts/fresh-creation.ts";
import type { Ports } from "../ports/ports.ts";
import { noteDue, readGroupState } from "./group-state.ts";
import { endFormerMembership, membershipsBrought } from "./returned-account.ts";
import { noteUncertain, withPresence } from "./uncertain-members.ts";

/**
 * The user has an active account, and before it was another or none: note it, so that each group of the user is
 * pending and looks at this member again. The same account, which was shut out for a while, may have been taken out of
 * its groups by the provider; one that came back may be in groups that are not the user's any more, and these are pending
 * as well. What is known of the account then. To be called before that is saved, so that no kill comes between.
 */
export const requeueMemberships = async (
  ports: Ports,
  link: UserLink,
  observed: UserObserved,
  intent: Intent,
): Promise<UserObserved> => {
  const { integrationId, assignment, observed: before } = link;
  const known = omit(observed, "shownIn", "heldBy");
  const { remoteId, pushed, mayBeIn = [] } = known;
  const memberships = await membershipsBrought(ports, link, observed, intent);
  for (const [groupId, member] of memberships) {
    await noteUncertain(ports, integrationId, groupId, [member]);
    await endFormerMembership(ports, { integrationId, groupId }, observed);
    await noteDue(ports, integrationId, groupId);
  }
  const isHere = remoteId !== undefined && pushed?.active === true;
  const isBack = isHere && !(before.remoteId === remoteId && isOpenForSure(before));
  const shutOutAt = before.pushed?.active === false ? before.lastSuccessAt : undefined;
  const shutOut = shutOutAt && isRecent(shutOutAt, ports.clock.now()) ? { shutOutAt } : {};
  const joined = isBack ? assignment.groups.filter((groupId) => !memberships.has(groupId)) : [];
  for (const groupId of joined) await requeueMember(ports, { link, groupId, remoteId }, shutOut);
  const others = [...memberships.keys()].filter((groupId) => !assignment.groups.includes(groupId));
  return others.length === 0 ? known : { ...known, mayBeIn: [...new Set([...mayBeIn, ...others])] };
};

/** A member whose account is open now is looked at in that group again. `remoteId`: of the account. */
const requeueMember = async (
  ports: Ports,
  { link, groupId, remoteId }: { link: UserLink; groupId: string; remoteId: string | undefined },
  shutOut: { shutOutAt?: string },
): Promise<void> => {
  const { integrationId, id, assignment } = link;
  const member = (await ports.pushedMembers.among(integrationId, groupId, [id])).get(id);
  if (!member || member.presence === "out") {
    // The group waits. Whoever opened the account goes on with the one group that it was opened for, or with all of them.
    if (assignment.groups.length > 1) await noteDue(ports, integrationId, groupId);
    return;
  }
  if (member.remoteId === remoteId)
    await noteUncertain(ports, integrationId, groupId, [{ ...withPresence(member, "unknown"), ...shutOut }]);
  else await ports.pushedMembers.noteWaiting(integrationId, groupId, { begin: [id] });
  await noteDue(ports, integrationId, groupId);
};

/**
 * Of a call that was cut off. It may have opened the account of a member for whom a group waits, and not come to the group; or
 * have held the user for a group that they had left meanwhile, and that another call has looked at since. Either group is
 * pending: it takes the member in, or lets go of them, by itself.
 */
export const requeueHeld = async (
  ports: Ports,
  { integrationId, id, assignment }: UserLink,
): Promise<void> => {
  for (const groupId of assignment.groups) {
    const { saved } = await readGroupState(ports, integrationId, groupId);
    const isMember = saved && (await ports.groups.membersAmong(groupId, saved.version, [id])).has(id);
    if (!isMember) await ports.pushedMembers.noteWaiting(integrationId, groupId, { begin: [id] });
    else if (!(await ports.pushedMembers.waiting(integrationId, groupId)).includes(id)) continue;
    await noteDue(ports, integrationId, groupId);
  }
};
