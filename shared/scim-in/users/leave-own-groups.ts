import { changeDirectoryGroup } from "../../directory/change-directory-group.ts";
import type { SavedUser } from "../../model/directory.ts";
import type { Asking } from "../access/asking.ts";
import { isOwned } from "../access/require-owned.ts";

/** Whether the source has deleted the user, who is in the directory still. */
export const hasLeft = ({ source }: Asking, saved: SavedUser | undefined): boolean =>
  saved?.source?.left === true && saved.source.sourceId === source.sourceId;

/** Take a user whom the source has deleted out of its groups. Safe to repeat. */
export const leaveOwnGroups = async (asking: Asking, userId: string): Promise<void> => {
  const { ports } = asking;
  for (const groupId of await ports.groups.ofUser(userId))
    await changeDirectoryGroup(asking, groupId, async (base) => {
      if (!isOwned(asking, base)) return undefined;
      const there = await ports.groups.membersAmong(groupId, base.version, [userId]);
      // Who came back meanwhile stays.
      const isGone = there.has(userId) && !isOwned(asking, await ports.users.read(userId));
      return isGone ? { name: base.name, add: [], remove: [userId] } : undefined;
    });
};
