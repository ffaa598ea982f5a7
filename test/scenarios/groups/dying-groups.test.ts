import { expect, test } from "vitest";
import { expectMembers, givenQuirky } from "../../support/quirks.ts";
import {
  eventTypesOf,
  expectOk,
  forget,
  givenGroup,
  givenSaved,
  newId,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** A group whose DELETE is answered so, and is to be carried out once the group has been read so many times. */
const givenDying = async (reads: number, status: 202 | 504 = 202) => {
  const { provider, integration } = await givenQuirky(usher, { allowsDuplicates: true });
  const members = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, members);
  const { remoteId } = (await usher.call("GET", group.path)).body;
  let seen = 0;
  provider.intercept = ({ method, path: at }) => {
    if (method === "DELETE" && at.startsWith("/Groups")) return { status };
    if (method === "GET" && at === `/Groups/${remoteId}`) {
      if (seen === reads) provider.removeGroup(remoteId);
      seen += 1;
    }
    return undefined;
  };
  const deletion = await usher.call("DELETE", `${group.path}?action=delete&confirm=2`);
  forget(provider);
  const body = { name: group.name, members };
  return { provider, integration, members, group, remoteId: String(remoteId), deletion, body };
};

test.each([0, 2])(
  "a group whose deletion is under way is not taken over: read %i times more, it is gone, and a new one is made",
  async (reads) => {
    const { provider, integration, members, group, remoteId, deletion, body } = await givenDying(reads);
    expectOk(deletion);
    const answer = expectOk(await usher.call("PUT", group.path, body)).body;
    expect(answer).toMatchObject({ action: "created", state: "in_sync", members: { added: 2 } });
    expect(answer.remoteId).not.toBe(remoteId);
    await expectMembers(usher, provider, integration, members);
    expect((await eventTypesOf(usher, `groupId=${group.groupId}`)).at(-1)).toBe("group_create_provision");
  },
);

test("a group whose deletion is under way passes to no other directory group: that one gets its own", async () => {
  const { provider, integration, members, remoteId, body } = await givenDying(2);
  const path = `${integration.path}/groups/${newId("group")}`;
  const first = await usher.call("PUT", path, body);
  expect(first).toMatchObject({ status: 202, body: { state: "retrying" } });
  const answer = expectOk(await usher.call("PUT", path, body)).body;
  expect(answer).toMatchObject({ action: "created", state: "in_sync", members: { added: 2 } });
  expect(answer.remoteId).not.toBe(remoteId);
  await expectMembers(usher, provider, integration, members);
});

test("a group that is still there when its deletion is old is taken over", async () => {
  const { provider, integration, members, group, remoteId, body } = await givenDying(1_000);
  const answer = expectOk(await usher.call("PUT", group.path, body)).body;
  expect(answer).toMatchObject({ action: "adopted", state: "in_sync", remoteId });
  await expectMembers(usher, provider, integration, members);
});

test("a group whose deletion was not answered, and which is bound again and goes, is made anew", async () => {
  const { provider, integration, members, group, remoteId, deletion, body } = await givenDying(3, 504);
  expect(deletion.status).toBe(202);
  const answer = expectOk(await usher.call("PUT", group.path, body)).body;
  expect(answer).toMatchObject({ state: "in_sync", members: { added: 2 } });
  expect(answer.remoteId).not.toBe(remoteId);
  await expectMembers(usher, provider, integration, members);
});
