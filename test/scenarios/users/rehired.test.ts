import { expect, test } from "vitest";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { lastEventOf, remoteIdOf } from "../../support/quirks.ts";
import {
  detailsOf,
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
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** Somebody who is in two groups, and whose address another userId has by now. */
const givenHired = async (switches: Switches = {}, policies: object = { onUserDeleted: "deprovision" }) => {
  const provider = await givenProvider(() => startQuirky({ switches: { ...switches } }));
  const integration = await givenIntegration(usher, provider, { policies });
  const [former = "", stays = ""] = await givenSaved(usher, 2, { jobTitle: "Admin" });
  const admins = await givenGroup(usher, provider, integration, [former, stays]);
  const staff = await givenGroup(usher, provider, integration, [former, stays]);
  const account = await remoteIdOf(usher, integration, former);
  const other = await remoteIdOf(usher, integration, stays);
  const userId = newId("rehired");
  const user = { email: `${former}@example.com`, firstname: "Ada", lastname: "King" };
  const at = `${integration.path}/users`;
  const hire = () => usher.call("PUT", `${at}/${userId}`, user);
  const leave = () => usher.call("DELETE", `/users/${former}`);
  const statusOf = async (who: string) => (await usher.call("GET", `${at}/${who}`)).body;
  const membersOf = async ({ remoteId }: { remoteId: string }) =>
    (await provider.groups()).find(({ id }) => id === remoteId)?.members.toSorted();
  return {
    provider,
    integration,
    at,
    former,
    userId,
    user,
    admins,
    staff,
    account,
    other,
    hire,
    leave,
    statusOf,
    membersOf,
  };
};

test("who is hired again under a new userId gets the account of the one who was deleted, opened", async () => {
  const { provider, former, userId, account, hire, leave, statusOf } = await givenHired();
  expectOk(await leave());
  expect((await hire()).body).toMatchObject({
    action: "adopted",
    state: "in_sync",
    active: true,
    remoteId: account,
  });
  const users = await provider.users();
  const theirs = users.find(({ id }) => id === account);
  expect(theirs?.resource).toMatchObject({ active: true, externalId: userId, name: { familyName: "King" } });
  expect(theirs?.resource).not.toHaveProperty("title");
  expect(users).toHaveLength(2);
  expect(detailsOf(await lastEventOf(usher, `userId=${userId}`))).toContain(`directory user ${former}`);
  const before = await statusOf(former);
  expect(before).toMatchObject({ state: "deprovisioned" });
  expect(before).not.toHaveProperty("remoteId");
  expect(before).not.toHaveProperty("active");
});

test.each([
  [
    "the leaver call again",
    (former: string, at: string) => [`/users/${former}`, `${at}/${former}?action=delete`],
  ],
  [
    "a call that takes the former holder out",
    (former: string, at: string) => [`${at}/${former}?action=delete`],
  ],
])("%s leaves the account of the new holder alone", async (_, paths) => {
  const { provider, at, former, userId, account, hire, leave, statusOf } = await givenHired();
  expectOk(await leave());
  expectOk(await hire());
  forget(provider);
  for (const path of paths(former, at)) await usher.call("DELETE", path);
  expect(writes(provider)).toEqual([]);
  expect(await statusOf(userId)).toMatchObject({ state: "in_sync", active: true, remoteId: account });
});

test("a user who is saved again after that is told whose the account is", async () => {
  const { at, former, userId, user, account, hire, leave, statusOf } = await givenHired();
  expectOk(await leave());
  expectOk(await hire());
  const { status, body } = await usher.call("PUT", `${at}/${former}`, user);
  expect([status, body.code]).toEqual([409, "account-claimed"]);
  expect(body.detail).toContain(userId);
  expect(await statusOf(former)).not.toHaveProperty("remoteId");
  expect(await statusOf(userId)).toMatchObject({ state: "in_sync", remoteId: account });
});

test("what the provider could not be told of the leaver ends with the account's new holder", async () => {
  const { provider, former, userId, admins, staff, account, other, hire, leave, statusOf, membersOf } =
    await givenHired();
  expectOk(
    await usher.call("PUT", `/users/${userId}`, { email: "x@example.com", firstname: "A", lastname: "B" }),
  );
  provider.intercept = ({ method }) => (method === "GET" ? undefined : scimError(403, "Locked."));
  await leave();
  provider.intercept = undefined;
  expect(await membersOf(admins)).toEqual([account, other].toSorted());
  expectOk(await hire());
  expect([await membersOf(admins), await membersOf(staff)]).toEqual([[other], [other]]);
  forget(provider);
  expectOk(await leave());
  expect(writes(provider)).toEqual([]);
  expectOk(await usher.call("POST", `${staff.path}/members`, { add: [userId] }));
  await leave();
  expect(await membersOf(staff)).toEqual([account, other].toSorted());
  expect(await membersOf(admins)).toEqual([other]);
  expect(await statusOf(userId)).toMatchObject({ state: "in_sync", active: true });
  expect(
    (await usher.call("GET", `${staff.path}/members`)).body.items.map((item) => item.userId),
  ).not.toContain(former);
});

test.each<[string, Switches]>([
  ["a creation (201)", { deleteDeactivates: "then404", deleteKeepsGroups: true, returnIs201: true }],
  ["a creation (200)", { deleteDeactivates: "then404", deleteKeepsGroups: true }],
  ["a look-up", { deleteDeactivates: "stays", deleteKeepsGroups: true }],
])(
  "an account that was deleted and that %s brings back for another has none of its groups",
  async (_, switches) => {
    const { userId, admins, staff, account, other, hire, leave, statusOf, membersOf } = await givenHired(
      switches,
      {
        onUserDeleted: "delete",
      },
    );
    expectOk(await leave());
    expect(await membersOf(admins)).toEqual([account, other].toSorted());
    expect((await hire()).body).toMatchObject({ state: "in_sync", active: true, remoteId: account });
    expect([await membersOf(admins), await membersOf(staff)]).toEqual([[other], [other]]);
    expect(await statusOf(userId)).toMatchObject({ state: "in_sync" });
  },
);

test.each(["alive", "unassigned"])(
  "a user who is %s keeps the account, and the other is told by name",
  async (how) => {
    const { provider, at, former, account, hire, statusOf } = await givenHired();
    if (how === "unassigned") expectOk(await usher.call("DELETE", `${at}/${former}`));
    forget(provider);
    const { status, body } = await hire();
    expect([status, body.code]).toEqual([409, "account-claimed"]);
    expect(body.detail).toContain(`delete user ${former} from the directory`);
    expect(writes(provider)).toEqual([]);
    expect(await statusOf(former)).toMatchObject({ remoteId: account });
  },
);

test("of a leaver who is saved again while another is hired one has the account in the end", async () => {
  for (let round = 0; round < 8; round += 1) {
    const { provider, at, former, userId, user, account, hire, leave, statusOf } = await givenHired();
    expectOk(await leave());
    const back = () => usher.call("PUT", `${at}/${former}`, user);
    const answers = await Promise.all(round % 2 ? [back(), hire()] : [hire(), back()]);
    const holders = [await statusOf(former), await statusOf(userId)].filter(
      ({ remoteId }) => remoteId !== undefined,
    );
    expect(holders).toMatchObject([{ remoteId: account, active: true }]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect((await provider.users()).find(({ id }) => id === account)).toMatchObject({ active: true });
  }
});

test("an ordinary new user costs no request and no look at groups for it", async () => {
  const { provider, at } = await givenHired();
  forget(provider);
  const userId = newId("new");
  expectOk(
    await usher.call("PUT", `${at}/${userId}`, {
      email: `${userId}@example.com`,
      firstname: "N",
      lastname: "N",
    }),
  );
  expect(requestLines(provider)).toEqual(["GET /Users", "POST /Users"]);
});
