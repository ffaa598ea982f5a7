import fc from "fast-check";
import document from "../../../docs/openapi.json" with { type: "json" };

/** The part of JSON Schema that the document's inputs use. */
type Schema = {
  $ref?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  const?: unknown;
  enum?: unknown[];
  type?: string;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
};

/** Text that programs stumble over, none of it refused by a schema. */
const oddTexts = [
  "x",
  "é",
  "e\u0301",
  "👩‍👩‍👧",
  "𝕏",
  "Ω",
  "ﷺ",
  "\u00a0",
  "\u200d",
  "\ufffd",
  "'",
  '"',
  "\\",
  "<b>",
  "$(x)",
  "{firstname}",
  "%00",
  "__proto__",
  "constructor",
  "null",
  "0",
  "urn:ietf:params:scim:",
  "שלום",
];

const longest = (text: string, max: number): string =>
  text.repeat(Math.max(1, Math.floor(max / text.length)));

const samples: Record<string, string[]> = {
  email: ["a@b.co", `${"e".repeat(64)}@${"d".repeat(60)}.example.com`, "O'Hara+x_y-z@example.com"],
  uri: ["https://example.com", `https://example.com/${"p".repeat(2_000)}?q=%F0%9F%92%A5#f`],
  "date-time": ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"],
};

const textsOf = ({ format, pattern, minLength = 0, maxLength = 300 }: Schema): string[] => {
  const texts = samples[format ?? ""] ?? [
    ...oddTexts.flatMap((text) => [text, longest(text, maxLength)]),
    ...oddTexts.map((text) => text.repeat(Math.ceil(minLength / text.length) || 1)),
    ...(minLength === 0 ? [""] : []),
  ];
  const matches = new RegExp(pattern ?? "", "u");
  const fitting = texts.filter(
    (text) => text.length >= minLength && text.length <= maxLength && matches.test(text),
  );
  return fitting.length > 0 ? fitting : ["x"];
};

const deref = (schema: Schema): Schema => {
  if (schema.$ref === undefined) return schema;
  const path = schema.$ref.slice(2).split("/");
  return deref(path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document) as Schema);
};

/** Valid values of a schema at its ends: longest and shortest text, largest and smallest numbers, all fields or few. */
const extremesOf = (given: Schema): fc.Arbitrary<unknown> => {
  const schema = deref(given);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return fc.oneof(...branches.map(extremesOf));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === "string") return fc.constantFrom(...textsOf(schema));
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "null") return fc.constant(null);
  if (schema.type === "integer" || schema.type === "number")
    return fc.constantFrom(schema.minimum ?? 0, schema.maximum ?? Number.MAX_SAFE_INTEGER);
  if (schema.type === "array" && schema.items) {
    const max = Math.min(schema.maxItems ?? 30, 100);
    const items = extremesOf(schema.items);
    return fc.oneof(
      fc.array(items, { maxLength: 2 }),
      fc.array(items, { minLength: max, maxLength: max, size: "max" }),
    );
  }
  const fields = Object.entries(schema.properties ?? {});
  const all = Object.fromEntries(fields.map(([name, field]) => [name, extremesOf(field)]));
  const requiredKeys = schema.required ?? [];
  return fc.oneof(fc.record(all), fc.record(all, { requiredKeys }));
};

type Operation = { requestBody?: { content: Record<string, { schema: Schema }> } };

/** Every call that takes a body, as the OpenAPI document has it. */
export const callsWithBodies = Object.entries(
  document.paths as Record<string, Record<string, Operation>>,
).flatMap(([path, operations]) =>
  Object.entries(operations).flatMap(([method, { requestBody }]) => {
    const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
    return type && content
      ? [{ method: method.toUpperCase(), path, type, body: extremesOf(content.schema) }]
      : [];
  }),
);
