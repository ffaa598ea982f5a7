import { isObject } from "../../common/objects.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { badRequest } from "../errors/scim-error.ts";
import type { Attribute } from "../schemas/attribute.ts";
import { commonAttributes } from "../schemas/common-attributes.ts";
import type { ResourceType } from "../schemas/resource-types.ts";
import { bodyObject, fieldsOf } from "./fields.ts";
import { readMemberIds } from "./read-members.ts";
import { readValue } from "./read-value.ts";

/**
 * What an identity provider says of a resource, as it is kept: `externalId` and the attributes of its schemas, those of an
 * extension below its URN; neither `schemas`, `id` nor `meta`. The members of a group are apart, by id.
 */
export type SentResource = { attributes: JsonObject; members?: string[] };

/** The body of a POST. A user without `active` may come in. Throws ScimError. */
export const readCreation = (type: ResourceType, body: JsonValue): SentResource => {
  const sent = readResource(type, body);
  return type.name === "Group" ? sent : { ...sent, attributes: { active: true, ...sent.attributes } };
};

/**
 * The body of a PUT, which replaces `current`: what it does not name is cleared. But for two: who may come in stays as it
 * was, and so do the members of a group; by leaving something out nobody means to open accounts or to close them all.
 * Throws ScimError.
 */
export const readReplacement = (type: ResourceType, current: JsonObject, body: JsonValue): SentResource => {
  const sent = readResource(type, body);
  const { active } = current;
  return active === undefined ? sent : { ...sent, attributes: { active, ...sent.attributes } };
};

const readResource = (type: ResourceType, body: JsonValue): SentResource => {
  const fields = fieldsOf(bodyObject(body));
  const own = [...commonAttributes, ...type.schema.attributes];
  const attributes = readAttributes(own, fields, "");
  for (const { id, attributes: further } of type.extensions) {
    const given = fields.get(id.toLowerCase());
    if (given === undefined || given === null) continue;
    if (!isObject(given)) throw badRequest("invalidValue", `${id} has to be an object.`);
    const extension = readAttributes(further, fieldsOf(given), `${id}:`);
    if (Object.keys(extension).length > 0) attributes[id] = extension;
  }
  checkRequired(type, attributes);
  const members = type.name === "Group" ? fields.get("members") : undefined;
  return {
    attributes,
    ...(members !== undefined && members !== null && { members: readMemberIds(members) }),
  };
};

const readAttributes = (
  list: readonly Attribute[],
  fields: Map<string, JsonValue>,
  prefix: string,
): JsonObject => {
  const found: JsonObject = {};
  for (const attribute of list) {
    const given = fields.get(attribute.name.toLowerCase());
    if (given === undefined || attribute.mutability === "readOnly" || attribute.name === "members") continue;
    const value = readValue(attribute, `${prefix}${attribute.name}`, given);
    if (value !== undefined) found[attribute.name] = value;
  }
  return found;
};

/** Throws `invalidValue` where a required attribute has no value. */
const checkRequired = ({ name, schema }: ResourceType, attributes: JsonObject): void => {
  const missing = schema.attributes.find(
    (attribute) => attribute.required && attributes[attribute.name] === undefined,
  );
  if (missing) throw badRequest("invalidValue", `${missing.name} is missing: every ${name} needs one.`);
};
