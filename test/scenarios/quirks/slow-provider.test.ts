import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  aPerson,
  type Body,
  eventsOf,
  eventTypesOf,
  expectOk,
  givenIntegration,
  givenProvider,
  givenSaved,
  newId,
  requestLines,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

test("a group that cannot be provisioned in the time of a call is pending, and the same call again goes on", async () => {
  const provider = await givenProvider(startStrongDm);
  const { path } = await givenIntegration(usher, provider);
  const members = await givenSaved(usher, 100);
  const groupId = newId("group");
  const at = `${path}/groups/${groupId}`;
  // A hundred lookups and creations, eight at a time, take longer than a call may.
  provider.intercept = () => ({ delayMs: 1_200 });

  const began = performance.now();
  const first = await usher.call("PUT", at, { name: groupId, members });
  expect(performance.now() - began).toBeLessThan(25_000);
  expect(first.status).toBe(202);
  expect(Number(first.headers.get("retry-after"))).toBeGreaterThan(0);
  const { pending } = first.body.members as { pending: string[] };
  expect(first.body).toMatchObject({ state: "pending", reason: expect.any(String) });
  expect(pending.length).toBeGreaterThan(0);
  expect(members).toEqual(expect.arrayContaining(pending));
  expect((await usher.call("GET", at)).body.state).not.toBe("failed");

  provider.intercept = undefined;
  const second = await usher.call("PUT", at, { name: groupId, members });
  expect(second.status).toBe(200);
  expect(second.body).toMatchObject({ state: "in_sync", members: { pending: [] } });
  expect((await provider.groups())[0]?.members).toHaveLength(100);
  expect(requestLines(provider).filter((line) => line === "POST /Users")).toHaveLength(100);
  // A member whose creation was not sent any more may have said so.
  const failed = await eventsOf(usher, `integrationId=${path.split("/")[2]}&success=false`);
  for (const event of failed) expect(event.error_message).toContain("time of the call");
}, 60_000);

test("a user whose lookup takes all the time of a call is pending, not failed, and the same call again goes on", async () => {
  const provider = await givenProvider(startStrongDm);
  const { path } = await givenIntegration(usher, provider);
  const { userId, user } = aPerson();
  const at = `${path}/users/${userId}`;
  let lookups = 0;
  // Two lookups without an answer, then one that comes when no time is left for the creation.
  provider.intercept = () => (++lookups < 3 ? "hang" : { delayMs: 2_600 });
  const first = await usher.call("PUT", at, user);
  expect(requestLines(provider)).toEqual(["GET /Users", "GET /Users", "GET /Users"]);
  expect(first.status).toBe(202);
  expect(first.body).toMatchObject({ userId, state: "pending", reason: expect.any(String) });
  expect(Number(first.headers.get("retry-after"))).toBeGreaterThan(0);

  provider.intercept = undefined;
  expect((await usher.call("PUT", at)).body).toMatchObject({ action: "created", state: "in_sync" });
  expect(await eventTypesOf(usher, `userId=${userId}&success=true`)).toEqual(["user_create_provision"]);
}, 60_000);

test("what a caller saved who is turned away while another call is at the user is carried out by the other call", async () => {
  const provider = await givenProvider(startStrongDm);
  const { path } = await givenIntegration(usher, provider);
  const { userId, user } = aPerson();
  const at = `${path}/users/${userId}`;
  provider.intercept = ({ method }) => (method === "POST" ? { delayMs: 4_500 } : undefined);
  const first = usher.call("PUT", at, user);
  await until(() => requestLines(provider).includes("POST /Users"));
  const second = await usher.call("PUT", at, { ...user, jobTitle: "Countess" });
  expect(second).toMatchObject({ status: 202, body: { state: "pending", eventIds: [] } });
  expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);

  expect((await first).body).toMatchObject({ state: "in_sync" });
  expect(requestLines(provider).slice(-1)).toEqual([expect.stringContaining("PATCH")]);
  expect(await provider.users()).toMatchObject([{ resource: { title: "Countess" } }]);
  expect((await usher.call("GET", at)).body.state).toBe("in_sync");
}, 60_000);

test("a leaver who is still being provisioned is pending, and is taken away by the call that is at it", async () => {
  const provider = await givenProvider(startStrongDm);
  const { path, integrationId } = await givenIntegration(usher, provider);
  const { userId, user } = aPerson();
  provider.intercept = ({ method }) => (method === "POST" ? { delayMs: 4_500 } : undefined);
  const first = usher.call("PUT", `${path}/users/${userId}`, user);
  await until(() => requestLines(provider).includes("POST /Users"));
  const leaving = await usher.call("DELETE", `/users/${userId}`);
  expect(leaving.status).toBe(202);
  expect(Number(leaving.headers.get("retry-after"))).toBeGreaterThan(0);
  const receipt = { integrationId, state: "pending", reason: expect.any(String), eventIds: [] };
  expect(leaving.body.receipts).toMatchObject([receipt]);

  expect((await first).body).toMatchObject({ action: "deleted", state: "deleted" });
  expect(await provider.users()).toEqual([]);
  expect((await usher.call("DELETE", `/users/${userId}`)).status).toBe(200);
}, 60_000);

test.each([1, 8])(
  "%i integrations whose provider hangs keep no leaver's account open behind them",
  async (count) => {
    const [hanging, live] = [await givenProvider(startStrongDm), await givenProvider(startStrongDm)];
    const { userId, user } = aPerson();
    for (const provider of [...Array.from({ length: count }, () => hanging), live]) {
      const { path } = await givenIntegration(usher, provider);
      expectOk(await usher.call("PUT", `${path}/users/${userId}`, user));
    }
    const { integrations } = (await usher.call("GET", `/users/${userId}`)).body;
    hanging.intercept = () => "hang";
    live.intercept = ({ method }) => {
      if (method === "DELETE") hanging.intercept = undefined;
      return undefined;
    };

    const { status, body } = await usher.call("DELETE", `/users/${userId}`);
    expect(await live.users()).toEqual([]);
    expect(status).toBe(200);
    expect(body.receipts).toMatchObject(
      (integrations as Body[]).map(({ integrationId }) => ({ integrationId, state: "deleted" })),
    );
    expect(await hanging.users()).toEqual([]);
  },
  60_000,
);

test("a call whose provider hangs ends within 25 s, for a user, a group and a leaver of several integrations", async () => {
  const provider = await givenProvider(startStrongDm);
  const integrations = [await givenIntegration(usher, provider), await givenIntegration(usher, provider)];
  const [{ path = "" } = {}] = integrations;
  const members = await givenSaved(usher, 10);
  const groupId = newId("group");
  const { userId, user } = aPerson();
  const leaver = aPerson();
  for (const { path: at } of integrations)
    expectOk(await usher.call("PUT", `${at}/users/${leaver.userId}`, leaver.user));
  provider.intercept = () => "hang";
  const timed = async (method: string, at: string, body?: object) => {
    const began = performance.now();
    await usher.call(method, at, body);
    return performance.now() - began;
  };
  const ended = await Promise.all([
    timed("PUT", `${path}/users/${userId}`, user),
    timed("PUT", `${path}/groups/${groupId}`, { name: groupId, members }),
    timed("DELETE", `/users/${leaver.userId}`),
  ]);
  expect(Math.max(...ended)).toBeLessThan(25_000);
  // All of them have asked, and waited.
  expect(Math.min(...ended)).toBeGreaterThan(15_000);
}, 60_000);
