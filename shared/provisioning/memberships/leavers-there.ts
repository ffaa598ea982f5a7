import type { SavedGroup } from "../../model/directory.ts";
import type { GroupLink } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";
import { membershipThere } from "./group-difference.ts";

const mostLookedAt = 1_000;

/**
 * How many people have left the group and may be in it at the provider still. Undefined where so many wait that they are
 * not looked at, and of a group that has ended. Else who leaves waits from before the group is changed until they are out.
 */
export const leaversThere = async (
  ports: Pick<Ports, "groups" | "pushedMembers">,
  link: GroupLink,
  { groupId, version, deleted }: SavedGroup,
): Promise<number | undefined> => {
  if (deleted) return undefined;
  const waiting = await ports.pushedMembers.waiting(link.integrationId, groupId);
  if (waiting.length === 0) return 0;
  if (waiting.length > mostLookedAt) return undefined;
  const [members, known] = await Promise.all([
    ports.groups.membersAmong(groupId, version, waiting),
    ports.pushedMembers.among(link.integrationId, groupId, waiting),
  ]);
  return waiting.filter((userId) => !members.has(userId) && membershipThere(link, known.get(userId))).length;
};
