import { shownName } from "../common/shown-name.ts";
import { didYouMean } from "./closest-name.ts";
import { closestSource, sourceKind } from "./directory-source.ts";

/** A template in parts: literal text and the sources named between braces. */
type TemplatePart = { text: string } | { source: string };

/** Split `{firstname} {lastname}` into parts. Undefined where a brace has no partner, nests, or holds nothing. */
const parseTemplate = (template: string): TemplatePart[] | undefined => {
  if (!/^(?:[^{}]|\{[^{}]+\})*$/.test(template)) return undefined;
  return (template.match(/\{[^{}]+\}|[^{}]+/g) ?? []).map((part) =>
    part.startsWith("{") ? { source: part.slice(1, -1) } : { text: part },
  );
};

/** Why a template is refused; undefined where it is good. */
export const templateError = (template: string): string | undefined => {
  const parts = parseTemplate(template);
  if (parts === undefined) return "every { needs its }, with the name of a property between them";
  const sources = parts.flatMap((part) => ("source" in part ? [part.source] : []));
  if (sources.length === 0) return "has no {property}: for a fixed value use constant";
  const bad = sources.find((source) => [undefined, "list"].includes(sourceKind(source)));
  return bad === undefined
    ? undefined
    : `{${shownName(bad)}} is not a single-valued property of a directory user${hintFor(bad)}`;
};

const hintFor = (source: string): string => {
  const meant = sourceKind(source) === "list" ? undefined : closestSource(source);
  const isSingle = meant !== undefined && sourceKind(meant) !== "list";
  return isSingle ? didYouMean(`{${meant}}`) : "";
};

/**
 * Fill in a template. A source without a value is an empty part; blanks are collapsed and trimmed, so that a missing
 * middle name leaves no double space. Undefined where no source has a value: literal text alone says nothing.
 */
export const renderTemplate = (
  template: string,
  read: (source: string) => string | boolean | undefined,
): string | undefined => {
  const parts = parseTemplate(template) ?? [];
  const values = parts.map((part) => ("source" in part ? read(part.source) : undefined));
  if (values.every((value) => value === undefined)) return undefined;
  const filled = parts
    .map((part, index) => ("text" in part ? part.text : String(values[index] ?? "")))
    .join("");
  return filled.replace(/\s+/g, " ").trim() || undefined;
};
