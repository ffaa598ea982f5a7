import type { SavedGroup } from "../../model/directory.ts";
import type { JsonObject } from "../../model/json.ts";
import { ScimError } from "../../scim-server/errors/scim-error.ts";
import { readCreation } from "../../scim-server/resources/read-resource.ts";
import { groupType } from "../../scim-server/schemas/resource-types.ts";
import { changeOwnedGroup } from "../../sources/change-owned-group.ts";
import { groupOfName } from "../../sources/find-named.ts";
import { joinGroup } from "../../sources/join-waiting.ts";
import { type Asking, nowOf } from "../access/asking.ts";
import { requireOwned } from "../access/require-owned.ts";
import { groupChange } from "../conversion/group-attributes.ts";
import { changeMembers } from "./change-members.ts";
import { noteDropped, sortMembers, waitingAfter } from "./sort-members.ts";

/**
 * A new group of the source, with its members, as far as they are there.
 * @throws ScimError; Failure of `changeOwnedGroup`
 */
export const createGroup = async (asking: Asking, body: JsonObject): Promise<SavedGroup> => {
  const { ports, source } = asking;
  const { sourceId } = source;
  const { attributes, members = [] } = readCreation(groupType, body);
  if (await groupOfName(ports, sourceId, String(attributes.displayName))) throw displayNameTaken();
  const change = { add: members, remove: [] };
  const sorted = await sortMembers(asking, change);
  const naming = { sourceId, since: nowOf(asking), ...waitingAfter(undefined, change, sorted) };
  const groupId = ports.newId(ports.clock.now());
  await ports.waiting.note(sourceId, naming.waiting, groupId);
  const made = await changeOwnedGroup(asking, groupId, () => groupChange(undefined, attributes, naming), {
    saved: undefined,
  });
  // Who arrived meanwhile found no group that waited.
  await joinGroup(asking, sourceId, groupId, naming.waiting);
  const now = requireOwned(asking, made);
  await noteDropped(asking, now, sorted);
  return changeMembers(asking, now, { add: sorted.known, remove: [] });
};

const displayNameTaken = (): ScimError =>
  new ScimError(
    409,
    "There is a group of this displayName already. Look it up, and change that one.",
    "uniqueness",
  );
