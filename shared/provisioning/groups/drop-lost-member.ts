import { omit } from "../../common/objects.ts";
import { readAttribute } from "../../mapping/remote-attributes.ts";
import { withoutAccount } from "../accounts/forget-account.ts";
import { locateAccount } from "../accounts/locate-account.ts";
import { releaseRemote } from "../attempts/claim-remote.ts";
import { isFresh, notShownYet } from "../attempts/fresh-creation.ts";
import { notThere } from "../attempts/provider-failure.ts";
import type { GroupContext } from "../memberships/group-context.ts";

/**
 * Some providers refuse a change of members when one of them is unknown or inactive there. True where this member's
 * account is gone or, of one who joins, was shut out behind our back: then it, or its activity, is forgotten, so that the
 * next call makes it anew or activates it. A leaving member may be inactive, and is no member once the account is gone.
 */
export const dropLostMember = async (
  { ports, provider, integration }: GroupContext,
  { userId, remoteId }: { userId: string; remoteId: string },
  isJoining: boolean,
): Promise<boolean> => {
  const account = await provider.readUser(remoteId);
  const isInactive = account && readAttribute(account.resource, "active") === false;
  if (account && !(isJoining && isInactive)) return false;

  const { integrationId } = integration;
  const key = { integrationId, id: userId };
  const link = await ports.userLinks.read(key);
  if (!link || link.observed.remoteId !== remoteId) return true;
  if (account) {
    const pushed = omit(link.observed.pushed ?? {}, "active");
    await ports.userLinks.note(key, link.rev, { ...link.observed, pushed });
    return true;
  }
  if (isFresh(link.observed, ports.clock.now())) {
    // Not shown yet: it waits, and whether it has left cannot be told.
    if (isJoining) return true;
    throw notShownYet(link.observed, notThere());
  }
  const where = await locateAccount({ ports, provider, link }, remoteId, true);
  if (where !== "gone" && where !== "elsewhere") return false;
  // Another call that is changing the user meanwhile finds it out by itself.
  if (!(await ports.userLinks.note(key, link.rev, withoutAccount(link, where)))) return true;
  await releaseRemote(ports, "user", link);
  return true;
};
