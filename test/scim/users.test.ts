import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../shared/model/json.ts";
import { failureOf, inTurn, listOf, open, patchOf, startServer } from "./loopback.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

describe("looking a user up", () => {
  test("asks for userName eq and for enough to see duplicates", async () => {
    const { baseUrl, requests } = await startServer(() => listOf());
    await open(baseUrl).findUsers("ada@example.com");
    expect(requests[0]).toMatchObject({
      method: "GET",
      path: "/scim/v2/Users",
      query: { filter: 'userName eq "ada@example.com"', startIndex: "1", count: "10" },
    });
  });

  test("any name arrives as it is: no quote or backslash gets out of the filter", async () => {
    const { baseUrl, requests } = await startServer(() => listOf());
    const provider = open(baseUrl);
    // Any UTF-16, lone surrogates included, and often what means something in a filter or a URL.
    const character = fc.oneof(
      fc.constantFrom('"', "\\", "&", "+", "%", "#", " ", "\n"),
      fc.nat(0xffff).map((code) => String.fromCharCode(code)),
    );
    const name = fc.string({ unit: character, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(name, async (userName) => {
        await provider.findUsers(userName);
        const filter = requests.at(-1)?.query.filter ?? "";
        expect(filter.startsWith("userName eq ")).toBe(true);
        expect(JSON.parse(filter.slice("userName eq ".length))).toBe(userName);
      }),
    );
  });

  test("the match is verified, whatever the filter did, and regardless of case", async () => {
    const resources = [
      { id: "1", userName: "synthesis_user" },
      { id: "2", userName: "ADA@example.com" },
      { id: "3", userName: "ada@example.com.evil" },
      { ID: 4, UserName: "ada@example.com" },
      { id: "5" },
    ];
    const { baseUrl } = await startServer(() => listOf(...resources));
    const found = await open(baseUrl).findUsers("ada@example.com");
    expect(found.map(({ id }) => id)).toEqual(["2", "4"]);
  });

  test.each([
    ["Resources null", { totalResults: 0, Resources: null }],
    ["no Resources", { schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: 0 }],
    ["no totalResults", { Resources: [] }],
    ["other key case", { resources: [], totalresults: 0 }],
  ])("%s means none", async (_, body) => {
    const { baseUrl } = await startServer(() => ({ body }));
    expect(await open(baseUrl).findUsers("a")).toEqual([]);
  });

  test("a provider that ignores the filter and does not show everything is not believed", async () => {
    const { baseUrl } = await startServer(() => ({
      body: { totalResults: 5000, Resources: [{ id: "1", userName: "someone" }] },
    }));
    expect(await failureOf(open(baseUrl).findUsers("a"))).toMatchObject({
      kind: "malformed",
      maybeApplied: false,
    });
  });

  test("404 means none where a plain list shows that the address is right", async () => {
    const { baseUrl, requests } = await startServer(({ query }) =>
      query.filter === undefined ? listOf({ id: "1", userName: "b" }) : { status: 404 },
    );
    expect(await open(baseUrl).findUsers("a")).toEqual([]);
    expect(requests[1]?.query).toEqual({ startIndex: "1", count: "1" });
  });

  test("404 is a failure where the address may be wrong", async () => {
    const { baseUrl } = await startServer(() => ({
      status: 404,
      body: { detail: "Specified endpoint does not exist." },
    }));
    const provider = open(baseUrl);
    expect(await failureOf(provider.findUsers("a"))).toMatchObject({ kind: "rejected", status: 404 });
    expect(provider.lastAnswer()).toMatchObject({
      status: 404,
      details: ["Specified endpoint does not exist."],
    });
  });

  test("404 is a failure where reading marks what is read: no list is asked for", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 404 }));
    expect((await failureOf(open(baseUrl, { profile: "strongdm" }).findUsers("a"))).status).toBe(404);
    expect(requests).toHaveLength(1);
  });
});

describe("reading a user", () => {
  test.each(["k&KdKr6", "a b/c", "ü@x?#", "%2e%2e", "..a"])(
    "the id %s is one segment of the path",
    async (id) => {
      const { baseUrl, requests } = await startServer(({ path }) => ({
        body: { id: decodeURIComponent(path.split("/").pop() ?? ""), userName: "a" },
      }));
      expect((await open(baseUrl).readUser(id))?.id).toBe(id);
      expect(requests[0]?.path).toBe(`/scim/v2/Users/${encodeURIComponent(id)}`);
    },
  );

  test.each([".", "..", "", "\ud800"])(
    "the id %j is never sent: it would address something else",
    async (id) => {
      const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
      expect((await failureOf(open(baseUrl).deleteUser(id))).kind).toBe("malformed");
      expect(requests).toHaveLength(0);
    },
  );

  test.each([404, 410])("%i is undefined", async (status) => {
    const { baseUrl } = await startServer(() => ({ status }));
    expect(await open(baseUrl).readUser("1")).toBeUndefined();
  });

  test("an id that is a number beyond 2^53 is kept to its last digit", async () => {
    const { baseUrl, requests } = await startServer(() => ({
      body: '{"id": 9007199254740993123, "userName": "b"}',
    }));
    const id = "9007199254740993123";
    expect((await open(baseUrl).readUser(id))?.id).toBe(id);
    expect((await open(baseUrl).createUser({ userName: "b" })).id).toBe(id);
    expect(requests).toHaveLength(2);
  });

  test("another user than asked for is malformed", async () => {
    const { baseUrl } = await startServer(() => ({ body: { id: "2", userName: "b" } }));
    expect((await failureOf(open(baseUrl).readUser("1"))).kind).toBe("malformed");
  });
});

describe("creating a user", () => {
  test("nests attributes, names extensions in schemas and leaves out what is unassigned", async () => {
    const { baseUrl, requests } = await startServer(({ body }) => ({
      status: 201,
      body: { ...(body as object), id: 7 },
    }));
    const { id } = await open(baseUrl).createUser({
      userName: "ada@example.com",
      "name.givenName": "Ada",
      "name.familyName": "Lovelace",
      title: "",
      nickName: null,
      phoneNumbers: [],
      active: false,
      [`${enterprise}:department`]: "R&D",
      [`${enterprise}:manager.value`]: "9",
    });
    expect(id).toBe("7");
    expect(requests[0]?.body).toEqual({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User", enterprise],
      userName: "ada@example.com",
      name: { givenName: "Ada", familyName: "Lovelace" },
      active: false,
      [enterprise]: { department: "R&D", manager: { value: "9" } },
    });
  });

  test.each([
    ["an absolute Location", { headers: { location: "https://x.example/v2/Users/a%26b?x=1" } }],
    ["a relative Location", { headers: { location: "Users/a%26b" } }],
    ["a relative meta.location", { body: { meta: { location: "Users/a%26b" } } }],
    ["a numeric id beside it", { headers: { location: "/Users/other" }, body: { Id: "a&b" } }],
  ])("%s completes the id, and is not followed", async (_, reply) => {
    const { baseUrl, requests } = await startServer(() => ({ status: 201, ...reply }));
    expect((await open(baseUrl).createUser({ userName: "a" })).id).toBe("a&b");
    expect(requests).toHaveLength(1);
  });

  test.each<[string, JsonValue]>([
    ["another user's", { id: "2", userName: "b", externalId: "u2" }],
    ["a sign-in's", { id: "session-77", status: "login required" }],
  ])(
    "an answer that shows %s id is malformed: it may have been applied, and only a lookup can tell",
    async (_, body) => {
      const { baseUrl } = await startServer(() => ({ status: 201, body }));
      const attributes = { userName: "a", externalId: "u1" };
      expect(await failureOf(open(baseUrl).createUser(attributes))).toMatchObject({
        kind: "malformed",
        maybeApplied: true,
      });
    },
  );

  test.each<[string, JsonValue]>([
    ["userName in other letters", { id: "1", userName: "A@Example.com" }],
    ["externalId under a userName of its own", { id: "1", userName: "login7", externalId: "u1" }],
    ["schemas alone", { id: "1", schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"] }],
  ])("an answer that shows our %s is ours", async (_, body) => {
    const { baseUrl } = await startServer(() => ({ status: 201, body }));
    const attributes = { userName: "a@example.com", externalId: "u1" };
    expect((await open(baseUrl).createUser(attributes)).id).toBe("1");
  });

  test.each(["/scim/v2/Users", "/scim/v2/Users/", "/Groups/1", "/Users/%ff", "/Users/.."])(
    "a Location of %s gives no id",
    async (location) => {
      const { baseUrl } = await startServer(() => ({
        status: 201,
        headers: { location },
        body: { userName: "a" },
      }));
      expect(await failureOf(open(baseUrl).createUser({ userName: "a" }))).toMatchObject({
        kind: "malformed",
        maybeApplied: true,
      });
    },
  );

  test("a conflict tells the provider's words and scimType", async () => {
    const detail = "One or more of the attribute values are already in use or are reserved.";
    const { baseUrl } = await startServer(() => ({ status: 409, body: { scimType: "uniqueness", detail } }));
    expect(await failureOf(open(baseUrl).createUser({ userName: "a" }))).toMatchObject({
      kind: "conflict",
      status: 409,
      scimType: "uniqueness",
      details: [detail],
      maybeApplied: false,
    });
  });
});

describe("changing a user", () => {
  const changes = [
    { path: "active", from: true, to: false },
    { path: "name.familyName", from: "Byron", to: "Lovelace" },
    { path: "title", from: "Countess" },
    { path: `${enterprise}:department`, to: "R&D" },
  ];

  test("by path: one operation each", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    await open(baseUrl).patchUser("1", changes);
    expect(requests[0]?.body).toEqual({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [
        { op: "replace", path: "active", value: false },
        { op: "replace", path: "name.familyName", value: "Lovelace" },
        { op: "replace", path: `${enterprise}:department`, value: "R&D" },
        { op: "remove", path: "title" },
      ],
    });
  });

  test("pathless, as strongDM documents it: one operation with all values, extensions and removals by path", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    await open(baseUrl, { profile: "strongdm" }).patchUser("a-1", changes);
    expect(patchOf(requests[0])).toEqual([
      {
        op: "replace",
        value: { active: false, name: { familyName: "Lovelace" } },
      },
      { op: "replace", path: `${enterprise}:department`, value: "R&D" },
      { op: "remove", path: "title" },
    ]);
  });

  test.each<["path" | "pathless", object[]]>([
    [
      "path",
      [
        { op: "replace", path: "title", value: "" },
        { op: "replace", path: "phoneNumbers", value: [] },
      ],
    ],
    ["pathless", [{ op: "replace", value: { title: "", phoneNumbers: [] } }]],
  ])("clearing by empty values, %s", async (patchPathStyle, operations) => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    await open(baseUrl, { overrides: { clear: "empty", patchPathStyle } }).patchUser("1", [
      { path: "title", from: "Countess" },
      { path: "phoneNumbers", from: [{ value: "1" }] },
    ]);
    expect(patchOf(requests[0])).toEqual(operations);
  });

  test("deactivating on strongDM is the documented request", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    await open(baseUrl, { profile: "strongdm" }).patchUser("a-1", [
      { path: "active", from: true, to: false },
    ]);
    expect(patchOf(requests[0])).toEqual([{ op: "replace", value: { active: false } }]);
  });

  test.each([405, 501])(
    "%i to PATCH: the user is read, merged and PUT, and nothing else is lost",
    async (status) => {
      const shown = {
        schemas: "urn:ietf:params:scim:schemas:core:2.0:User",
        id: "1",
        UserName: "ada@example.com",
        Active: true,
        name: { givenName: "Ada", familyName: "Byron" },
        title: "Countess",
        custom: { kept: true },
        groups: [{ value: "g" }],
        meta: { version: "1" },
      };
      const { baseUrl, requests } = await startServer(({ method }) =>
        method === "PATCH" ? { status } : { body: shown },
      );
      await open(baseUrl).patchUser("1", changes);
      // Read in the end, since the answer shows the account active.
      expect(requests.map(({ method }) => method)).toEqual(["PATCH", "GET", "PUT", "GET"]);
      expect(requests[2]?.body).toEqual({
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User", enterprise],
        id: "1",
        UserName: "ada@example.com",
        Active: false,
        name: { givenName: "Ada", familyName: "Lovelace" },
        custom: { kept: true },
        [enterprise]: { department: "R&D" },
      });
    },
  );

  test("404 is not found", async () => {
    const { baseUrl } = await startServer(() => ({ status: 404 }));
    expect((await failureOf(open(baseUrl).patchUser("1", changes))).kind).toBe("not-found");
  });
});

describe("deleting a user", () => {
  test.each([
    ["204", { status: 204 }],
    ["200 with a body", { status: 200, body: { id: "1", active: false } }],
    ["404", { status: 404 }],
  ])("%s is success", async (_, reply) => {
    const { baseUrl, requests } = await startServer(() => reply);
    await open(baseUrl).deleteUser("1");
    expect(requests).toHaveLength(1);
  });

  test("a delete whose reply was lost is repeated, and the 404 then is success", async () => {
    const { baseUrl } = await startServer(inTurn({ status: 502 }, { status: 404 }));
    await open(baseUrl).deleteUser("1");
  });
});

describe("discovery", () => {
  test.each([
    [
      "what it states",
      { body: { patch: { supported: false }, filter: { supported: true } } },
      { patch: false, filter: true },
    ],
    ["the defaults without the document", { status: 404 }, { patch: true, filter: true }],
    ["the defaults when it is down", { status: 503 }, { patch: true, filter: true }],
    ["the defaults for HTML", { body: "<html>" }, { patch: true, filter: true }],
    ["the defaults for odd shapes", { body: { patch: true, filter: [] } }, { patch: true, filter: true }],
  ])("tells %s, in one request that leaves the last answer alone", async (_, reply, stated) => {
    const { baseUrl } = await startServer(() => reply);
    const provider = open(baseUrl);
    expect(await provider.capabilities()).toEqual({ groups: true, ...stated });
    expect(provider.requestCount()).toBe(1);
    expect(provider.lastAnswer()).toEqual({ details: [] });
  });
});
