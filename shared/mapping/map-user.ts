import { isObject } from "../common/objects.ts";
import type { Attributes } from "../model/attributes.ts";
import { type DirectoryUser, isActive } from "../model/directory.ts";
import type { FieldError } from "../model/failure.ts";
import type { AttributeMapping } from "../model/integration.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import { type Computed, type DefaultRow, defaultMapping } from "./default-mapping.ts";
import { readSource, textOrAbsent } from "./directory-source.ts";
import { addressesOf, distinct, listOf, phoneNumbersOf, withElement } from "./multi-valued.ts";
import { type OwnRow, ownRows } from "./own-rows.ts";
import { formatAttribute, type ScimPath } from "./scim-path.ts";
import { enterpriseUrn, findShape } from "./scim-user-schema.ts";
import { renderTemplate } from "./template.ts";

/** The user that a mapping is made for. */
export type Subject = { user: DirectoryUser; userId: string; managerRemoteId: string | undefined };
const displayName = ({ user }: Subject): string | undefined =>
  textOrAbsent(user.displayname) ??
  textOrAbsent([user.firstname, user.lastname].map((name) => name?.trim() ?? "").join(" "));

const computers: Record<Computed, (subject: Subject) => JsonValue | undefined> = {
  displayName,
  active: ({ user }) => isActive(user),
  managerRemoteId: ({ managerRemoteId }) => textOrAbsent(managerRemoteId),
};

const readFor = (subject: Subject, target: string, source: string): JsonValue | undefined => {
  if (source === "phoneNumbers") return phoneNumbersOf(subject.user);
  if (source === "addresses") return addressesOf(subject.user);
  // This target takes the provider's own id of the manager (RFC 7643 §4.3), not ours.
  if (source === "manager" && target === `${enterpriseUrn}:manager.value`) {
    return textOrAbsent(subject.managerRemoteId);
  }
  return readSource(subject.user, subject.userId, source);
};

const ownValue = (subject: Subject, target: string, row: AttributeMapping): JsonValue | undefined => {
  if ("source" in row) return readFor(subject, target, row.source);
  if ("constant" in row) return typeof row.constant === "string" ? textOrAbsent(row.constant) : row.constant;
  if ("exclude" in row) return undefined;
  return renderTemplate(row.template, (source) => readSource(subject.user, subject.userId, source));
};

const lowerCased = (value: JsonValue): JsonValue => (typeof value === "string" ? value.toLowerCase() : value);

/** The value in the shape of its attribute; undefined where there is nothing to send. */
const shaped = (path: ScimPath, value: JsonValue | undefined): JsonValue | undefined => {
  if (value === undefined || Array.isArray(value)) return value?.length === 0 ? undefined : value;
  if (findShape(path.urn, path.attribute)?.kind !== "multi-valued") return value;
  return listOf(path.attribute, path.attribute === "emails" ? lowerCased(value) : value);
};

const defaultValue = (subject: Subject, row: DefaultRow): JsonValue | undefined =>
  "computed" in row ? computers[row.computed](subject) : readFor(subject, row.target, row.source);

/** Why a row gives no value: the integration's own where there is one, else the default. */
export const emptiness = (row: DefaultRow | undefined, own: AttributeMapping | undefined): string => {
  if (own !== undefined && "source" in own) return `its source ${own.source} is empty`;
  if (own !== undefined && "template" in own) return `its template ${own.template} comes out empty`;
  if (row === undefined) return "it gives no value";
  if ("computed" in row && row.computed === "managerRemoteId")
    return "the user has no manager, or the manager has no account there yet";
  return "source" in row
    ? `its source ${row.source} is empty`
    : "displayname, firstname and lastname are empty";
};

const listAt = (attributes: Map<string, JsonValue>, key: string): JsonObject[] => {
  const list = attributes.get(key);
  return Array.isArray(list) ? list.filter(isObject) : [];
};

/**
 * Applies rows of the form `attribute[type eq "…"].sub`, which add an element to a list or change one that is there.
 */
const addElements = (attributes: Map<string, JsonValue>, subject: Subject, rows: OwnRow[]): void => {
  for (const { path, target, row } of rows) {
    const value = ownValue(subject, target, row);
    if (path.type === undefined || path.sub === undefined || value === undefined) continue;
    const key = formatAttribute(path);
    const sent = key === "emails" && path.sub === "value" ? lowerCased(value) : value;
    const list = distinct(withElement(listAt(attributes, key), path.type, path.sub, sent));
    if (list.length > 0) attributes.set(key, list);
  }
};

/** As far as they can be made; `missing` as for `mapUser`. */
export const mapPartly = (
  subject: Subject,
  rows: readonly AttributeMapping[],
): { attributes: Attributes; missing: FieldError[] } => {
  const { refused, replacements, further, elements } = ownRows(rows);
  if (refused.length > 0) return { attributes: {}, missing: refused };
  const attributes = new Map<string, JsonValue>();
  const missing: FieldError[] = [];

  for (const row of defaultMapping) {
    const own = replacements.get(row.target);
    const value = own === undefined ? defaultValue(subject, row) : ownValue(subject, row.target, own);
    // displayName is always sent: one that comes out empty falls back to the person's name.
    const sent = value ?? (row.target === "displayName" ? displayName(subject) : undefined);
    const result = shaped(row.path, sent);
    if (result !== undefined) attributes.set(row.target, result);
    else if (row.required) {
      missing.push({
        path: row.target,
        message: `${row.target} is required, but ${emptiness(row, own)}`,
      });
    }
  }
  for (const { path, target, row } of further) {
    const value = shaped(path, ownValue(subject, target, row));
    if (value !== undefined) attributes.set(target, value);
  }
  addElements(attributes, subject, elements);
  return { attributes: Object.fromEntries(attributes), missing };
};

/**
 * The SCIM attributes of a directory user: the default mapping with an integration's rows over it. What is blank is
 * absent (RFC 7643 §2.5). The same input gives the same JSON text: default targets first, then others by path.
 * `missing` names each required target that ends empty, or what is wrong with the rows.
 */
export const mapUser = (
  user: DirectoryUser,
  userId: string,
  rows: AttributeMapping[],
  context: { managerRemoteId?: string },
): { attributes: Attributes } | { missing: FieldError[] } => {
  const { attributes, missing } = mapPartly({ user, userId, managerRemoteId: context.managerRemoteId }, rows);
  return missing.length > 0 ? { missing } : { attributes };
};
