import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { until } from "../../support/quick-time.ts";
import { givenQuirky } from "../../support/quirks.ts";
import {
  aPerson,
  expectOk,
  type GivenIntegration,
  givenGroup,
  givenProvisioned,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

type Provisioning = {
  users: Record<string, number>;
  groups: Record<string, number>;
  held: number;
  oldestDueAt?: string;
  lastSuccessAt?: string;
};
/** Counts are kept for 5 s. */
const provisioningOf = async ({ path }: GivenIntegration): Promise<Provisioning> => {
  await sleep(5_000);
  return expectOk(await usher.call("GET", path)).body.provisioning as Provisioning;
};
const none = {
  in_sync: 0,
  pending: 0,
  retrying: 0,
  unconfirmed: 0,
  failed: 0,
  held: 0,
  skipped: 0,
  deprovisioned: 0,
  deleted: 0,
};
const stateOf = async (path: string) => (await usher.call("GET", path)).body.state;

test("an integration tells how many are in each state, and those who rest are told from those in step", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  expect(await provisioningOf(integration)).toEqual({
    users: { ...none, unmanaged: 0 },
    groups: none,
    held: 0,
  });
  const person = () => givenProvisioned(usher, provider, integration);
  const [stays, second, out, gone, refused] = [
    await person(),
    await person(),
    await person(),
    await person(),
    await person(),
  ];
  const staged = aPerson({ state: "STAGED" });
  expectOk(await usher.call("PUT", `${integration.path}/users/${staged.userId}`, staged.user));
  expectOk(await usher.call("DELETE", out.path));
  expectOk(await usher.call("DELETE", `${gone.path}?action=delete`));
  provider.intercept = ({ method }) => (method === "PATCH" ? scimError(400, "Not this one.") : undefined);
  await usher.call("PATCH", `/users/${refused.userId}`, { jobTitle: "Countess" });
  await until(async () => (await stateOf(refused.path)) === "failed");
  provider.intercept = undefined;
  await givenGroup(usher, provider, integration, [stays.userId, second.userId]);
  await givenGroup(usher, provider, integration, []);
  const unbound = await givenGroup(usher, provider, integration, [stays.userId]);
  expectOk(await usher.call("DELETE", unbound.path));

  const { lastSuccessAt, ...counts } = await provisioningOf(integration);
  expect(counts).toEqual({
    users: { ...none, unmanaged: 0, in_sync: 2, failed: 1, skipped: 1, deprovisioned: 1, deleted: 1 },
    groups: { ...none, in_sync: 1, skipped: 1, deprovisioned: 1 },
    held: 0,
  });
  expect(lastSuccessAt).toBeDefined();

  expectOk(await usher.call("PUT", out.path));
  expectOk(await usher.call("PATCH", `/users/${staged.userId}`, { state: "ACTIVATED" }));
  await until(async () => (await stateOf(`${integration.path}/users/${staged.userId}`)) === "in_sync");
  const { users } = await provisioningOf(integration);
  expect(users).toEqual({ ...none, unmanaged: 0, in_sync: 4, failed: 1, deleted: 1 });
});

test("what is due and nobody works on is told with its time, and the last success stays that of before", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const { userId, path } = await givenProvisioned(usher, provider, integration);
  const { lastSuccessAt } = (await usher.call("GET", path)).body;
  provider.intercept = () => scimError(503, "Down for maintenance.", { "retry-after": "600" });
  await usher.call("PATCH", `/users/${userId}`, { suspended: true });
  while ((await usher.call("GET", path)).body.lastError === undefined) await sleep(100);
  const waiting = await provisioningOf(integration);
  expect(waiting).toMatchObject({ users: { in_sync: 0, retrying: 1 }, lastSuccessAt });
  expect(waiting).not.toHaveProperty("oldestDueAt");
  await sleep(600_000);
  expect(Date.parse(String((await provisioningOf(integration)).oldestDueAt))).toBeLessThanOrEqual(Date.now());
});

test("one page shows every integration that is not deleted, and what needs a person", async () => {
  const { provider, integration } = await givenQuirky(usher, {}, { policies: { accessOpenAfter: "0" } });
  const { integration: deleted } = await givenQuirky(usher, {});
  const { userId, path } = await givenProvisioned(usher, provider, integration);
  expect((await usher.call("DELETE", deleted.path)).status).toBe(204);
  expect((await usher.call("GET", deleted.path)).body).not.toHaveProperty("provisioning");
  provider.intercept = () => scimError(503, "Down for maintenance.");
  await usher.call("DELETE", `/users/${userId}`);

  const { integrationId } = integration;
  const overview = expectOk(await usher.call("GET", "/overview")).body as unknown as {
    integrations: Record<string, unknown>[];
    attention: Record<string, unknown>[];
  };
  const ids = overview.integrations.map((one) => one.integrationId);
  expect(ids).toContain(integrationId);
  expect(ids).not.toContain(deleted.integrationId);
  expect(overview.integrations.find((one) => one.integrationId === integrationId)).toEqual({
    integrationId,
    application: { name: "Test application" },
    status: "active",
    provisioning: (await usher.call("GET", integration.path)).body.provisioning,
  });
  expect(overview.attention).toContainEqual(
    expect.objectContaining({ kind: "access-open", integrationId, userId }),
  );

  provider.intercept = undefined;
  await usher.call("DELETE", `/users/${userId}`);
  await until(async () => (await usher.call("GET", path)).body.state === "deleted");
  const { attention } = expectOk(await usher.call("GET", "/overview")).body as unknown as typeof overview;
  expect(attention.filter((one) => one.userId === userId)).toEqual([]);
});
