import type { SavedUser } from "../../model/directory.ts";
import type { UserLink } from "../../model/link.ts";
import { desiredOf, isInScope, removalOf } from "../assignments/assignment.ts";
import { endsAccount } from "../guard/losses.ts";
import type { Context } from "../ports/ports.ts";
import { admitRemovals } from "./admit-removals.ts";
import { leaveByItself } from "./leave-hold.ts";
import { keptOf } from "./standing-items.ts";

type Account = { saved: SavedUser | undefined; link: UserLink };

/**
 * The hold in which the guard keeps what work that came by itself is about to take from the user's account; undefined where
 * it may go on. An account that is no longer to go leaves its hold.
 */
export const heldAccount = async (context: Context, account: Account): Promise<string | undefined> => {
  if (!(await asksGuard(context, account))) return undefined;
  const [held] = await admitRemovals(context, { accounts: [account.link.id], groups: [] });
  return held?.holdId;
};

/**
 * The same for one who may take away what no hold keeps: the hold in which somebody is to decide, or has rejected, what is
 * to be taken from the account.
 */
export const keptAccount = async (context: Context, account: Account): Promise<string | undefined> => {
  if (!(await asksGuard(context, account))) return undefined;
  const [kept] = await keptOf(context, [{ userId: account.link.id }]);
  return kept?.holdId;
};

/** Whether access is to be taken that nobody has let go. An account that is no longer to go leaves its hold. */
export const asksGuard = async (context: Context, { saved, link }: Account): Promise<boolean> => {
  const { assignment } = link;
  const removal = isInScope(assignment) ? "deprovision" : (removalOf(assignment, saved) ?? "none");
  const isTaken = desiredOf(assignment, saved) !== "active" && endsAccount(context, link, removal);
  // A lock is carried out whatever else goes.
  if (!isTaken || saved?.lock) {
    await leaveByItself(context.ports, link);
    return false;
  }
  const { letGo, closedAs } = assignment;
  return !(isInScope(assignment) ? closedAs !== undefined && closedAs === saved?.version : letGo);
};
