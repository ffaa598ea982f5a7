import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Quirky } from "../../providers/quirky/quirky.ts";
import { until } from "../../support/quick-time.ts";
import { givenQuirky, givenQuirkyGroup } from "../../support/quirks.ts";
import {
  type Body,
  expectOk,
  type GivenIntegration,
  givenProvisioned,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const attentionOf = async ({ integrationId }: GivenIntegration, query = ""): Promise<Body[]> =>
  expectOk(await usher.call("GET", `/attention?integrationId=${integrationId}${query}`)).body.items;
const kindsOf = async (integration: GivenIntegration) =>
  (await attentionOf(integration)).map(({ kind }) => kind);
const stateOf = async (path: string) => (await usher.call("GET", path)).body.state;

const down = (provider: Quirky) => {
  provider.intercept = () => scimError(503, "Down for maintenance.");
};
const refusing = (provider: Quirky) => {
  provider.intercept = ({ method }) => (method === "GET" ? undefined : scimError(400, "No such thing."));
};
/** What waits for its time is due, and found. */
const passTimeAndSweep = async (ms: number) => {
  await sleep(ms);
  await usher.run.recover();
};
const policies = { accessOpenAfter: "1m" };

const givenAccount = async (fields: object = { policies }) => {
  const { provider, integration } = await givenQuirky(usher, {}, fields);
  return { provider, integration, ...(await givenProvisioned(usher, provider, integration)) };
};
const suspend = async (userId: string) =>
  expectOk(await usher.call("PATCH", `/users/${userId}`, { suspended: true })).body.updatedAt as string;

test("a leaver is shown as open access while the provider is down, once the time of the policy is over", async () => {
  const { provider, integration, userId, path } = await givenAccount();
  down(provider);
  const askedAt = await suspend(userId);
  await until(async () => (await usher.call("GET", path)).body.lastError !== undefined);
  expect(await attentionOf(integration)).toEqual([]);
  await sleep(60_000);
  const [entry, ...others] = await attentionOf(integration);
  expect(others).toEqual([]);
  expect(entry).toMatchObject({
    kind: "access-open",
    integrationId: integration.integrationId,
    userId,
    detail: expect.stringMatching(/is to be closed, and may be open.*tried again at.*Down for maintenance/s),
  });
  expect(Date.parse(String(entry?.since)) - Date.parse(askedAt)).toBeLessThan(1_000);

  provider.intercept = undefined;
  await passTimeAndSweep(600_000);
  await until(async () => (await stateOf(path)) === "in_sync");
  expect(await attentionOf(integration)).toEqual([]);
  expect(await provider.users()).toMatchObject([{ active: false }]);
});

test("a removal that is refused is shown at once, and a change that is refused behind it", async () => {
  const { provider, integration, userId, path } = await givenAccount({ policies: { accessOpenAfter: "1h" } });
  const other = await givenProvisioned(usher, provider, integration);
  refusing(provider);
  await usher.call("PATCH", `/users/${other.userId}`, { jobTitle: "Countess" });
  await until(async () => (await stateOf(other.path)) === "failed");
  await suspend(userId);
  await until(async () => (await stateOf(path)) === "failed");
  expect(await attentionOf(integration)).toMatchObject([
    { kind: "access-open", userId },
    { kind: "failed", userId: other.userId, detail: expect.stringContaining("No such thing.") },
  ]);
  expect(await attentionOf(integration, "&kind=failed")).toMatchObject([{ userId: other.userId }]);
});

test("a deletion that is refused of an account that is closed already is no open access", async () => {
  const { provider, integration, userId, path } = await givenAccount();
  await suspend(userId);
  await until(async () => (await stateOf(path)) === "in_sync");
  refusing(provider);
  await usher.call("DELETE", `/users/${userId}`);
  await until(async () => (await stateOf(path)) === "failed");
  expect(await attentionOf(integration)).toMatchObject([{ kind: "failed", userId }]);
});

test("those who left a group are one entry, with their number, until the group has let go of them", async () => {
  const { provider, integration, group, stays, leaves } = await givenQuirkyGroup(usher, {}, { policies });
  down(provider);
  await usher.call("POST", `${group.path}/members`, { remove: [leaves] });
  await sleep(60_000);
  const ofGroup = async () =>
    (await attentionOf(integration, "&kind=access-open")).filter(({ groupId }) => groupId !== undefined);
  expect(await ofGroup()).toMatchObject([
    { groupId: group.groupId, count: 1, detail: expect.stringMatching(/1 who left/) },
  ]);
  provider.intercept = undefined;
  await passTimeAndSweep(600_000);
  await until(async () => (await stateOf(group.path)) === "in_sync");
  expect(await ofGroup()).toEqual([]);
  const { items } = expectOk(await usher.call("GET", `${group.path}/members`)).body;
  expect(items.map(({ userId }) => userId)).toEqual([stays]);
});

test("an integration that needs reauth, and credentials that end soon, are shown behind open access", async () => {
  const { provider, integration, userId } = await givenAccount();
  provider.setToken("another-token");
  await usher.call("PATCH", `/users/${userId}`, { suspended: true });
  await until(async () => (await kindsOf(integration)).includes("needs-reauth"));
  await sleep(60_000);
  expect(await attentionOf(integration)).toMatchObject([
    { kind: "access-open", userId, detail: expect.stringContaining("The integration is needs_reauth.") },
    { kind: "needs-reauth" },
  ]);
});

test("a deleted integration needs nobody", async () => {
  const { provider, integration, userId, path } = await givenAccount();
  refusing(provider);
  await suspend(userId);
  await until(async () => (await stateOf(path)) === "failed");
  expect(await kindsOf(integration)).toEqual(["access-open"]);
  expect((await usher.call("DELETE", integration.path)).status).toBe(204);
  expect(await attentionOf(integration)).toEqual([]);
});

test("pages go on where the one before ended, the oldest first", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const people = [];
  for (let nth = 0; nth < 5; nth += 1) people.push(await givenProvisioned(usher, provider, integration));
  refusing(provider);
  for (const { userId, path } of people) {
    await suspend(userId);
    await until(async () => (await stateOf(path)) === "failed");
  }
  const shown: unknown[] = [];
  for (let cursor = ""; ; ) {
    const query = `integrationId=${integration.integrationId}&limit=2${cursor}`;
    const { items, nextCursor } = expectOk(await usher.call("GET", `/attention?${query}`)).body;
    shown.push(...items.map(({ userId }) => userId));
    if (nextCursor === undefined) break;
    cursor = `&cursor=${nextCursor}`;
  }
  expect(shown).toEqual(people.map(({ userId }) => userId));
  expect((await usher.call("GET", "/attention?cursor=abc")).body.code).toBe("invalid-cursor");
  expect((await usher.call("GET", "/attention?kind=bad-mood")).status).toBe(400);
});
