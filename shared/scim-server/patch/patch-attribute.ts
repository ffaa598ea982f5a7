import { isObject, omit, present } from "../../common/objects.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { badRequest } from "../errors/scim-error.ts";
import { readParts, readValue } from "../resources/read-value.ts";
import { type AttributeRef, nameOf } from "../schemas/find-attribute.ts";
import type { Path } from "./parse-path.ts";
import { patchValues } from "./patch-values.ts";
import type { Operation } from "./read-operations.ts";

/** The attributes after an operation on one of them. Throws ScimError. */
export const patchAttribute = (
  attributes: JsonObject,
  operation: Operation,
  path: Extract<Path, { is: "attribute" }>,
): JsonObject => {
  const { extension, attribute } = path.ref;
  const holder = extension === undefined ? attributes : partsOf(attributes[extension]);
  const value = valueAfter(holder[attribute.name], operation, path);
  checkCleared(path.ref, operation, value);
  const changed = assign(holder, attribute.name, value);
  if (extension === undefined) return changed;
  return assign(attributes, extension, Object.keys(changed).length > 0 ? changed : undefined);
};

const partsOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

const assign = (object: JsonObject, name: string, value: JsonValue | undefined): JsonObject =>
  value === undefined ? omit(object, name) : { ...object, [name]: value };

const valueAfter = (
  current: JsonValue | undefined,
  operation: Operation,
  { ref, filter }: Extract<Path, { is: "attribute" }>,
): JsonValue | undefined => {
  const { attribute, sub } = ref;
  if (attribute.multiValued) {
    const list = Array.isArray(current) ? current.filter(isObject) : [];
    return patchValues(list, operation, { attribute, ...(sub && { sub }), ...(filter && { filter }) });
  }
  if (attribute.type === "complex") return patchParts(partsOf(current), operation, ref);
  return operation.op === "remove" ? undefined : readValue(attribute, nameOf(ref), operation.value ?? null);
};

/** What is named of a complex attribute replaces what is there; the rest stays (RFC 7644 §3.5.2.3). */
const patchParts = (
  current: JsonObject,
  { op, value = null }: Operation,
  ref: AttributeRef,
): JsonObject | undefined => {
  const isRemoval = op === "remove";
  if (ref.sub === undefined && (isRemoval || value === null || value === "")) return undefined;
  const said = ref.sub
    ? { [ref.sub.name]: isRemoval ? undefined : readValue(ref.sub, nameOf(ref), value) }
    : readParts(ref.attribute, nameOf(ref), value);
  const changed = present({ ...current, ...said }) as JsonObject;
  return Object.keys(changed).length > 0 ? changed : undefined;
};

/** Nobody says whether the user may come in by taking `active` away, so that neither is guessed. */
const checkCleared = (ref: AttributeRef, { op }: Operation, value: JsonValue | undefined): void => {
  const isNeeded = ref.attribute.required || ref.attribute.name === "active";
  if (value !== undefined || !isNeeded) return;
  throw op === "remove"
    ? badRequest("mutability", `${nameOf(ref)} cannot be removed. Replace it.`)
    : badRequest("invalidValue", `${nameOf(ref)} cannot be empty.`);
};
