import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffAttributes } from "../../shared/mapping/diff-attributes.ts";
import { mapUser } from "../../shared/mapping/map-user.ts";
import { enterpriseUrn } from "../../shared/mapping/scim-user-schema.ts";
import type { DirectoryUser } from "../../shared/model/directory.ts";
import type { AttributeMapping } from "../../shared/model/integration.ts";
import type { JsonValue } from "../../shared/model/json.ts";
import { compatibleRows, directoryUser, mappingRows } from "./arbitraries.ts";

const ada: DirectoryUser = { email: "Ada.Lovelace@Example.com", firstname: "Ada", lastname: "Lovelace" };

const mapped = (user: DirectoryUser, rows: AttributeMapping[] = [], managerRemoteId?: string) => {
  const result = mapUser(user, "u-ada", rows, managerRemoteId === undefined ? {} : { managerRemoteId });
  if ("missing" in result) throw new Error(JSON.stringify(result.missing));
  return result.attributes;
};

const isBlank = (value: JsonValue): boolean => {
  if (value === null || (typeof value === "string" && value.trim() === "")) return true;
  if (typeof value !== "object") return false;
  return Object.values(value).length === 0 || Object.values(value).some(isBlank);
};

describe("mapUser by default", () => {
  it("maps a user with nothing but what is required", () => {
    expect(mapped(ada)).toEqual({
      userName: "ada.lovelace@example.com",
      externalId: "u-ada",
      "name.givenName": "Ada",
      "name.familyName": "Lovelace",
      displayName: "Ada Lovelace",
      emails: [{ type: "work", value: "ada.lovelace@example.com", primary: true }],
      active: true,
    });
  });

  it("maps a full user, in the order of the default rows", () => {
    const full: DirectoryUser = {
      ...ada,
      middlename: "King",
      displayname: "Ada L.",
      jobTitle: "Analyst",
      employeeType: "employee",
      department: "R&D",
      costCenter: "CC-1",
      company: "Example",
      employeeIdentifier: "0042",
      manager: "u-charles",
      phoneNumbers: [{ type: "work", number: "+44 20 7946 0001" }],
      addresses: [
        {
          type: "work",
          streetAddress: "1 Main St",
          extendedAddress: "Floor 2",
          poBox: "99",
          locality: "London",
          region: "",
          country: "GB",
        },
      ],
    };
    expect(Object.entries(mapped(full, [], "r-7"))).toEqual([
      ["userName", "ada.lovelace@example.com"],
      ["externalId", "u-ada"],
      ["name.givenName", "Ada"],
      ["name.middleName", "King"],
      ["name.familyName", "Lovelace"],
      ["displayName", "Ada L."],
      ["emails", [{ type: "work", value: "ada.lovelace@example.com", primary: true }]],
      ["active", true],
      ["title", "Analyst"],
      ["userType", "employee"],
      ["phoneNumbers", [{ type: "work", value: "+44 20 7946 0001" }]],
      [
        "addresses",
        [{ type: "work", streetAddress: "1 Main St\nFloor 2\nPO Box 99", locality: "London", country: "GB" }],
      ],
      [`${enterpriseUrn}:department`, "R&D"],
      [`${enterpriseUrn}:costCenter`, "CC-1"],
      [`${enterpriseUrn}:organization`, "Example"],
      [`${enterpriseUrn}:employeeNumber`, "0042"],
      [`${enterpriseUrn}:manager.value`, "r-7"],
    ]);
  });

  it("leaves the manager out until the provider has an id for them", () => {
    expect(mapped({ ...ada, manager: "u-charles" })).not.toHaveProperty([`${enterpriseUrn}:manager.value`]);
  });

  it.each<[Partial<DirectoryUser>, boolean]>([
    [{}, true],
    [{ state: "ACTIVATED", suspended: false }, true],
    [{ suspended: true }, false],
    [{ passwordExpired: true }, false],
    [{ state: "STAGED" }, false],
    [{ state: "SUSPENDED" }, false],
  ])("%j is active: %s", (state, active) => {
    expect(mapped({ ...ada, ...state }).active).toBe(active);
  });

  it("leaves out list entries that say nothing or repeat another", () => {
    const user: DirectoryUser = {
      ...ada,
      phoneNumbers: [
        { type: "work", number: " " },
        { type: "home", number: "1" },
        { type: "home", number: " 1 " },
      ],
      addresses: [{ type: "work", locality: " " }, {}],
    };
    expect(mapped(user)).toMatchObject({ phoneNumbers: [{ type: "home", value: "1" }] });
    expect(mapped(user)).not.toHaveProperty("addresses");
  });

  it("names each required target that ends empty, with its source", () => {
    expect(mapUser({ ...ada, firstname: " ", lastname: "\t" }, "u", [], {})).toEqual({
      missing: [
        { path: "name.givenName", message: "name.givenName is required, but its source firstname is empty" },
        { path: "name.familyName", message: "name.familyName is required, but its source lastname is empty" },
        {
          path: "displayName",
          message: "displayName is required, but displayname, firstname and lastname are empty",
        },
      ],
    });
  });
});

describe("mapUser with rows", () => {
  it("replaces a default row", () => {
    const rows = [{ target: `${enterpriseUrn.toUpperCase()}:DEPARTMENT`, source: "location" }];
    const user = { ...ada, department: "R&D", location: "Paris" };
    expect(mapped(user, rows)[`${enterpriseUrn}:department`]).toBe("Paris");
  });

  it("does not fall back to a default that was replaced, except for displayName", () => {
    const rows = [
      { target: "title", source: "attributes.level" },
      { target: "displayName", source: "attributes.level" },
    ];
    const result = mapped({ ...ada, jobTitle: "Analyst" }, rows);
    expect(result).not.toHaveProperty("title");
    expect(result.displayName).toBe("Ada Lovelace");
  });

  it.each<[AttributeMapping, string]>([
    [{ target: "userName", source: "username" }, "Ada.L"],
    [{ target: "userName", source: "alternateEmail" }, "ada@example.org"],
    [{ target: "userName", template: "{username}-{email}" }, "Ada.L-ada.lovelace@example.com"],
  ])("lower-cases e-mail sources alone: %j", (row, expected) => {
    expect(mapped({ ...ada, username: "Ada.L", alternateEmail: "Ada@Example.org" }, [row]).userName).toBe(
      expected,
    );
  });

  it.each(["emails", 'emails[type eq "work"].value'])("lower-cases whatever goes to %s", (target) => {
    const user = { ...ada, attributes: [{ name: "mail", value: "Countess@Example.org" }] };
    expect(mapped(user, [{ target, source: "attributes.mail" }]).emails).toEqual([
      { type: "work", value: "countess@example.org", primary: true },
    ]);
  });

  it("names the source of a required row that was fed from elsewhere", () => {
    const rows: AttributeMapping[] = [
      { target: "userName", source: "username" },
      { target: "name.givenName", template: "{attributes.given}" },
    ];
    expect(mapUser(ada, "u", rows, {})).toEqual({
      missing: [
        { path: "userName", message: "userName is required, but its source username is empty" },
        {
          path: "name.givenName",
          message: "name.givenName is required, but its template {attributes.given} comes out empty",
        },
      ],
    });
  });

  it.each([
    ["{firstname} {middlename} {lastname}", "Ada Lovelace"],
    ["  {firstname}\n\t{lastname} ", "Ada Lovelace"],
    ["{attributes.a b}/{lastname}", "x/Lovelace"],
    ["{middlename} of {company}", undefined],
    ["{lastname}{firstname}", "LovelaceAda"],
    ["{lastname}, $1 $& {firstname}", "Lovelace, $1 $& Ada"],
  ])("template %j gives %j", (template, expected) => {
    const user = { ...ada, attributes: [{ name: "a b", value: " x " }] };
    expect(mapped(user, [{ target: "nickName", template }]).nickName).toBe(expected);
  });

  it("adds an element to the default list, and changes the one that is there", () => {
    const rows: AttributeMapping[] = [
      { target: 'emails[type eq "home"].value', source: "alternateEmail" },
      { target: 'emails[type eq "WORK"].display', template: "{firstname}" },
    ];
    expect(mapped({ ...ada, alternateEmail: "A@example.org" }, rows).emails).toEqual([
      { type: "work", value: "ada.lovelace@example.com", primary: true, display: "Ada" },
      { type: "home", value: "a@example.org" },
    ]);
  });

  it("moves primary to another element only where that element has a value", () => {
    const rows: AttributeMapping[] = [
      { target: 'emails[type eq "home"].primary', constant: true },
      { target: 'emails[type eq "home"].value', source: "alternateEmail" },
    ];
    expect(mapped({ ...ada, alternateEmail: "a@example.org" }, rows).emails).toEqual([
      { type: "work", value: "ada.lovelace@example.com" },
      { type: "home", value: "a@example.org", primary: true },
    ]);
    expect(mapped(ada, rows).emails).toEqual([
      { type: "work", value: "ada.lovelace@example.com", primary: true },
    ]);
  });

  it("writes a single value of a multi-valued attribute as a list", () => {
    expect(mapped(ada, [{ target: "entitlements", constant: "admin" }]).entitlements).toEqual([
      { value: "admin" },
    ]);
  });

  it("keeps booleans and numbers for attributes of an extension", () => {
    const rows: AttributeMapping[] = [
      { target: "urn:example:ext:2.0:User:seat.floor", constant: 0 },
      { target: "urn:example:ext:2.0:User:locked", source: "suspended" },
      { target: "urn:example:ext:2.0:User:boss", source: "manager" },
    ];
    expect(mapped({ ...ada, suspended: false, manager: "u-charles" }, rows, "r-7")).toMatchObject({
      "urn:example:ext:2.0:User:seat.floor": 0,
      "urn:example:ext:2.0:User:locked": false,
      "urn:example:ext:2.0:User:boss": "u-charles",
    });
  });

  it("takes manager as a source for the provider's id of the manager", () => {
    const row = { target: `${enterpriseUrn}:manager.value`, source: "manager" };
    expect(mapped({ ...ada, manager: "u-charles" }, [row], "r-7")[row.target]).toBe("r-7");
    expect(mapped({ ...ada, manager: "u-charles" }, [row])).not.toHaveProperty([row.target]);
  });

  it("answers rows that cannot be used with what is wrong with them", () => {
    expect(mapUser(ada, "u", [{ target: "active", constant: true }], {})).toMatchObject({
      missing: [{ path: "attributeMappings.0.target" }],
    });
  });
});

describe("mapUser for any user and rows", () => {
  const input = fc.tuple(directoryUser, mappingRows, fc.option(fc.constant("r-1"), { nil: undefined }));
  const properties = (
    check: (user: DirectoryUser, rows: AttributeMapping[], manager: string | undefined) => void,
  ) =>
    fc.assert(
      // alternateEmail feeds userName in some of the rows.
      fc.property(input, ([user, rows, manager]) =>
        check({ alternateEmail: "alt@example.com", ...user }, rows, manager),
      ),
      { numRuns: 300 },
    );

  it("gives the same JSON text again, whatever the order of the rows and of the user's keys", () => {
    properties((user, rows, manager) => {
      const reordered = Object.fromEntries(Object.entries(user).reverse()) as DirectoryUser;
      const again = mapped(reordered, rows.toReversed(), manager);
      expect(JSON.stringify(again)).toBe(JSON.stringify(mapped(user, rows, manager)));
    });
  });

  it("leaves its input as it is", () => {
    properties((user, rows, manager) => {
      const before = JSON.stringify([user, rows]);
      mapped(user, rows, manager);
      expect(JSON.stringify([user, rows])).toBe(before);
    });
  });

  it("never yields an empty value, at any depth", () => {
    properties((user, rows, manager) => {
      expect(Object.entries(mapped(user, rows, manager)).filter(([, value]) => isBlank(value))).toEqual([]);
    });
  });

  it("lower-cases e-mail and has at most one primary", () => {
    properties((user, rows, manager) => {
      const { userName, emails } = mapped(user, rows, manager) as {
        userName: string;
        emails: { value: string; primary?: boolean }[];
      };
      for (const address of [userName, ...emails.map(({ value }) => value)])
        expect(address).toBe(address.toLowerCase());
      expect(emails.filter(({ primary }) => primary === true)).toHaveLength(1);
    });
  });

  it("always sends what is required, and nothing that is excluded", () => {
    properties((user, rows, manager) => {
      const result = mapped(user, rows, manager);
      const required = ["userName", "name.givenName", "name.familyName", "displayName", "active"];
      expect(Object.keys(result)).toEqual(expect.arrayContaining(required));
      for (const row of rows) if ("exclude" in row) expect(result).not.toHaveProperty([row.target]);
    });
  });

  it("changes only the targets of the rows", () => {
    properties((user, rows, manager) => {
      const changed = diffAttributes(mapped(user, [], manager), mapped(user, rows, manager)).map(
        ({ path }) => path,
      );
      expect(rows.map(({ target }) => target.replace(/\[.*/, ""))).toEqual(expect.arrayContaining(changed));
    });
  });

  it("has rows to draw from", () => {
    expect(
      Object.keys(mapped({ ...ada, alternateEmail: "x@example.com" }, compatibleRows)).length,
    ).toBeGreaterThan(8);
  });
});

it("maps rows that were saved before attributes of the core were a closed list", () => {
  expect(mapped({ ...ada, jobTitle: "Chief" }, [{ target: "tittle", source: "jobTitle" }])).toMatchObject({
    tittle: "Chief",
  });
});
