import { shownName } from "../common/shown-name.ts";
import type { FieldError } from "../model/failure.ts";
import type { AttributeMapping } from "../model/integration.ts";
import { didYouMean } from "./closest-name.ts";
import { defaultMapping } from "./default-mapping.ts";
import { closestSource, sourceKind } from "./directory-source.ts";
import {
  formatAttribute,
  formatScimPath,
  parseTarget,
  type ScimPath,
  shownAttribute,
  shownPath,
} from "./scim-path.ts";
import { findShape } from "./scim-user-schema.ts";
import { templateError } from "./template.ts";
import { unknownAttribute } from "./unknown-attribute.ts";

type Refusal = { field: string; message: string };
type Target = ReturnType<typeof parseTarget>;

const excludeRefusal = (path: ScimPath): Refusal[] => {
  const row = defaultMapping.find(({ target }) => target === formatScimPath(path));
  if (row === undefined) {
    return [{ field: "exclude", message: "nothing to exclude: no default row has this target" }];
  }
  return row.required
    ? [{ field: "exclude", message: `${row.target} is required and cannot be excluded` }]
    : [];
};

/**
 * What the attribute takes: an element's `primary` is a boolean, an attribute that the RFC does not know takes
 * anything.
 */
const valueKind = (path: ScimPath): "text" | "primary" | "any" => {
  if (path.type !== undefined && path.sub === "primary") return "primary";
  return findShape(path.urn, path.attribute) === undefined ? "any" : "text";
};

const sourceRefusal = (path: ScimPath | undefined, source: string): string | undefined => {
  const kind = sourceKind(source);
  if (kind === undefined) {
    const hint = didYouMean(closestSource(source)) || "; for a custom one write attributes.NAME";
    return `${shownName(source)} is not a property of a directory user${hint}`;
  }
  if (path === undefined) return undefined;
  if (kind === "list") {
    return formatScimPath(path) === source ? undefined : `${source} goes to the target ${source} alone`;
  }
  if (valueKind(path) === "primary") return "primary takes a constant";
  return kind === "boolean" && valueKind(path) === "text"
    ? `${source} is true or false; the target takes text`
    : undefined;
};

/** All users would share one account, or one address, and the second one would be refused. */
const identifying: ReadonlySet<string> = new Set(["userName", "externalId", "emails"]);

const isIdentifying = (path: ScimPath): boolean =>
  identifying.has(formatAttribute(path)) && (path.sub === undefined || path.sub === "value");

const constantRefusal = (
  path: ScimPath | undefined,
  constant: string | boolean | number,
): string | undefined => {
  if (typeof constant === "string" && constant.trim() === "") {
    return "must not be empty; to send nothing, use exclude";
  }
  if (path === undefined) return undefined;
  if (isIdentifying(path)) {
    return `${formatAttribute(path)} identifies a user: a constant would be the same for all`;
  }
  if (valueKind(path) === "primary") {
    return typeof constant === "boolean" ? undefined : "primary takes true or false";
  }
  return valueKind(path) === "text" && typeof constant !== "string" ? "the target takes text" : undefined;
};

const refusal = (field: string, message: string | undefined): Refusal[] =>
  message === undefined ? [] : [{ field, message }];

const valueRefusals = (row: AttributeMapping, path: ScimPath | undefined): Refusal[] => {
  if ("exclude" in row) return path === undefined ? [] : excludeRefusal(path);
  // Deprovisioning depends on it: a mapping could keep a leaver's account open.
  if (path?.urn === undefined && path?.attribute === "active") {
    return refusal("target", "active cannot be mapped: deprovisioning depends on it");
  }
  const lacksValue =
    path !== undefined &&
    formatScimPath(path) === "addresses" &&
    !("source" in row && sourceKind(row.source) === "list");
  if (lacksValue) {
    return refusal("target", 'an address has no value: write addresses[type eq "work"].formatted');
  }
  if ("source" in row) return refusal("source", sourceRefusal(path, row.source));
  if ("constant" in row) return refusal("constant", constantRefusal(path, row.constant));
  if (path !== undefined && valueKind(path) === "primary") {
    return refusal("template", "primary takes a constant");
  }
  return refusal("template", templateError(row.template));
};

const form = (path: ScimPath): "whole" | "part" | "element" => {
  if (path.type !== undefined) return "element";
  return path.sub === undefined ? "whole" : "part";
};

/** Why two targets of the same attribute cannot stand together. An element beside the whole adds to its list. */
const clash = (path: ScimPath, other: ScimPath): string | undefined => {
  if (formatScimPath(path).toLowerCase() === formatScimPath(other).toLowerCase()) {
    return "has this target too";
  }
  if (formatAttribute(path) !== formatAttribute(other)) {
    return `spells it ${shownAttribute(other)}: names are case-insensitive`;
  }
  const isList = findShape(path.urn, path.attribute)?.kind === "multi-valued";
  if (isList || form(path) === form(other)) return undefined;
  return `clashes: ${shownPath(path)} and ${shownPath(other)} cannot both be set`;
};

const clashes = (targets: Target[], index: number, path: ScimPath): Refusal[] => {
  const attribute = formatAttribute(path).toLowerCase();
  for (const [earlier, target] of targets.slice(0, index).entries()) {
    if ("error" in target || formatAttribute(target.path).toLowerCase() !== attribute) continue;
    const message = clash(path, target.path);
    if (message !== undefined) return [{ field: "target", message: `row ${earlier} ${message}` }];
  }
  return [];
};

/**
 * At most one element of an attribute is primary (RFC 7643 §2.4); a row that makes one primary takes it from the
 * others.
 */
const primaries = (rows: readonly AttributeMapping[], targets: Target[], index: number): Refusal[] => {
  const makesPrimary = (at: number, path: ScimPath) => {
    const row = rows[at];
    return valueKind(path) === "primary" && row !== undefined && "constant" in row && row.constant === true;
  };
  const target = targets[index];
  if (target === undefined || "error" in target || !makesPrimary(index, target.path)) return [];
  const rival = targets
    .slice(0, index)
    .findIndex(
      (other, at) =>
        "path" in other &&
        formatAttribute(other.path) === formatAttribute(target.path) &&
        makesPrimary(at, other.path),
    );
  return rival === -1 ? [] : [{ field: "constant", message: `row ${rival} makes another element primary` }];
};

/**
 * Every reason why a caller's rows are refused: those of `mappingErrors`, and targets that are no attribute of a user.
 */
export const checkMappings = (rows: readonly AttributeMapping[]): FieldError[] => [
  ...mappingErrors(rows),
  ...rows.flatMap((row, index) => {
    const target = parseTarget(row.target);
    // To exclude what is no default target is refused already.
    const message = "error" in target || "exclude" in row ? undefined : unknownAttribute(target.path);
    return message === undefined ? [] : [{ path: `attributeMappings.${index}.target`, message }];
  }),
];

/**
 * Every reason why the rows of an integration cannot be used, each with the path of its field, e.g.
 * `attributeMappings.2.target`. Empty where all are good. A row for a default target replaces the default row.
 * Attributes that the RFC does not know pass: rows that are saved may have them, and are sent as they are.
 */
export const mappingErrors = (rows: readonly AttributeMapping[]): FieldError[] => {
  const targets = rows.map((row) => parseTarget(row.target));
  return rows.flatMap((row, index) => {
    const target = targets[index] ?? parseTarget(row.target);
    const refusals =
      "error" in target
        ? [...refusal("target", target.error), ...valueRefusals(row, undefined)]
        : [
            ...valueRefusals(row, target.path),
            ...clashes(targets, index, target.path),
            ...primaries(rows, targets, index),
          ];
    return refusals.map(({ field, message }) => ({ path: `attributeMappings.${index}.${field}`, message }));
  });
};
