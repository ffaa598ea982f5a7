import { expect, test } from "vitest";
import * as z from "zod";
import { functions } from "../../functions/index.ts";
import { parseInput } from "../../shared/http/input/read-input.ts";
import type { Failure } from "../../shared/model/failure.ts";

const messagesOf = (schema: z.ZodType, value: unknown): string[] => {
  try {
    parseInput(schema, value, "body");
    return [];
  } catch (error) {
    return (error as Failure).extras.errors?.map(({ message }) => message) ?? [];
  }
};

test.each<[string, z.ZodType, unknown, string]>([
  ["a text", z.string(), 7, "must be text"],
  ["a number", z.number(), "7", "must be a number"],
  ["a whole number", z.number().int(), 1.5, "must be a whole number"],
  ["a boolean", z.boolean(), "yes", "must be true or false"],
  ["a list", z.array(z.string()), {}, "must be a list"],
  ["an object", z.strictObject({}), [], "must be an object"],
  ["a record", z.record(z.string(), z.string()), [], "must be an object"],
  ["an empty text", z.string().min(1), "", "must not be empty"],
  ["an empty list", z.array(z.string()).min(1), [], "must not be empty"],
  ["a long text", z.string().max(2), "abc", "must have at most 2 characters"],
  ["a long list", z.array(z.string()).max(1), ["a", "b"], "must have at most 1 entries"],
  ["a small number", z.number().min(1), 0, "must be at least 1"],
  ["a large number", z.number().max(1), 2, "must be at most 1"],
  ["one of some", z.enum(["a", "b"]), "c", "takes one of a, b"],
  ["the only one", z.literal("a"), "c", "must be a"],
  ["an address", z.email(), "a", "is not an e-mail address"],
  ["a time", z.iso.datetime(), "a", "is not a time of RFC 3339, e.g. 2026-11-05T08:00:00Z"],
  ["its own words", z.string().regex(/^a/, "begin with a"), "b", "begin with a"],
])("what is wrong with %s is told in plain words", (_, schema, value, message) => {
  expect(messagesOf(schema, value)).toEqual([message]);
});

/** What no schema takes, in every field that one has. */
const wrong = [undefined, null, true, "", "\u0000", "x".repeat(20_000), -1, 1e300, 1.5, [], [[]], {}, [{}]];
const fieldsOf = (schema: z.ZodType): string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];

test("no call answers a bad field in zod's words", () => {
  const schemas = functions.flatMap(({ endpoint: { body, query, params } }) => [body, query, params]);
  const told = schemas.flatMap((schema) =>
    schema === undefined
      ? []
      : wrong.flatMap((value) => [
          ...messagesOf(schema, value),
          ...fieldsOf(schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema).flatMap(
            (name) => [
              ...messagesOf(schema, { [name]: value }),
              ...messagesOf(schema, { [name]: [value] }),
              ...messagesOf(schema, { [name]: { a: value, type: "bearer", clientSecret: value } }),
            ],
          ),
        ]),
  );
  expect(told.length).toBeGreaterThan(500);
  expect(
    told.filter((message) =>
      /Invalid|Too (small|big)|expected|received|is not valid|form that/.test(message),
    ),
  ).toEqual([]);
});
