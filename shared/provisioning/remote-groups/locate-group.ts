import { readKey } from "../../mapping/remote-attributes.ts";
import type { GroupLink } from "../../model/link.ts";
import type { Whereabouts } from "../attempts/fresh-creation.ts";
import { locateRemote } from "../attempts/locate-remote.ts";
import type { GroupContext } from "../memberships/group-context.ts";
import { groupNames } from "../memberships/group-names.ts";

/**
 * Where a group is that was answered 404, or whose deletion was answered 500. One that was made anew over there, or
 * whose id follows its name, has another id under the same name, and our externalId. `isRead`: its id is known to be
 * 404. Until `sendUntil` it is waited for a group that was created a moment ago.
 * @throws ProviderFailure `unauthorized` alone
 */
export const locateGroup = async (
  work: Pick<GroupContext, "ports" | "provider"> & { sendUntil?: number },
  { id, observed }: GroupLink,
  remoteId: string,
  isRead?: boolean,
): Promise<Whereabouts> => {
  const { provider } = work;
  const names = new Set(groupNames(observed).filter((name) => name !== undefined));
  return locateRemote(work, observed, {
    isRead,
    read: () => provider.readGroup(remoteId),
    isElsewhere: async () => {
      // The list has to answer in any case: only that shows that the provider itself was asked.
      for (const name of names) {
        const named = await provider.findGroups(name);
        if (named.some((group) => group.id !== remoteId && readKey(group.resource, "externalId") === id))
          return true;
      }
      return false;
    },
  });
};
