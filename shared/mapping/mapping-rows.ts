import { isObject } from "../common/objects.ts";
import type { Attributes } from "../model/attributes.ts";
import type { AttributeMapping } from "../model/integration.ts";
import type { JsonValue } from "../model/json.ts";
import type { Profile } from "../model/profile.ts";
import type { MappingRow } from "../model/views.ts";
import { type DefaultRow, defaultMapping } from "./default-mapping.ts";
import { fitAttributes } from "./fit-attributes.ts";
import { emptiness, mapPartly, type Subject } from "./map-user.ts";
import { ownRows } from "./own-rows.ts";
import { formatAttribute, parseScimPath } from "./scim-path.ts";

type Limits = Pick<Profile, "requiredAttributes" | "singleValued" | "omitPrimaryFalse">;

const computed = {
  displayName: { source: "displayname", note: "else firstname and lastname" },
  active: { source: "state", note: "neither suspended nor staged, and the password has not expired" },
  managerRemoteId: { source: "manager", note: "the id of the manager's account, once there is one" },
};

const madeOf = (row: DefaultRow) => ("computed" in row ? computed[row.computed] : { source: row.source });

const contentOf = (row: AttributeMapping): Pick<MappingRow, "source" | "constant" | "template"> => {
  if ("source" in row) return { source: row.source };
  if ("constant" in row) return { constant: row.constant };
  return "template" in row ? { template: row.template } : {};
};

/** `name.givenName` reads `Name: given name`; of a URN the attribute alone is told. */
const labelOf = (target: string): string => {
  const { attribute = target, type, sub } = parseScimPath(target) ?? {};
  const words = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  const label = `${words(attribute)}${type ? ` (${type})` : ""}${sub ? `: ${words(sub)}` : ""}`;
  return label.charAt(0).toUpperCase() + label.slice(1);
};

/**
 * What an integration sends and what it is made of: the default rows, each as it is or replaced, then its own. With
 * `subject` each row has the user's `value` as it is sent, or the `reason` why there is none.
 */
export const mappingRows = (
  rows: readonly AttributeMapping[],
  limits: Limits,
  subject?: Subject,
): MappingRow[] => {
  const { replacements, further, elements } = ownRows(rows);
  const values = subject && valuesOf(subject, rows, limits);
  const isRequired = (target: string) =>
    limits.requiredAttributes.some((one) => one.toLowerCase() === target.toLowerCase());
  const told = (target: string, why: string) => (values ? values(target, why) : {});
  const defaults = defaultMapping.map((row): MappingRow => {
    const { target } = row;
    const own = replacements.get(target);
    const about = { target, label: labelOf(target), required: row.required || isRequired(target) };
    if (own && "exclude" in own) return { ...about, ...madeOf(row), origin: "integration", excluded: true };
    const content = own ? contentOf(own) : madeOf(row);
    return {
      ...about,
      ...content,
      origin: own ? "integration" : "default",
      ...told(target, emptiness(row, own)),
    };
  });
  const others = [...further, ...elements].map(
    ({ target, row }): MappingRow => ({
      target,
      label: labelOf(target),
      ...contentOf(row),
      required: isRequired(target),
      origin: "integration",
      ...told(target, emptiness(undefined, row)),
    }),
  );
  return [...defaults, ...others];
};

/** The value of a target, or why it has none. */
const valuesOf = (subject: Subject, rows: readonly AttributeMapping[], limits: Limits) => {
  const { attributes, missing } = mapPartly(subject, rows);
  const fitted = fitAttributes(attributes, { ...limits, requiredAttributes: [] });
  const sent = "attributes" in fitted ? fitted.attributes : {};
  const reasonOf = (target: string): string | undefined =>
    missing.find(({ path }) => path === target || path.startsWith("attributeMappings."))?.message;
  return (target: string, why: string): { value: JsonValue } | { reason: string } => {
    const value = valueAt(sent, target);
    return value === undefined ? { reason: reasonOf(target) ?? why } : { value };
  };
};

/** Of `phoneNumbers[type eq "work"].value` what the list's element of this type holds there. */
const valueAt = (attributes: Attributes, target: string): JsonValue | undefined => {
  const path = parseScimPath(target);
  if (path?.type === undefined || path.sub === undefined) return attributes[target];
  const list = attributes[formatAttribute(path)];
  const elements = Array.isArray(list) ? list.filter(isObject) : [];
  const type = path.type.toLowerCase();
  return elements.find((one) => String(one.type).toLowerCase() === type)?.[path.sub];
};
