import { endDirectoryGroup } from "../../directory/change-directory-group.ts";
import { releaseNamesOfNobody } from "../../sources/names.ts";
import type { Asking } from "../access/asking.ts";
import { requireChangeable } from "../access/require-owned.ts";

/**
 * DELETE: the group ends, as by a call, and its name is free at once. What follows at the providers goes on by itself.
 * @throws ScimError 404, 412; Failure of `endDirectoryGroup`
 */
export const deleteGroup = async (asking: Asking, groupId: string): Promise<void> => {
  const { ports } = asking;
  const { source: owner } = requireChangeable(asking, await ports.groups.read(groupId));
  await endDirectoryGroup(asking, groupId);
  if (owner) await releaseNamesOfNobody(ports, { kind: "group", id: groupId }, { source: owner });
};
