import { countHeld } from "../guard/guard-deprovisions.ts";
import { type GroupDifference, goneFrom } from "../memberships/group-difference.ts";
import type { IntegrationContext } from "../ports/ports.ts";

/**
 * What a call for one user may carry out of the difference of a group: all of it, unless it would take away so many
 * others that it needs a confirmation, which only a call for the group can have; then what concerns this user.
 */
export const limitToUser = async (
  context: IntegrationContext,
  groupId: string,
  difference: GroupDifference,
  userId: string | undefined,
): Promise<GroupDifference> => {
  if (userId === undefined) return difference;
  const leaving = { groupId, userIds: goneFrom(difference), leavesGroup: true };
  if (!(await countHeld(context, leaving))) return difference;
  return {
    candidates: difference.candidates.filter((candidate) => candidate.userId === userId),
    isPart: true,
  };
};
