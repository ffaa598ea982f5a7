import type { GroupLink } from "../../model/link.ts";
import type { Whereabouts } from "../accounts/locate-account.ts";
import { isFresh, waitUntilShown } from "../attempts/fresh-creation.ts";
import type { GroupContext } from "../memberships/group-context.ts";
import { ProviderFailure } from "../ports/service-provider.ts";

/**
 * Where a group is that was answered 404, or whose deletion was answered 500. An address that is wrong for a while answers
 * 404 to any id: only a list shows that the provider itself was asked. Until `sendUntil` it is waited for a group that was
 * created a moment ago.
 * @throws ProviderFailure `unauthorized` alone: that has to stop the integration
 */
export const locateGroup = async (
  { ports, provider, sendUntil = 0 }: Pick<GroupContext, "ports" | "provider"> & { sendUntil?: number },
  { observed }: GroupLink,
  remoteId: string,
): Promise<Exclude<Whereabouts, "elsewhere">> => {
  const { name } = observed;
  const read = () => provider.readGroup(remoteId);
  try {
    if (await read()) return "there";
    if (await waitUntilShown(observed, { clock: ports.clock, sendUntil }, read)) return "late";
    if (isFresh(observed, ports.clock.now())) return "unknown";
    if (name !== undefined) await provider.findGroups(name);
    return "gone";
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind !== "unauthorized") return "unknown";
    throw error;
  }
};
