import { expect, it } from "vitest";
import type { CallReads } from "../../shared/provisioning/ports/call-reads.ts";
import type { GroupStore, UserStore } from "../../shared/provisioning/ports/directory-store.ts";
import type { IntegrationStore } from "../../shared/provisioning/ports/integration-store.ts";
import type { GroupLinkStore, UserLinkStore } from "../../shared/provisioning/ports/link-store.ts";
import { makeAttempt, makeIntegration, makeUser, newId } from "./samples.ts";

type CallReadsUnderTest = {
  reads: CallReads;
  users: UserStore;
  groups: GroupStore;
  integrations: IntegrationStore;
  userLinks: UserLinkStore;
  groupLinks: GroupLinkStore;
};

/** What CallReads owe their callers: the same as the stores themselves tell. */
export const callReadsContract = (makeStores: () => Promise<CallReadsUnderTest>): void => {
  it("has nothing of what was never saved", async () => {
    const { reads } = await makeStores();
    const nothing = { row: undefined, saved: undefined, link: undefined };
    expect(await reads.user(newId("int"), newId("user"))).toEqual(nothing);
    expect(await reads.group(newId("int"), newId("group"))).toEqual({ ...nothing, users: new Map() });
  });

  it("reads integration, directory object and link as each store has them", async () => {
    const { reads, users, groups, integrations, userLinks, groupLinks } = await makeStores();
    const integrationId = newId("int");
    const [userId, groupId] = [newId("user"), newId("group")];
    const integration = makeIntegration({ integrationId });
    const attempt = { ...makeAttempt(Date.now() + 60_000, integrationId), proposed: integration };
    await integrations.begin(integrationId, 0, attempt);
    await integrations.settle(integrationId, attempt, integration);
    const savedUser = await users.save(userId, 0, makeUser());
    const savedGroup = await groups.change(groupId, undefined, { name: "Eng", add: [userId], remove: [] });
    const userKey = { integrationId, id: userId };
    await userLinks.assign(userKey, 0, { direct: true, groups: [], excluded: false });
    await userLinks.begin(userKey, 1, makeAttempt(Date.now() + 60_000, integrationId));
    const groupKey = { integrationId, id: groupId };
    await groupLinks.assign(groupKey, 0, { bound: true });

    const row = await integrations.read(integrationId);
    expect(row).toEqual({ integrationId, integration });
    expect(await reads.user(integrationId, userId)).toEqual({
      row,
      saved: savedUser,
      link: await userLinks.read(userKey),
    });
    expect(await reads.group(integrationId, groupId)).toEqual({
      row,
      saved: savedGroup,
      link: await groupLinks.read(groupKey),
      users: new Map(),
    });
  });

  it("still has a deleted user, whose version goes on", async () => {
    const { reads, users } = await makeStores();
    const userId = newId("user");
    await users.save(userId, 0, makeUser());
    await users.save(userId, 1, makeUser(), { deleted: true });
    expect((await reads.user(newId("int"), userId)).saved).toMatchObject({ version: 2, deleted: true });
  });
  it("reads many users with their links, and whether a group has them, in one call each", async () => {
    const { reads, users, groups, userLinks } = await makeStores();
    const integrationId = newId("int");
    const [member, leaver, stranger, groupId] = [newId("user"), newId("user"), newId("user"), newId("group")];
    for (const userId of [member, leaver]) await users.save(userId, 0, makeUser());
    await userLinks.assign({ integrationId, id: member }, 0, { direct: true, groups: [], excluded: false });
    const first = await groups.change(groupId, undefined, { name: "Eng", add: [member, leaver], remove: [] });
    await groups.change(groupId, first, { name: "Eng", add: [], remove: [leaver] });

    const all = [member, leaver, stranger];
    const read = await reads.users(integrationId, all);
    expect([...read.keys()]).toEqual(all);
    expect(read.get(member)).toEqual({
      saved: await users.read(member),
      link: await userLinks.read({ integrationId, id: member }),
    });
    expect(read.get(stranger)).toEqual({ saved: undefined, link: undefined });
    const ofGroup = (await reads.group(integrationId, groupId, all)).users;
    expect(ofGroup.get(member)).toEqual({ ...read.get(member), member: true, since: expect.any(String) });
    expect(ofGroup.get(leaver)).toEqual({ ...read.get(leaver), member: false, since: expect.any(String) });
    expect(ofGroup.get(stranger)).toEqual({ ...read.get(stranger), member: false });
  });
};
