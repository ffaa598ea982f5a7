import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBetterAuth } from "./better-auth.ts";
import { addPerson, call, filter, patchOp, person } from "./call.ts";
import type { TestProvider } from "./provider.ts";
import { startScimmy } from "./scimmy.ts";
import { startStrongDm } from "./strongdm/strongdm.ts";

const STARTS = { strongDM: startStrongDm, SCIMMY: startScimmy, "better-auth": startBetterAuth };

describe.each(Object.entries(STARTS))("%s behind the front", (_name, start) => {
  let provider: TestProvider;
  beforeEach(async () => {
    provider = await start({ token: "first-token" });
  });
  afterEach(() => provider.close());

  it("listens on loopback with a base URL that ends in no slash", () => {
    expect(provider.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/.*[^/]$/);
  });

  it("refuses a missing, a wrong and a retired token", async () => {
    expect((await fetch(`${provider.baseUrl}/Users`)).status).toBe(401);
    expect((await call(provider, "GET", "/Users", undefined, "wrong")).status).toBe(401);
    expect((await call(provider, "GET", "/Users")).status).toBe(200);

    provider.setToken("second-token");

    expect((await call(provider, "GET", "/Users", undefined, "first-token")).status).toBe(401);
    expect((await call(provider, "GET", "/Users", undefined, "second-token")).status).toBe(200);
    expect(provider.token).toBe("second-token");
  });

  it("records every request, refused ones too, and never the token", async () => {
    await call(provider, "GET", `/Users${filter('userName eq "ana@example.com"')}`, undefined, "wrong");
    const body = person("Ana", "Lima");
    await call(provider, "POST", "/Users", body);

    expect(provider.requests).toMatchObject([
      {
        method: "GET",
        path: "/Users",
        query: "filter=userName%20eq%20%22ana%40example.com%22",
        status: 401,
        bytes: 0,
      },
      { method: "POST", path: "/Users", query: "", body, bytes: JSON.stringify(body).length, status: 201 },
    ]);
    expect(provider.requests[1]?.headers["content-type"]).toBe("application/scim+json");
    expect(JSON.stringify(provider.requests)).not.toMatch(/first-token|wrong/);
  });

  it("keeps users and groups and shows them from inside", async () => {
    const ana = await addPerson(provider, "Ana", "Lima");
    const bo = await addPerson(provider, "Bo", "Berg");
    const group = await call(provider, "POST", "/Groups", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      displayName: "Operations",
      members: [{ value: ana }],
    });
    const id = String(group.json.id);
    await call(provider, "PATCH", `/Users/${bo}`, patchOp({ op: "replace", path: "active", value: false }));
    const add = patchOp({ op: "add", path: "members", value: [{ value: bo }] });
    await call(provider, "PATCH", `/Groups/${id}`, add);
    const swap = { op: "remove", path: `members[value eq "${ana}"]` };
    const rename = { op: "replace", path: "displayName", value: "Site operations" };
    expect((await call(provider, "PATCH", `/Groups/${id}`, patchOp(swap, rename))).status).toBe(200);
    const requests = provider.requests.length;

    const users = (await provider.users()).sort((a, b) => a.userName.localeCompare(b.userName));
    expect(users).toMatchObject([
      { id: ana, userName: "ana.lima@example.com", active: true, resource: { id: ana } },
      { id: bo, userName: "bo.berg@example.com", active: false, resource: { active: false } },
    ]);
    expect(await provider.groups()).toEqual([{ id, displayName: "Site operations", members: [bo] }]);
    expect(provider.requests).toHaveLength(requests);
  });

  it("finds a user by name, refuses a second of the same name, and forgets a deleted one", async () => {
    const ana = await addPerson(provider, "Ana", "Lima");
    const found = await call(provider, "GET", `/Users${filter('userName eq "ana.lima@example.com"')}`);
    expect(found.json).toMatchObject({ totalResults: 1, Resources: [{ id: ana }] });

    const again = await call(provider, "POST", "/Users", person("Ana", "Lima"));
    expect(again.status).toBe(409);
    expect(again.json).toMatchObject({ scimType: "uniqueness", status: "409" });

    expect((await call(provider, "DELETE", `/Users/${ana}`)).status).toBe(204);
    expect((await call(provider, "DELETE", `/Users/${ana}`)).status).toBe(404);
    expect((await call(provider, "GET", `/Users/${ana}`)).status).toBe(404);
    expect(await provider.users()).toEqual([]);
  });

  it("pages through users", async () => {
    for (const name of ["A", "B", "C"]) await addPerson(provider, name, "Vale");
    const first = await call(provider, "GET", "/Users?startIndex=1&count=2");
    const second = await call(provider, "GET", "/Users?startIndex=3&count=2");
    const pages = [first, second].map(({ json }) => json.Resources as { userName: string }[]);
    expect(pages.map((page) => page.length)).toEqual([2, 1]);
    expect(new Set(pages.flat().map((user) => user.userName)).size).toBe(3);
    expect(first.json.totalResults).toBe(3);
  });

  it("answers for the provider, or closes the socket before it", async () => {
    provider.intercept = () => ({ status: 503, headers: { "retry-after": "2" }, body: "busy" });
    const busy = await call(provider, "POST", "/Users", person("Ana", "Lima"));
    expect([busy.status, busy.headers.get("retry-after"), busy.text]).toEqual([503, "2", "busy"]);

    provider.intercept = () => "drop-before";
    await expect(call(provider, "POST", "/Users", person("Ana", "Lima"))).rejects.toThrow("fetch failed");

    expect(await provider.users()).toEqual([]);
    expect(provider.requests.map((request) => request.status)).toEqual([503, 0]);
  });

  it("closes the socket after the provider has applied the request", async () => {
    provider.intercept = () => "drop-after";
    await expect(call(provider, "POST", "/Users", person("Ana", "Lima"))).rejects.toThrow("fetch failed");
    expect((await provider.users()).map((user) => user.userName)).toEqual(["ana.lima@example.com"]);
    expect(provider.requests.map((request) => request.status)).toEqual([201]);
  });

  it("delays, lets through, or never answers, and can still be closed", async () => {
    provider.intercept = (request) => (request.method === "GET" ? { delayMs: 60 } : undefined);
    const started = performance.now();
    expect((await call(provider, "GET", "/Users")).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(55);
    expect((await call(provider, "POST", "/Users", person("Ana", "Lima"))).status).toBe(201);

    provider.intercept = () => "hang";
    const hanging = call(provider, "GET", "/Users");
    const answered = await Promise.race([hanging.catch(() => "ended"), wait(80, "silent")]);
    expect(answered).toBe("silent");
    await provider.close();
    await expect(hanging).rejects.toThrow("fetch failed");
    provider = await start();
  });

  it("takes the latency asked for, and starts twice in one process with separate state", async () => {
    const slow = await start({ latencyMs: 40 });
    try {
      const started = performance.now();
      await addPerson(slow, "Ana", "Lima");
      expect(performance.now() - started).toBeGreaterThan(35);
      expect(slow.token).not.toBe(provider.token);
      expect([(await slow.users()).length, (await provider.users()).length]).toEqual([1, 0]);
    } finally {
      await slow.close();
    }
  });
});

function wait<T>(ms: number, value: T): Promise<T> {
  return new Promise((done) => setTimeout(() => done(value), ms));
}
