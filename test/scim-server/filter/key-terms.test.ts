import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asksForMembers, keyTerms } from "../../../shared/scim-server/filter/key-terms.ts";
import { matches } from "../../../shared/scim-server/filter/matches.ts";
import { parseFilter } from "../../../shared/scim-server/filter/parse-filter.ts";
import { groupType, userType } from "../../../shared/scim-server/schemas/resource-types.ts";
import { sampleUser } from "../sample-user.ts";

const termsOf = (filter: string, type = userType) =>
  keyTerms(parseFilter(type, filter)).terms.map(({ key, value }) => `${key}=${value}`);

describe("a filter is answered by a key", () => {
  it.each([
    ['userName eq "a"', ["userName=a"]],
    ['externalId eq "a"', ["externalId=a"]],
    ['id eq "a"', ["id=a"]],
    ['emails eq "a"', ["emails.value=a"]],
    ['emails.value eq "a"', ["emails.value=a"]],
    ['emails[value eq "a"]', ["emails.value=a"]],
    ['emails[type eq "work"].value eq "a"', ["emails.value=a"]],
    ['emails[type eq "work" and value eq "a"]', ["emails.value=a"]],
    ['active eq true and (userName eq "a" and title pr)', ["userName=a"]],
    ['id eq "a" and userName eq "b"', ["id=a", "userName=b"]],
  ])("%s", (filter, terms) => expect(termsOf(filter)).toEqual(terms));

  it.each([
    ['displayName eq "a"', ["displayName=a"]],
    ['id eq "g" and members eq "u"', ["id=g", "members.value=u"]],
    ['id eq "g" and members[value eq "u"]', ["id=g", "members.value=u"]],
    ['members.value eq "u"', ["members.value=u"]],
  ])("%s of groups", (filter, terms) => expect(termsOf(filter, groupType)).toEqual(terms));
});

describe("a filter has no key", () => {
  it.each([
    'userName ne "a"',
    'userName co "a"',
    'not (userName eq "a")',
    'userName eq "a" or userName eq "b"',
    'userName eq "a" or title pr',
    'emails[not (value eq "a")]',
    'emails[type eq "work" or value eq "a"]',
    "userName eq null",
    'title eq "a"',
  ])("%s", (filter) => expect(termsOf(filter)).toEqual([]));
});

it("leaves nothing to test where the keys say it all, and else what they do not say", () => {
  const restOf = (filter: string) => keyTerms(parseFilter(userType, filter)).rest;
  expect(restOf('userName eq "a" and emails[value eq "b"]')).toBeUndefined();
  expect(restOf('userName eq "a" and title pr')).toEqual(parseFilter(userType, "title pr"));
  const byType = 'emails[type eq "work"].value eq "a"';
  expect(restOf(byType)).toEqual(parseFilter(userType, byType));
});

it("knows which filters need the members", () => {
  const asks = (filter: string) => asksForMembers(parseFilter(groupType, filter));
  expect(asks('displayName pr or not (members eq "u")')).toBe(true);
  expect(asks('displayName eq "a" and externalId pr')).toBe(false);
});

const part = fc.constantFrom(
  ...[
    'userName eq "ada@example.com"',
    'id eq "u-1"',
    'id eq "u-2"',
    'emails eq "ada@example.com"',
    "title pr",
  ],
  ...[
    'emails[type eq "home"].value eq "ada@example.com"',
    'not (id eq "u-2")',
    '(id eq "u-1" or id eq "u-2")',
  ],
);

it("fits exactly what fits all of its keys and the rest", () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const filter = parseFilter(userType, parts.join(" and "));
      const { terms, rest } = keyTerms(filter);
      const byKeys = terms.every(({ key, value }) =>
        matches(parseFilter(userType, `${key} eq ${JSON.stringify(value)}`), sampleUser),
      );
      expect(byKeys && (rest === undefined || matches(rest, sampleUser))).toBe(matches(filter, sampleUser));
    }),
  );
});
