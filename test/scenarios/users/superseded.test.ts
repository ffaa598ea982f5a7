import { expect, test } from "vitest";
import { givenQuirky, givenQuirkyAccount, withWaiting } from "../../support/quirks.ts";
import {
  eventTypesOf,
  expectOk,
  forget,
  givenGroup,
  givenSaved,
  requestLines,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = () => givenQuirkyAccount(usher, {});

test("a reactivation that waits is not sent again for one who has left meanwhile", async () => {
  const one = await given();
  const { provider, userId, user, path } = one;
  expectOk(await usher.call("PUT", path, { ...user, suspended: true }));
  forget(provider);
  const { other } = withWaiting(one.provider, { method: "PATCH", collection: "/Users", seconds: 6 }, () =>
    usher.call("DELETE", `/users/${userId}`),
  );
  const back = await usher.call("PUT", path, user);
  expect([200, 202]).toContain((await other()).status);
  expect(back.body).toMatchObject({ action: "deleted", state: "deleted" });
  expect(requestLines(provider).filter((line) => line.startsWith("PATCH"))).toHaveLength(1);
  expect(await provider.users()).toEqual([]);
  expect((await eventTypesOf(usher, `userId=${userId}`)).slice(-2)).toEqual([
    "!user_update_provision",
    "user_delete_provision",
  ]);
});

test("a deletion that waits is not sent again for one who has come back meanwhile", async () => {
  const one = await given();
  const { provider, userId, user, path, remoteId } = one;
  const { other } = withWaiting(one.provider, { method: "DELETE", collection: "/Users", seconds: 6 }, () =>
    usher.call("PUT", path, user),
  );
  const left = await usher.call("DELETE", `/users/${userId}`);
  await other();
  expect(requestLines(provider).filter((line) => line.startsWith("DELETE"))).toHaveLength(1);
  expect(await provider.users()).toMatchObject([{ id: remoteId }]);
  expect(left.status).toBe(200);
  expect(left.headers.get("retry-after")).toBeNull();
  expect(left.body.receipts).toMatchObject([
    { action: "skipped", reason: expect.stringContaining("brought") },
  ]);
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "in_sync", active: true });
});

test("a creation that waits is not sent again for one who has left meanwhile", async () => {
  const { provider, integration, userId, user, path } = await givenQuirky(usher, {});
  const { other } = withWaiting(provider, { method: "POST", collection: "/Users", seconds: 6 }, () =>
    usher.call("DELETE", `/users/${userId}`),
  );
  await usher.call("PUT", path, user);
  await other();
  expect(requestLines(provider).filter((line) => line.startsWith("POST"))).toHaveLength(1);
  expect(await provider.users()).toEqual([]);
  expect(integration.path).toBe(path.slice(0, integration.path.length));
});

test("a call that brings a user back tells the state as it stands when another has deleted the user meanwhile", async () => {
  const one = await given();
  const { provider, integration, userId, user, path } = one;
  const [stays = ""] = await givenSaved(usher, 1);
  const group = await givenGroup(usher, provider, integration, [stays]);
  expectOk(await usher.call("PUT", path, { ...user, suspended: true }));
  await usher.call("POST", `${group.path}/members`, { add: [userId] });
  const { other } = withWaiting(one.provider, { method: "PATCH", collection: "/Groups", seconds: 6 }, () =>
    usher.call("DELETE", `/users/${userId}`),
  );
  const back = await usher.call("PUT", path, user);
  await other();
  expect(back.body).toMatchObject({ state: "deleted", reason: expect.stringContaining("another call") });
  expect(back.body).not.toHaveProperty("active");
  expect(back.body).not.toHaveProperty("remoteId");
});

test("the deletion of a group that waits is not sent again once the group is bound again", async () => {
  const one = await given();
  const { provider, integration, userId } = one;
  const group = await givenGroup(usher, provider, integration, [userId]);
  const { other } = withWaiting(one.provider, { method: "DELETE", collection: "/Groups", seconds: 6 }, () =>
    usher.call("PUT", group.path, { name: group.name, members: [userId] }),
  );
  const deleted = await usher.call("DELETE", `${group.path}?action=delete`);
  await other();
  expect(deleted.body).toMatchObject({ reason: expect.any(String) });
  expect(requestLines(provider).filter((line) => line.startsWith("DELETE"))).toHaveLength(1);
  expect(await provider.groups()).toMatchObject([{ id: group.remoteId }]);
});
