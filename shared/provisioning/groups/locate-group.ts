import type { GroupLink } from "../../model/link.ts";
import type { Whereabouts } from "../attempts/fresh-creation.ts";
import { locateRemote } from "../attempts/locate-remote.ts";
import type { GroupContext } from "../memberships/group-context.ts";

/**
 * Where a group is that was answered 404, or whose deletion was answered 500. Until `sendUntil` it is waited for a group
 * that was created a moment ago.
 * @throws ProviderFailure `unauthorized` alone
 */
export const locateGroup = async (
  work: Pick<GroupContext, "ports" | "provider"> & { sendUntil?: number },
  { observed }: GroupLink,
  remoteId: string,
): Promise<Whereabouts> => {
  const { provider } = work;
  const { name } = observed;
  return locateRemote(work, observed, {
    read: () => provider.readGroup(remoteId),
    isElsewhere: async () => {
      // A group of the same name and another id is found by the next call: what counts here is that the list answers.
      if (name !== undefined) await provider.findGroups(name);
      return false;
    },
  });
};
