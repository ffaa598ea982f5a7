import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ports } from "../../../shared/runtime/services.ts";
import { until } from "../../support/quick-time.ts";
import { givenQuirkyAccount } from "../../support/quirks.ts";
import {
  expectOk,
  forget,
  givenGroup,
  patchedPaths,
  scimError,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** With an account that was made before the mapping changed. */
const given = async (attributeMappings: object[] = [{ target: "nickName", source: "firstname" }]) => {
  const account = await givenQuirkyAccount(usher, {});
  const { provider, integration } = account;
  forget(provider);
  expectOk(await usher.call("PATCH", integration.path, { attributeMappings }));
  return account;
};
const statusOf = async (path: string) => (await usher.call("GET", path)).body;

test("a changed mapping makes nobody due, and those who have another are shown as outdated", async () => {
  const { provider, integration, userId, path } = await given();
  await sleep(86_400_000);
  await usher.run.recover();
  expect(await statusOf(path)).toMatchObject({ state: "in_sync", outdated: true });
  expect(provider.requests).toEqual([]);
  const { integrationId } = integration;
  expect((await ports.userLinks.read({ integrationId, id: userId }))?.work).toBeUndefined();
  const { provisioning } = (await usher.call("GET", integration.path)).body;
  expect(provisioning).toMatchObject({ users: { in_sync: 1, pending: 0 } });
  const listed = await usher.call("GET", `${integration.path}/users?state=in_sync`);
  expect(listed.body.items).toMatchObject([{ userId, outdated: true }]);
});

test("the next change of an outdated user takes with it what the mapping changed", async () => {
  const { provider, userId, path } = await given();
  expectOk(await usher.call("PATCH", `/users/${userId}`, { jobTitle: "Countess" }));
  await until(async () => writes(provider).length > 0 && (await statusOf(path)).state === "in_sync");
  expect(await statusOf(path)).not.toHaveProperty("outdated");
  expect(writes(provider).map(patchedPaths)).toEqual([expect.arrayContaining(["title", "nickName"])]);
});

test("PUT of an outdated user sends what the mapping changed, and nothing where that comes to the same", async () => {
  const { provider, path } = await given();
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(writes(provider).map(patchedPaths)).toEqual([["nickName"]]);
  expect(await statusOf(path)).not.toHaveProperty("outdated");

  const same = await given([{ target: "title", source: "jobTitle" }]);
  expect(await statusOf(same.path)).toMatchObject({ outdated: true });
  expect((await usher.call("PUT", same.path)).body).toMatchObject({ action: "unchanged", state: "in_sync" });
  expect(same.provider.requests).toEqual([]);
  expect(await statusOf(same.path)).not.toHaveProperty("outdated");
});

test("an outdated user who joins a group gets the membership alone", async () => {
  const { provider, integration, userId, path } = await given();
  const group = await givenGroup(usher, provider, integration, []);
  forget(provider);
  const added = await usher.call("POST", `${group.path}/members`, { add: [userId] });
  expect(added.body).toMatchObject({ state: "in_sync", members: { added: 1 } });
  expect(writes(provider).filter((request) => request.path.startsWith("/Users"))).toEqual([]);
  expect(await statusOf(path)).toMatchObject({ state: "in_sync", outdated: true });
});

test("one who is tried again by itself is sent the mapping of today", async () => {
  const { provider, userId, path } = await given();
  provider.intercept = ({ method }) => (method === "PATCH" ? scimError(503, "Down.") : undefined);
  expectOk(await usher.call("PATCH", `/users/${userId}`, { jobTitle: "Countess" }));
  await until(async () => (await statusOf(path)).state === "retrying");
  expect(await statusOf(path)).not.toHaveProperty("outdated");
  provider.intercept = undefined;
  await sleep(3_600_000);
  await usher.run.recover();
  await until(async () => (await statusOf(path)).state === "in_sync");
  expect(patchedPaths(writes(provider).at(-1)!)).toEqual(expect.arrayContaining(["title", "nickName"]));
});
