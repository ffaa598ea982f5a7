import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../shared/model/json.ts";
import { failureOf, inTurn, listOf, open, patchOf, secret, startServer } from "../loopback.ts";

const many = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);
const nothing = async () => {};

describe("aws-identity-center", () => {
  const aws = { profile: "aws-identity-center" } as const;

  test("one PATCH operation for each attribute, by path", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    await open(baseUrl, aws).patchUser("1", [
      { path: "name.givenName", to: "Ada" },
      { path: "title", to: "Countess" },
    ]);
    expect(patchOf(requests[0])).toEqual([
      { op: "replace", path: "name.givenName", value: "Ada" },
      { op: "replace", path: "title", value: "Countess" },
    ]);
  });

  test("250 members go in three requests of at most 100, added and never replaced", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    await open(baseUrl, aws).changeMembers("g", { add: many(240, "a"), remove: many(10, "r") }, nothing);
    const operations = requests.map(patchOf) as { op: string; value?: unknown[] }[][];
    const sizes = operations.map((ops) => ops.reduce((sum, { value }) => sum + (value?.length ?? 1), 0));
    expect(sizes).toEqual([100, 100, 50]);
    expect(new Set(operations.flat().map(({ op }) => op))).toEqual(new Set(["remove", "add"]));
  });

  test("a group is never PUT: its members are not shown, and a PUT would take them out", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 501 }));
    const provider = open(baseUrl, aws);
    const failures = [
      await failureOf(provider.changeMembers("g", { add: ["1"], remove: [] }, nothing)),
      await failureOf(provider.renameGroup("g", "New")),
    ];
    expect(failures.map(({ status }) => status)).toEqual([501, 501]);
    expect(requests.map(({ method }) => method)).toEqual(["PATCH", "PATCH"]);
  });

  test("what a group shows of its members is not believed", async () => {
    const { baseUrl } = await startServer(() => ({ body: { id: "g", displayName: "G", members: [] } }));
    expect(await open(baseUrl, aws).readGroup("g")).toEqual({
      id: "g",
      displayName: "G",
      members: undefined,
    });
  });
});

describe("gitlab", () => {
  test("users are looked up by id, which is our external id", async () => {
    const shown = { id: "u-ada", userName: "ada.l", externalId: "u-ada" };
    const { baseUrl, requests } = await startServer(() => listOf(shown, { id: "U-ADA" }));
    const found = await open(baseUrl, { profile: "gitlab" }).findUsers("ada@example.com", "u-ada");
    expect(found.map(({ id }) => id)).toEqual(["u-ada"]);
    expect(requests[0]?.query).toMatchObject({ filter: 'id eq "u-ada"', count: "10" });
  });

  test("a user without an external id cannot be looked up, and nothing is sent", async () => {
    const { baseUrl, requests } = await startServer(() => listOf());
    const failure = await failureOf(open(baseUrl, { profile: "gitlab" }).findUsers("ada@example.com"));
    expect(failure).toMatchObject({ kind: "rejected" });
    expect(failure.message).toContain("externalId");
    expect(requests).toHaveLength(0);
  });

  test("it has no groups", async () => {
    const { baseUrl } = await startServer(() => ({ status: 404 }));
    expect((await open(baseUrl, { profile: "gitlab" }).capabilities()).groups).toBe(false);
  });
});

describe("each field reaches the request", () => {
  test("user agent, content type and the form of a bearer token", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    const overrides = {
      userAgent: "Acme SCIM/1",
      contentType: "application/json",
      authorizationTemplate: "Token token={clientSecret}",
    } as const;
    await open(baseUrl, { overrides }).patchUser("1", [{ path: "title", to: "x" }]);
    expect(requests[0]?.headers).toMatchObject({
      "user-agent": "Acme SCIM/1",
      "content-type": "application/json",
      authorization: `Token token=${secret}`,
    });
  });

  test("members taken out by one list of values", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    const overrides = { memberRemoveStyle: "valueList" } as const;
    await open(baseUrl, { overrides }).changeMembers("g", { add: ["3"], remove: ["1", "2"] }, nothing);
    expect(patchOf(requests[0])).toEqual([
      { op: "remove", path: "members", value: [{ value: "1" }, { value: "2" }] },
      { op: "add", path: "members", value: [{ value: "3" }] },
    ]);
  });

  test.each([
    ["index", { startIndex: "1", count: "5" }],
    ["cursor", { cursor: "", count: "5" }],
    ["none", {}],
  ] as const)("lists are asked for by %s", async (style, query) => {
    const { baseUrl, requests } = await startServer(() => listOf());
    await open(baseUrl, { overrides: { paging: { style, maxCount: 5 } } }).findUsers("a");
    expect(requests[0]?.query).toEqual({ filter: 'userName eq "a"', ...query });
  });

  test("users are looked up by externalId, exactly", async () => {
    const { baseUrl, requests } = await startServer(() =>
      listOf({ id: "1", externalId: "E1" }, { id: "2", externalId: "e1" }),
    );
    const found = await open(baseUrl, { overrides: { userFilter: "externalId" } }).findUsers("a", "e1");
    expect(found.map(({ id }) => id)).toEqual(["2"]);
    expect(requests[0]?.query.filter).toBe('externalId eq "e1"');
  });

  test("members of a group by read, merge and PUT, where PATCH is said not to be there", async () => {
    const group = {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      id: "g",
      displayName: "G",
      members: [{ value: "1", display: "One" }, { value: "2" }],
      meta: { version: 'W/"7"' },
    };
    const { baseUrl, requests } = await startServer(({ method, body }) =>
      method === "GET" ? { body: group } : { status: 200, body: body as JsonObject },
    );
    const capabilities = { groups: true, patch: false, filter: true, etag: true };
    await open(baseUrl, { capabilities }).changeMembers("g", { add: ["3", "1"], remove: ["2"] }, nothing);
    expect(requests.map(({ method }) => method)).toEqual(["GET", "PUT"]);
    expect(requests[1]?.headers["if-match"]).toBe('W/"7"');
    expect(requests[1]?.body).toEqual({
      schemas: group.schemas,
      id: "g",
      displayName: "G",
      members: [{ value: "1", display: "One" }, { value: "3" }],
    });
  });

  test.each([
    ["valueList", "patch", ["PATCH", "GET", "PATCH"]],
    ["filter", "put", ["GET", "PUT", "PUT", "GET"]],
  ] as const)(
    "members after a lost answer, taken out by %s and sent by %s, are never doubled",
    async (memberRemoveStyle, updates, methods) => {
      let members = [{ value: "1" }];
      let writes = 0;
      const { baseUrl, requests } = await startServer(({ method, body }) => {
        if (method === "GET") return { body: { id: "g", displayName: "G", members } };
        writes += 1;
        if (method === "PUT") members = (body as { members: { value: string }[] }).members;
        if (writes > 1) return { status: 204 };
        if (method === "PUT") return { status: 503 };
        members.push({ value: "2" });
        return { status: 503 };
      });
      const told: { added: string[]; removed: string[] }[] = [];
      const overrides = { memberRemoveStyle, updates };
      await open(baseUrl, { overrides }).changeMembers(
        "g",
        { add: ["2", "3"], remove: ["1"] },
        async (chunk) => {
          told.push(chunk);
        },
      );
      expect(requests.map(({ method }) => method)).toEqual(methods);
      expect(told.flatMap(({ added }) => added).toSorted()).toEqual(["2", "3"]);
      expect(
        JSON.stringify(requests.findLast(({ method }) => method !== "GET")?.body).match(/"value":"2"/g) ?? [],
      ).toHaveLength(updates === "put" ? 1 : 0);
    },
  );

  test.each<[string, JsonObject]>([
    ["no resource", { message: "Please log in" }],
    ["another resource", { id: "other", displayName: "Theirs" }],
  ])("nothing is PUT where the read shows %s", async (_, body) => {
    const { baseUrl, requests } = await startServer(() => ({ body }));
    const provider = open(baseUrl, { overrides: { updates: "put" } });
    for (const work of [
      () => provider.patchUser("g/1", [{ path: "title", to: "x" }]),
      () => provider.renameGroup("g/1", "New"),
      () => provider.changeMembers("g/1", { add: ["3"], remove: [] }, nothing),
    ])
      expect(await failureOf(work())).toMatchObject({ kind: "malformed", status: 200 });
    expect(requests.map(({ method }) => method)).not.toContain("PUT");
  });

  test("what is read counts as the resource whatever the case of its id, and where only its address holds it", async () => {
    for (const body of [{ id: "AB/1" }, { meta: { location: "Groups/ab%2F1" } }]) {
      const { baseUrl, requests } = await startServer(() => ({ body }));
      await open(baseUrl, { overrides: { updates: "put" } }).renameGroup("ab/1", "New");
      expect(requests.map(({ method }) => method)).toEqual(["GET", "PUT"]);
    }
  });

  test("an override wins over what was discovered", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    const capabilities = { groups: true, patch: false, filter: true };
    await open(baseUrl, { capabilities, overrides: { updates: "patch" } }).renameGroup("g", "New");
    expect(requests.map(({ method }) => method)).toEqual(["PATCH"]);
  });

  test("a PUT that is not there gives way to PATCH", async () => {
    const { baseUrl, requests } = await startServer(({ method }) =>
      method === "GET" ? { body: { id: "1", userName: "a" } } : { status: method === "PUT" ? 405 : 204 },
    );
    await open(baseUrl, { overrides: { updates: "put" } }).patchUser("1", [{ path: "title", to: "x" }]);
    expect(requests.map(({ method }) => method)).toEqual(["GET", "PUT", "PATCH"]);
  });

  test("a 412 reads again before it writes again", async () => {
    let version = 0;
    const { baseUrl, requests } = await startServer(({ method, headers }) => {
      if (method === "GET") {
        version += 1;
        return { headers: { etag: `"${version}"` }, body: { id: "1", userName: "a" } };
      }
      return { status: headers["if-match"] === '"2"' ? 204 : 412 };
    });
    const overrides = { updates: "put", etag: true } as const;
    await open(baseUrl, { overrides }).patchUser("1", [{ path: "title", to: "x" }]);
    expect(requests.map(({ method }) => method)).toEqual(["GET", "PUT", "GET", "PUT"]);
  });
});

describe("discovery", () => {
  test("reads what requests can be fitted to", async () => {
    const { baseUrl } = await startServer(
      inTurn({
        body: {
          patch: { supported: false },
          filter: { supported: true, maxResults: 50 },
          etag: { supported: true },
          pagination: { cursor: true, index: false },
        },
      }),
    );
    expect(await open(baseUrl).capabilities()).toEqual({
      groups: true,
      patch: false,
      filter: true,
      etag: true,
      maxResults: 50,
      paging: "cursor",
    });
  });

  test("does not wait longer than 3 s for an answer", async () => {
    const { baseUrl, requests } = await startServer(() => undefined);
    const began = performance.now();
    expect(await open(baseUrl).capabilities()).toEqual({ groups: true, patch: true, filter: true });
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(requests).toHaveLength(1);
  });

  test.each([
    [{ status: 404 }],
    [{ body: "<html>" }],
    [{ body: { patch: "yes", filter: { maxResults: "many" } } }],
  ])("takes %j for nothing said", async (reply) => {
    const { baseUrl } = await startServer(() => reply);
    expect(await open(baseUrl).capabilities()).toEqual({ groups: true, patch: true, filter: true });
  });
});
