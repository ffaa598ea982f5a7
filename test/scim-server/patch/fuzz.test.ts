import * as fc from "fast-check";
import { expect, it } from "vitest";
import { enterpriseUrn } from "../../../shared/mapping/scim-user-schema.ts";
import type { JsonValue } from "../../../shared/model/json.ts";
import { readCreation } from "../../../shared/scim-server/resources/read-resource.ts";
import { userType } from "../../../shared/scim-server/schemas/resource-types.ts";
import { refusalOf } from "../refusal.ts";
import { sampleAttributes } from "../sample-user.ts";
import { patchedGroup, patchedUser } from "./patched.ts";

const names = [
  "title",
  "active",
  "name",
  "emails",
  "members",
  "id",
  "meta",
  "schemas",
  "password",
  "roles",
  "__proto__",
];
const path = fc.oneof(
  fc.constantFrom(
    ...names,
    ...[
      'emails[type eq "work"]',
      'emails[type eq "fax"].value',
      'members[value eq "a"]',
      "name.givenName",
      "displayName",
    ],
    ...[
      enterpriseUrn,
      `${enterpriseUrn}:manager`,
      `${enterpriseUrn}:department`,
      "emails.value",
      "constructor",
    ],
  ),
  fc.string({ maxLength: 20 }),
  fc
    .array(
      fc.constantFrom("emails", "[", "]", ".", "type", " eq ", '"work"', "value", "urn:", ":", '"', "(", ")"),
      {
        maxLength: 10,
      },
    )
    .map((all) => all.join("")),
);
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom("True", "", "a@example.com", null, [], {}),
  fc.array(
    fc.record({ value: fc.constantFrom("a@example.com", "b@example.com", ""), type: fc.constant("work") }),
  ),
  fc.dictionary(path, fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("x", true, "False"))),
);
const operation = fc.oneof(
  fc.record({ op: fc.constantFrom("add", "Replace", "REMOVE"), path, value }, { requiredKeys: ["op"] }),
  fc.jsonValue({ maxDepth: 2 }),
);

it("answers any operation by a resource that could be made as it is, or by a SCIM error, and leaves the old one", () => {
  const before = structuredClone(sampleAttributes);
  let carriedOut = 0;
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 4 }), (made) => {
      const operations = JSON.parse(JSON.stringify(made)) as JsonValue[];
      refusalOf(() => patchedGroup(operations));
      refusalOf(() => {
        const after = patchedUser(operations);
        carriedOut += 1;
        expect(readCreation(userType, after).attributes).toEqual(after);
      });
      expect(sampleAttributes).toEqual(before);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
  expect(carriedOut).toBeGreaterThan(200);
});

it("takes no longer for paths that are made to be slow", () => {
  const paths = [
    `emails${"[".repeat(4000)}`,
    `emails[${"(".repeat(4000)}]`,
    "a.".repeat(2000),
    "urn:a:".padEnd(4000, "a:"),
  ];
  const began = performance.now();
  for (const slow of [
    ...paths,
    `emails${'[type eq "x"]'.repeat(300)}`,
    `emails[type eq "${"\\".repeat(3000)}`,
  ])
    for (const op of ["add", "remove"]) refusalOf(() => patchedUser([{ op, path: slow, value: "x" }]));
  expect(performance.now() - began).toBeLessThan(500);
});
