import { expect, test } from "vitest";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import { until } from "../../support/quick-time.ts";
import {
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

const given = async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const members = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, members);
  const [userId = ""] = members;
  const suspend = (suspended: boolean) => usher.call("PATCH", `/users/${userId}`, { suspended });
  const bind = (body: object = { name: group.name, members }) => usher.call("PUT", group.path, body);
  const activeOf = async () =>
    (await provider.users()).find(({ userName }) => userName === `${userId}@example.com`)?.active;
  return { provider, integration, userId, members, group, suspend, bind, activeOf };
};

test.each([
  ["with its members", {}],
  ["by its name alone", { members: undefined }],
])("a member by the group alone who was suspended is closed by a PUT of the group, %s", async (_, but) => {
  const { provider, integration, userId, members, group, suspend, bind, activeOf } = await given();
  expectOk(await suspend(true));
  const { name } = group;
  const answer = await bind({ name, members, ...but });
  expect(answer.body).toMatchObject({ state: "in_sync" });
  expect(await activeOf()).toBe(false);
  const status = await usher.call("GET", `${integration.path}/users/${userId}`);
  expect(status.body).toMatchObject({ state: "in_sync", active: false });
  forget(provider);
  const again = await bind({ name });
  expect(again.body).toMatchObject({ action: "unchanged", members: { pending: [] } });
  expect(provider.requests).toEqual([]);
});

test("a member who is to come back is opened by a PUT of the group", async () => {
  const { suspend, bind, activeOf } = await given();
  await suspend(true);
  expectOk(await bind());
  expect(await activeOf()).toBe(false);
  await suspend(false);
  // The account comes back by itself, too, which may be under way; and what is known of its membership waits for a moment.
  expect([200, 202]).toContain((await bind()).status);
  await until(async () => (await bind()).body.state === "in_sync");
  expect((await bind()).body).toMatchObject({ state: "in_sync", members: { pending: [] } });
  expect(await activeOf()).toBe(true);
});

test("a member whom the provider does not let us close keeps the group pending", async () => {
  const { provider, userId, suspend, bind, activeOf } = await given();
  await suspend(true);
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Users") ? scimError(403, "Not now.") : undefined;
  expect((await bind()).body).toMatchObject({ state: "pending", members: { pending: [userId] } });
  provider.intercept = undefined;
  expect((await bind()).body).toMatchObject({ state: "in_sync", members: { pending: [] } });
  expect(await activeOf()).toBe(false);
});

test("a member who was suspended through another way costs the group no request", async () => {
  const { provider, integration, userId, suspend, bind } = await given();
  await suspend(true);
  expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  forget(provider);
  expect((await bind()).body).toMatchObject({ action: "unchanged", members: { pending: [] } });
  expect(requestLines(provider)).toEqual([]);
});
