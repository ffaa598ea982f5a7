import type { SavedGroup } from "../../model/directory.ts";
import type { JsonObject } from "../../model/json.ts";
import { patchResource } from "../../scim-server/patch/patch-resource.ts";
import type { Operation } from "../../scim-server/patch/read-operations.ts";
import type { MemberChange } from "../../scim-server/resources/member-change.ts";
import { readReplacement } from "../../scim-server/resources/read-resource.ts";
import { groupType } from "../../scim-server/schemas/resource-types.ts";
import { changeOwnedGroup } from "../../sources/change-owned-group.ts";
import { joinGroup } from "../../sources/join-waiting.ts";
import { type Asking, nowOf } from "../access/asking.ts";
import { requireChangeable, requireOwned } from "../access/require-owned.ts";
import { groupAttributesOf, groupChange } from "../conversion/group-attributes.ts";
import { changeMembers } from "./change-members.ts";
import { noteDropped, sortMembers, waitingAfter } from "./sort-members.ts";

type Asked = { attributes: JsonObject; members: MemberChange };

const nobody: MemberChange = { add: [], remove: [] };

/**
 * PUT: name and members as they are to be; members that are not named stay.
 * @throws ScimError; Failure of `changeOwnedGroup`
 */
export const replaceGroup = (asking: Asking, groupId: string, body: JsonObject): Promise<SavedGroup> =>
  changeGroup(asking, groupId, (current) => {
    const { attributes, members } = readReplacement(groupType, current, body);
    return { attributes, members: members ? { all: members } : nobody };
  });

/** PATCH: all of the operations, or none. Throws as `replaceGroup`. */
export const patchGroup = (asking: Asking, groupId: string, operations: Operation[]): Promise<SavedGroup> =>
  changeGroup(asking, groupId, (attributes) =>
    patchResource(groupType, { id: groupId, attributes }, operations),
  );

const changeGroup = async (
  asking: Asking,
  groupId: string,
  compute: (attributes: JsonObject) => Asked,
): Promise<SavedGroup> => {
  const { ports, source } = asking;
  const found = requireChangeable(asking, await ports.groups.read(groupId));
  // Nothing of this depends on the group as it is, so that it holds however often the group is read anew.
  const { members } = compute(groupAttributesOf(found));
  const sorted = await sortMembers(asking, members);
  await ports.waiting.note(source.sourceId, sorted.unknown, groupId);
  const naming = { sourceId: source.sourceId, since: nowOf(asking) };
  const saved = await changeOwnedGroup(
    asking,
    groupId,
    (base) => {
      const now = requireChangeable(asking, base);
      const { attributes } = compute(groupAttributesOf(now));
      const after = waitingAfter(now.source, members, sorted);
      return groupChange(now, attributes, { ...naming, ...after });
    },
    { saved: found },
  );
  // Who arrived meanwhile found no group that waited.
  await joinGroup(asking, source.sourceId, groupId, sorted.unknown);
  const now = requireOwned(asking, saved);
  await noteDropped(asking, now, sorted);
  return changeMembers(asking, now, withKnown(members, sorted.known));
};

const withKnown = (change: MemberChange, known: string[]): MemberChange =>
  "all" in change ? { all: known } : { ...change, add: known };
