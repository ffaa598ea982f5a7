import type { RemoteResource } from "../../model/attributes.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import { claimRemote } from "../attempts/claim-remote.ts";
import { notThere } from "../attempts/provider-failure.ts";
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

/**
 * An id that was learned under another base URL counts with the name that we gave it: it may be somebody else's here.
 * @throws ProviderFailure where it has another
 */
export const requireOwn = (
  { baseUrl }: Integration,
  { observed }: UserLink,
  account: RemoteResource | undefined,
): void => {
  const isOfThisUrl = observed.baseUrl === baseUrl || account?.id !== observed.remoteId;
  if (account && !isOfThisUrl && !isKnownAs(account, observed)) throw notThere();
};
