import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffAgainstRemote } from "../../shared/mapping/diff-attributes.ts";
import { mapUser } from "../../shared/mapping/map-user.ts";
import { remoteAttributes } from "../../shared/mapping/remote-attributes.ts";
import { accountPaths, unmapAccount } from "../../shared/mapping/unmap-account.ts";
import { directoryUserSchema } from "../../shared/model/directory.ts";
import type { AttributeMapping } from "../../shared/model/integration.ts";
import type { JsonObject } from "../../shared/model/json.ts";
import { directoryUser, mappingRows } from "./arbitraries.ts";

const unmap = (resource: JsonObject, rows: AttributeMapping[] = []) =>
  unmapAccount(remoteAttributes(resource, accountPaths(rows)), rows);

describe("a directory user made of an account", () => {
  test("is mapped to what the account holds already, whatever the rows", () => {
    fc.assert(
      fc.property(directoryUser, mappingRows, (user, rows) => {
        const mapped = mapUser(user, "ada", rows, {});
        fc.pre("attributes" in mapped);
        if (!("attributes" in mapped)) return;
        const { user: back } = unmapAccount(mapped.attributes, rows);
        const again = mapUser(back as typeof user, "ada", rows, {});
        if (!("attributes" in again)) throw new Error(JSON.stringify(again));
        expect(diffAgainstRemote(mapped.attributes, again.attributes)).toEqual([]);
        const { email, ...others } = back;
        const whole = { email: email ?? user.email, ...others };
        expect(directoryUserSchema.safeParse(whole).success).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("has what the default mapping reads back, in whatever case the account spells its attributes", () => {
    const account = {
      USERNAME: "ada@example.com",
      name: { GivenName: "Ada", familyName: "Lovelace" },
      displayName: "Ada L.",
      emails: [{ value: "old@example.com" }, { value: "Ada.L@example.com", primary: true }],
      active: "True",
      title: "Analyst",
      phoneNumbers: [{ value: "+49 30 1" }, { type: "mobile", value: "+49 170 1" }],
      addresses: [{ type: "work", streetAddress: "Main St 1\nPO Box 3", country: "DE" }],
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
        department: "R&D",
        manager: { value: "remote-7" },
      },
    };
    expect(unmap(account)).toEqual({
      user: {
        email: "ada@example.com",
        firstname: "Ada",
        lastname: "Lovelace",
        displayname: "Ada L.",
        jobTitle: "Analyst",
        phoneNumbers: [
          { type: "other", number: "+49 30 1" },
          { type: "mobile", number: "+49 170 1" },
        ],
        addresses: [{ type: "work", streetAddress: "Main St 1\nPO Box 3", country: "DE" }],
        department: "R&D",
      },
      managerRemoteId: "remote-7",
      leftOut: [],
    });
  });

  test("has the primary address where the account is named otherwise", () => {
    const emails = [
      { value: "home@example.com", type: "home" },
      { value: "a@example.com", primary: true },
    ];
    expect(unmap({ userName: "ada", emails }).user.email).toBe("a@example.com");
  });

  test("is suspended where the account is inactive, and not where it shows nothing of it", () => {
    expect(unmap({ userName: "a@example.com", active: false }).user.suspended).toBe(true);
    expect(unmap({ userName: "a@example.com" }).user.suspended).toBeUndefined();
  });

  test("lacks what the directory cannot hold, which is named", () => {
    const account = { userName: "nobody", emails: [{ value: "no address" }], title: "a\u0000b" };
    expect(unmap(account)).toEqual({ user: {}, leftOut: ["email", "jobTitle"] });
  });

  test("is read by the integration's own rows, without constants and templates", () => {
    const rows: AttributeMapping[] = [
      { target: "userName", source: "username" },
      { target: "title", constant: "Member" },
      { target: "displayName", template: "{lastname}, {firstname}" },
      { target: 'phoneNumbers[type eq "work"].value', source: "attributes.desk" },
    ];
    const account = {
      userName: "ada",
      title: "Member",
      displayName: "Lovelace, Ada",
      emails: [{ value: "a@example.com" }],
      phoneNumbers: [{ type: "work", value: "7" }],
    };
    expect(unmap(account, rows).user).toEqual({
      username: "ada",
      email: "a@example.com",
      phoneNumbers: [{ type: "work", number: "7" }],
      attributes: [{ name: "desk", value: "7" }],
    });
  });
});
