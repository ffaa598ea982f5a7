import type { PushedMember } from "../../model/link.ts";
import { isRecent } from "../attempts/fresh-creation.ts";
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
    const isSure = ({ userId, remoteId, presence }: PushedMember) =>
      presence === "in" && (accountOf.get(userId) ?? remoteId) === remoteId;
    const now = ports.clock.now();
    const known: string[] = [];
    const out: string[] = [];
    for await (const page of ports.pushedMembers.all(link.integrationId, link.id)) {
      const there = page.filter(({ presence }) => presence !== "out");
      const left = page.filter(({ presence, since }) => presence === "out" && isRecent(since, now));
      known.push(...(which === "sure" ? there.filter(isSure) : there).map(({ remoteId }) => remoteId));
      out.push(...left.map(({ remoteId }) => remoteId));
    }
    // The account may be another user's by now.
    return which === "out" ? out.filter((one) => !known.includes(one)) : known;
  };
