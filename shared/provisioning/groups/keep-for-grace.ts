import { durationMs } from "../../model/duration.ts";
import { defaultPolicies } from "../../model/integration.ts";
import type { Context } from "../ports/ports.ts";
import { isInGrace, mayHaveGrace } from "../users/grace.ts";
import { accountState, type UserState } from "../users/user-state.ts";

/**
 * Whether one whom nothing holds any longer keeps the account for `policies.unassignedGrace`, where that came by itself:
 * who moves from one group to another by two changes is held again by then. The link is marked to be looked at when the grace
 * is over, which no later call for the group ends, but one that unbinds it. `isDropped`: it was so a moment ago.
 */
export const keepsForGrace = async (
  { ports, call, integration }: Context,
  { link, saved }: Pick<UserState, "link" | "saved">,
  isDropped: boolean,
): Promise<boolean> => {
  const now = ports.clock.now();
  if (!isDropped) return isInGrace({ link, saved }, now);
  if (!call.isAutomatic || !mayHaveGrace({ link, saved })) return false;
  const { unassignedGrace = defaultPolicies.unassignedGrace } = integration.policies;
  const graceMs = durationMs(unassignedGrace);
  const isOpen = accountState(integration, ports.profileOf(integration), link, saved) === "pending";
  if (graceMs === 0 || !isOpen) return false;
  const mark = { state: "pending", urgency: 0, at: now + graceMs, since: now, setAt: now } as const;
  // Others who have written since have marked what they want.
  await ports.userLinks.schedule(link, link.rev, { ...mark, isGrace: true });
  return true;
};
