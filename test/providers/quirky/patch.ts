import { Refusal } from "./errors.ts";
import { isObject, type Json, readAt, stepsOf, writeAt } from "./resource.ts";
import type { Switches } from "./switches.ts";

export type Operation = {
  op: "add" | "remove" | "replace";
  path?: string;
  value?: unknown;
  /** It came without a path, as one of several values perhaps. */
  isPathless?: true;
};

const patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** The operations of a PATCH body (RFC 7644 §3.5.2), those with several attributes and no path taken apart. */
export const readOperations = (body: Json, switches: Switches): Operation[] => {
  if (JSON.stringify(body.schemas) !== JSON.stringify([patchSchema]) || !Array.isArray(body.Operations))
    throw new Refusal(400, "not a PatchOp", "invalidSyntax");
  return body.Operations.flatMap((raw: unknown) => readOperation(raw, switches));
};

const readOperation = (raw: unknown, { pathRequired, clearRefused }: Switches): Operation[] => {
  if (!isObject(raw)) throw new Refusal(400, "an operation must be an object", "invalidSyntax");
  const { op, path, value } = raw;
  if (op !== "add" && op !== "remove" && op !== "replace")
    throw new Refusal(400, `unknown op ${String(op)}`, "invalidSyntax");
  if (op !== "remove" && (value === null || value === undefined || (value === "" && !clearRefused)))
    throw new Refusal(400, "a value is needed", "invalidValue");
  if (typeof path === "string") return [{ op, path, value }];
  if (op === "remove") throw new Refusal(400, "a remove needs a path", "noTarget");
  if (!isObject(value)) throw new Refusal(400, "a value without a path must be an object", "invalidValue");
  if (pathRequired && Object.keys(value).length > 1) {
    throw new Refusal(
      400,
      'Current PATCH support allows omitting "path" attribute only for Add and Replace operations modifying a single attribute.',
    );
  }
  return Object.entries(value)
    .flatMap(([key, inner]) => takeApart(op, key, inner))
    .map((operation) => ({ ...operation, isPathless: true as const }));
};

/** `name: {givenName}` and an extension replace only the sub-attributes that they name (RFC 7644 §3.5.2.3). */
const takeApart = (op: "add" | "replace", key: string, value: unknown): Operation[] => {
  const separator = key.startsWith("urn:") ? ":" : ".";
  if (!isObject(value)) return [{ op, path: key, value }];
  return Object.entries(value).flatMap(([sub, inner]) =>
    separator === ":" ? takeApart(op, `${key}:${sub}`, inner) : [{ op, path: `${key}.${sub}`, value: inner }],
  );
};

const readOnly = ["id", "meta", "schemas", "groups"];

const sayingOf = ({ op, path = "", isPathless }: Operation): "path" | "dotted" | "pathless" | "remove" => {
  if (op === "remove") return "remove";
  if (isPathless) return "pathless";
  return !path.startsWith("urn:") && path.includes(".") ? "dotted" : "path";
};

/** Carry an operation out on a user. */
export const applyToUser = (resource: Json, operation: Operation, switches: Switches): void => {
  const { op, path = "", value } = operation;
  if (value !== undefined && value === switches.refusesValue)
    throw new Refusal(400, `${path} must not be ${String(value)}`, "invalidValue");
  if (switches.ignoresSaid?.includes(sayingOf(operation))) return;
  if (op === "remove" && path.includes("[")) {
    removeElement(resource, path);
    return;
  }
  const steps = stepsOf(path);
  if (steps === undefined) throw new Refusal(400, `the path ${path} is not supported`, "invalidPath");
  if (readOnly.includes(steps[0] ?? "")) throw new Refusal(400, `${path} is read-only`, "mutability");
  if (op === "remove" && switches.clearRefused)
    throw new Refusal(400, `${path} cannot be cleared`, "invalidValue");
  if (op === "remove" && switches.ignoresOps?.includes("clear")) return;
  if (path.toLowerCase() === "active") {
    if (typeof value !== "boolean") throw new Refusal(400, "active is a boolean", "invalidValue");
    if (!value && switches.ignoresOps?.includes("deactivate")) return;
    if (value && switches.createsInactive === "stays") return;
  } else if (op !== "remove" && switches.ignoresOps?.includes("set")) return;
  const now = readAt(resource, steps);
  if (switches.replaceNeedsValue && op === "replace" && now === undefined)
    throw new Refusal(400, `the target ${path} does not exist`, "noTarget");
  if (switches.replaceNeedsValue === "and no add" && op === "add")
    throw new Refusal(400, "add is not supported", "invalidSyntax");
  const merged = isObject(value) && isObject(now) ? { ...now, ...value } : value;
  const kept = switches.mergesLists && Array.isArray(now) && Array.isArray(value) ? others(now, value) : [];
  const list = Array.isArray(value) ? [...kept, ...value] : merged;
  writeAt(resource, steps, op === "remove" ? undefined : list);
};

/** Elements of a type that none of the new ones has. */
const others = (now: unknown[], value: unknown[]): unknown[] => {
  const types = new Set(value.filter(isObject).map(({ type }) => type));
  return now.filter(isObject).filter(({ type }) => !types.has(type));
};

const removeElement = (resource: Json, path: string): void => {
  const [, list = "", sub = "", text = '""'] = /^(\w+)\[(\w+) eq (".*")\]$/.exec(path) ?? [];
  const held = resource[list];
  if (!Array.isArray(held)) throw new Refusal(400, `the path ${path} is not supported`, "invalidPath");
  const left = held.filter(isObject).filter((element) => element[sub] !== JSON.parse(text));
  writeAt(resource, [list], left.length > 0 ? left : undefined);
};
