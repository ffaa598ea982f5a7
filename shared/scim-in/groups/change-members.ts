import { changeDirectoryGroup } from "../../directory/change-directory-group.ts";
import { changeTo } from "../../directory/save-group.ts";
import type { SavedGroup } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { MemberChange } from "../../scim-server/resources/member-change.ts";
import type { Asking } from "../access/asking.ts";
import { isAskedFor, requireChangeable, requireOwned } from "../access/require-owned.ts";

/**
 * Add and remove members, or make these all there are. It costs what it changes, but for the latter, which reads the members.
 * A change that takes longer than the request is kept and goes on by itself, and is answered as done.
 * @throws ScimError 404, 412; Failure of `changeDirectoryGroup`
 */
export const changeMembers = async (
  asking: Asking,
  before: SavedGroup,
  change: MemberChange,
): Promise<SavedGroup> => {
  if (!("all" in change) && change.add.length + change.remove.length === 0) return before;
  const { ports } = asking;
  const { groupId } = before;
  // Unless an earlier change of this very request has replaced the version that was asked for.
  const isFirst = isAskedFor(asking, before);
  const compute = async (base: SavedGroup | undefined) => {
    const now = isFirst ? requireChangeable(asking, base) : requireOwned(asking, base);
    const { name, add, remove } = await differenceFrom(asking, now, change);
    return add.length + remove.length > 0 ? { name, add, remove } : undefined;
  };
  try {
    return requireOwned(asking, await changeDirectoryGroup(asking, groupId, compute, { saved: before }));
  } catch (error) {
    if (!(error instanceof Failure && error.extras.saving)) throw error;
    return requireOwned(asking, await ports.groups.read(groupId));
  }
};

const differenceFrom = async (
  { ports }: Asking,
  now: SavedGroup,
  change: MemberChange,
): Promise<{ name: string; add: string[]; remove: string[] }> => {
  const { groupId, name, version } = now;
  if ("all" in change) return changeTo(ports, groupId, now, { name, members: change.all });
  const there = await ports.groups.membersAmong(groupId, version, [...change.add, ...change.remove]);
  return {
    name,
    add: change.add.filter((id) => !there.has(id)),
    remove: change.remove.filter((id) => there.has(id)),
  };
};
