import type { SavedUser } from "../../model/directory.ts";
import type { UserLink } from "../../model/link.ts";
import { desiredOf, isInScope, removalOf } from "../assignments/assignment.ts";
import { endsAccount } from "../guard/losses.ts";
import type { Context } from "../ports/ports.ts";
import { admitRemovals } from "./admit-removals.ts";
import { leaveByItself } from "./leave-hold.ts";

/**
 * The hold in which the guard keeps what work that came by itself is about to take from the user's account; undefined where
 * it may go on. An account that is no longer to go leaves its hold.
 */
export const heldAccount = async (
  context: Context,
  { saved, link }: { saved: SavedUser | undefined; link: UserLink },
): Promise<string | undefined> => {
  const { ports } = context;
  const { assignment } = link;
  const removal = isInScope(assignment) ? "deprovision" : (removalOf(assignment, saved) ?? "none");
  const isTaken = desiredOf(assignment, saved) !== "active" && endsAccount(context, link, removal);
  // A lock is carried out whatever else goes.
  if (!isTaken || saved?.lock) {
    await leaveByItself(ports, link);
    return undefined;
  }
  const { letGo, closedAs } = assignment;
  const isLetGo = isInScope(assignment) ? closedAs !== undefined && closedAs === saved?.version : letGo;
  if (isLetGo) return undefined;
  const [held] = await admitRemovals(context, { accounts: [link.id], groups: [] });
  return held?.holdId;
};
