import { isOpenForSure, isShutForSure } from "../../model/account-facts.ts";
import type { PushedMember } from "../../model/link.ts";
import { isRecent } from "../attempts/fresh-creation.ts";
import type { KnownMembers } from "../ports/service-provider.ts";
import type { GroupContext } from "./group-context.ts";
import type { JoiningMember } from "./plan-members.ts";

/**
 * The accounts that are in the group as far as we have pushed or found them there. One is uncertain as well whose user is
 * to join anew with another account, or that is not open for sure, since it may have been taken out with that. One that
 * its user has given up is left out, since some providers refuse all for one whom they do not know. Reads them all, so it
 * is for rare cases.
 */
export const pushedAccounts =
  ({ ports, link }: GroupContext, joining: JoiningMember[] = []): KnownMembers =>
  async (which) => {
    const accountOf = new Map(joining.map(({ userId, remoteId }) => [userId, remoteId]));
    const isSure = ({ userId, remoteId, presence }: PushedMember) =>
      presence === "in" && (accountOf.get(userId) ?? remoteId) === remoteId;
    const now = ports.clock.now();
    const known: string[] = [];
    const out: string[] = [];
    for await (const page of ports.pushedMembers.all(link.integrationId, link.id)) {
      const there = page.filter((one) => (which === "sure" ? isSure(one) : !isOut(one)));
      const left = page.filter((one) => isOut(one) && isRecent(one.since, now));
      known.push(...(await accountsKept({ ports, link }, there, which)).map(({ remoteId }) => remoteId));
      out.push(...left.map(({ remoteId }) => remoteId));
    }
    // The account may be another user's by now.
    return which === "out" ? out.filter((one) => !known.includes(one)) : known;
  };

const isOut = ({ presence, addedAt }: PushedMember): boolean => presence === "out" || addedAt !== undefined;

const accountsKept = async (
  { ports, link }: Pick<GroupContext, "ports" | "link">,
  members: PushedMember[],
  which: Parameters<KnownMembers>[0],
): Promise<PushedMember[]> => {
  if (members.length === 0) return [];
  const userIds = members.map(({ userId }) => userId);
  const users = await ports.reads.users(link.integrationId, userIds);
  return members.filter(({ userId, remoteId }) => {
    const user = users.get(userId)?.link;
    if (user && which === "sure" && !isOpenForSure(user.observed)) return false;
    if (which === "shut" && !(user && isShutForSure(user.observed))) return false;
    return !user || [user.observed.remoteId, user.attempt?.remoteId].includes(remoteId);
  });
};
