import type { Attributes } from "../../model/attributes.ts";
import type { UserLink } from "../../model/link.ts";
import { isFresh, waitUntilShown } from "../attempts/fresh-creation.ts";
import { ProviderFailure } from "../ports/service-provider.ts";
import type { UserContext } from "./user-context.ts";

/**
 * `elsewhere`: under its name, and another id. `late`: created a moment ago, and shown after a wait. `unknown`: the
 * provider could not be asked, or does not show yet what it created a moment ago.
 */
export type Whereabouts = "there" | "late" | "gone" | "elsewhere" | "unknown";

/** What an account is looked up by. */
export const accountNames = ({ userName, externalId }: Attributes): Attributes => ({
  ...(userName !== undefined && { userName }),
  ...(externalId !== undefined && { externalId }),
});

/** The names that a linked account was given, as far as they are known. */
export const linkedNames = ({ observed: { pushed, uncertain } }: UserLink): Attributes =>
  accountNames({ ...uncertain, ...pushed });

/**
 * Where an account is that was answered 404. By its id and then by its name: an address that is wrong for a while, or
 * a proxy, answers 404 to any id, and only a list shows that the provider itself was asked; and whoever made the
 * account anew over there has given it another id.
 * `isRead`: its id is known to be 404. Until `sendUntil` it is waited for an account that was created a moment ago.
 * @throws ProviderFailure `unauthorized` alone: that has to stop the integration
 */
export const locateAccount = async (
  {
    ports,
    provider,
    link,
    sendUntil = 0,
  }: Pick<UserContext, "ports" | "provider" | "link"> & Partial<UserContext>,
  remoteId: string,
  isRead = false,
): Promise<Whereabouts> => {
  const { userName, externalId } = linkedNames(link);
  try {
    const read = () => provider.readUser(remoteId);
    if (!isRead && (await read())) return "there";
    if (await waitUntilShown(link.observed, { clock: ports.clock, sendUntil }, read)) return "late";
    const unshown = isFresh(link.observed, ports.clock.now()) ? "unknown" : "gone";
    if (userName === undefined) return unshown;
    const matches = await provider.findUsers(
      String(userName),
      externalId === undefined ? undefined : String(externalId),
    );
    // A list may lag behind: under this id there is nothing, whatever it shows.
    return matches.some(({ id }) => id !== remoteId) ? "elsewhere" : unshown;
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind !== "unauthorized") return "unknown";
    throw error;
  }
};
