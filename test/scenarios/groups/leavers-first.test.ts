import { expect, test } from "vitest";
import type { RecordedRequest } from "../../providers/provider.ts";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import { until } from "../../support/quick-time.ts";
import {
  eventsOf,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** A group of two, of whom one is to leave, and a user who is to join and has no account yet. */
const given = async () => {
  const provider = await givenProvider(startQuirky);
  const integration = await givenIntegration(usher, provider);
  const [stays = "", leaves = "", joins = ""] = await givenSaved(usher, 3);
  const group = await givenGroup(usher, provider, integration, [stays, leaves]);
  const remoteIdOf = async (userId: string) =>
    (await usher.call("GET", `${integration.path}/users/${userId}`)).body.remoteId;
  const there = await Promise.all([stays, leaves].map(remoteIdOf));
  const membersThere = async () => (await provider.groups())[0]?.members;
  const exchange = { add: [joins], remove: [leaves] };
  return { provider, integration, group, stays, leaves, joins, there, membersThere, exchange, remoteIdOf };
};

test("who leaves is out of the group and without access while the provider is slow to make another's account", async () => {
  const { provider, integration, group, there, membersThere, exchange, leaves, remoteIdOf, joins } =
    await given();
  provider.intercept = ({ method, path }) =>
    method === "POST" && path === "/Users" ? { delayMs: 1_500 } : undefined;
  const changing = usher.call("POST", `${group.path}/members`, exchange);
  await until(() => requestLines(provider).includes("POST /Users"));
  expect(await membersThere()).toEqual([there[0]]);
  expect(await provider.users()).toHaveLength(2);
  const left = (await usher.call("GET", `${integration.path}/users/${leaves}`)).body;
  expect(left).toMatchObject({ state: "deprovisioned", active: false });
  const { body } = await changing;
  expect(body).toMatchObject({ state: "in_sync", members: { added: 1, removed: 1, pending: [] } });
  expect(await membersThere()).toEqual([there[0], await remoteIdOf(joins)]);
  const events = await eventsOf(usher, `groupId=${group.groupId}`);
  expect(events.slice(1)).toMatchObject([{ members_removed: [leaves] }, { members_added: [joins] }]);
});

test("who leaves is out although no account can be made for who joins", async () => {
  const { provider, group, there, membersThere, exchange, joins } = await given();
  provider.intercept = ({ method, path }) =>
    method === "POST" && path === "/Users" ? scimError(400, "No more seats.") : undefined;
  const { body } = await usher.call("POST", `${group.path}/members`, exchange);
  expect(body).toMatchObject({ state: "pending", members: { added: 0, removed: 1, pending: [joins] } });
  expect(await membersThere()).toEqual([there[0]]);
});

test("a new name that is taken keeps nobody in the group who leaves, nor out of it who joins", async () => {
  const { provider, group, stays, leaves, joins, membersThere, remoteIdOf, there } = await given();
  provider.intercept = ({ method, path, body }) =>
    method === "PATCH" && path.startsWith("/Groups") && JSON.stringify(body).includes("Taken")
      ? scimError(409, "The name is taken.")
      : undefined;
  const answer = await usher.call("PUT", group.path, { name: "Taken", members: [stays, joins] });
  expect(answer.status).toBe(502);
  expect(await membersThere()).toEqual([there[0], await remoteIdOf(joins)]);
  const events = await eventsOf(usher, `groupId=${group.groupId}`);
  expect(events.slice(1)).toMatchObject([
    { success: true, members_removed: [leaves] },
    { success: false, members_added: [joins] },
  ]);
});

test("a removal that is refused keeps nobody out who joins, and nobody's account open who leaves", async () => {
  const { provider, integration, group, leaves, joins, membersThere, remoteIdOf } = await given();
  provider.intercept = ({ method, path, body }) =>
    method === "PATCH" && path.startsWith("/Groups") && JSON.stringify(body).includes("remove")
      ? scimError(403, "Members of this group stay.")
      : undefined;
  const answer = await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [leaves] });
  expect(answer.status).toBe(502);
  expect(await membersThere()).toContain(await remoteIdOf(joins));
  const left = (await usher.call("GET", `${integration.path}/users/${leaves}`)).body;
  expect(left).toMatchObject({ state: "deprovisioned", active: false });
});

test("where who joins has an account already, one request takes out and adds, and the removal comes first", async () => {
  const { provider, integration, group, exchange, joins } = await given();
  expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
  forget(provider);
  const { body } = await usher.call("POST", `${group.path}/members`, exchange);
  expect(body).toMatchObject({ state: "in_sync", members: { added: 1, removed: 1 } });
  expect(requestLines(provider)[0]).toBe(`PATCH /Groups/${group.remoteId}`);
  expect(requestLines(provider).filter((line) => line.includes("/Groups"))).toHaveLength(1);
  const { Operations } = (provider.requests[0] as RecordedRequest).body as { Operations: { op: string }[] };
  expect(Operations.map(({ op }) => op.toLowerCase())).toEqual(["remove", "add"]);
});
