import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createScimServer } from "../../infra/sandbox/scim-server.ts";
import { addPerson, call, ENTERPRISE, filter, GROUP, patchOp, person, USER } from "./call.ts";
import type { TestProvider } from "./provider.ts";
import { startScimmy } from "./scimmy.ts";

describe("SCIMMY", () => {
  let scimmy: TestProvider;
  beforeEach(async () => {
    scimmy = await startScimmy();
  });
  afterEach(() => scimmy.close());

  const patch = (path: string, ...operations: unknown[]) =>
    call(scimmy, "PATCH", path, patchOp(...operations));

  it("keeps the enterprise extension and sets ids, times and active itself", async () => {
    const { active: _, ...body } = person("Ana", "Lima", { [ENTERPRISE]: { department: "Sales" } });
    const created = await call(scimmy, "POST", "/Users", { ...body, schemas: [USER, ENTERPRISE] });
    expect([created.status, created.headers.get("content-type")]).toEqual([
      201,
      "application/scim+json; charset=utf-8",
    ]);
    expect(created.json).toMatchObject({
      active: true,
      [ENTERPRISE]: { department: "Sales" },
      meta: { location: `/scim/v2/Users/${created.json.id}` },
    });
    await patch(`/Users/${created.json.id}`, {
      op: "replace",
      path: `${ENTERPRISE}:department`,
      value: "Service",
    });
    expect((await scimmy.users())[0]?.resource[ENTERPRISE]).toEqual({ department: "Service" });
  });

  it("answers a PATCH with 200 when it changed something, else with 204", async () => {
    const ana = await addPerson(scimmy, "Ana", "Lima");
    const off = { op: "replace", path: "active", value: false };
    expect((await patch(`/Users/${ana}`, off)).status).toBe(200);
    expect((await patch(`/Users/${ana}`, off)).status).toBe(204);

    const group = await call(scimmy, "POST", "/Groups", { schemas: [GROUP], displayName: "Staff" });
    const add = { op: "add", path: "members", value: [{ value: ana }] };
    expect((await patch(`/Groups/${group.json.id}`, add)).status).toBe(200);
    await patch(`/Groups/${group.json.id}`, add);
    expect((await scimmy.groups())[0]?.members).toEqual([ana]);
    const remove = { op: "remove", path: `members[value eq "${ana}"]` };
    expect((await patch(`/Groups/${group.json.id}`, remove)).status).toBe(200);
    expect((await patch(`/Groups/${group.json.id}`, remove)).status).toBe(204);
  });

  it("compares userName with case in a filter and without when it must be unique", async () => {
    await addPerson(scimmy, "Ana", "Lima");
    const upper = { userName: "ANA.LIMA@example.com" };
    expect(
      (await call(scimmy, "GET", `/Users${filter(`userName eq "${upper.userName}"`)}`)).json.totalResults,
    ).toBe(0);
    expect((await call(scimmy, "POST", "/Users", person("Ana", "Lima", upper))).status).toBe(409);
  });

  it("cannot be asked for a value with a quotation mark", async () => {
    const answer = await call(scimmy, "GET", `/Groups${filter('displayName eq "The \\"A\\" team"')}`);
    expect([answer.status, answer.json.scimType]).toEqual([400, "invalidFilter"]);
  });

  it("refuses unknown members, and drops a deleted user from its groups", async () => {
    const ana = await addPerson(scimmy, "Ana", "Lima");
    const body = { schemas: [GROUP], displayName: "Staff", members: [{ value: ana }] };
    const group = await call(scimmy, "POST", "/Groups", body);
    expect((await call(scimmy, "GET", `/Users/${ana}`)).json.groups).toMatchObject([{ display: "Staff" }]);
    const stranger = { op: "add", path: "members", value: [{ value: "nobody" }] };
    expect((await patch(`/Groups/${group.json.id}`, stranger)).status).toBe(400);
    await call(scimmy, "DELETE", `/Users/${ana}`);
    expect(await scimmy.groups()).toMatchObject([{ displayName: "Staff", members: [] }]);
  });

  it("lists twenty a page unless told otherwise", async () => {
    for (let i = 0; i < 25; i++) await addPerson(scimmy, `P${i}`, "Vale");
    const first = await call(scimmy, "GET", "/Users");
    expect(first.json).toMatchObject({ totalResults: 25, itemsPerPage: 20 });
    expect(first.json.Resources).toHaveLength(20);
    expect((await call(scimmy, "GET", "/Users?startIndex=21")).json.Resources).toHaveLength(5);
  });
});

describe("the server that the demo runs", () => {
  it("listens by itself, refuses users as told, and changes its token", async () => {
    const server = createScimServer({
      token: "first-token",
      refuseUser: (user) =>
        String(user.userName).endsWith("@example.org") ? "That domain is not ours" : undefined,
    });
    const { baseUrl, close } = await server.listen();
    const send = (userName: string, token: string) =>
      fetch(`${baseUrl}/Users`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
        body: JSON.stringify({ schemas: [USER], userName }),
      });
    try {
      expect((await send("ana.lima@example.com", "first-token")).status).toBe(201);
      const refused = await send("bo.berg@example.org", "first-token");
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({
        scimType: "invalidValue",
        detail: "That domain is not ours",
      });

      server.setToken("second-token");
      expect((await send("cy.dahl@example.com", "first-token")).status).toBe(401);
      expect((await send("cy.dahl@example.com", "second-token")).status).toBe(201);
      expect(server.users().map((user) => user.userName)).toEqual([
        "ana.lima@example.com",
        "cy.dahl@example.com",
      ]);
    } finally {
      await close();
    }
  });
});
