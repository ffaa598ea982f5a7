import type { JsonObject } from "../../model/json.ts";
import type { Profile } from "../../model/profile.ts";
import { equals } from "../messages/filter.ts";

/** A PatchOp message (RFC 7644 §3.5.2). Operation names in lower case: several servers take no other. */
export const patchOf = (operations: JsonObject[]): JsonObject => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations: operations,
});

/** Members to take out and to add in one go. */
export type MemberChange = { remove: string[]; add: string[] };

const listOf = (op: "add" | "remove", ids: string[]): JsonObject[] =>
  ids.length === 0 ? [] : [{ op, path: "members", value: ids.map((value) => ({ value })) }];

/**
 * One `remove` per member by `members[value eq "id"]` and one `add` for all: the shapes that took effect on every server
 * tried. A `remove` with a value list emptied the group on some, so that only a profile that says so sends it;
 * `replace` of `members` is refused or ignored by others.
 */
export const memberPatch = (
  { remove, add }: MemberChange,
  style: Profile["memberRemoveStyle"] = "filter",
): JsonObject =>
  patchOf([
    ...(style === "valueList"
      ? listOf("remove", remove)
      : remove.map((id) => ({ op: "remove", path: `members[${equals("value", id)}]` }))),
    ...listOf("add", add),
  ]);

export const sizeOf = ({ remove, add }: MemberChange): number => remove.length + add.length;

/** What is still to be sent. `isUncertain`: it was sent before, and nobody knows whether that was applied. */
export type Piece = MemberChange & { isUncertain: boolean };

/** The first `size` of a piece and what is left; removals go first, so that a full group has room again. */
export const splitPiece = ({ remove, add, isUncertain }: Piece, size: number): Piece[] => {
  const room = Math.max(0, size - remove.length);
  const parts = [
    { remove: remove.slice(0, size), add: add.slice(0, room), isUncertain },
    { remove: remove.slice(size), add: add.slice(room), isUncertain },
  ];
  return parts.filter((part) => sizeOf(part) > 0);
};
