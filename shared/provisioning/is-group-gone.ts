import type { GroupLink } from "../model/link.ts";
import { ProviderFailure, type ServiceProvider } from "./ports/service-provider.ts";

/**
 * A 404 is checked, not believed; and a DELETE of what is gone is answered 500 by some. An address that is wrong for a
 * while answers 404 to any id: only a list shows that the provider itself was asked. Where nobody can tell, the group is
 * not gone.
 * @throws ProviderFailure `unauthorized` alone: that has to stop the integration
 */
export const isGroupGone = async (
  provider: ServiceProvider,
  { observed: { name } }: GroupLink,
  remoteId: string,
): Promise<boolean> => {
  try {
    if (await provider.readGroup(remoteId)) return false;
    if (name !== undefined) await provider.findGroups(name);
    return true;
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind !== "unauthorized") return false;
    throw error;
  }
};
