import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Overrides, overridesSchema } from "../../../shared/model/overrides.ts";
import { type Capabilities, type Profile, profileNames } from "../../../shared/model/profile.ts";
import { effectiveProfile, profileOf } from "../../../shared/scim/profiles/effective-profile.ts";
import { profiles } from "../../../shared/scim/profiles/profiles.ts";

const profile = fc.constantFrom(...profileNames).map((name) => profiles[name]);
const discovered: fc.Arbitrary<Capabilities> = fc.record(
  {
    groups: fc.boolean(),
    patch: fc.boolean(),
    filter: fc.boolean(),
    etag: fc.boolean(),
    maxResults: fc.integer({ min: -1, max: 5000 }),
    paging: fc.constantFrom("index" as const, "cursor" as const),
  },
  { requiredKeys: ["groups", "patch", "filter"] },
);
const overrides: fc.Arbitrary<Overrides> = fc.record(
  {
    userAgent: fc.constantFrom("Acme/1", "Acme SCIM/2.0"),
    contentType: fc.constantFrom("application/json" as const, "application/scim+json" as const),
    updates: fc.constantFrom("patch" as const, "put" as const),
    etag: fc.boolean(),
    maxMembersPerOperation: fc.integer({ min: 1, max: 10_000 }),
    groups: fc.constantFrom("full" as const, "members-only" as const, "none" as const),
    deactivate: fc.constantFrom("suspends" as const, "destroys" as const),
    singleValued: fc.array(fc.constantFrom("emails", "addresses")),
    paging: fc.record({
      style: fc.constantFrom("index" as const, "cursor" as const, "none" as const),
      maxCount: fc.integer({ min: 1, max: 10_000 }),
    }),
    rateLimit: fc.record({ perSecond: fc.constantFrom(0.5, 25), burst: fc.integer({ min: 1, max: 100 }) }),
  },
  { requiredKeys: [] },
);

/** Everything but what the admin is told. */
const behaviour = ({ warnings: _, ...rest }: Profile): object => rest;

describe("the profile in effect", () => {
  test("is the profile itself where nothing else is known", () => {
    fc.assert(
      fc.property(profile, (one) => {
        expect(behaviour(effectiveProfile(one, undefined, undefined))).toEqual(behaviour(one));
        expect(behaviour(effectiveProfile(one, undefined, {}))).toEqual(behaviour(one));
      }),
    );
  });

  test("has every override, whatever was discovered, and nothing else from them", () => {
    fc.assert(
      fc.property(profile, discovered, overrides, (one, said, own) => {
        const effective = effectiveProfile(one, said, own);
        expect(effective).toMatchObject(own);
        const without = behaviour(effectiveProfile(one, said, undefined));
        expect({
          ...behaviour(effective),
          ...Object.fromEntries(Object.keys(own).map((key) => [key, 0])),
        }).toEqual({
          ...without,
          ...Object.fromEntries(Object.keys(own).map((key) => [key, 0])),
        });
      }),
    );
  });

  test("is changed by discovery in updates, etag and paging alone, and never asks for more than the profile", () => {
    fc.assert(
      fc.property(profile, discovered, (one, said) => {
        const { updates, etag, paging, ...rest } = behaviour(effectiveProfile(one, said, {})) as Profile;
        const { updates: _, etag: __, paging: own, ...others } = behaviour(one) as Profile;
        expect(rest).toEqual(others);
        expect(updates).toBe(said.patch ? one.updates : "put");
        expect(etag).toBe(said.etag === true || one.etag);
        expect(paging.maxCount).toBeLessThanOrEqual(own.maxCount);
        expect(paging.maxCount).toBeGreaterThan(0);
      }),
    );
  });

  test("depends on nothing but what it is given, and changes none of it", () => {
    fc.assert(
      fc.property(profile, discovered, overrides, (one, said, own) => {
        const before = JSON.stringify([one, said, own]);
        expect(effectiveProfile(one, said, own)).toEqual(effectiveProfile(one, said, own));
        expect(JSON.stringify([one, said, own])).toBe(before);
      }),
    );
  });

  test("warns where deactivating destroys, whoever says so", () => {
    const warning = expect.stringContaining("takes the account away for good");
    expect(profileOf({ profile: "gitlab" }).warnings).toContainEqual(warning);
    expect(profileOf({ profile: "generic" }).warnings).toEqual([]);
    expect(profileOf({ profile: "generic", overrides: { deactivate: "destroys" } }).warnings).toEqual([
      warning,
    ]);
  });
});

describe("every profile", () => {
  test.each(profileNames)("%s says only what an override could say", (name) => {
    const { name: own, title, baseUrl, regions, baseUrlShape, warnings, ...fields } = profiles[name];
    expect(overridesSchema.safeParse(fields)).toMatchObject({ success: true });
    expect(own).toBe(name);
    expect(title).not.toBe("");
    if (baseUrl && baseUrlShape) expect(baseUrl).toMatch(new RegExp(baseUrlShape.pattern));
    expect(warnings.filter((warning) => !warning.endsWith("."))).toEqual([]);
  });

  test.each([
    ["aws-identity-center", "https://scim.us-east-1.amazonaws.com/AbCdEf/scim/v2", true],
    ["aws-identity-center", "https://scim.us-east-1.amazonaws.com/scim/v2", false],
    ["aws-identity-center", "https://scim.amazonaws.com.evil.example/x/scim/v2", false],
    ["slack", "https://api.slack.com/scim/v1", false],
    ["github-emu", "https://api.github.com/scim/v2/enterprises/acme", true],
    ["github-emu", "https://github.example.com/api/v3/scim/v2", true],
    ["github-emu", "https://api.github.com/enterprises/acme", false],
    ["gitlab", "https://gitlab.com/api/scim/v2/groups/acme", true],
    ["gitlab", "https://gitlab.com/api/v4/groups/acme", false],
  ] as const)("%s: %s fits: %s", (name, url, fits) => {
    expect(new RegExp(profiles[name].baseUrlShape!.pattern).test(url)).toBe(fits);
  });
});
