import { concurrently } from "../common/concurrently.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/**
 * The account of a member is to be closed, or opened: each group that holds the user, in any integration, looks at them
 * again with its next call, which finds them without reading its other members. To be called before the user is saved,
 * so that no kill comes between.
 */
export const noteMembers = async (
  { userLinks, pushedMembers }: Pick<Ports, "userLinks" | "pushedMembers">,
  userId: string,
): Promise<void> => {
  const held = (await userLinks.ofObject(userId)).flatMap(({ integrationId, assignment }) =>
    assignment.groups.map((groupId) => ({ integrationId, groupId })),
  );
  await concurrently(held, 16, ({ integrationId, groupId }) =>
    pushedMembers.noteWaiting(integrationId, groupId, { begin: [userId] }),
  );
};

/**
 * These users leave the group: each integration that may hold them for it looks at them again with its next call, however
 * late that comes, since what the directory knows of leavers expires. To be called before the group is changed, so that
 * no kill comes between.
 */
export const noteLeavers = async (
  { groupLinks, pushedMembers }: Pick<Ports, "groupLinks" | "pushedMembers">,
  groupId: string,
  userIds: string[],
): Promise<void> => {
  if (userIds.length === 0) return;
  const links = await groupLinks.ofObject(groupId);
  const holding = links.filter(({ assignment, observed }) => assignment.bound || !observed.ended);
  await concurrently(holding, 16, ({ integrationId }) =>
    pushedMembers.noteWaiting(integrationId, groupId, { begin: userIds }),
  );
};
