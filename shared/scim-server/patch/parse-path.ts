import { badRequest } from "../errors/scim-error.ts";
import type { Filter } from "../filter/filter.ts";
import { parseElementFilter } from "../filter/parse-filter.ts";
import { readTokens } from "../filter/read-tokens.ts";
import { findSub } from "../schemas/attribute.ts";
import { type AttributeRef, findAttribute, nameOf } from "../schemas/find-attribute.ts";
import type { ResourceType } from "../schemas/resource-types.ts";

/**
 * What the path of an operation leads to: an attribute, or a part of it; with `filter`, those of its values that fit it.
 * Or all attributes of a schema, whose `prefix` is put before the names of its attributes. `dropped` is known and not
 * kept, `readOnly` is known and never written.
 */
export type Path =
  | { is: "attribute"; ref: AttributeRef; filter?: Filter }
  | { is: "schema"; prefix: string; extension?: string }
  | { is: "dropped" | "readOnly" | "unknown" };

const maxLength = 4096;
const filtered = /^([^[]*)\[(.*)\](?:\.([^.[\]]*))?$/s;

/**
 * Read `attribute`, `attribute.sub`, `attribute[filter]` or `attribute[filter].sub`, each with or without its URN, or the
 * URN of a schema.
 *
 * @throws ScimError `invalidPath` for a filter of what has one value, `invalidFilter` for what the brackets hold
 */
export const parsePath = (type: ResourceType, text: string): Path => {
  if (text.length > maxLength)
    throw badRequest("invalidPath", `A path is longer than ${maxLength} characters.`);
  const schema = [type.schema, ...type.extensions].find(({ id }) => id.toLowerCase() === text.toLowerCase());
  if (schema)
    return {
      is: "schema",
      prefix: `${schema.id}:`,
      ...(schema !== type.schema && { extension: schema.id }),
    };
  const [, head, inner, tail] = filtered.exec(text) ?? [];
  const found = findAttribute(type, head ?? text);
  if (found.is !== "kept") return found;
  if (inner === undefined) return { is: "attribute", ref: found.ref };
  return filteredPath(type, found.ref, { inner, tail });
};

const filteredPath = (
  type: ResourceType,
  ref: AttributeRef,
  { inner, tail }: { inner: string; tail: string | undefined },
): Path => {
  const { attribute } = ref;
  if (!attribute.multiValued || attribute.type !== "complex" || ref.sub !== undefined)
    throw badRequest("invalidPath", `${nameOf(ref)} has no values for […] to choose from.`);
  const sub = tail === undefined ? undefined : findSub(attribute, tail);
  if (tail !== undefined && sub === undefined) {
    const part = findAttribute(type, `${nameOf(ref)}.${tail}`);
    return { is: part.is === "kept" ? "unknown" : part.is };
  }
  // No value has such a part; but of members nobody shall believe that somebody was taken out.
  const asksForDropped = readTokens(inner).some(
    (word) => findAttribute(type, `${nameOf(ref)}.${word}`).is === "dropped",
  );
  if (asksForDropped && attribute.name !== "members") return { is: "dropped" };
  return {
    is: "attribute",
    ref: { ...ref, ...(sub && { sub }) },
    filter: parseElementFilter(attribute, inner),
  };
};
