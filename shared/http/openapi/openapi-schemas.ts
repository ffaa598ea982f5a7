import * as z from "zod";
import { omit } from "../../common/objects.ts";

/** A JSON Schema, of which only the object form occurs here. */
export type JsonSchema = { [key: string]: unknown };

/** Schemas as JSON Schema: in place, or as a reference into `components` where they have an id. */
export type ConvertedSchemas = { of(schema: z.ZodType): JsonSchema; components: Record<string, JsonSchema> };

/**
 * Converts all schemas of a document at once, so that a name means the same everywhere. They are taken as inputs:
 * what has a default may be left out, and answers may carry more fields than they name.
 */
export const convertSchemas = (schemas: readonly z.ZodType[]): ConvertedSchemas => {
  const names = new Map([...new Set(schemas)].map((schema, at) => [schema, `schema${at}`]));
  const all = z.object(Object.fromEntries([...names].map(([schema, name]) => [name, schema])));
  const json = z.toJSONSchema(all, {
    target: "draft-2020-12",
    io: "input",
    override: ({ jsonSchema }) => {
      // Half a page of regular expression for what the format says.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  const { properties = {}, $defs = {} } = pointToComponents(json) as {
    properties?: Record<string, JsonSchema>;
    $defs?: Record<string, JsonSchema>;
  };
  const components = Object.entries($defs)
    .map(([name, schema]) => [componentName(name), omit(schema, "id")] as const)
    .toSorted(([one], [other]) => one.localeCompare(other, "en"));
  return {
    components: Object.fromEntries(components),
    of: (schema) => properties[names.get(schema) ?? ""] ?? {},
  };
};

/** zod numbers what has no id but refers to itself; the only such schema is that of any JSON value. */
const componentName = (name: string): string => (name.startsWith("__schema") ? "JsonValue" : name);

const pointToComponents = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(pointToComponents);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const target = key === "$ref" && /^#\/\$defs\/(.+)$/.exec(String(inner))?.[1];
      return [key, target ? `#/components/schemas/${componentName(target)}` : pointToComponents(inner)];
    }),
  );
};
