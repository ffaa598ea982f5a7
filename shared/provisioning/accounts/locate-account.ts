import type { Whereabouts } from "../attempts/fresh-creation.ts";
import { locateRemote } from "../attempts/locate-remote.ts";
import { linkedNames } from "./account-names.ts";
import { lookUpUsers } from "./find-account.ts";
import type { UserContext } from "./user-context.ts";

/**
 * Where an account is that was answered 404. One that was made anew over there has another id under the same name.
 * `isRead`: its id is known to be 404. Until `sendUntil` it is waited for an account that was created a moment ago.
 * @throws ProviderFailure `unauthorized` alone
 */
export const locateAccount = async (
  work: Pick<UserContext, "ports" | "provider" | "link"> & { sendUntil?: number },
  remoteId: string,
  isRead?: boolean,
): Promise<Whereabouts> => {
  const { provider, link } = work;
  const names = linkedNames(link);
  return locateRemote(work, link.observed, {
    isRead,
    read: () => provider.readUser(remoteId),
    // A list may lag behind: under this id there is nothing, whatever it shows.
    isElsewhere: async () =>
      names.userName !== undefined && (await lookUpUsers(provider, names)).some(({ id }) => id !== remoteId),
  });
};
