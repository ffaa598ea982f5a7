import type { Attributes } from "../model/attributes.ts";
import type { UserLink } from "../model/link.ts";
import { isFresh } from "./fresh-creation.ts";
import { ProviderFailure } from "./ports/service-provider.ts";
import type { UserWork } from "./user-work.ts";

/**
 * `elsewhere`: under its name, and another id. `unknown`: the provider could not be asked, or does not show what it
 * created a moment ago.
 */
export type Whereabouts = "there" | "gone" | "elsewhere" | "unknown";

/** What an account is looked up by. */
export const namesOf = ({ userName, externalId }: Attributes): Attributes => ({
  ...(userName !== undefined && { userName }),
  ...(externalId !== undefined && { externalId }),
});

/** The names that a linked account was given, as far as they are known. */
export const knownNames = ({ observed: { pushed, doubtful } }: UserLink): Attributes =>
  namesOf({ ...doubtful, ...pushed });

/**
 * Where an account is that was answered 404. By its id and then by its name: an address that is wrong for a while, or
 * a proxy, answers 404 to any id, and only a list shows that the provider itself was asked; and whoever made the
 * account anew over there has given it another id.
 * `isRead`: its id is known to be 404.
 * @throws ProviderFailure `unauthorized` alone: that has to stop the integration
 */
export const whereIsAccount = async (
  { ports, provider, link }: Pick<UserWork, "ports" | "provider" | "link">,
  remoteId: string,
  isRead = false,
): Promise<Whereabouts> => {
  const unshown = isFresh(link.observed, ports.clock.now()) ? "unknown" : "gone";
  const { userName, externalId } = knownNames(link);
  try {
    if (!isRead && (await provider.readUser(remoteId))) return "there";
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
