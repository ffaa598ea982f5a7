import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkMappings } from "../../shared/mapping/check-mappings.ts";
import { defaultMapping } from "../../shared/mapping/default-mapping.ts";
import { parseTarget } from "../../shared/mapping/scim-path.ts";
import { enterpriseUrn } from "../../shared/mapping/scim-user-schema.ts";
import type { AttributeMapping } from "../../shared/model/integration.ts";
import { attributeMappingsSchema } from "../../shared/model/integration.ts";
import { mappingRows } from "./arbitraries.ts";

type Refused = [name: string, row: AttributeMapping, field: string, message: RegExp];

const refused: Refused[] = [
  ["no path", { target: "not a path", source: "email" }, "target", /^not a SCIM path/],
  ["read-only", { target: "meta.created", constant: "now" }, "target", /read-only/],
  ["password", { target: "password", constant: "x" }, "target", /never provisioned/],
  ["active from a source", { target: "active", source: "suspended" }, "target", /^active cannot be mapped/],
  ["active as a constant", { target: "active", constant: true }, "target", /^active cannot be mapped/],
  [
    "active in the core URN",
    { target: "urn:ietf:params:scim:schemas:core:2.0:User:Active", template: "{state}" },
    "target",
    /^active/,
  ],
  ["whole name", { target: "name", source: "firstname" }, "target", /^name is complex/],
  ["an address of text", { target: "addresses", source: "location" }, "target", /^an address has no value/],
  [
    "excluding nothing",
    { target: "urn:example:scim:2.0:User:badge", exclude: true },
    "exclude",
    /^nothing to exclude/,
  ],
  [
    "excluding an element",
    { target: 'emails[type eq "work"].value', exclude: true },
    "exclude",
    /^nothing to exclude/,
  ],
  ["unknown property", { target: "title", source: "shoeSize" }, "source", /^shoeSize is not a property/],
  [
    "a secret in its place",
    { target: "title", source: "sk_live_4eC39HqLyjWDarjtT1zdp7dc" },
    "source",
    /^\(name withheld\) is not a property of a directory user; for a custom one write attributes\.NAME$/,
  ],
  [
    "a secret behind attribute.",
    { target: "title", source: "attribute.sk_live_4eC39HqLyjWDarjtT1zdp7dc" },
    "source",
    /^\(name withheld\) is not a property of a directory user; for a custom one write attributes\.NAME$/,
  ],
  [
    "a secret in a template",
    { target: "title", template: "{sk_live_4eC39HqLyjWDarjtT1zdp7dc}" },
    "template",
    /^\{\(name withheld\)\} is not a single-valued property of a directory user$/,
  ],
  [
    "property of every object",
    { target: "title", source: "constructor" },
    "source",
    /^constructor is not a property/,
  ],
  ["nameless attribute", { target: "title", source: "attributes." }, "source", /is not a property/],
  [
    "list elsewhere",
    { target: "title", source: "phoneNumbers" },
    "source",
    /goes to the target phoneNumbers alone/,
  ],
  ["list into another list", { target: "addresses", source: "phoneNumbers" }, "source", /phoneNumbers alone/],
  ["attributes as a whole", { target: "title", source: "attributes" }, "source", /not a property/],
  ["boolean into text", { target: "title", source: "suspended" }, "source", /takes text/],
  [
    "unknown placeholder",
    { target: "title", template: "{firstname} {nick}" },
    "template",
    /^\{nick\} is not/,
  ],
  ["list placeholder", { target: "title", template: "{addresses}" }, "template", /^\{addresses\} is not/],
  ["open brace", { target: "title", template: "{firstname" }, "template", /^every \{ needs/],
  ["stray brace", { target: "title", template: "{firstname}}" }, "template", /^every \{ needs/],
  ["nested braces", { target: "title", template: "{{firstname}}" }, "template", /^every \{ needs/],
  ["empty braces", { target: "title", template: "{}" }, "template", /^every \{ needs/],
  ["no placeholder", { target: "title", template: "Engineer" }, "template", /use constant/],
  ["number as a name", { target: "name.givenName", constant: 7 }, "constant", /takes text/],
  ["boolean as displayName", { target: "displayName", constant: true }, "constant", /takes text/],
  ["blank constant", { target: "title", constant: " " }, "constant", /^must not be empty/],
  [
    "one userName for all",
    { target: "userName", constant: "a@example.com" },
    "constant",
    /^userName identifies/,
  ],
  [
    "primary as text",
    { target: 'emails[type eq "home"].primary', constant: "yes" },
    "constant",
    /true or false/,
  ],
  [
    "primary from a source",
    { target: 'emails[type eq "home"].PRIMARY', source: "suspended" },
    "source",
    /takes a constant/,
  ],
];

const required = defaultMapping.filter((row) => row.required).map(({ target }) => target);
const optional = defaultMapping.filter((row) => !row.required).map(({ target }) => target);

describe("checkMappings", () => {
  it("accepts rows that stand together, in any order", () => {
    fc.assert(fc.property(mappingRows, (rows) => void expect(checkMappings(rows)).toEqual([])));
  });

  it.each(refused)("refuses %s", (_, row, field, message) => {
    expect(attributeMappingsSchema.safeParse([row]).success).toBe(true);
    expect(checkMappings([row])).toEqual([
      { path: `attributeMappings.0.${field}`, message: expect.stringMatching(message) },
    ]);
  });

  it("names the row of each refusal, wherever it stands", () => {
    const scattered = fc.tuple(fc.constantFrom(...refused), mappingRows, fc.nat());
    fc.assert(
      fc.property(scattered, ([[, row, field], good, seed]) => {
        const at = seed % (good.length + 1);
        const errors = checkMappings(good.toSpliced(at, 0, row));
        expect(errors.map(({ path }) => path)).toContain(`attributeMappings.${at}.${field}`);
      }),
    );
  });

  it.each(required)("does not exclude %s, which is required", (target) => {
    expect(checkMappings([{ target, exclude: true }])).toEqual([
      { path: "attributeMappings.0.exclude", message: `${target} is required and cannot be excluded` },
    ]);
  });

  it.each(optional)("excludes %s, which is optional", (target) => {
    expect(checkMappings([{ target, exclude: true }])).toEqual([]);
  });

  it("says both what is wrong with the target and with its source", () => {
    expect(checkMappings([{ target: "id", source: "nope" }]).map(({ path }) => path)).toEqual([
      "attributeMappings.0.target",
      "attributeMappings.0.source",
    ]);
  });

  it.each([
    ["title", "TITLE", "row 0 has this target too"],
    ['emails[type eq "home"].value', 'emails[type eq "Home"].value', "row 0 has this target too"],
    [
      "urn:example:ext:seat",
      "urn:example:ext:seat.floor",
      "row 0 clashes: (name withheld):seat.floor and (name withheld):seat cannot both be set",
    ],
    [
      'urn:example:ext:seat[type eq "desk"].value',
      "urn:example:ext:seat.floor",
      'row 0 clashes: (name withheld):seat.floor and (name withheld):seat[type eq "desk"].value cannot both be set',
    ],
    [
      "urn:example:ext:seat.floor",
      "urn:example:ext:Seat.row",
      "row 0 spells it (name withheld):seat: names are case-insensitive",
    ],
  ])("refuses %s beside %s", (first, second, message) => {
    const rows = [first, second].map((target) => ({ target, source: "location" }));
    expect(checkMappings(rows)).toEqual([{ path: "attributeMappings.1.target", message }]);
  });

  it.each([
    ["tittle", "title"],
    ["TITEL", "title"],
    ["userNmae", "userName"],
    ["nickname2", "nickName"],
    ["name.givenNam", "name.givenName"],
    ["name.lastName", undefined],
    ['email[type eq "home"].value', 'emails[type eq "home"].value'],
    ['addresses[type eq "work"].postalcod', 'addresses[type eq "work"].postalCode'],
    ["department", `${enterpriseUrn}:department`],
    [`${enterpriseUrn}:departement`, `${enterpriseUrn}:department`],
    [`${enterpriseUrn}:manager.valeu`, `${enterpriseUrn}:manager.value`],
    ["urn:ietf:params:scim:schemas:core:2.0:User:localle", "locale"],
    ["shoeSize", undefined],
    ["pasword", undefined],
  ])(
    "refuses the target %s, which is no attribute of a user, and asks whether %s was meant",
    (target, meant) => {
      const [error, ...others] = checkMappings([{ target, source: "jobTitle" }]);
      expect([error?.path, others]).toEqual(["attributeMappings.0.target", []]);
      expect(/did you mean (.+)\?$/.exec(error?.message ?? "")?.[1]).toBe(meant);
    },
  );

  it.each(["urn:example:scim:2.0:User:tittle", "urn:example:scim:2.0:User:name.givenNam"])(
    "lets %s be, since an extension of one's own may have any attribute",
    (target) => expect(checkMappings([{ target, source: "jobTitle" }])).toEqual([]),
  );

  it.each([
    [{ target: "title", source: "jobTitel" }, "source", "jobTitle"],
    [{ target: "title", source: "Jobtitle" }, "source", "jobTitle"],
    [{ target: "title", source: "attribute.position" }, "source", "attributes.position"],
    [{ target: "title", template: "{firstnam} {lastname}" }, "template", "{firstname}"],
  ])("refuses a misspelt property in %o with the one that was meant", (row, field, meant) => {
    const [error] = checkMappings([row]);
    expect(error).toEqual({
      path: `attributeMappings.0.${field}`,
      message: expect.stringMatching(new RegExp(`did you mean ${meant}\\?$`)),
    });
  });

  it("allows an element beside the list that it adds to", () => {
    const rows: AttributeMapping[] = [
      { target: "emails", source: "alternateEmail" },
      { target: 'emails[type eq "home"].value', source: "email" },
      { target: 'emails[type eq "home"].display', source: "displayname" },
    ];
    expect(checkMappings(rows)).toEqual([]);
  });

  it("lets one element be primary", () => {
    const rows = ["home", "other"].map((type) => ({
      target: `emails[type eq "${type}"].primary`,
      constant: true,
    }));
    expect(checkMappings(rows)).toEqual([
      { path: "attributeMappings.1.constant", message: "row 0 makes another element primary" },
    ]);
  });

  it("accepts every default row as a row of one's own, except active", () => {
    for (const row of defaultMapping) {
      expect(parseTarget(row.target)).not.toHaveProperty("error");
      if ("source" in row) expect(checkMappings([{ target: row.target, source: row.source }])).toEqual([]);
    }
    expect(checkMappings([{ target: `${enterpriseUrn}:manager.value`, source: "manager" }])).toEqual([]);
  });
});
