import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { until } from "../../support/quick-time.ts";
import { givenQuirky } from "../../support/quirks.ts";
import { expectOk, givenGroup, givenProvisioned, scimError, useUsher } from "../../support/steps.ts";

const usher = useUsher();

const pagesOf = async (path: string, name: string): Promise<unknown[][]> => {
  const pages: unknown[][] = [];
  for (let cursor = ""; ; ) {
    const { items, nextCursor } = expectOk(await usher.call("GET", `${path}${cursor}`)).body;
    pages.push(items.map((item) => item[name]));
    if (nextCursor === undefined) return pages;
    cursor = `&cursor=${nextCursor}`;
  }
};

test("users who failed are listed in pages, those who are to lose access first", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const person = () => givenProvisioned(usher, provider, integration);
  const others = [await person(), await person(), await person()];
  const leaver = await person();
  const fine = await person();
  provider.intercept = ({ method }) => (method === "PATCH" ? scimError(400, "Not this one.") : undefined);
  const change = async ({ userId, path }: typeof leaver, fields: object) => {
    await usher.call("PATCH", `/users/${userId}`, fields);
    await until(async () => (await usher.call("GET", path)).body.lastError !== undefined);
  };
  for (const other of others) await change(other, { jobTitle: "Countess" });
  await change(leaver, { suspended: true });

  const list = `${integration.path}/users?state=failed&limit=2`;
  const pages = await pagesOf(list, "userId");
  expect(pages.map(({ length }) => length)).toEqual([2, 2]);
  expect(pages.flat()).toEqual([leaver, ...others].map(({ userId }) => userId));
  expect(await pagesOf(`${list}&desired=inactive`, "userId")).toEqual([[leaver.userId]]);
  expect(await pagesOf(`${integration.path}/users?state=in_sync`, "userId")).toEqual([[fine.userId]]);
  expect(await pagesOf(`${integration.path}/users?state=unconfirmed`, "userId")).toEqual([[]]);
  const { nextCursor } = expectOk(await usher.call("GET", list)).body;
  const other = await usher.call("GET", `${integration.path}/users?state=retrying&cursor=${nextCursor}`);
  expect(other.body.code).toBe("invalid-cursor");
});

test("groups that are tried again are listed until they are done", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const { userId } = await givenProvisioned(usher, provider, integration);
  const group = await givenGroup(usher, provider, integration, []);
  await givenGroup(usher, provider, integration, [userId]);
  provider.intercept = ({ path }) =>
    path.startsWith("/Groups") ? scimError(503, "Down for maintenance.") : undefined;
  await usher.call("POST", `${group.path}/members`, { add: [userId] });
  const list = `${integration.path}/groups?state=retrying`;
  while ((await pagesOf(list, "groupId")).flat().length === 0) await sleep(100);
  expect(await pagesOf(list, "groupId")).toEqual([[group.groupId]]);
  provider.intercept = undefined;
  await sleep(3_600_000);
  await usher.run.recover();
  while ((await usher.call("GET", group.path)).body.state !== "in_sync") await sleep(100);
  expect(await pagesOf(list, "groupId")).toEqual([[]]);
});
