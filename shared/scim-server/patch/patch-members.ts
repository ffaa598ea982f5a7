import type { JsonValue } from "../../model/json.ts";
import { badRequest } from "../errors/scim-error.ts";
import type { MemberEdits } from "../resources/member-change.ts";
import { readMemberIds } from "../resources/read-members.ts";
import { membersNamed } from "./members-named.ts";
import type { Path } from "./parse-path.ts";
import type { Operation } from "./read-operations.ts";

/** Carry out an operation whose path leads to the members of a group. Throws ScimError. */
export const patchMembers = (
  edits: MemberEdits,
  { op, value }: Operation,
  { ref, filter }: Extract<Path, { is: "attribute" }>,
): void => {
  // Whoever is a member is one of users: there is no other type, and nothing to change about it.
  if (ref.sub?.name === "type") return;
  if (ref.sub !== undefined)
    throw badRequest(
      "mutability",
      "The id of a member cannot be changed. Remove the member, and add another.",
    );
  if (filter !== undefined) {
    const named = membersNamed(filter);
    if (op === "remove") edits.remove(named);
    else edits.add(sameMembers(named, value ?? null));
  } else if (op === "add") edits.add(readMemberIds(value ?? []));
  else if (op === "replace") edits.replace(readMemberIds(value ?? []));
  // RFC 7644 §3.5.2.2 empties the group. Entra and others list whom they mean.
  else if (value === undefined || value === null) edits.replace([]);
  else edits.remove(readMemberIds(value));
};

/** `members[value eq "a"]` with the value of another member would make another member of `a`. */
const sameMembers = (named: string[], value: JsonValue): string[] => {
  const told = value === null ? [] : readMemberIds(value);
  if (told.every((id) => named.includes(id))) return named;
  throw badRequest("mutability", "The id of a member cannot be changed. Remove the member, and add another.");
};
