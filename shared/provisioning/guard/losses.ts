import { isShutAt } from "../../model/account-facts.ts";
import type { Removal } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import type { IntegrationContext } from "../ports/ports.ts";

/**
 * People, by id, who lose something at the provider: their account (its activity or its existence), or a group while
 * they keep their account. Nobody is in both.
 */
export type Losses = { accounts: string[]; groupOnly: string[] };

/** What ending an account in this way takes from the user. */
export const lossesOf = (context: IntegrationContext, link: UserLink, removal: Removal): Losses => ({
  accounts: endsAccount(context, link, removal) ? [link.id] : [],
  groupOnly: [],
});

/** Whether this removal closes an account that may be open, or deletes one that is there. */
export const endsAccount = (
  { ports, integration }: IntegrationContext,
  { observed }: UserLink,
  removal: Removal,
): boolean => {
  if (observed.remoteId === undefined || removal === "none") return false;
  const isDeleted = removal === "delete" && ports.profileOf(integration).delete !== "deactivates";
  return isDeleted || !isShutAt(integration, observed);
};
