import { isObject } from "../common/objects.ts";
import type { Attributes } from "../model/attributes.ts";
import { type DirectoryUser, directoryUserSchema, isActive } from "../model/directory.ts";
import type { AttributeMapping } from "../model/integration.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import { defaultMapping } from "./default-mapping.ts";
import { sourceKind, textOrAbsent } from "./directory-source.ts";
import { chosenValue, listedAddresses, listedPhoneNumbers } from "./listed-values.ts";
import { ownRows } from "./own-rows.ts";
import { readKey } from "./remote-attributes.ts";
import { formatAttribute } from "./scim-path.ts";
import { managerTarget } from "./sends-manager.ts";

/** What an account says of a person. */
export type Unmapped = {
  user: Partial<DirectoryUser>;
  /** The account of the manager. */
  managerRemoteId?: string;
  /** Properties for which the account has a value that the directory cannot hold. */
  leftOut: string[];
};

/** A source, and what the account holds where its row sends it to. */
type Read = { source: string; value: JsonValue | undefined };

/** The attributes of an account that `unmapAccount` looks at, and those that tell whose it is. */
export const accountPaths = (rows: readonly AttributeMapping[]): string[] => {
  const { further, elements } = ownRows(rows);
  const own = [...further.map(({ target }) => target), ...elements.map(({ path }) => formatAttribute(path))];
  return [...new Set([...defaultMapping.map(({ target }) => target), ...own])];
};

/**
 * The directory user whom a mapping of these rows would make this account of, as far as it can be said: constants and
 * templates say nothing, and where two rows have one source the first that has a value tells it. `shown` holds the account
 * by `accountPaths`.
 */
export const unmapAccount = (shown: Attributes, rows: readonly AttributeMapping[]): Unmapped => {
  const found: Record<string, JsonValue> = {};
  const custom = new Map<string, string>();
  const leftOut = new Set<string>();
  for (const { source, value } of readRows(shown, rows)) {
    const named = /^attributes\.(.+)$/s.exec(source)?.[1];
    const read = toProperty(source, value);
    if (read === undefined) continue;
    if (named !== undefined && typeof read === "string") custom.set(named, custom.get(named) ?? read);
    else if (found[source] === undefined) {
      if (isFitting(source, read)) found[source] = read;
      else leftOut.add(source);
    }
  }
  const attributes = [...custom].map(([name, value]) => ({ name, value }));
  if (isFitting("attributes", attributes)) found.attributes = attributes;
  else leftOut.add("attributes");
  if (attributes.length === 0) delete found.attributes;
  const user = found as Partial<DirectoryUser>;
  const manager = shown[managerTarget];
  return {
    user: { ...user, ...closedAs(shown, user) },
    ...(typeof manager === "string" && manager !== "" && { managerRemoteId: manager }),
    leftOut: [...leftOut].filter((property) => found[property] === undefined),
  };
};

const readRows = (shown: Attributes, rows: readonly AttributeMapping[]): Read[] => {
  const { replacements, further, elements } = ownRows(rows);
  const typesOf = (key: string) =>
    elements.flatMap(({ path }) => (formatAttribute(path) === key ? [path.type ?? ""] : []));
  const whole = (source: string, target: string): Read => {
    const value = shown[target];
    const isList = sourceKind(source) === "list";
    return { source, value: isList || !Array.isArray(value) ? value : chosenValue(value, typesOf(target)) };
  };
  const defaults = defaultMapping.flatMap((row): Read[] => {
    const own = replacements.get(row.target);
    if (own) return "source" in own ? [whole(own.source, row.target)] : [];
    if ("source" in row) return [whole(row.source, row.target)];
    return row.computed === "displayName" ? [whole("displayname", row.target)] : [];
  });
  const others = further.flatMap(({ target, row }) => ("source" in row ? [whole(row.source, target)] : []));
  const all = [...defaults, ...others];
  // An element may be of the list's own row. Where the source went to another attribute, too, that one tells.
  const empty = new Set(all.flatMap(({ source, value }) => (value === undefined ? [source] : [])));
  const parts = elements.flatMap(({ path: { type = "", sub = "", ...path }, row }): Read[] => {
    if (!("source" in row) || empty.has(row.source)) return [];
    const element = elementOf(shown[formatAttribute(path)], type);
    return [{ source: row.source, value: element && readKey(element, sub) }];
  });
  return [...all, ...parts];
};

const elementOf = (list: JsonValue | undefined, type: string): JsonObject | undefined =>
  (Array.isArray(list) ? list : [])
    .filter(isObject)
    .find((one) => String(readKey(one, "type")).toLowerCase() === type.toLowerCase());

/** Our ids are not read back, and neither is the manager, who is told by their account. */
const unread: ReadonlySet<string> = new Set(["userId", "manager"]);

const toProperty = (source: string, value: JsonValue | undefined): JsonValue | undefined => {
  if (unread.has(source)) return undefined;
  if (source === "phoneNumbers") return listedPhoneNumbers(value);
  if (source === "addresses") return listedAddresses(value);
  if (sourceKind(source) === "boolean") return typeof value === "boolean" ? value : undefined;
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? textOrAbsent(value) : undefined;
};

const fields: Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>> =
  directoryUserSchema.shape;

const isFitting = (property: string, value: JsonValue): boolean =>
  fields[property]?.safeParse(value).success ?? false;

/** An account that shows nothing of it counts as open. */
const closedAs = ({ active }: Attributes, user: Partial<DirectoryUser>): Partial<DirectoryUser> =>
  active === false && isActive(user as DirectoryUser) ? { suspended: true } : {};
