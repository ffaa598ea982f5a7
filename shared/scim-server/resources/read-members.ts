import { isObject } from "../../common/objects.ts";
import type { JsonValue } from "../../model/json.ts";
import { badRequest } from "../errors/scim-error.ts";
import { findSub } from "../schemas/attribute.ts";
import { groupType } from "../schemas/resource-types.ts";
import { fieldsOf } from "./fields.ts";
import { readText } from "./read-text.ts";

const [members] = groupType.schema.attributes.filter(({ name }) => name === "members");
const id = members && findSub(members, "value");

/**
 * The ids that a list of members names, each once; one member may come without a list, and each as an object or as its bare
 * id. Whether there is such a user is not looked at.
 *
 * @throws ScimError `invalidValue`
 */
export const readMemberIds = (value: JsonValue): string[] => {
  const list = Array.isArray(value) ? value : value === "" ? [] : [value];
  return [...new Set(list.map(readMemberId))];
};

const readMemberId = (member: JsonValue): string => {
  const value = isObject(member) ? fieldsOf(member).get("value") : member;
  const read = id && value !== undefined ? readText(id, "members.value", value) : undefined;
  if (read !== undefined) return read;
  throw badRequest("invalidValue", "A member has no value, which has to be the id of a user.");
};
