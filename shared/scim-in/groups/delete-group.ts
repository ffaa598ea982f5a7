import { changeDirectoryGroup } from "../../directory/change-directory-group.ts";
import type { SavedGroup } from "../../model/directory.ts";
import type { GroupChange } from "../../provisioning/ports/directory-store.ts";
import { releaseNamesOfNobody } from "../../sources/names.ts";
import type { Asking } from "../access/asking.ts";
import { requireChangeable } from "../access/require-owned.ts";

/**
 * DELETE: the group ends, as by a call, and its name is free at once. What follows at the providers goes on by itself.
 * @throws ScimError 404, 412; Failure of `changeDirectoryGroup`
 */
export const deleteGroup = async (asking: Asking, groupId: string): Promise<void> => {
  const { ports } = asking;
  const saved = requireChangeable(asking, await ports.groups.read(groupId));
  const { source: owner } = saved;
  const ending = async (base: SavedGroup | undefined): Promise<GroupChange> => {
    const { name } = requireChangeable(asking, base);
    return { name, add: [], remove: [], ends: true };
  };
  await changeDirectoryGroup(asking, groupId, ending, { saved });
  if (owner) await releaseNamesOfNobody(ports, { kind: "group", id: groupId }, { source: owner });
};
