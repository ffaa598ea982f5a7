import type { GroupLink } from "../model/link.ts";
import { isFresh } from "./fresh-creation.ts";
import type { GroupWork } from "./group-work.ts";
import { ProviderFailure } from "./ports/service-provider.ts";

/**
 * A 404 is checked, not believed; and a DELETE of what is gone is answered 500 by some. An address that is wrong for a
 * while answers 404 to any id: only a list shows that the provider itself was asked. Where nobody can tell, or the group
 * was created a moment ago, it is not gone.
 * @throws ProviderFailure `unauthorized` alone: that has to stop the integration
 */
export const isGroupGone = async (
  { ports, provider }: Pick<GroupWork, "ports" | "provider">,
  { observed }: GroupLink,
  remoteId: string,
): Promise<boolean> => {
  const { name } = observed;
  if (isFresh(observed, ports.clock.now())) return false;
  try {
    if (await provider.readGroup(remoteId)) return false;
    if (name !== undefined) await provider.findGroups(name);
    return true;
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind !== "unauthorized") return false;
    throw error;
  }
};
