import type { Intent } from "../../model/attempt.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
import { releaseRemote } from "../attempts/claim-remote.ts";
import { requeueMemberships } from "../memberships/requeue-memberships.ts";
import type { Ports } from "../ports/ports.ts";

/**
 * What else has to be on record before `observed` replaces what `link` knows of the account: memberships to be looked at
 * again, and the claim of an account that is given up. What is known of the account then.
 */
export const keepUserBooks = async (
  ports: Ports,
  link: UserLink,
  observed: UserObserved,
  intent: Intent,
): Promise<UserObserved> => {
  const known = await requeueMemberships(ports, link, observed, intent);
  if (known.remoteId === undefined) await releaseRemote(ports, "user", link);
  return known;
};
