import type { SavedGroup } from "../../model/directory.ts";
import type { GroupLink, GroupObserved } from "../../model/link.ts";
import { updateGroupAssignment } from "../assignments/update-assignment.ts";
import { type GroupDifference, goneFrom } from "../memberships/group-difference.ts";
import type { GroupChange } from "../ports/directory-store.ts";
import type { LinkKey } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";
import type { Leaving } from "./count-losses.ts";

/**
 * Whether a call has confirmed who is to be taken out, and the group has not changed since: who was found in it since is none
 * of them.
 */
export const isConfirmedFor = ({ assignment, observed }: GroupLink, { version }: SavedGroup): boolean => {
  const foundAt = observed.unconfirmed?.foundAt;
  return assignment.confirmed === version && (foundAt === undefined || foundAt === assignment.confirmedFound);
};

/** Who left before and is still to be taken out, unless that was confirmed. Who is kept in a hold is not to be taken out. */
export const openLeavers = async (
  ports: Ports,
  link: GroupLink,
  saved: SavedGroup,
  difference: GroupDifference,
): Promise<string[]> => {
  if (isConfirmedFor(link, saved)) return [];
  const kept = new Set((await keptInHolds(ports, link)).map(({ userId }) => userId));
  return goneFrom(difference).filter((userId) => !kept.has(userId));
};

/** The members of the group who are kept in a hold, waiting or rejected. Nothing is read where there was none lately. */
export const keptInHolds = async (
  { holds }: Pick<Ports, "holds">,
  { integrationId, id: groupId, work }: GroupLink,
): Promise<{ userId: string; groupId: string; holdId: string }[]> => {
  if (!work?.holdId) return [];
  const items = await holds.ofGroup(integrationId, groupId);
  return items.flatMap(({ state, userId, holdId }) =>
    state === "approved" ? [] : [{ userId, groupId, holdId }],
  );
};

/** Who leaves by this call, and who left before; and who joins, or joined before and is not held yet. */
export const leavingOf = (
  groupId: string,
  { add, remove }: Pick<GroupChange, "add" | "remove">,
  before: { left: string[]; joined: string[] },
): Leaving => {
  const joining = new Set([...before.joined, ...add]);
  const added = new Set(add);
  for (const userId of remove) if (!added.has(userId)) joining.delete(userId);
  return {
    groupId,
    userIds: [...new Set([...remove, ...before.left])],
    leavesGroup: true,
    joining: [...joining],
  };
};

/**
 * Let a later call go on with what this one was allowed to take away. `counted`: the link by which that was counted, if it is
 * known; what a verification finds after it was read is not confirmed.
 */
export const noteConfirmed = async (
  ports: Ports,
  counted: LinkKey & { observed?: GroupObserved },
  { version }: SavedGroup,
): Promise<void> => {
  const { integrationId, id, observed } = counted;
  const foundAt = observed?.unconfirmed?.foundAt;
  await updateGroupAssignment(ports, { integrationId, id }, (now) => ({
    ...now,
    confirmed: version,
    ...(foundAt !== undefined && { confirmedFound: foundAt }),
  }));
};
