import * as fc from "fast-check";
import { type ScimPatchOperation, scimPatch } from "scim-patch";
import { expect, it } from "vitest";
import { enterpriseUrn } from "../../../shared/mapping/scim-user-schema.ts";
import { type JsonObject, type JsonValue, toJson } from "../../../shared/model/json.ts";
import { patchedUser } from "./patched.ts";

const word = fc.constantFrom("a", "b", "c");
const email = fc.record({
  value: word.map((name) => `${name}@example.com`),
  type: fc.constantFrom("work", "home", "other"),
});
const emails = fc.uniqueArray(email, { minLength: 1, maxLength: 3, selector: (one) => JSON.stringify(one) });
const text = fc.constantFrom(
  "title",
  "userType",
  "name.givenName",
  "name.familyName",
  `${enterpriseUrn}:department`,
);
const write = fc.constantFrom("add", "replace");
const selected = fc.constantFrom("work", "home", "other").map((type) => `emails[type eq "${type}"]`);

const operation: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ op: write, path: text, value: word }),
  fc.record({ op: write, value: fc.dictionary(text, word, { minKeys: 1 }) }),
  fc.record({ op: write, path: fc.constant("name"), value: fc.record({ givenName: word }) }),
  // All parts: without a path scim-patch drops those that are not named, where RFC 7644 §3.5.2.3 lets them stay.
  fc.record({ op: write, value: fc.record({ name: fc.record({ givenName: word, familyName: word }) }) }),
  fc.record({ op: write, path: fc.constant("emails"), value: emails }),
  fc.record({ op: write, value: fc.record({ emails }) }),
  fc.record({
    op: write,
    path: selected.map((path) => `${path}.value`),
    value: word.map((name) => `${name}@example.com`),
  }),
  fc.record({ op: fc.constant("remove"), path: fc.oneof(text, fc.constantFrom("emails", "name"), selected) }),
  fc.record({ op: fc.constant("remove"), path: fc.constant("emails"), value: emails }),
);

const user: fc.Arbitrary<JsonObject> = fc.record(
  {
    userName: fc.constant("ada@example.com"),
    active: fc.boolean(),
    title: word,
    name: fc.record({ givenName: word, familyName: word }),
    emails,
    [enterpriseUrn]: fc.record({ department: word, costCenter: word }),
  },
  { requiredKeys: ["userName", "active"] },
);

/** scim-patch refuses to remove from a list that is not there; here whoever is gone already has been removed. */
const patchedByOracle = (resource: JsonObject, operation: JsonObject): JsonObject => {
  const options = { mutateDocument: false, treatMissingAsAdd: true };
  const patched = () =>
    scimPatch(
      resource as never,
      [operation as unknown as ScimPatchOperation],
      options,
    ) as unknown as JsonObject;
  if (operation.op !== "remove") return patched();
  try {
    return patched();
  } catch {
    return resource;
  }
};

/** It leaves objects without parts and lists without values, and adds a value that is there already where no path is. */
const withoutKnownDifferences = (resource: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(resource).flatMap(([name, value]): [string, JsonValue][] => {
      if (Array.isArray(value)) {
        const distinct = [...new Map(value.map((one) => [sorted(one), one])).values()];
        return distinct.length > 0 ? [[name, distinct]] : [];
      }
      return typeof value === "object" && Object.keys(value ?? {}).length === 0 ? [] : [[name, value]];
    }),
  );

const sorted = (one: JsonValue): string => JSON.stringify(Object.entries(one ?? {}).sort());

it("gives what scim-patch gives, outside the known differences", () => {
  fc.assert(
    fc.property(user, fc.array(operation, { maxLength: 6 }), (before, made) => {
      // The oracle tells objects without a prototype from those with one.
      const operations = toJson(made) as JsonObject[];
      const expected = operations.reduce(patchedByOracle, structuredClone(before));
      expect(patchedUser(operations, before)).toEqual(withoutKnownDifferences(expected));
    }),
    { numRuns: 1000 },
  );
});
