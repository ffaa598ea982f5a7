import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  type Body,
  eventsOf,
  givenIntegration,
  givenProvider,
  requestLines,
  scimError,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();
const given = async (fields: object = {}) => {
  const provider = await givenProvider(startStrongDm);
  return { provider, ...(await givenIntegration(usher, provider, fields)) };
};
const testOf = async (path: string): Promise<Body> => (await usher.call("POST", `${path}/test`)).body;
const named = (body: Body, ok = true) =>
  (body.checks as { name: string; ok: boolean }[]).filter((check) => check.ok === ok).map(({ name }) => name);
const all = ["secret", "connection", "credentials", "users", "groups"];

test("what works is said step by step, with nobody read, nothing changed and no event", async () => {
  const { provider, path, integrationId } = await given();
  const before = (await usher.call("GET", path)).body;
  const events = await eventsOf(usher, `integrationId=${integrationId}`);
  const { status, body } = await usher.call("POST", `${path}/test`);
  expect([status, body.ok, named(body)]).toEqual([200, true, all]);
  for (const check of body.checks as object[]) expect(check).toEqual({ ...check, ms: expect.any(Number) });
  expect(requestLines(provider)).toEqual(["GET /Users", "GET /Groups"]);
  expect(writes(provider)).toEqual([]);
  expect((await usher.call("GET", path)).body).toEqual(before);
  expect(await eventsOf(usher, `integrationId=${integrationId}`)).toEqual(events);
});

test("an integration without groups is not asked for them", async () => {
  const { path } = await given({ groupsEnabled: false });
  expect(named(await testOf(path))).toEqual(all.slice(0, -1));
});

test("a token that is refused is said, and sets nothing", async () => {
  const { provider, path } = await given();
  provider.setToken("another-token");
  const body = await testOf(path);
  expect([body.ok, named(body, false)]).toEqual([false, ["credentials"]]);
  expect(JSON.stringify(body)).toMatch(/401.+Check the token/);
  expect((await usher.call("GET", path)).body.status).toBe("active");
});

test("an integration that needs reauth is tested all the same", async () => {
  const { provider, path } = await given();
  const { token } = provider;
  provider.setToken("another-token");
  const user = { email: "test.reauth@example.com", firstname: "Ada", lastname: "Osei" };
  expect((await usher.call("PUT", `${path}/users/test-reauth`, user)).status).toBe(502);
  expect((await usher.call("GET", path)).body.status).toBe("needs_reauth");
  provider.setToken(token);
  expect(await testOf(path)).toMatchObject({ ok: true });
  expect((await usher.call("GET", path)).body.status).toBe("needs_reauth");
});

test.each([
  ["a server that does not speak SCIM", () => ({ status: 200, headers: {}, body: "<html>" }), "users"],
  ["an address without SCIM", () => scimError(404, "no such path"), "users"],
  ["a provider that is down", () => scimError(503, "down"), "connection"],
  [
    "groups that are missing",
    ({ path }: { path: string }) => (path === "/Groups" ? scimError(404, "no groups here") : undefined),
    "groups",
  ],
])(
  "%s is a check that is not ok, with plain words",
  async (_, intercept, failing) => {
    const { provider, path } = await given();
    provider.intercept = intercept as typeof provider.intercept;
    const body = await testOf(path);
    expect([body.ok, named(body, false)]).toEqual([false, [failing]]);
    expect(named(body)).toEqual(all.slice(0, all.indexOf(failing)));
    expect((body.checks as { detail?: string }[]).at(-1)?.detail).toMatch(/\.$/);
  },
  60_000,
);

test("a provider that is gone is a check that is not ok", async () => {
  const { provider, path } = await given();
  await provider.close();
  const body = await testOf(path);
  expect([body.ok, named(body, false)]).toEqual([false, ["connection"]]);
}, 60_000);

test("a deleted and an unknown integration are refused", async () => {
  const { path } = await given();
  await usher.call("DELETE", path);
  const deleted = await usher.call("POST", `${path}/test`);
  expect([deleted.status, deleted.body.code]).toEqual([409, "integration-not-active"]);
  expect((await usher.call("POST", "/integrations/unknown/test")).status).toBe(404);
});
