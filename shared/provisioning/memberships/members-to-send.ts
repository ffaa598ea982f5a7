import { concurrently } from "../../common/concurrently.ts";
import type { GroupLink, PushedMember } from "../../model/link.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import type { JoiningMember } from "./group-context.ts";
import type { GroupDifference } from "./group-difference.ts";
import { withPresence } from "./uncertain-members.ts";

/**
 * Members to be taken out whose account is still there: the provider dropped a deleted account from its groups, and
 * some providers refuse to hear of it again. The others are noted as removed without a request, so that they can be
 * taken out should their account come back.
 */
export const leavingAccounts = async (
  { ports, integration: { integrationId } }: IntegrationContext,
  groupId: string,
  leave: PushedMember[],
): Promise<PushedMember[]> => {
  const links = await concurrently(leave, 16, ({ userId }) =>
    ports.userLinks.read({ integrationId, id: userId }),
  );
  const isThere = (member: PushedMember, at: number) => links[at]?.observed.remoteId === member.remoteId;
  const deleted = leave.filter((member, at) => !isThere(member, at));
  await ports.pushedMembers.save(
    integrationId,
    groupId,
    deleted.map((member) => ({ ...withPresence(member, "out"), isUnsent: true as const })),
  );
  return leave.filter(isThere);
};

/**
 * Those of `ready` whose account is not in the group, or not for sure; of the others it is noted that they wait no
 * longer.
 */
export const joiningAccounts = async (
  { ports, integration: { integrationId } }: IntegrationContext,
  { id: groupId, observed }: GroupLink,
  difference: GroupDifference,
  ready: JoiningMember[],
): Promise<JoiningMember[]> => {
  const userIds = [...difference.pushed.keys()];
  // As they are now: that an account came back, and is in doubt, may have been noted by this very call.
  const pushed =
    userIds.length === 0
      ? difference.pushed
      : await ports.pushedMembers.among(integrationId, groupId, userIds);
  const wasThere = ({ userId, remoteId }: JoiningMember) => pushed.get(userId)?.remoteId === remoteId;
  const isThere = (member: JoiningMember) => wasThere(member) && pushed.get(member.userId)?.presence === "in";
  const end = ready.filter(isThere).map(({ userId }) => userId);
  await ports.pushedMembers.noteWaiting(integrationId, groupId, { end });
  const joining = ready.filter((member) => !isThere(member));
  const found = observed.hasOthers ? await foundAmong(ports, integrationId, joining) : [];
  return joining.map((member) => {
    const before = wasThere(member) ? pushed.get(member.userId) : undefined;
    if (!before && !found.includes(member)) return member;
    return { ...member, isUncertain: true as const, ...(before?.isUntold && { isUntold: true as const }) };
  });
};

/** Accounts that were found there: a group that was taken over with members unknown to us may hold them. */
const foundAmong = async (
  ports: Ports,
  integrationId: string,
  members: JoiningMember[],
): Promise<JoiningMember[]> => {
  const links = await concurrently(members, 16, ({ userId }) =>
    ports.userLinks.read({ integrationId, id: userId }),
  );
  return members.filter(({ remoteId }, at) => links[at]?.observed.found === remoteId);
};
