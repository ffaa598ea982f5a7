import { describe, expect, it } from "vitest";
import { enterpriseUrn } from "../../../shared/mapping/scim-user-schema.ts";
import { matches } from "../../../shared/scim-server/filter/matches.ts";
import { parseFilter } from "../../../shared/scim-server/filter/parse-filter.ts";
import { groupType, userType } from "../../../shared/scim-server/schemas/resource-types.ts";
import { sampleGroup, sampleUser } from "../sample-user.ts";

const fits = (filter: string) => matches(parseFilter(userType, filter), sampleUser);

describe("a filter fits the resource", () => {
  it.each([
    'userName eq "ada@EXAMPLE.com"',
    'USERNAME EQ "Ada@example.com"',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada@example.com"',
    'externalId eq "Ext-1"',
    'id eq "u-1"',
    'displayName co "love"',
    'displayName sw "ada "',
    'displayName ew "LACE"',
    'title ne "Programmer"',
    'userType ne "Contractor"',
    "userType eq null",
    "title ne null",
    "title pr",
    "name pr",
    "not (userType pr)",
    "active eq true",
    'active eq "True"',
    "active ne false",
    'emails eq "ada@home.example.com"',
    'emails.value eq "ada@example.com"',
    'emails[type eq "work"].value eq "ada@example.com"',
    'emails[type eq "work" and value co "@example.com"]',
    'emails[primary eq "True"].value eq "ada@example.com"',
    'emails[not (type eq "work")].value sw "ada@home"',
    'emails[type eq "home"]',
    `${enterpriseUrn}:department eq "engines"`,
    `${enterpriseUrn.toUpperCase()}:Department eq "engines"`,
    `${enterpriseUrn}:manager.value eq "u-9"`,
    `${enterpriseUrn}:manager eq "u-9"`,
    'name.familyName gt "Lovela" and name.familyName lt "lovelz"',
    'name.familyName ge "lovelace" and name.familyName le "Lovelace"',
    'meta.created eq "2026-03-01T10:00:00Z"',
    'meta.created eq "2026-03-01T02:00:00-08:00"',
    'meta.created gt "2026-03-01T10:00:00+01:00"',
    'meta.created gt "2026-03-01T10:00:00 01:00"',
    'meta.lastModified ge "2026-03-02T10:00:00"',
    'meta.created sw "2026-03-01"',
    'meta.created co "10:00"',
    'meta.resourceType eq "User"',
    'schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"',
    'title eq "x" and title eq "x" or userName pr',
    'userName pr or title eq "x" and title eq "x"',
    'not (title eq "x") and userName pr',
    '(title eq "x" or userName pr) and active eq true',
    'displayName eq "\\u0041da Lovelace"',
  ])("%s", (filter) => expect(fits(filter)).toBe(true));
});

describe("a filter does not fit the resource", () => {
  it.each([
    'externalId eq "ext-1"',
    'id eq "U-1"',
    `${enterpriseUrn}:manager.value eq "U-9"`,
    'title ne "analyst"',
    "userType pr",
    "userType ne null",
    'userType eq "x"',
    'userType lt "x"',
    "active eq false",
    'emails[type eq "work" and value co "home"]',
    'emails[type eq "home"].value eq "ada@example.com"',
    'emails ne "ada@example.com"',
    'emails[primary eq true].type eq "home"',
    'meta.created gt "2026-03-01T10:00:00Z"',
    'meta.created lt "2026-03-01T02:00:00-08:00"',
    '(userName pr or title pr) and title eq "x"',
    'title eq "x" and (userName pr or title pr)',
    "not (userName pr and title pr)",
  ])("%s", (filter) => expect(fits(filter)).toBe(false));
});

it("finds a group by its members, in the case of their ids", () => {
  const holds = (filter: string) => matches(parseFilter(groupType, filter), sampleGroup);
  expect(holds('members eq "u-2"')).toBe(true);
  expect(holds('members[value eq "u-1"] and displayName eq "ENGINEERS"')).toBe(true);
  expect(holds('members eq "U-2"')).toBe(false);
});

it("finds what was composed otherwise", () => {
  const user = { ...sampleUser, userName: "Zoe\u0301" };
  expect(matches(parseFilter(userType, 'userName eq "ZO\u00C9"'), user)).toBe(true);
});
