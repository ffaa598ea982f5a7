import { expect, test } from "vitest";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import { remoteIdOf } from "../../support/quirks.ts";
import {
  eventTypesOf,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  newId,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** Two users who are in a group that was unbound and left at the provider. */
const givenUnbound = async (policies: object = { onUserDeleted: "deprovision" }) => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider, { policies });
  const [leaver = "", stays = ""] = await givenSaved(usher, 2);
  for (const userId of [leaver, stays])
    expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  const group = await givenGroup(usher, provider, integration, [leaver, stays]);
  const account = await remoteIdOf(usher, integration, leaver);
  const other = await remoteIdOf(usher, integration, stays);
  expectOk(await usher.call("DELETE", group.path));
  forget(provider);
  const membersThere = async () => (await provider.groups())[0]?.members.toSorted();
  const membersHere = async () => (await usher.call("GET", `${group.path}/members`)).body.items;
  const leave = () => usher.call("DELETE", `/users/${leaver}`);
  const hire = (userId: string) =>
    usher.call("PUT", `${integration.path}/users/${userId}`, {
      email: `${leaver}@example.com`,
      firstname: "Ada",
      lastname: "King",
    });
  return { provider, leaver, stays, group, account, other, membersThere, membersHere, leave, hire };
};

test("who leaves the directory is taken out of a group that was unbound, and nobody else is", async () => {
  const { provider, leaver, account, other, membersThere, leave, hire } = await givenUnbound();
  expect(await membersThere()).toEqual([account, other].toSorted());
  expect((await leave()).body.receipts).toMatchObject([{ state: "deprovisioned" }]);
  expect(await membersThere()).toEqual([other]);
  expect(await eventTypesOf(usher, `userId=${leaver}`)).toContain("user_deprovision");
  expect(requestLines(provider).filter((line) => line.startsWith("PATCH"))).toHaveLength(2);

  expect((await hire(newId("hired"))).body).toMatchObject({ action: "adopted", remoteId: account });
  expect(await membersThere()).toEqual([other]);
});

test("who could not be taken out of an unbound group is so by the same call again", async () => {
  const { provider, other, membersThere, leave } = await givenUnbound();
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Groups") ? scimError(403, "Not now.") : undefined;
  expect((await leave()).body.receipts).toMatchObject([{ state: "failed" }]);
  provider.intercept = undefined;
  expect((await leave()).body.receipts).toMatchObject([{ state: "deprovisioned" }]);
  expect(await membersThere()).toEqual([other]);
  forget(provider);
  await leave();
  expect(provider.requests).toEqual([]);
});

test("who gets the account of a leaver does not get the group that could not let go of it", async () => {
  const { provider, account, other, membersThere, leave, hire } = await givenUnbound();
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Groups") ? scimError(403, "Not now.") : undefined;
  await leave();
  provider.intercept = undefined;
  expect((await hire(newId("hired"))).body).toMatchObject({
    action: "adopted",
    state: "in_sync",
    remoteId: account,
  });
  expect(await membersThere()).toEqual([other]);
});

test("an account that is deleted with its user costs an unbound group no request", async () => {
  const { provider, other, membersThere, leave } = await givenUnbound({ onUserDeleted: "delete" });
  expect((await leave()).body.receipts).toMatchObject([{ state: "deleted" }]);
  expect(requestLines(provider).filter((line) => line.includes("/Groups"))).toEqual([]);
  expect(await membersThere()).toEqual([other]);
});

test("who leaves the directory is a member of an unbound group no longer", async () => {
  const { leaver, stays, group, other, membersHere, membersThere, leave, hire } = await givenUnbound();
  expectOk(await leave());
  expect(await membersHere()).not.toContainEqual(
    expect.objectContaining({ userId: leaver, state: "pushed" }),
  );
  const named = await usher.call("PUT", group.path, { name: group.name, members: [leaver, stays] });
  expect(named).toMatchObject({ status: 422, body: { code: "unknown-members", unknown: [leaver] } });

  expectOk(await hire(leaver));
  expectOk(await usher.call("PUT", group.path, { name: group.name }));
  expect(await membersThere()).toEqual([other]);
});

test("a membership that was never pushed does not come back with its user", async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const [staged = ""] = await givenSaved(usher, 1, { state: "STAGED" });
  const [stays = ""] = await givenSaved(usher, 1);
  const group = await givenGroup(usher, provider, integration, [staged, stays]);
  expectOk(await usher.call("DELETE", group.path));
  expectOk(await usher.call("DELETE", `/users/${staged}`));
  const user = { email: `${staged}@example.com`, firstname: "Ada", lastname: "King" };
  expectOk(await usher.call("PUT", `/users/${staged}`, user));
  expectOk(await usher.call("PUT", group.path, { name: group.name }));
  expect((await provider.groups())[0]?.members).toHaveLength(1);
});
