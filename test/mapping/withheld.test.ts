import { expect, test } from "vitest";
import { checkMappings } from "../../shared/mapping/check-mappings.ts";
import { checkOverrides } from "../../shared/mapping/check-overrides.ts";

const secret = "s3cr3tTok9en";

test.each([
  secret,
  `title.${secret}`,
  `name.${secret}`,
  `emails.${secret}`,
  `emails[type eq "${secret}"].type`,
  `emails[type eq "${secret}"].vlaue`,
  `${secret}.value`,
  `urn:example:${secret}:User`,
  `urn:ietf:params:scim:api:${secret}:seat`,
])("a target of %s is refused, where it is, without being repeated", (target) => {
  const rows = [
    { target, source: secret },
    { target: target.toUpperCase(), source: secret },
    { target, template: `{${secret}}` },
    { target, constant: "x" },
  ];
  const errors = [
    ...checkMappings(rows),
    ...checkOverrides({ requiredAttributes: [target], singleValued: [target] }),
  ];
  expect(errors.length).toBeGreaterThan(4);
  expect(JSON.stringify(errors).toLowerCase()).not.toContain(secret.toLowerCase());
});

test.each(["userName", "externalId", "emails", 'emails[type eq "work"].value'])(
  "%s takes no constant, since it would be the same for all",
  (target) => {
    expect(checkMappings([{ target, constant: "x" }])).toMatchObject([
      { path: "attributeMappings.0.constant", message: expect.stringContaining("the same for all") },
    ]);
    expect(checkMappings([{ target, template: "no place" }])).toHaveLength(1);
  },
);
