import type { SavedGroup } from "../../model/directory.ts";
import type { GroupLink } from "../../model/link.ts";
import { updateGroupAssignment } from "../assignments/update-assignment.ts";
import { type GroupDifference, goneFrom } from "../memberships/group-difference.ts";
import type { LinkKey } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";
import type { Leaving } from "./count-losses.ts";

/**
 * Who left before and is still to be taken out, unless a call has confirmed that and the group has not changed since.
 */
export const openLeavers = (
  { assignment }: GroupLink,
  { version }: SavedGroup,
  difference: GroupDifference,
): string[] => (assignment.confirmed === version ? [] : goneFrom(difference));

/** Who leaves by this call, and who left before. */
export const leavingOf = (groupId: string, leave: string[], open: string[]): Leaving => ({
  groupId,
  userIds: [...new Set([...leave, ...open])],
  leavesGroup: true,
});

/** Let a later call go on with what this one was allowed to take away. */
export const noteConfirmed = async (ports: Ports, key: LinkKey, { version }: SavedGroup): Promise<void> => {
  await updateGroupAssignment(ports, key, (now) => ({ ...now, confirmed: version }));
};
