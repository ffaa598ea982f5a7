import { concurrently } from "../../common/concurrently.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import { holdByGroup, isNeverHeld } from "../assignments/assignment.ts";
import { updateUserAssignment } from "../assignments/update-assignment.ts";
import type { Ports } from "../ports/ports.ts";

/**
 * Nobody holds the user as the link tells, but the directory may: who is a member of a group that is bound is held by it,
 * although its dispatch has not come to the link yet. The link says so from then on. To be asked before an account counts as
 * unmanaged; nothing is read of one that is held, or was.
 */
export const holdAsMember = async (
  ports: Ports,
  { groupsEnabled }: Integration,
  link: UserLink,
): Promise<UserLink> => {
  if (!groupsEnabled || !isNeverHeld(link.assignment)) return link;
  const groups = await boundGroupsOf(ports, link);
  if (groups.length === 0) return link;
  return updateUserAssignment(ports, link, (now) => groups.reduce(holdByGroup, now), link);
};

const boundGroupsOf = async (ports: Ports, { integrationId, id }: UserLink): Promise<string[]> => {
  const found = await concurrently(await ports.groups.ofUser(id), 8, async (groupId) => {
    const binding = await ports.groupLinks.read({ integrationId, id: groupId });
    if (!binding?.assignment.bound) return [];
    const saved = await ports.groups.read(groupId);
    if (!saved || saved.deleted) return [];
    const members = await ports.groups.membersAmong(groupId, saved.version, [id]);
    return members.has(id) ? [groupId] : [];
  });
  return found.flat();
};
