import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatScimPath, parseScimPath, parseTarget } from "../../shared/mapping/scim-path.ts";
import { enterpriseUrn } from "../../shared/mapping/scim-user-schema.ts";

const attributeName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_$-]{0,10}$/);
const urn = fc.stringMatching(/^urn:[a-z][a-z0-9]{1,5}:[a-z0-9:.]{1,12}:[0-9]\.[0-9]:[A-Z][a-z]{3}$/);
const path = fc
  .tuple(
    fc.option(urn),
    attributeName,
    fc.option(fc.stringMatching(/^[a-z :.@\]-]{0,8}[a-z]$/)),
    attributeName,
    fc.boolean(),
  )
  .map(([namespace, attribute, type, sub, hasSub]) => ({
    ...(namespace === null ? {} : { urn: namespace }),
    attribute,
    ...(type === null ? {} : { type }),
    ...(type === null && !hasSub ? {} : { sub }),
  }));

const refusalOf = (target: string): string | undefined => {
  const parsed = parseTarget(target);
  return "error" in parsed ? parsed.error : undefined;
};

describe("parseScimPath", () => {
  it("gives back what formatScimPath wrote", () => {
    fc.assert(
      fc.property(path, (given) => {
        const parsed = parseScimPath(formatScimPath(given));
        expect(parsed && formatScimPath(parsed).toLowerCase()).toBe(formatScimPath(given).toLowerCase());
        expect(parsed && parseScimPath(formatScimPath(parsed))).toEqual(parsed);
        expect(parsed && { urn: parsed.urn, type: parsed.type }).toEqual({
          urn: given.urn,
          type: given.type,
        });
      }),
    );
  });

  it("reads known names in any case", () => {
    const known = [
      "userName",
      "name.givenName",
      'emails[type eq "home"].value',
      'addresses[type eq "Büro 2.0: west"].streetAddress',
      'urn:example:ext:2.0:User:lockers[type eq "gym"].value',
      `${enterpriseUrn}:department`,
      `${enterpriseUrn}:manager.value`,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.infiniteStream(fc.boolean()), (name, upper) => {
        const type = /"([^"]*)"/.exec(name)?.[1] ?? "";
        const scrambled = [...name]
          .map((letter) => (upper.next().value ? letter.toUpperCase() : letter))
          .join("");
        const given = name.startsWith("urn:example") ? name : scrambled.replace(/"[^"]*"/, `"${type}"`);
        expect(formatScimPath(parseScimPath(given) ?? { attribute: "none" })).toBe(name);
      }),
    );
  });

  it("takes the core URN for granted", () => {
    expect(parseScimPath("urn:ietf:params:scim:schemas:core:2.0:User:name.familyName")).toEqual({
      attribute: "name",
      sub: "familyName",
    });
  });

  it("finds the attribute behind a URN that holds dots", () => {
    expect(parseScimPath("urn:example:params:2.0:User:seat.floor")).toEqual({
      urn: "urn:example:params:2.0:User",
      attribute: "seat",
      sub: "floor",
    });
  });

  it.each(
    [
      [
        "",
        "1st",
        "na me",
        "name.",
        ".givenName",
        "name.given.name",
        "name..givenName",
        "__proto__",
        "$ref",
        "émail",
      ],
      [
        "emails[type eq work].value",
        'emails[type ne "work"].value',
        'emails[type eq "work"]',
        "emails[primary].value",
      ],
      [
        'emails[type eq " "].value',
        'emails[type eq "a\u0000b"].value',
        'emails[type eq "a"][type eq "b"].value',
      ],
      [
        "urn:",
        "urn:example",
        "example:title",
        "urn:example:ext:1.0",
        "http://example.com:title",
        ":title",
        "title\n",
      ],
    ].flat(),
  )("refuses %j", (text) => {
    expect(parseScimPath(text)).toBeUndefined();
    expect(refusalOf(text)).toMatch(/^not a SCIM path: write attribute/);
  });

  it("answers any text without a stall", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 512, unit: fc.constantFrom(...'urn:a.1[]" eqtyp') }), (text) => {
        const parsed = parseScimPath(text);
        if (parsed !== undefined) expect(parseScimPath(formatScimPath(parsed))).toEqual(parsed);
      }),
    );
  });
});

describe("parseTarget", () => {
  it.each([
    ["id", "id is read-only: the service provider sets it"],
    ["META.created", "meta.created is read-only: the service provider sets it"],
    ["schemas", "schemas is read-only: the service provider sets it"],
    [
      'groups[type eq "direct"].value',
      'groups[type eq "direct"].value is read-only: the service provider sets it',
    ],
    [
      `${enterpriseUrn}:manager.DISPLAYNAME`,
      `${enterpriseUrn}:manager.displayName is read-only: the service provider sets it`,
    ],
    ["Password", "password is never provisioned"],
    ["urn:ietf:params:scim:schemas:core:2.0:User:password", "password is never provisioned"],
    [enterpriseUrn, "names a schema, not an attribute of it: add :attribute"],
    ["urn:ietf:params:scim:schemas:core:2.0:Group:members", "the URN is not a schema of users"],
    ["name", "name is complex: map its parts, e.g. name.formatted"],
    [
      `${enterpriseUrn}:manager`,
      `${enterpriseUrn}:manager is complex: map its parts, e.g. ${enterpriseUrn}:manager.value`,
    ],
    ["title.value", "title has no sub-attributes"],
    ['title[type eq "work"].value', 'title has a single value: it takes no [type eq "…"]'],
    ["emails.value", 'emails holds several values: write emails[type eq "work"].value'],
    ['emails[type eq "work"].type', "the filter already gives the type"],
  ])("refuses %s", (target, message) => {
    expect(refusalOf(target)).toBe(message);
  });

  it.each([
    "name.formatted",
    "externalId",
    "emails",
    'emails[type eq "home"].primary',
    "badge",
    "badge.number",
    "urn:example:ext:id",
  ])("takes %s", (target) => {
    expect(refusalOf(target)).toBeUndefined();
  });
});
