import { allPages } from "../../common/all-pages.ts";
import type { IntegrationContext } from "../ports/ports.ts";

/** People who lose something at the provider: their account, or the group while they keep their account. */
export type Losses = { accounts: number; groupOnly: number };

/** Accounts that one call may take away: `max(users, min(percent % of the active accounts, most))`. */
const free = { users: 10, percent: 10, most: 50 };
/** Twice as many people may lose a group while they keep their account. */
const groupFactor = 2;

/** So few are free whatever the integration holds. */
export const mostFreeAlways = free.users;

/** Whether so much may be taken away without a confirmation. */
export const isFree = async (
  { ports, integration: { integrationId } }: IntegrationContext,
  { accounts, groupOnly }: Losses,
): Promise<boolean> => {
  // Both are measured in accounts: a person who loses a group alone counts half.
  const needed = Math.max(accounts, groupOnly / groupFactor);
  if (needed <= free.users) return true;
  if (needed > free.most) return false;
  const enough = (needed * 100) / free.percent;
  let active = 0;
  for await (const links of allPages((page) => ports.userLinks.list(integrationId, page), 500)) {
    active += links.filter(({ observed }) => observed.remoteId && observed.pushed?.active === true).length;
    if (active >= enough) return true;
  }
  return false;
};
