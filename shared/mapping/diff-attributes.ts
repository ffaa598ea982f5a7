import { isObject } from "../common/objects.ts";
import type { AttributeChange, Attributes } from "../model/attributes.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";

/** null, [], "" and an object without content are the same as no value (RFC 7643 §2.5). */
const isAbsent = (value: JsonValue | undefined): boolean => {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.values(value).every(isAbsent);
};

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/**
 * A text that is the same for values that mean the same: object keys sorted, absent ones left out, complex elements as
 * a set.
 */
const canonical = (value: JsonValue): string => {
  if (isObject(value)) {
    const present = Object.entries(value).filter(([, inner]) => !isAbsent(inner));
    return `{${present
      .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
      .sort(byCodeUnit)
      .join()}}`;
  }
  if (!Array.isArray(value)) return JSON.stringify(value);
  const present = value.filter((inner) => !isAbsent(inner));
  const texts = present.map(canonical);
  // Providers give complex elements back in any order; plain values keep theirs.
  return `[${(present.every(isObject) ? [...new Set(texts)].sort(byCodeUnit) : texts).join()}]`;
};

/** Own properties only: a path such as `constructor` is a legal attribute name. */
const at = (attributes: JsonObject, path: string): JsonValue | undefined => {
  const value = Object.hasOwn(attributes, path) ? attributes[path] : undefined;
  return isAbsent(value) ? undefined : value;
};

const change = (path: string, from: JsonValue | undefined, to: JsonValue | undefined): AttributeChange => ({
  path,
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
});

/**
 * The paths that differ between what was pushed last and what is wanted now, sorted by path; `to` is absent where an
 * attribute is cleared. Neither the order of keys nor that of complex elements is a difference.
 */
export const diffAttributes = (before: Attributes, after: Attributes): AttributeChange[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort(byCodeUnit)
    .map((path) => change(path, at(before, path), at(after, path)))
    .filter(({ from, to }) => {
      if (from === undefined || to === undefined) return from !== to;
      return canonical(from) !== canonical(to);
    });

const isCaseless = (path: string): boolean => path === "userName" || path === "emails.value";

/** Does the provider hold what we want at `path`? Sub-attributes and elements that we do not want may be there too. */
const holds = (remote: JsonValue | undefined, desired: JsonValue, path: string): boolean => {
  if (typeof desired === "boolean") {
    // No `primary` is the same as false (RFC 7643 §2.4); some providers say "True" and "False".
    if (remote === undefined) return !desired && path.endsWith(".primary");
    return remote === desired || (typeof remote === "string" && remote.toLowerCase() === String(desired));
  }
  if (Array.isArray(desired)) {
    return Array.isArray(remote) && desired.every((wanted) => remote.some((one) => holds(one, wanted, path)));
  }
  if (isObject(desired)) {
    const wanted = Object.entries(desired).filter(([, value]) => !isAbsent(value));
    // A label that the provider does not show cannot be corrected: strongDM shows e-mails without their type.
    const isUnlabelled = (sub: string) => sub === "type" && isObject(remote) && at(remote, sub) === undefined;
    return (
      isObject(remote) &&
      wanted.every(([sub, value]) => isUnlabelled(sub) || holds(at(remote, sub), value, `${path}.${sub}`))
    );
  }
  if (typeof desired === "string" && typeof remote === "string" && isCaseless(path)) {
    return desired.toLowerCase() === remote.toLowerCase();
  }
  return desired === remote;
};

/**
 * What adoption of an existing account has to change. Only wanted paths count, what the provider has beyond them
 * stays. `userName` (RFC 7643 §4.1.1: caseExact false) and e-mail addresses are compared without regard to case.
 */
export const diffAgainstRemote = (remote: Attributes, desired: Attributes): AttributeChange[] =>
  Object.keys(desired)
    .sort(byCodeUnit)
    .map((path) => change(path, at(remote, path), at(desired, path)))
    .filter(({ path, from, to }) => to !== undefined && !holds(from, to, path));

/**
 * Of a list that is shown, the elements that were to go and are still there: some providers merge what is to replace.
 */
export const keptElements = (
  { path, from, to = [] }: AttributeChange,
  shown: JsonValue | undefined,
): JsonObject[] => {
  if (!Array.isArray(from) || !Array.isArray(to) || !Array.isArray(shown)) return [];
  const isOneOf = (one: JsonValue, list: JsonValue[]) =>
    list.some((other) => !isAbsent(other) && holds(one, other, path));
  return shown.filter(isObject).filter((one) => isOneOf(one, from) && !isOneOf(one, to));
};
