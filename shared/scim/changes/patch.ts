import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Profile } from "../../model/profile.ts";
import { equals } from "../messages/filter.ts";
import { nest } from "../messages/resource.ts";

/** A PatchOp message (RFC 7644 §3.5.2). Operation names in lower case: several servers take no other. */
const patchOf = (operations: JsonObject[]): JsonObject => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations: operations,
});

const replace = (set: Attributes, style: Profile["patchPathStyle"]): JsonObject[] => {
  const entries = Object.entries(set);
  if (entries.length === 0) return [];
  if (style === "pathless") return [{ op: "replace", value: nest(set) }];
  return entries.map(([path, value]) => {
    const { target, wrap } = wholeManager(path);
    return { op: "replace", path: target, value: wrap ? { value } : value };
  });
};

/**
 * The manager goes as a whole: `…:manager.value` finds no target on some servers while there is no manager yet, and
 * `value` is all of it that may be written (RFC 7643 §4.3).
 */
const wholeManager = (path: string): { target: string; wrap: boolean } =>
  path.endsWith(":manager.value")
    ? { target: path.slice(0, -".value".length), wrap: true }
    : { target: path, wrap: false };

/**
 * The changed paths only. Style `path`: one operation each, as AWS wants it. Style `pathless`: one operation with all
 * values nested, as strongDM documents it. A cleared attribute is a `remove` of its path, since null and "" are
 * refused by some, unless the profile says that `remove` is.
 */
export const attributePatch = (
  changes: AttributeChange[],
  { patchPathStyle: style, clear }: Pick<Profile, "patchPathStyle" | "clear">,
): JsonObject => {
  const set: Attributes = {};
  for (const { path, from, to } of changes) {
    if (to !== undefined) set[path] = to;
    else if (clear === "empty") set[path] = Array.isArray(from) ? [] : "";
  }
  const removals = changes
    .filter(({ path }) => !Object.hasOwn(set, path))
    .map(({ path }) => ({ op: "remove", path: wholeManager(path).target }));
  return patchOf([...replace(set, style), ...removals]);
};

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
