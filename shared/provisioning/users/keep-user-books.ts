import type { Intent } from "../../model/attempt.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
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
  const { integrationId, id } = link;
  const { remoteId, baseUrl } = link.observed;
  if (remoteId !== undefined && baseUrl !== undefined && known.remoteId === undefined)
    await ports.claims.release({ integrationId, kind: "user", baseUrl, remoteId, ownerId: id });
  return known;
};
