import { isObject, omit } from "../common/objects.ts";
import type { Attributes } from "../model/attributes.ts";
import type { FieldError } from "../model/failure.ts";
import type { JsonValue } from "../model/json.ts";
import type { Profile } from "../model/profile.ts";

type Limits = Pick<Profile, "requiredAttributes" | "singleValued" | "omitPrimaryFalse">;

/**
 * The attributes as the service provider takes them: of a list of which it keeps one, the primary value, else the
 * first; no `primary: false` where that is refused. What is left out here is never sent, compared or remembered.
 * `missing` names each attribute without which the provider refuses a user.
 */
export const fitAttributes = (
  attributes: Attributes,
  { requiredAttributes, singleValued, omitPrimaryFalse }: Limits,
): { attributes: Attributes } | { missing: FieldError[] } => {
  const fitted = Object.fromEntries(
    Object.entries(attributes).map(([path, value]): [string, JsonValue] => {
      if (!Array.isArray(value)) return [path, value];
      const kept = isAmong(singleValued, path) ? onlyOne(value) : value;
      return [path, omitPrimaryFalse ? kept.map(withoutPrimaryFalse) : kept];
    }),
  );
  const given = Object.keys(fitted);
  const missing = requiredAttributes
    .filter((path) => !isAmong(given, path))
    .map((path) => ({
      path,
      message: `the service provider requires ${path}, and the mapping gives none`,
    }));
  return missing.length > 0 ? { missing } : { attributes: fitted };
};

/** Names are case-insensitive (RFC 7643 §2.1). */
const isAmong = (paths: readonly string[], path: string): boolean =>
  paths.some((one) => one.toLowerCase() === path.toLowerCase());

const onlyOne = (values: JsonValue[]): JsonValue[] => {
  const primary = values.find((value) => isObject(value) && value.primary === true);
  return primary === undefined ? values.slice(0, 1) : [primary];
};

const withoutPrimaryFalse = (value: JsonValue): JsonValue =>
  isObject(value) && value.primary === false ? omit(value, "primary") : value;
