import { expect, test } from "vitest";
import { call, GROUP } from "../../providers/call.ts";
import type { Quirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { expectMembers, givenQuirky, lastEventOf } from "../../support/quirks.ts";
import {
  type Answer,
  detailsOf,
  expectOk,
  forget,
  givenGroup,
  givenProvisioned,
  givenSaved,
  newId,
  passTime,
  replicationMs,
  requestLines,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** A group of two there, at a provider whose ids are the names, and another e-mail for the first of them. */
const given = async (switches: Switches = {}) => {
  const { provider, integration } = await givenQuirky(usher, { idFollowsName: true, ...switches });
  const renamed = await givenProvisioned(usher, provider, integration);
  const stays = await givenProvisioned(usher, provider, integration);
  const group = await givenGroup(usher, provider, integration, [renamed.userId, stays.userId]);
  const email = `${newId("new")}@example.com`;
  return { provider, integration, group, renamed, stays, email, user: { ...renamed.user, email } };
};

/** Makes the call once the first such request has come to the provider, which waits for some seconds then. */
const whileUnderWay = (provider: Quirky, { at }: { at: string }, call: () => Promise<Answer>) => {
  let answer: Promise<Answer> | undefined;
  provider.intercept = ({ method, path }) => {
    if (answer || !`${method} ${path}`.startsWith(at)) return undefined;
    answer = call();
    return { delayMs: 3_000 };
  };
  return async (): Promise<Answer> => {
    if (!answer) throw new Error(`no ${at} came`);
    return answer;
  };
};

test.each<[string, Switches]>([
  ["a PATCH shows", {}],
  ["a PUT shows", { noPatch: 501 }],
  ["no answer and a look-up shows", { patchAnswers204: true }],
])(
  "a user whose account has another id after a rename, which %s, leaves the group under it",
  async (_, switches) => {
    const { provider, integration, group, renamed, stays, email, user } = await given(switches);
    const answer = await usher.call("PUT", renamed.path, user);
    expect(answer.body).toMatchObject({ action: "updated", state: "in_sync", remoteId: email });
    const event = await lastEventOf(usher, `userId=${renamed.userId}`);
    expect(event).toMatchObject({ event_type: "user_update_provision", success: true });
    expect(detailsOf(event)).toContain(`The account has the id ${email} now, and not ${renamed.remoteId}.`);
    await expectMembers(usher, provider, integration, [renamed.userId, stays.userId]);
    const out = await usher.call("POST", `${group.path}/members`, { remove: [renamed.userId] });
    expect(out.body).toMatchObject({ state: "in_sync", members: { removed: 1, pending: [] } });
    await expectMembers(usher, provider, integration, [stays.userId]);
    expect((await usher.call("DELETE", `${renamed.path}?action=delete`)).body).toMatchObject({
      action: "deleted",
    });
    expect((await provider.users()).map(({ id }) => id)).toEqual([stays.remoteId]);
  },
);

test("a member whose account has another id is looked for in the group once, and is not sent again", async () => {
  const { provider, group, renamed, user } = await given();
  expectOk(await usher.call("PUT", renamed.path, user));
  expect(requestLines(provider)).toEqual([
    expect.stringMatching("^PATCH /Users/"),
    expect.stringMatching("^GET /Groups/"),
  ]);
  expect((await usher.call("GET", group.path)).body.state).toBe("in_sync");
});

test("a member whose account is renamed before their removal comes to the provider is taken out under the new id", async () => {
  const { provider, integration, group, renamed, stays, user } = await given();
  const rename = whileUnderWay(provider, { at: "PATCH /Groups/" }, () =>
    usher.call("PUT", renamed.path, user),
  );
  const out = await usher.call("POST", `${group.path}/members`, { remove: [renamed.userId] });
  expect(out.body).toMatchObject({ state: "in_sync", members: { removed: 1, pending: [] } });
  // The service may be at the same user by itself.
  expect([200, 202]).toContain((await rename()).status);
  await expectMembers(usher, provider, integration, [stays.userId]);
});

test("a member who is taken out under the old id before the new one is known is taken out under that by the next call at the latest", async () => {
  const { provider, integration, group, renamed, stays, user } = await given({ patchAnswers204: true });
  const removal = whileUnderWay(provider, { at: "GET /Users/" }, () =>
    usher.call("POST", `${group.path}/members`, { remove: [renamed.userId] }),
  );
  expectOk(await usher.call("PUT", renamed.path, user));
  expectOk(await removal());
  // Where the removal ends before the new id is known the group is pending until this call.
  expect((await usher.call("PUT", group.path, { name: group.name })).body.state).toBe("in_sync");
  await expectMembers(usher, provider, integration, [stays.userId]);
});

test("the old id of an account is free for the next user of the old name", async () => {
  const { provider, integration, renamed, user } = await given();
  expectOk(await usher.call("PUT", renamed.path, user));
  const path = `${integration.path}/users/${newId("user")}`;
  expect((await usher.call("PUT", path, renamed.user)).body).toMatchObject({
    action: "created",
    remoteId: renamed.remoteId,
  });
  expect(await provider.users()).toHaveLength(3);
});

test("an id that is another user's is not taken, whatever an answer shows", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const renamed = await givenProvisioned(usher, provider, integration);
  const other = await givenProvisioned(usher, provider, integration);
  const email = `${newId("new")}@example.com`;
  provider.intercept = ({ method }) =>
    method === "PATCH"
      ? { status: 200, body: JSON.stringify({ id: other.remoteId, userName: email }) }
      : undefined;
  const { body } = await usher.call("PUT", renamed.path, { ...renamed.user, email });
  expect(body.remoteId).toBe(renamed.remoteId);
  const told = detailsOf(await lastEventOf(usher, `userId=${renamed.userId}`));
  expect(told).toContain(`which is that of directory user ${other.userId}`);
});

test("a group whose id follows its name is the same after a rename, with its members", async () => {
  const { provider, integration, group, renamed, stays } = await given();
  const name = `Renamed ${group.groupId}`;
  expect((await usher.call("PUT", group.path, { name })).body).toMatchObject({
    action: "updated",
    state: "in_sync",
    remoteId: name,
  });
  forget(provider);
  const out = await usher.call("POST", `${group.path}/members`, { remove: [renamed.userId] });
  expect(out.body).toMatchObject({ state: "in_sync", members: { removed: 1 } });
  expect(requestLines(provider)).toEqual([`PATCH /Groups/${encodeURIComponent(name)}`]);
  await expectMembers(usher, provider, integration, [stays.userId]);
});

test.each<[string, Switches]>([
  ["204 to a PATCH", { patchAnswers204: true }],
  ["204 to a PUT", { noPatch: 501, oddSuccesses: true }],
])(
  "a group whose rename is answered by %s is found under the id that follows its name",
  async (_, switches) => {
    const { integration, provider, group, renamed, stays } = await given(switches);
    const name = `Renamed ${group.groupId}`;
    expect((await usher.call("PUT", group.path, { name })).body).toMatchObject({
      state: "in_sync",
      remoteId: name,
    });
    expect(detailsOf(await lastEventOf(usher, `groupId=${group.groupId}`))).toContain(
      `The group has the id ${name} now, and not ${group.remoteId}.`,
    );
    expectOk(await usher.call("POST", `${group.path}/members`, { remove: [renamed.userId] }));
    await expectMembers(usher, provider, integration, [stays.userId]);
  },
);

test("a group whose new id could not be looked up is unconfirmed, and found by the next call", async () => {
  const { provider, integration, group, renamed, stays } = await given({ patchAnswers204: true });
  const name = `Renamed ${group.groupId}`;
  provider.intercept = ({ method, path }) =>
    method === "GET" && path.startsWith("/Groups") ? { status: 503 } : undefined;
  expect((await usher.call("PUT", group.path, { name })).body.state).toBe("unconfirmed");
  provider.intercept = undefined;
  passTime(replicationMs);
  expect((await usher.call("PUT", group.path, { name })).body).toMatchObject({
    state: "in_sync",
    remoteId: name,
  });
  await expectMembers(usher, provider, integration, [renamed.userId, stays.userId]);
});

test("a leaver whose new id could not be looked up after a rename is shut out under it", async () => {
  const { provider, renamed, email, user } = await given({ patchAnswers204: true });
  provider.intercept = ({ method, path }) =>
    method === "GET" && path.startsWith("/Users") ? { status: 503 } : undefined;
  expect((await usher.call("PUT", renamed.path, user)).body.state).toBe("unconfirmed");
  provider.intercept = undefined;
  passTime(replicationMs);
  expect((await usher.call("DELETE", `/users/${renamed.userId}`)).status).toBe(200);
  expect((await provider.users()).filter(({ id, active }) => id === email && active)).toEqual([]);
});

test("a claim that another directory group has left behind keeps nobody from the id that follows the name", async () => {
  const { provider, integration, group, stays } = await given();
  const other = await givenGroup(usher, provider, integration, [stays.userId]);
  passTime(replicationMs);
  await call(provider, "DELETE", `/Groups/${encodeURIComponent(other.remoteId)}`);
  expectOk(await usher.call("PUT", other.path, { name: `Later ${other.groupId}` }));
  expect((await usher.call("PUT", group.path, { name: other.name })).body).toMatchObject({
    state: "in_sync",
    remoteId: other.name,
  });
});

test("a group that was made anew over there under another id is deleted under that one", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const [userId = ""] = await givenSaved(usher, 1);
  const group = await givenGroup(usher, provider, integration, [userId]);
  passTime(replicationMs);
  await call(provider, "DELETE", `/Groups/${group.remoteId}`);
  const anew = { schemas: [GROUP], displayName: group.name, externalId: group.groupId };
  await call(provider, "POST", "/Groups", anew);
  expect((await usher.call("DELETE", `${group.path}?action=delete`)).body).toMatchObject({
    action: "deleted",
    state: "deleted",
  });
  expect(await provider.groups()).toEqual([]);
});

test("a PUT of a group holds nobody's account that was given up, where an unknown member is refused", async () => {
  const { provider, integration } = await givenQuirky(usher, { noPatch: 501, unknownMember: 404 });
  const member = await givenProvisioned(usher, provider, integration);
  await givenGroup(usher, provider, integration, [member.userId]);
  expectOk(await usher.call("DELETE", `${member.path}?action=delete`));
  expectOk(await usher.call("PUT", member.path, member.user));
  await expectMembers(usher, provider, integration, [member.userId]);
});
