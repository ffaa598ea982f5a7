import { expect, test } from "vitest";
import { call, patchOp } from "../../providers/call.ts";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { lastEventOf, remoteIdOf } from "../../support/quirks.ts";
import {
  aPerson,
  expectOk,
  type GivenIntegration,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const hides: Switches = { deleteDeactivates: "then404", deleteKeepsGroups: true };

/** Two who are in both groups, one of whom has left; their account is deleted, and the groups there hold it yet. */
const givenLeaver = async (switches: Switches, fields: object = {}) => {
  const provider = await givenProvider(() => startQuirky({ switches: { ...switches } }));
  const integration = await givenIntegration(usher, provider, fields);
  const [leaver = "", stays = ""] = await givenSaved(usher, 2);
  const {
    userId: _id,
    updatedAt: _at,
    integrations: _in,
    ...user
  } = (await usher.call("GET", `/users/${leaver}`)).body;
  const admins = await givenGroup(usher, provider, integration, [leaver, stays]);
  const staff = await givenGroup(usher, provider, integration, [leaver, stays]);
  const account = await remoteIdOf(usher, integration, leaver);
  const other = await remoteIdOf(usher, integration, stays);
  expectOk(await usher.call("DELETE", `/users/${leaver}`));
  const membersOf = async ({ remoteId }: { remoteId: string }) =>
    (await provider.groups()).find(({ id }) => id === remoteId)?.members.toSorted();
  const comeBack = () => usher.call("PUT", `${integration.path}/users/${leaver}`, user);
  return { provider, integration, leaver, user, admins, staff, account, other, membersOf, comeBack };
};
const stateOf = async ({ path }: GivenIntegration, what: string) =>
  (await usher.call("GET", `${path}/${what}`)).body.state;

test.each<[string, Switches]>([
  ["creation (201)", { ...hides, returnIs201: true }],
  ["creation (200)", hides],
  ["adoption", { deleteDeactivates: "stays", deleteKeepsGroups: true }],
])(
  "who comes back by %s with the account that was deleted is in none of its groups, by the same call",
  async (_, switches) => {
    const { leaver, integration, admins, staff, account, other, membersOf, comeBack } =
      await givenLeaver(switches);
    expect(await membersOf(admins)).toEqual([account, other].toSorted());
    const { body } = await comeBack();
    expect(body).toMatchObject({ state: "in_sync", active: true, remoteId: account });
    expect(body.eventIds).toHaveLength(3);
    expect([await membersOf(admins), await membersOf(staff)]).toEqual([[other], [other]]);
    for (const { groupId } of [admins, staff]) {
      expect(await lastEventOf(usher, `groupId=${groupId}`)).toMatchObject({ members_removed: [leaver] });
      expect(await stateOf(integration, `groups/${groupId}`)).toBe("in_sync");
    }
    expectOk(await usher.call("POST", `${staff.path}/members`, { add: [leaver] }));
    expect(await membersOf(staff)).toEqual([account, other].toSorted());
    expect(await membersOf(admins)).toEqual([other]);
  },
);

test.each(["user", "group"])(
  "one who came back and cannot be taken out is pending, as is the group, until the next call for the %s",
  async (by) => {
    const { provider, integration, leaver, admins, account, other, membersOf, comeBack } =
      await givenLeaver(hides);
    provider.intercept = ({ method, path }) =>
      method === "PATCH" && path === `/Groups/${admins.remoteId}` ? scimError(403, "Locked.") : undefined;
    expect((await comeBack()).body).toMatchObject({
      state: "pending",
      reason: expect.stringContaining("came back"),
    });
    expect(await membersOf(admins)).toEqual([account, other].toSorted());
    expect(await stateOf(integration, `users/${leaver}`)).toBe("pending");
    expect(await stateOf(integration, `groups/${admins.groupId}`)).toBe("failed");
    provider.intercept = undefined;
    const next =
      by === "user"
        ? await usher.call("PUT", `${integration.path}/users/${leaver}`)
        : await usher.call("PUT", admins.path, { name: admins.name });
    expect(next.body).toMatchObject({ state: "in_sync" });
    expect(await membersOf(admins)).toEqual([other]);
    expect(await stateOf(integration, `users/${leaver}`)).toBe("in_sync");
    expect(await stateOf(integration, `groups/${admins.groupId}`)).toBe("in_sync");
  },
);

test("an account that is found again, and cannot be changed, is out of its groups nevertheless", async () => {
  const { provider, admins, other, membersOf, comeBack } = await givenLeaver({
    deleteDeactivates: "stays",
    deleteKeepsGroups: true,
  });
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Users/") ? scimError(400, "Not now.") : undefined;
  expect((await comeBack()).body).toMatchObject({ code: "provider-rejected" });
  expect(await membersOf(admins)).toEqual([other]);
});

/**
 * Two bound groups, of which the provider's `admins` holds the account of somebody whom the directory does not know
 * yet.
 */
const givenForeignMember = async () => {
  const provider = await givenProvider(() => startQuirky({ switches: { showsGroupsOfUsers: true } }));
  const integration = await givenIntegration(usher, provider);
  const [stays = ""] = await givenSaved(usher, 1);
  const admins = await givenGroup(usher, provider, integration, [stays]);
  const staff = await givenGroup(usher, provider, integration, [stays]);
  const { userId, user } = aPerson();
  const account = provider.addUser({ userName: user.email });
  const add = { op: "add", path: "members", value: [{ value: account }] };
  expect((await call(provider, "PATCH", `/Groups/${admins.remoteId}`, patchOp(add))).status).toBe(200);
  const other = await remoteIdOf(usher, integration, stays);
  const membersOf = async ({ remoteId }: { remoteId: string }) =>
    (await provider.groups()).find(({ id }) => id === remoteId)?.members.toSorted();
  return { integration, admins, staff, userId, user, account, other, membersOf };
};

test("an account that is found, and shows itself in a bound group that is not the user's, is taken out of it", async () => {
  const { integration, admins, userId, user, account, other, membersOf } = await givenForeignMember();
  expect((await usher.call("PUT", `${integration.path}/users/${userId}`, user)).body).toMatchObject({
    action: "adopted",
    state: "in_sync",
    remoteId: account,
  });
  expect(await membersOf(admins)).toEqual([other]);
});

test("an account that a call for one group finds is out of the others by that call", async () => {
  const { integration, admins, staff, userId, user, account, other, membersOf } = await givenForeignMember();
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  const { body } = await usher.call("POST", `${staff.path}/members`, { add: [userId] });
  expect(body).toMatchObject({ state: "in_sync", members: { added: 1 } });
  expect(await membersOf(admins)).toEqual([other]);
  expect(await membersOf(staff)).toEqual([account, other].toSorted());
  expect(await stateOf(integration, `users/${userId}`)).toBe("in_sync");
});

test("an account that is found as a member of the user's own group stays in it", async () => {
  const { admins, userId, user, account, other, membersOf } = await givenForeignMember();
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  expectOk(await usher.call("POST", `${admins.path}/members`, { add: [userId] }));
  expect(await membersOf(admins)).toEqual([account, other].toSorted());
});

test("a creation that answers with an id never seen costs no request of a group", async () => {
  const { provider, integration } = await givenLeaver({});
  provider.requests.length = 0;
  const { userId, user } = aPerson();
  expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`, user));
  expect(requestLines(provider).filter((line) => line.includes("/Groups"))).toEqual([]);
});
