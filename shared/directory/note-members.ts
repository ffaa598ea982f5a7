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
