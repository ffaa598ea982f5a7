import { managerTarget, sendsManager } from "../../mapping/sends-manager.ts";
import { isLetIn, type SavedUser } from "../../model/directory.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import type { State } from "../../model/receipt.ts";
import { isOutdated } from "./user-state.ts";

/**
 * Whose account one who is in step waits for: the manager's, which was not there when the user was last looked at. Derived
 * from what was sent, and never stored. Who is shut out is sent `active` alone, and waits for nobody.
 */
export const waitsFor = (
  integration: Integration,
  { saved, link }: { saved: SavedUser | undefined; link: UserLink },
  state: State,
): string[] => {
  const manager = saved?.user.manager;
  if (!manager || !isLetIn(saved) || state !== "in_sync" || isOutdated(integration, link, state)) return [];
  const isSent = link.observed.pushed?.[managerTarget] !== undefined;
  return isSent || !sendsManager(integration.attributeMappings) ? [] : [manager];
};
