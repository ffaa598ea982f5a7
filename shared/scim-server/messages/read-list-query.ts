import type { JsonObject, JsonValue } from "../../model/json.ts";
import { badRequest } from "../errors/scim-error.ts";
import type { Filter } from "../filter/filter.ts";
import { parseFilter } from "../filter/parse-filter.ts";
import { fieldsOf } from "../resources/fields.ts";
import type { ResourceType } from "../schemas/resource-types.ts";
import { pageSizes } from "./page-sizes.ts";
import type { Projection } from "./projection.ts";

/** Which part of the list: from a place counted from 1, or after a cursor, "" being its beginning (RFC 9865). */
export type PageQuery = { count: number } & ({ startIndex: number } | { cursor: string });

/** What a GET of a collection or a `/.search` asks for. */
export type ListQuery = { filter?: Filter; page: PageQuery; projection: Projection };

/**
 * Read the parameters of a query, or the body of a `/.search`, which has the same ones by the same names. `sortBy` is
 * ignored (RFC 7644 §3.4.2.3), as is what nobody knows.
 *
 * @throws ScimError `invalidFilter`, `invalidValue`, `invalidCursor` or `invalidCount`
 */
export const readListQuery = (type: ResourceType, parameters: JsonObject): ListQuery => {
  const fields = fieldsOf(parameters);
  const filter = readTextOf(fields, "filter");
  return {
    ...(filter !== undefined && filter.trim() !== "" && { filter: parseFilter(type, filter) }),
    page: readPage(fields),
    projection: readProjectionOf(fields),
  };
};

/** `attributes` and `excludedAttributes` of any request that is answered by a resource. Throws ScimError `invalidValue`. */
export const readProjection = (parameters: JsonObject): Projection => readProjectionOf(fieldsOf(parameters));

type Fields = Map<string, JsonValue>;

const readPage = (fields: Fields): PageQuery => {
  const cursor = fields.get("cursor");
  if (cursor === undefined || cursor === null)
    return { startIndex: Math.max(1, readInteger(fields, "startIndex") ?? 1), count: readCount(fields) };
  if (typeof cursor !== "string") throw badRequest("invalidCursor", "The cursor has to be a text.");
  return { cursor, count: readCount(fields, "invalidCount") };
};

/** Negative is none (RFC 7644 §3.4.2.4), and too many are as many as there may be. */
const readCount = (fields: Fields, scimType?: "invalidCount"): number => {
  const count = readInteger(fields, "count", scimType) ?? pageSizes.default;
  return Math.min(Math.max(0, count), pageSizes.max);
};

const readInteger = (
  fields: Fields,
  name: string,
  scimType: "invalidValue" | "invalidCount" = "invalidValue",
): number | undefined => {
  const value = fields.get(name.toLowerCase());
  if (value === undefined || value === null || value === "") return undefined;
  const number = typeof value === "string" && /^-?\d{1,30}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number))
    return Math.min(number, Number.MAX_SAFE_INTEGER);
  throw badRequest(scimType, `${name} has to be a whole number.`);
};

const readTextOf = (fields: Fields, name: string): string | undefined => {
  const value = fields.get(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw badRequest("invalidFilter", `The ${name} has to be a text.`);
};

const readProjectionOf = (fields: Fields): Projection => {
  const attributes = readNames(fields, "attributes");
  const excludedAttributes = readNames(fields, "excludedAttributes");
  return { ...(attributes && { attributes }), ...(excludedAttributes && { excludedAttributes }) };
};

const maxNames = 200;

/** Names in a list, or between commas; undefined where there are none. */
const readNames = (fields: Fields, name: string): string[] | undefined => {
  const value = fields.get(name.toLowerCase()) ?? [];
  const list = typeof value === "string" ? value.split(",") : value;
  if (!Array.isArray(list) || !list.every((one) => typeof one === "string"))
    throw badRequest("invalidValue", `${name} has to be a list of names.`);
  if (list.length > maxNames) throw badRequest("invalidValue", `${name} has more than ${maxNames} names.`);
  const names = list.map((one) => one.trim()).filter((one) => one !== "");
  return names.length > 0 ? names : undefined;
};
