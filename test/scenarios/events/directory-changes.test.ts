import { expect, test } from "vitest";
import { changeDirectoryGroup } from "../../../shared/directory/change-directory-group.ts";
import { recordDirectoryEvent } from "../../../shared/directory/record-change.ts";
import { saveUser } from "../../../shared/directory/save-user.ts";
import type { DirectoryUser } from "../../../shared/model/directory.ts";
import { provisionGroup } from "../../../shared/provisioning/calls/provision-group.ts";
import type { Call, Ports } from "../../../shared/provisioning/ports/ports.ts";
import { ports } from "../../../shared/runtime/services.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  aPerson,
  everyEventOf,
  expectOk,
  givenIntegration,
  givenProvider,
  givenSaved,
  newId,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async () => {
  const provider = await givenProvider(startStrongDm);
  return { provider, integration: await givenIntegration(usher, provider) };
};
const typesOf = async (query: string) =>
  (await everyEventOf(usher, query)).map(({ event_type }) => event_type);
const callOf = (id: string): Call => ({
  actor: {
    initiatedBy: { type: "admin", id },
    authMethod: "token",
    clientIp: "127.0.0.1",
    userAgent: "",
    correlation: { id: newId("call"), type: "request" },
  },
  sendUntil: Date.now() + 20_000,
  answerUntil: Date.now() + 20_000,
});
/** The ports while the audit store does not answer. A spread would make every part of the composition root. */
const withoutAudit = (): Ports =>
  Object.create(ports, {
    events: { value: { put: () => Promise.reject(new Error("no answer")) } },
  }) as Ports;

test("a user who is saved, changed, removed and brought back leaves an event of each, of no integration", async () => {
  const { userId, user } = aPerson({ jobTitle: "Engineer", attributes: [{ name: "team", value: "a" }] });
  const headers = {
    "x-correlation-id": newId("hr"),
    "change-reason": "TICKET-1",
    "user-agent": "hr-sync/1.2",
  };
  expectOk(await usher.call("PUT", `/users/${userId}`, user, headers));
  const attributes = [{ name: "team", value: "b" }];
  expectOk(await usher.call("PATCH", `/users/${userId}`, { jobTitle: "Director", attributes }));
  expectOk(await usher.call("DELETE", `/users/${userId}`));
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  const [created, updated, deleted, back] = await everyEventOf(usher, `userId=${userId}`);
  expect(created).toEqual({
    id: expect.any(String),
    timestamp: expect.stringMatching(/Z$/),
    "@version": "1",
    service: "directory",
    event_type: "user_create",
    organization: expect.any(String),
    success: true,
    initiated_by: { type: "admin", id: "local-admin" },
    auth_method: "token",
    client_ip: "127.0.0.1",
    useragent: "hr-sync/1.2",
    resource: { type: "systemuser", id: userId, username: user.email },
    changes: [
      { field: "attributes.team", to: "a" },
      { field: "email", to: user.email },
      { field: "firstname", to: user.firstname },
      { field: "jobTitle", to: "Engineer" },
      { field: "lastname", to: user.lastname },
    ],
    correlation: { id: headers["x-correlation-id"], type: "request" },
    message_chain: { message_details: [] },
    reason: "TICKET-1",
  });
  expect(updated).toMatchObject({
    event_type: "user_update",
    changes: [
      { field: "attributes.team", from: "a", to: "b" },
      { field: "jobTitle", from: "Engineer", to: "Director" },
    ],
  });
  expect(deleted).toMatchObject({ event_type: "user_delete", changes: [] });
  expect(back).toMatchObject({ event_type: "user_create" });
  expect(await everyEventOf(usher, `eventType=user_update&userId=${userId}`)).toEqual([updated]);
  expect((await usher.call("GET", `/events/${created?.id}`)).body).toEqual(created);
});

test("the person for whom a program calls is told by the change and by the attempts that carry it out", async () => {
  const { integration } = await given();
  const { userId, user } = aPerson();
  const [grace, heidi] = ["grace@example.com", "Heidi Müller"].map((name) => ({ "on-behalf-of": name }));
  expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`, user, grace));
  const utf8 = Buffer.from(heidi?.["on-behalf-of"] ?? "").toString("latin1");
  expectOk(await usher.call("PATCH", `/users/${userId}`, { jobTitle: "Lead" }, { "on-behalf-of": utf8 }));
  expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  expect(await everyEventOf(usher, `userId=${userId}`)).toMatchObject([
    { event_type: "user_create", initiated_by: { id: "local-admin", on_behalf_of: "grace@example.com" } },
    { event_type: "user_create_provision", initiated_by: { on_behalf_of: "grace@example.com" } },
    { event_type: "user_update", initiated_by: { on_behalf_of: "Heidi Müller" } },
    { event_type: "user_update_provision", requested_by: { on_behalf_of: "Heidi Müller" } },
  ]);
});

test("a change that changes nothing leaves no event, and writes nothing", async () => {
  const { integration } = await given();
  const { userId, user } = aPerson();
  const group = { name: newId("group"), members: [userId] };
  const path = `${integration.path}/groups/${group.name}`;
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  expectOk(await usher.call("PUT", path, group));
  const before = [await ports.users.read(userId), await ports.groups.read(group.name)];
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  expectOk(await usher.call("PUT", path, group));
  expectOk(await usher.call("POST", `${path}/members`, { add: [userId] }));
  expect([await ports.users.read(userId), await ports.groups.read(group.name)]).toEqual(before);
  expect(await typesOf(`userId=${userId}&eventType=user_create`)).toHaveLength(1);
  expect(await typesOf(`userId=${userId}&eventType=user_update`)).toEqual([]);
  expect(await typesOf(`groupId=${group.name}&eventType=group_update`)).toEqual([]);
});

test("a group that is made, changed and renamed tells of it with its members, to them too", async () => {
  const { integration } = await given();
  const [ada = "", bob = "", eve = ""] = await givenSaved(usher, 3);
  const groupId = newId("group");
  const path = `${integration.path}/groups/${groupId}`;
  expectOk(await usher.call("PUT", path, { name: "Eng", members: [ada, bob] }));
  expectOk(await usher.call("POST", `${path}/members`, { add: [eve, ada], remove: [bob] }));
  expectOk(await usher.call("PUT", path, { name: "Engineering" }));
  const events = await everyEventOf(usher, `groupId=${groupId}`);
  expect(events.filter(({ event_type }) => /^group_(create|update)$/.test(String(event_type)))).toMatchObject(
    [
      {
        event_type: "group_create",
        resource: { type: "user_group", id: groupId, name: "Eng" },
        changes: [{ field: "name", to: "Eng" }],
        members_added: [ada, bob].toSorted(),
        members_removed: [],
      },
      { event_type: "group_update", changes: [], members_added: [eve], members_removed: [bob] },
      { event_type: "group_update", changes: [{ field: "name", from: "Eng", to: "Engineering" }] },
    ],
  );
  expect(events.every((event) => event.event_type !== "group_create" || !("idm_client_id" in event))).toBe(
    true,
  );
  expect(await typesOf(`userId=${bob}`)).toEqual(
    expect.arrayContaining(["user_create", "group_create", "group_update"]),
  );
  const ofIntegration = await typesOf(`integrationId=${integration.integrationId}&groupId=${groupId}`);
  expect(ofIntegration).not.toContain("group_create");
});

test("a change that is saved while the audit store is down stands, and the next one records it first", async () => {
  const { userId, user } = aPerson();
  const call = callOf("ada");
  await saveUser({ ports: withoutAudit(), call }, userId, user as DirectoryUser);
  expect(await everyEventOf(usher, `userId=${userId}`)).toEqual([]);
  const failing = saveUser({ ports: withoutAudit(), call }, userId, {
    ...user,
    firstname: "X",
  } as DirectoryUser);
  await expect(failing).rejects.toMatchObject({ code: "audit-unavailable" });
  expect((await usher.call("GET", `/users/${userId}`)).body).toMatchObject({ firstname: user.firstname });
  expectOk(await usher.call("PATCH", `/users/${userId}`, { jobTitle: "Engineer" }));
  expect(await everyEventOf(usher, `userId=${userId}`)).toMatchObject([
    { event_type: "user_create", initiated_by: { id: "ada" }, correlation: call.actor.correlation },
    { event_type: "user_update", initiated_by: { id: "local-admin" } },
  ]);
});

test("who goes on with a change of members whose event is missing finds them by the group's versions, once", async () => {
  const { integration } = await given();
  const { integrationId } = integration;
  const [ada = "", bob = "", eve = ""] = await givenSaved(usher, 3);
  const groupId = newId("group");
  expectOk(
    await usher.call("PUT", `${integration.path}/groups/${groupId}`, { name: groupId, members: [ada, bob] }),
  );
  await changeDirectoryGroup(
    { ports: withoutAudit(), call: callOf("hr") },
    groupId,
    async (base) => base && { name: base.name, add: [], remove: [bob] },
  );
  // It is recorded by itself, and by whoever else comes to it: once.
  const saved = await ports.groups.read(groupId);
  if (!saved) throw new Error("the group is there");
  for (let time = 0; time < 2; time += 1) await recordDirectoryEvent(ports, saved);
  expect(await everyEventOf(usher, `groupId=${groupId}&eventType=group_update`)).toMatchObject([
    { initiated_by: { id: "hr" }, changes: [], members_added: [], members_removed: [bob] },
  ]);
  await provisionGroup(
    ports,
    callOf("eve"),
    { integrationId, groupId },
    { name: groupId, members: [ada, eve] },
  );
  const [, second, ...others] = await everyEventOf(usher, `groupId=${groupId}&eventType=group_update`);
  expect(second).toMatchObject({ members_added: [eve], members_removed: [] });
  expect(others).toEqual([]);
});

test("the event of a group that is on record is not put again by the next change", async () => {
  const { integration } = await given();
  const members = await givenSaved(usher, 2);
  const groupId = newId("group");
  expectOk(await usher.call("PUT", `${integration.path}/groups/${groupId}`, { name: groupId, members }));
  expect(await ports.groups.read(groupId)).not.toHaveProperty("unrecorded");
  expect(await typesOf(`groupId=${groupId}&eventType=group_create`)).toHaveLength(1);
});
