import { claimRemote } from "../attempts/claim-remote.ts";
import { isKnownAs } from "../attempts/shown-name.ts";
import type { UserContext } from "./user-context.ts";

/**
 * Under a new base URL an id may be somebody else's. It counts as ours only with the name that we gave it, and only
 * where no other user owns it. One that is kept is claimed under the new base URL.
 */
export const isOwnAccount = async (
  work: UserContext,
  remoteId: string,
  isKept: boolean,
): Promise<boolean> => {
  const { ports, integration, provider, link } = work;
  const account = await provider.readUser(remoteId);
  if (!account || !isKnownAs(account, link.observed)) return false;
  const { integrationId, baseUrl } = integration;
  const owner = isKept
    ? (await claimRemote(work, "user", link, remoteId)).ownerId
    : await ports.claims.ownerOf({ integrationId, kind: "user", baseUrl, remoteId });
  return owner === undefined || owner === link.id;
};
