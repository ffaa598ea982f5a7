import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { call, GROUP } from "../../providers/call.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { until } from "../../support/quick-time.ts";
import {
  aPerson,
  eventTypesOf,
  expectOk,
  forget,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  newId,
  passTime,
  requestLines,
  scimError,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** A group at the provider that holds somebody of the directory's, and a saved directory group of its name without them. */
const given = async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const there = await givenProvisioned(usher, provider, integration);
  const groupId = newId("group");
  const members = [{ value: there.remoteId }];
  const { json } = await call(provider, "POST", "/Groups", {
    schemas: [GROUP],
    displayName: groupId,
    members,
  });
  const [member = ""] = await givenSaved(usher, 1);
  expectOk(await usher.call("PUT", `/groups/${groupId}`, { name: groupId, members: [member] }));
  forget(provider);
  const path = `${integration.path}/groups/${groupId}`;
  const bind = (query = "") => usher.call("PUT", path + query);
  const membersOf = async () => (await usher.call("GET", `/groups/${groupId}/members`)).body.items;
  return { provider, integration, there, member, groupId, remoteId: String(json.id), path, bind, membersOf };
};

test("a saved group is bound without a body", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const groupId = newId("group");
  const members = await givenSaved(usher, 2);
  const path = `${integration.path}/groups/${groupId}`;
  expect(await usher.call("PUT", path)).toMatchObject({ status: 404, body: { code: "not-found" } });
  expectOk(await usher.call("PUT", `/groups/${groupId}`, { name: "Saved", members }));
  expect(await usher.call("PUT", path)).toMatchObject({
    status: 200,
    body: { action: "created", state: "in_sync", members: { added: 2 } },
  });
  expect(requestLines(provider).filter((line) => line.includes("/Groups"))).toEqual([
    "GET /Groups",
    "POST /Groups",
    expect.stringMatching("^PATCH /Groups/"),
  ]);
  expect((await usher.call("GET", `/groups/${groupId}`)).body.integrations).toEqual([
    { integrationId: integration.integrationId, state: "in_sync", bound: true },
  ]);
  forget(provider);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged" });
  expect(provider.requests).toEqual([]);
  expectOk(await usher.call("DELETE", `/groups/${groupId}`));
  expect((await usher.call("PUT", path)).status).toBe(404);
});

test("a first bind that would take one person out is held, and does nothing", async () => {
  const { provider, bind, there, path, groupId, member } = await given();
  const { user } = there;
  for (const query of ["", "?confirm=1", "?existing=replace", "?existing=replace&confirm=2"])
    expect(await bind(query)).toMatchObject({
      status: 409,
      body: {
        code: "deprovisions-held",
        count: 1,
        userIds: [there.userId],
        names: [`${user.firstname} ${user.lastname}`],
      },
    });
  expect(writes(provider)).toEqual([]);
  expect((await usher.call("GET", path)).status).toBe(404);
  expect(await eventTypesOf(usher, `groupId=${groupId}`)).toEqual([]);
  expect(await eventTypesOf(usher, `userId=${member}`)).toEqual([]);
});

test("with existing=keep who is in the group there becomes a member, in every integration", async () => {
  const { provider, bind, there, member, membersOf, remoteId } = await given();
  expect((await bind("?existing=keep")).body).toMatchObject({
    action: "adopted",
    state: "in_sync",
    remoteId,
    members: { added: 1, removed: 0 },
  });
  expect((await membersOf()).map(({ userId }) => userId)).toEqual([there.userId, member].sort());
  expect((await provider.groups())[0]?.members).toHaveLength(2);
});

test("with existing=keep a group without members here takes those who are there, and is not looked for without it", async () => {
  const { provider, bind, there, member, groupId, membersOf, remoteId } = await given();
  expectOk(await usher.call("POST", `/groups/${groupId}/members`, { remove: [member] }));
  expect((await bind()).body).toMatchObject({ action: "skipped" });
  expect(provider.requests).toEqual([]);
  expect((await bind("?existing=keep")).body).toMatchObject({
    action: "adopted",
    state: "in_sync",
    remoteId,
    members: { added: 0, removed: 0 },
  });
  expect((await membersOf()).map(({ userId }) => userId)).toEqual([there.userId]);
  expect((await provider.groups())[0]?.members).toHaveLength(1);
});

test("with existing=replace and the count they are taken out, and nothing is asked for twice", async () => {
  const { provider, bind, membersOf, member, remoteId } = await given();
  expect((await bind("?existing=replace&confirm=1")).body).toMatchObject({
    action: "adopted",
    state: "in_sync",
    members: { added: 1, removed: 1 },
  });
  expect((await membersOf()).map(({ userId }) => userId)).toEqual([member]);
  expect((await provider.groups())[0]?.members).toHaveLength(1);
  const reads = requestLines(provider).filter((line) => line.startsWith("GET /Groups"));
  expect(reads).toEqual(["GET /Groups", `GET /Groups/${remoteId}`]);
});

test("people who are unknown, and those who left the directory, hold no bind", async () => {
  const { provider, bind, there } = await given();
  const policies = { onUserDeleted: "deprovision" };
  await usher.call("PATCH", there.path.split("/users/")[0] ?? "", { policies });
  expectOk(await usher.call("DELETE", `/users/${there.userId}`));
  expect((await bind()).body).toMatchObject({ action: "adopted", state: "in_sync" });
  expect((await provider.groups())[0]?.members).toHaveLength(1);
});

test("a look that fails is told by the attempt, which asks for nothing twice", async () => {
  const { provider, bind, groupId } = await given();
  provider.intercept = ({ path }) => (path.startsWith("/Groups") ? scimError(403, "Closed.") : undefined);
  expect((await bind()).body).toMatchObject({
    code: "provider-rejected",
    detail: expect.stringContaining("Closed."),
  });
  const asked = provider.requests.filter(({ path }) => path.startsWith("/Groups")).map(({ query }) => query);
  expect(asked).not.toEqual([]);
  expect(new Set(asked).size).toBe(asked.length);
  expect(await eventTypesOf(usher, `groupId=${groupId}`)).toEqual(["!group_create_provision"]);
});

test("a group that others make while its members get their accounts is not made twice", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const groupId = newId("group");
  const members = await givenSaved(usher, 1);
  let made: Promise<unknown> | undefined;
  provider.intercept = ({ method, path }) => {
    if (made || method !== "POST" || path !== "/Users") return undefined;
    passTime(5_000);
    made = call(provider, "POST", "/Groups", { schemas: [GROUP], displayName: groupId });
    return { delayMs: 50 };
  };
  const answer = await usher.call("PUT", `${integration.path}/groups/${groupId}`, { name: groupId, members });
  await made;
  expect(answer.body).toMatchObject({ action: "adopted", state: "in_sync" });
  expect(await provider.groups()).toMatchObject([{ displayName: groupId, members: [expect.any(String)] }]);
});

test("a group without anybody who may have an account is not looked for", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const { userId, user } = aPerson({ suspended: true });
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  const body = { name: newId("nobody"), members: [userId] };
  const answer = await usher.call("PUT", `${integration.path}/groups/${body.name}`, body);
  expect(answer.body).toMatchObject({ action: "skipped" });
  expect(provider.requests).toEqual([]);
});

test.each(["?existing=merge", "?existing=", "?existing=replace&confirm=x", "?keep=true"])(
  "a bind with %s is refused",
  async (query) => {
    const { bind, provider } = await given();
    expect(await bind(query)).toMatchObject({ status: 400, body: { code: "invalid-input" } });
    expect(provider.requests).toEqual([]);
  },
);

const stateOf = async (path: string) => (await usher.call("GET", path)).body.state;

test("with existing=keep while the integration is paused those who are there become members once it is resumed", async () => {
  const { provider, bind, integration, path, there, member, membersOf } = await given();
  expectOk(await usher.call("POST", `${integration.path}/pause`));
  expect(await bind("?existing=keep")).toMatchObject({ status: 202, body: { state: "pending" } });
  expectOk(await usher.call("POST", `${integration.path}/resume`));
  await until(async () => (await stateOf(path)) === "in_sync");
  expect((await membersOf()).map(({ userId }) => userId)).toEqual([there.userId, member].sort());
  expect((await provider.groups())[0]?.members).toHaveLength(2);
});

test("with existing=replace and the count while it is paused they are taken out once it is resumed, and no others", async () => {
  const { provider, bind, integration, path, membersOf, member } = await given();
  expectOk(await usher.call("POST", `${integration.path}/pause`));
  expect((await bind("?existing=replace&confirm=1")).status).toBe(202);
  expectOk(await usher.call("POST", `${integration.path}/resume`));
  await until(async () => (await stateOf(path)) === "in_sync");
  expect((await membersOf()).map(({ userId }) => userId)).toEqual([member]);
  expect((await provider.groups())[0]?.members).toHaveLength(1);

  const other = await given();
  expectOk(await usher.call("POST", `${other.integration.path}/pause`));
  expect((await other.bind("?existing=replace&confirm=2")).status).toBe(202);
  expectOk(await usher.call("POST", `${other.integration.path}/resume`));
  await until(async () => (await stateOf(other.path)) === "failed");
  expect((await usher.call("GET", other.path)).body.lastError).toMatchObject({ code: "deprovisions-held" });
  expect((await other.provider.groups())[0]?.members).toHaveLength(1);
});

test("with existing=keep while the provider does not answer, or refuses the credentials, nothing of it is lost", async () => {
  const away = await given();
  away.provider.intercept = () => scimError(503, "Down for maintenance.");
  expect((await away.bind("?existing=keep")).status).toBe(202);
  away.provider.intercept = undefined;
  await sleep(600_000);
  await usher.run.recover();
  await until(async () => (await stateOf(away.path)) === "in_sync");
  expect(await away.membersOf()).toHaveLength(2);
  expect((await away.provider.groups())[0]?.members).toHaveLength(2);

  const refused = await given();
  const { token } = refused.provider;
  refused.provider.setToken("another-token");
  await refused.bind("?existing=keep");
  expect((await refused.bind("?existing=keep")).status).toBe(202);
  refused.provider.setToken(token);
  const credentials = { type: "bearer", clientSecret: token };
  expectOk(await usher.call("POST", `${refused.integration.path}/reauth`, { credentials }));
  await until(async () => (await stateOf(refused.path)) === "in_sync");
  expect(await refused.membersOf()).toHaveLength(2);
});

test("a call for members, or the same bind without a word, goes on with what the bind was asked for while it was paused", async () => {
  const { bind, integration, path, membersOf, there } = await given();
  const [another = ""] = await givenSaved(usher, 1);
  expectOk(await usher.call("POST", `${integration.path}/pause`));
  expect((await bind("?existing=keep")).status).toBe(202);
  const added = await usher.call("POST", `${path}/members`, { add: [another] });
  expect(added.status).toBe(202);
  expectOk(await usher.call("POST", `${integration.path}/resume`));
  expectOk(await bind());
  await until(async () => (await stateOf(path)) === "in_sync");
  const members = (await membersOf()).map(({ userId }) => userId);
  expect(members).toHaveLength(3);
  expect(members).toContain(there.userId);
});
