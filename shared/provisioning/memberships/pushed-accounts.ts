import type { KnownMembers } from "../ports/service-provider.ts";
import type { GroupContext } from "./group-context.ts";
import type { JoiningMember } from "./plan-members.ts";

/**
 * The accounts that are in the group as far as we have pushed or found them there. One is uncertain as well whose user is
 * to join anew with another account. Reads them all, so it is for rare cases.
 */
export const pushedAccounts =
  ({ ports, link }: GroupContext, joining: JoiningMember[] = []): KnownMembers =>
  async (which) => {
    const accountOf = new Map(joining.map(({ userId, remoteId }) => [userId, remoteId]));
    const known: string[] = [];
    for await (const page of ports.pushedMembers.all(link.integrationId, link.id)) {
      for (const { userId, remoteId, presence } of page) {
        if (presence === "out") continue;
        const isSure = presence === "in" && (accountOf.get(userId) ?? remoteId) === remoteId;
        if (which === "all" || isSure) known.push(remoteId);
      }
    }
    return known;
  };
