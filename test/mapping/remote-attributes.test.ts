import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { remoteAttributes } from "../../shared/mapping/remote-attributes.ts";
import type { Attributes } from "../../shared/model/attributes.ts";
import type { JsonObject, JsonValue } from "../../shared/model/json.ts";
import { nest, userResource } from "../../shared/scim/messages/resource.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

describe("a remote resource is read", () => {
  test.each<[string, JsonObject, string, JsonValue | undefined]>([
    ["at the top", { title: "x" }, "title", "x"],
    ["in any case", { Name: { GIVENNAME: "Ada" } }, "name.givenName", "Ada"],
    [
      "under an extension's URN in any case",
      { [enterprise.toLowerCase()]: { Department: "R&D" } },
      `${enterprise}:department`,
      "R&D",
    ],
    ["under the core schema's URN", { title: "x" }, "urn:ietf:params:scim:schemas:core:2.0:User:title", "x"],
    ["flattened", { "name.givenName": "Ada", [`${enterprise}:department`]: "R&D" }, "name.givenName", "Ada"],
    ["flattened with its URN", { [`${enterprise}:department`]: "R&D" }, `${enterprise}:department`, "R&D"],
    [
      "a reference shown as a bare id",
      { [enterprise]: { manager: 26 } },
      `${enterprise}:manager.value`,
      "26",
    ],
    ["active as text", { active: "False" }, "active", false],
    ["a boolean", { active: false }, "active", false],
    ["an empty text", { title: "" }, "title", ""],
    ["null as absent", { title: null }, "title", undefined],
    ["[] as absent", { emails: [] }, "emails", undefined],
    ["{} as absent", { name: {} }, "name", undefined],
    ["what is not there", {}, `${enterprise}:manager.value`, undefined],
    ["a path into a list", { emails: [{ value: "a" }] }, "emails.value", undefined],
    ["nothing that is inherited", {}, "constructor", undefined],
  ])("%s", (_, resource, path, value) => {
    expect(remoteAttributes(resource, [path])).toEqual(value === undefined ? {} : { [path]: value });
  });
});

const name = fc.stringMatching(/^[a-z][A-Za-z0-9_-]{0,8}$/);
const value = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.boolean(),
  fc.integer(),
  fc.array(fc.record({ value: fc.string() }), { minLength: 1 }),
);
/** Any set of paths in which no attribute is both simple and complex, whatever its case. */
const attributes: fc.Arbitrary<Attributes> = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom("", `${enterprise}:`, "urn:example:scim:1.0:Thing:"),
      name,
      fc.option(name),
      value,
    ),
    {
      selector: ([urn, attribute]) => `${urn}${attribute}`.toLowerCase(),
      maxLength: 12,
    },
  )
  .map((rows) =>
    Object.fromEntries(
      rows
        .filter(([, attribute]) => !/^(active|schemas|urn)$/i.test(attribute))
        .map(([urn, attribute, sub, held]) => [`${urn}${attribute}${sub === null ? "" : `.${sub}`}`, held]),
    ),
  );

describe("nesting", () => {
  test("and reading back gives the same attributes", () => {
    fc.assert(
      fc.property(attributes, (given) => {
        expect(remoteAttributes(nest(given), Object.keys(given))).toEqual(given);
      }),
    );
  });

  test("survives JSON, with schemas that name each extension in use and no other", () => {
    fc.assert(
      fc.property(attributes, (given) => {
        const sent: JsonObject = JSON.parse(JSON.stringify(userResource(given)));
        expect(remoteAttributes(sent, Object.keys(given))).toEqual(given);
        const [core, ...extensions] = sent.schemas as string[];
        expect(core).toBe("urn:ietf:params:scim:schemas:core:2.0:User");
        expect(extensions.sort()).toEqual(
          Object.keys(sent)
            .filter((key) => key.startsWith("urn:"))
            .sort(),
        );
      }),
    );
  });
});
