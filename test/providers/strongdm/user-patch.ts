import { refusal } from "./errors.ts";
import { readJsonString } from "./lists.ts";
import type { Operation } from "./patch.ts";
import {
  type Attribute,
  ENTERPRISE_ATTRIBUTES,
  ENTERPRISE_SCHEMA,
  findAttribute,
  isObject,
  type Json,
  readValue,
  USER_ATTRIBUTES,
  USER_SCHEMA,
} from "./schema.ts";

/** Where a path leads: `attribute`, `attribute.sub`, `attribute[sub eq "x"]` or `attribute[sub eq "x"].sub`. */
type Target = {
  enterprise: boolean;
  attribute: Attribute;
  selector: { sub: string; equals: unknown } | undefined;
  sub: Attribute | undefined;
};

const PATH =
  /^([A-Za-z$][\w$-]*)(?:\[\s*(\w+)\s+eq\s+("(?:[^"\\]|\\.)*"|true|false)\s*\])?(?:\.([A-Za-z$][\w$-]*))?$/i;

/** Carries out one operation on a user's attributes, in place. */
export function applyToUser(
  attributes: Json,
  operation: Operation,
  { takesNestedExtensions }: { takesNestedExtensions: boolean },
): void {
  const { op, path, value } = operation;
  if (path !== undefined) {
    const target = findTarget(path);
    if (target === undefined) throw refusal("invalidPath");
    applyAt(attributes, target, op, value);
    return;
  }
  if (!isObject(value)) throw refusal("invalidValue");
  // The library takes the URN for the path of an attribute, and there is none of that name.
  if (!takesNestedExtensions && Object.keys(value).includes(ENTERPRISE_SCHEMA)) throw refusal("invalidPath");
  for (const [key, entry] of Object.entries(flatten(value))) {
    // Unknown attributes are ignored in a path-less value, and so is `id`, which Okta sends along.
    const target = findTarget(key);
    if (target !== undefined) applyAt(attributes, target, op, entry);
  }
}

/** The extension as an object under its URN becomes one key per attribute. */
function flatten(value: Json): Json {
  const { [ENTERPRISE_SCHEMA]: enterprise, ...core } = value;
  if (!isObject(enterprise)) return core;
  const flat = Object.entries(enterprise).map(([name, entry]) => [`${ENTERPRISE_SCHEMA}:${name}`, entry]);
  return { ...core, ...Object.fromEntries(flat) };
}

function findTarget(path: string): Target | undefined {
  const enterprise = path.toLowerCase().startsWith(`${ENTERPRISE_SCHEMA.toLowerCase()}:`);
  const core = path.toLowerCase().startsWith(`${USER_SCHEMA.toLowerCase()}:`);
  const prefix = enterprise ? ENTERPRISE_SCHEMA : core ? USER_SCHEMA : undefined;
  const match = PATH.exec(prefix === undefined ? path : path.slice(prefix.length + 1));
  const attribute = findAttribute(enterprise ? ENTERPRISE_ATTRIBUTES : USER_ATTRIBUTES, match?.[1] ?? "");
  if (match === null || attribute === undefined) return undefined;

  const [, , selectorName, literal, subName] = match;
  const selected = selectorName === undefined ? undefined : findAttribute(attribute.sub ?? [], selectorName);
  const sub = subName === undefined ? undefined : findAttribute(attribute.sub ?? [], subName);
  if (selectorName !== undefined && (selected === undefined || !attribute.multiValued)) return undefined;
  if (subName !== undefined && (sub === undefined || (attribute.multiValued && selected === undefined)))
    return undefined;
  const equals = readJsonString(literal) ?? literal?.toLowerCase() === "true";
  return { enterprise, attribute, selector: selected && { sub: selected.name, equals }, sub };
}

function applyAt(attributes: Json, target: Target, op: Operation["op"], value: unknown): void {
  const { attribute, selector, sub } = target;
  // `groups` and `manager.displayName` cannot be patched.
  if (attribute.readOnly || sub?.readOnly) throw refusal("mutability");
  const holder = target.enterprise ? extensionOf(attributes) : attributes;

  if (selector !== undefined) {
    const all = Array.isArray(holder[attribute.name]) ? (holder[attribute.name] as Json[]) : [];
    const chosen = all.filter((item) => item[selector.sub] === selector.equals);
    if (op === "remove" && sub === undefined)
      holder[attribute.name] = all.filter((item) => !chosen.includes(item));
    else if (chosen.length === 0 && op !== "remove") throw refusal("noTarget");
    else for (const item of chosen) setValue(item, sub ?? attribute, op, value);
  } else if (sub !== undefined) {
    const current = isObject(holder[attribute.name]) ? (holder[attribute.name] as Json) : {};
    setValue(current, sub, op, value);
    holder[attribute.name] = current;
  } else {
    setValue(holder, attribute, op, value);
  }
  if (target.enterprise && Object.keys(holder).length === 0) delete attributes[ENTERPRISE_SCHEMA];
}

function setValue(holder: Json, attribute: Attribute, op: Operation["op"], value: unknown): void {
  const { name } = attribute;
  if (op === "remove") {
    delete holder[name];
    return;
  }
  // A single value for a multi-valued attribute is wrapped in PATCH, though not in POST and PUT.
  const read = readValue(attribute, attribute.multiValued && !Array.isArray(value) ? [value] : value);
  const current = holder[name];
  if (Array.isArray(read) && op === "add" && Array.isArray(current)) {
    const known = new Set(current.map((item) => JSON.stringify(item)));
    holder[name] = [...current, ...read.filter((item) => !known.has(JSON.stringify(item)))];
  } else if (isObject(read) && isObject(current)) {
    // Only the sub-attributes sent are replaced (RFC 7644 §3.5.2.3).
    holder[name] = { ...current, ...read };
  } else {
    holder[name] = read;
  }
}

function extensionOf(attributes: Json): Json {
  const current = attributes[ENTERPRISE_SCHEMA];
  if (isObject(current)) return current;
  const created: Json = {};
  attributes[ENTERPRISE_SCHEMA] = created;
  return created;
}
