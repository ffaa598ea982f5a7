import { refusal } from "./errors.ts";
import { isObject, type Json } from "./schema.ts";

const PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

export type Operation = { op: "add" | "remove" | "replace"; path: string | undefined; value: unknown };

/**
 * The operations of a PATCH body: exactly the PatchOp schema and at least one operation, else 400. `op` in any
 * case, as the library takes it; `remove` needs a path (RFC 7644 §3.5.2.2).
 */
export function readOperations(body: Json): Operation[] {
  const { schemas, Operations: operations } = body;
  if (!Array.isArray(schemas) || schemas.length !== 1 || schemas[0] !== PATCH_SCHEMA)
    throw refusal("invalidValue");
  if (!Array.isArray(operations) || operations.length === 0) throw refusal("invalidValue");
  return operations.map(readOperation);
}

function readOperation(raw: unknown): Operation {
  if (!isObject(raw)) throw refusal("invalidSyntax");
  const op = typeof raw.op === "string" ? raw.op.toLowerCase() : "";
  if (op !== "add" && op !== "remove" && op !== "replace") throw refusal("invalidValue");
  const path = raw.path;
  if (path !== undefined && typeof path !== "string") throw refusal("invalidSyntax");
  if (op === "remove" && !path) throw refusal("noTarget");
  if (op !== "remove" && (raw.value === undefined || raw.value === null)) throw refusal("invalidValue");
  return { op, path: path || undefined, value: raw.value };
}
