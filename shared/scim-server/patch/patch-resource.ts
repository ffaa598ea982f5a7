import { isObject, omit } from "../../common/objects.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { badRequest } from "../errors/scim-error.ts";
import { type MemberChange, type MemberEdits, startMemberEdits } from "../resources/member-change.ts";
import { nameOf, shownUnknown } from "../schemas/find-attribute.ts";
import type { ResourceType } from "../schemas/resource-types.ts";
import { type Path, parsePath } from "./parse-path.ts";
import { patchAttribute } from "./patch-attribute.ts";
import { patchMembers } from "./patch-members.ts";
import type { Operation } from "./read-operations.ts";

/** A resource as it is kept: its id, and its attributes as `readCreation` gives them, without the members of a group. */
export type KeptResource = { id: string; attributes: JsonObject };

/** The attributes after a PATCH, and what it asks of the members of a group. */
export type Patched = { attributes: JsonObject; members: MemberChange };

/**
 * Carry out the operations of a PATCH, one after the other, each on what the one before left: all of them, or none and a
 * ScimError. `resource` stays as it is.
 */
export const patchResource = (
  type: ResourceType,
  resource: KeptResource,
  operations: Operation[],
): Patched => {
  const edits = startMemberEdits();
  const patch: Patch = { type, id: resource.id, edits };
  const attributes = operations.reduce(
    (current, operation) => applyOperation(patch, current, operation),
    resource.attributes,
  );
  return { attributes, members: edits.change() };
};

type Patch = { type: ResourceType; id: string; edits: MemberEdits };

const applyOperation = (patch: Patch, attributes: JsonObject, operation: Operation): JsonObject => {
  const { op, path: text } = operation;
  if (text !== undefined) return applyPath(patch, attributes, { ...operation, path: text });
  if (op === "remove") throw badRequest("noTarget", "An operation that is to remove needs a path.");
  return applyEach(patch, attributes, operation, "");
};

type OperationAt = Operation & { path: string };

const applyPath = (patch: Patch, attributes: JsonObject, operation: OperationAt): JsonObject => {
  const path = parsePath(patch.type, operation.path);
  switch (path.is) {
    case "unknown":
      throw badRequest(
        "invalidPath",
        `No attribute here is at the path of an operation: ${shownUnknown(operation.path)}.`,
      );
    case "readOnly":
      throw readOnly(shownUnknown(operation.path));
    case "dropped":
      return attributes;
    case "schema":
      return applySchema(patch, attributes, operation, path);
    case "attribute":
      return applyAttribute(patch, attributes, operation, path);
  }
};

const readOnly = (name: string) =>
  badRequest("mutability", `${name} is set here alone, and cannot be changed.`);

const applySchema = (
  patch: Patch,
  attributes: JsonObject,
  operation: OperationAt,
  { extension, prefix }: Extract<Path, { is: "schema" }>,
): JsonObject => {
  if (operation.op !== "remove") return applyEach(patch, attributes, operation, prefix);
  if (extension !== undefined) return omit(attributes, extension);
  throw badRequest("mutability", "The attributes of a resource cannot all be removed. Delete the resource.");
};

/** Each attribute of a value, as if it had a path of its own; but what is no attribute here is left out. */
const applyEach = (
  patch: Patch,
  attributes: JsonObject,
  operation: Operation,
  prefix: string,
): JsonObject => {
  if (!isObject(operation.value))
    throw badRequest("invalidValue", "The value of an operation without a path has to be an object.");
  return Object.entries(operation.value).reduce((current, [name, value]) => {
    const path = parsePath(patch.type, `${prefix}${name}`);
    if (path.is === "schema")
      return value === null ? current : applyEach(patch, current, { ...operation, value }, path.prefix);
    if (path.is !== "attribute" || isLeftOut(path, value)) return current;
    return applyAttribute(patch, current, { op: operation.op, value }, path);
  }, attributes);
};

/** Null in these is of a serializer that knows of none: nobody closes an account or empties a group so. */
const unsaidByNull: ReadonlySet<string> = new Set(["id", "active", "members"]);

/** `meta` comes along with whole resources. */
const isLeftOut = ({ ref }: Extract<Path, { is: "attribute" }>, value: JsonValue): boolean =>
  ref.attribute.name === "meta" || (value === null && unsaidByNull.has(ref.attribute.name));

const applyAttribute = (
  { id, edits }: Patch,
  attributes: JsonObject,
  operation: Operation,
  path: Extract<Path, { is: "attribute" }>,
): JsonObject => {
  const { attribute } = path.ref;
  if (attribute.name === "schemas") return attributes;
  if (attribute.name === "members") {
    patchMembers(edits, operation, path);
    return attributes;
  }
  // Okta names the id along with the attributes.
  if (attribute.name === "id" && operation.op !== "remove" && operation.value === id) return attributes;
  if (attribute.mutability === "readOnly") throw readOnly(nameOf(path.ref));
  return patchAttribute(attributes, operation, path);
};
