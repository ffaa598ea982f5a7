import { leaveGroups } from "../../directory/change-directory-group.ts";
import { changeOwnedUser } from "../../sources/change-owned-user.ts";
import type { Asking } from "../access/asking.ts";
import { requireChangeable, requireOwned } from "../access/require-owned.ts";
import { hasLeft, leaveOwnGroups } from "./leave-own-groups.ts";

/**
 * DELETE, by `onDelete` of the source. `delete` is the leaver call: the user is in no group any more once it is answered, and what
 * follows at the providers goes on by itself. `suspend` closes the accounts and takes the user out of the groups of the source;
 * the user is nobody's then, and not there any more for the source (RFC 7644 §3.6), until that makes the same user anew.
 * @throws ScimError 404, 412; Failure of `changeOwnedUser`
 */
export const deleteUser = async (asking: Asking, userId: string): Promise<void> => {
  const { ports, source } = asking;
  const found = await ports.users.read(userId);
  // A call that was cut off may have left memberships.
  if (hasLeft(asking, found)) await leaveOwnGroups(asking, userId);
  requireOwned(asking, found);
  await changeOwnedUser(
    asking,
    userId,
    (before) => {
      if (before?.deleted || hasLeft(asking, before)) return undefined;
      const { user, source: owner } = requireChangeable(asking, before);
      if (source.onDelete === "delete") return { user, deleted: true };
      const name = owner?.name ?? userId;
      return {
        user: { ...user, suspended: true },
        source: { sourceId: source.sourceId, name, isGiven: true, left: true },
      };
    },
    { saved: found },
  );
  if (source.onDelete === "suspend") await leaveOwnGroups(asking, userId);
  else await leaveGroups(asking, userId, await ports.groups.ofUser(userId));
};
