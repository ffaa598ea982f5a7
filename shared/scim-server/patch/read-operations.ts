import { isObject } from "../../common/objects.ts";
import type { JsonValue } from "../../model/json.ts";
import { badRequest, ScimError } from "../errors/scim-error.ts";
import { bodyObject, fieldsOf } from "../resources/fields.ts";

/** One operation of a PATCH as it came, its `op` in lower case. `value` is absent where none was given. */
export type Operation = { op: "add" | "remove" | "replace"; path?: string; value?: JsonValue };

/** Some send one operation for each of 10,000 members. */
export const maxOperations = 10_000;

/**
 * The operations of a PATCH body, in order; none is no mistake, since Microsoft's validator sends none.
 *
 * @throws ScimError `invalidSyntax`, or 413 for more than `maxOperations`
 */
export const readOperations = (body: JsonValue): Operation[] => {
  const operations = fieldsOf(bodyObject(body)).get("operations");
  if (!Array.isArray(operations)) throw badRequest("invalidSyntax", "The body has no list of Operations.");
  if (operations.length > maxOperations)
    throw new ScimError(413, `The body has more than ${maxOperations} Operations. Send them in several.`);
  return operations.map(readOperation);
};

const readOperation = (operation: JsonValue): Operation => {
  if (!isObject(operation)) throw badRequest("invalidSyntax", "An operation has to be an object.");
  const fields = fieldsOf(operation);
  const path = fields.get("path") ?? "";
  if (typeof path !== "string") throw badRequest("invalidPath", "The path of an operation has to be a text.");
  const value = fields.get("value");
  const op = readOp(fields.get("op"), path === "" && isObject(value));
  if (op !== "remove" && value === undefined)
    throw badRequest("invalidSyntax", `An operation that is to ${op} has no value.`);
  return { op, ...(path !== "" && { path }), ...(value !== undefined && { value }) };
};

/** What has attributes and neither path nor op can mean one thing alone. */
const readOp = (op: JsonValue | undefined, saysAttributes: boolean): Operation["op"] => {
  const word = typeof op === "string" ? op.toLowerCase() : op;
  if (word === undefined && saysAttributes) return "replace";
  if (word === "add" || word === "remove" || word === "replace") return word;
  throw badRequest("invalidSyntax", "The op of an operation has to be add, remove or replace.");
};
