import type { UserLink, UserObserved } from "../model/link.ts";
import type { Ports } from "./ports/ports.ts";
import { requeueMemberships } from "./requeue-memberships.ts";

/**
 * What else has to be on record before `observed` replaces what `link` knows of the account: memberships to be looked at
 * again, and the claim of an account that is given up.
 */
export const keepUserBooks = async (ports: Ports, link: UserLink, observed: UserObserved): Promise<void> => {
  await requeueMemberships(ports, link, observed);
  const { integrationId, id } = link;
  const { remoteId, baseUrl } = link.observed;
  if (remoteId === undefined || baseUrl === undefined || observed.remoteId !== undefined) return;
  await ports.claims.release({ integrationId, kind: "user", baseUrl, remoteId, ownerId: id });
};
