import { shownName } from "../common/shown-name.ts";
import type { FieldError } from "../model/failure.ts";
import type { Overrides } from "../model/overrides.ts";
import { formatScimPath, parseTarget, shownAttribute, shownPath } from "./scim-path.ts";
import { findShape } from "./scim-user-schema.ts";
import { unknownAttribute } from "./unknown-attribute.ts";

/** Why no mapped attribute has this path; they are kept as `formatScimPath` writes them, lists as a whole. */
const pathRefusal = (text: string): string | undefined => {
  const target = parseTarget(text);
  if ("error" in target) return target.error;
  const { path } = target;
  const name = formatScimPath(path);
  if (path.type !== undefined) return `write ${shownAttribute(path)}: a list counts as a whole`;
  const unknown = unknownAttribute(path);
  if (unknown !== undefined) return unknown;
  return name.toLowerCase() === text.toLowerCase() ? undefined : `write ${shownPath(path)}`;
};

const listRefusal = (text: string): string | undefined => {
  const target = parseTarget(text);
  const isList =
    "path" in target && findShape(target.path.urn, target.path.attribute)?.kind === "multi-valued";
  const shown = "path" in target ? shownPath(target.path) : shownName(text);
  return pathRefusal(text) ?? (isList ? undefined : `${shown} is no list of values`);
};

const refusals = (
  field: keyof Overrides,
  paths: string[] | undefined,
  refusal: (path: string) => string | undefined,
): FieldError[] =>
  (paths ?? []).flatMap((text, index) => {
    const message = refusal(text);
    return message === undefined ? [] : [{ path: `overrides.${field}.${index}`, message }];
  });

/**
 * Every path of the overrides that no mapping could fill, so that each user would be refused for it, or that does not
 * name a list where one is meant; each with the path of its field, e.g. `overrides.requiredAttributes.0`.
 */
export const checkOverrides = ({ requiredAttributes, singleValued }: Overrides): FieldError[] => [
  ...refusals("requiredAttributes", requiredAttributes, pathRefusal),
  ...refusals("singleValued", singleValued, listRefusal),
];
