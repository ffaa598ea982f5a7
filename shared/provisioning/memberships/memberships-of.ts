import { concurrently } from "../../common/concurrently.ts";
import type { UserLink } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";

/** The groups that hold the user and have the account in them, as far as that is on record. */
export const membershipsOf = async (
  { pushedMembers }: Pick<Ports, "pushedMembers">,
  { integrationId, id, assignment, observed }: UserLink,
): Promise<string[]> => {
  const held = await concurrently(assignment.groups, 16, async (groupId) => {
    const there = (await pushedMembers.among(integrationId, groupId, [id])).get(id);
    return there?.presence === "in" && there.remoteId === observed.remoteId ? [groupId] : [];
  });
  return held.flat();
};
