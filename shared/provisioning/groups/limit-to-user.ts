import { countLosses } from "../guard/count-losses.ts";
import { reserveLosses } from "../guard/reserve-losses.ts";
import { type GroupDifference, goneFrom } from "../memberships/group-difference.ts";
import type { IntegrationContext } from "../ports/ports.ts";

/**
 * What a call for one user may carry out of the difference of a group: all of it, unless the guard would hold what it
 * takes from others, which only a call for the group can confirm; then what concerns this user.
 */
export const limitToUser = async (
  context: IntegrationContext,
  groupId: string,
  difference: GroupDifference,
  userId: string | undefined,
): Promise<GroupDifference> => {
  if (userId === undefined) return difference;
  const others = goneFrom(difference).filter((gone) => gone !== userId);
  const losses = await countLosses(context, { groupId, userIds: others, leavesGroup: true });
  if (await reserveLosses(context, losses)) return difference;
  return {
    candidates: difference.candidates.filter((candidate) => candidate.userId === userId),
    isPart: true,
  };
};
