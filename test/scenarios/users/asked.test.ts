import { expect, test } from "vitest";
import type { DirectoryUser } from "../../../shared/model/directory.ts";
import { deleteUser } from "../../../shared/provisioning/calls/delete-user.ts";
import { provisionGroup } from "../../../shared/provisioning/calls/provision-group.ts";
import { provisionUser } from "../../../shared/provisioning/calls/provision-user.ts";
import type { Call } from "../../../shared/provisioning/ports/ports.ts";
import { ports } from "../../../shared/runtime/services.ts";
import type { TestProvider } from "../../providers/provider.ts";
import { until } from "../../support/quick-time.ts";
import { givenQuirky, lastEventOf } from "../../support/quirks.ts";
import {
  eventsOf,
  everyEventOf,
  expectOk,
  givenGroup,
  givenProvisioned,
  givenSaved,
  newId,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** Nothing that changes an account comes through, by itself or by a call. */
const holdBack = (provider: TestProvider) => {
  provider.intercept = ({ method }) => (method === "PATCH" ? scimError(403, "Not now.") : undefined);
};
/** What goes on by itself was refused, and is not tried again soon. */
const letThrough = async (provider: TestProvider, path: string) => {
  await until(async () => (await usher.call("GET", path)).body.state === "failed");
  provider.intercept = undefined;
};

/** A call of somebody else than the one whose token tests use. */
const callOfAnother = (): Call => {
  const until = Date.now() + 20_000;
  const correlation = { id: newId("call"), type: "request" as const };
  const initiatedBy = { type: "admin", id: "somebody-else" };
  const actor = { initiatedBy, authMethod: "token", clientIp: "127.0.0.1", userAgent: "", correlation };
  return { actor, sendUntil: until, answerUntil: until };
};
const another = { initiated_by: { id: "somebody-else" } };

const givenPerson = async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const person = await givenProvisioned(usher, provider, integration);
  const { integrationId } = integration;
  return { provider, integration, integrationId, ...person };
};
const lastOf = (userId: string) => lastEventOf(usher, `userId=${userId}&eventType=user_update_provision`);

test("a change that one saved and another's group call carries out names both, as an event of that call", async () => {
  const { provider, userId, user, path, integrationId } = await givenPerson();
  holdBack(provider);
  const saved = await usher.call("PUT", `/users/${userId}`, { ...user, jobTitle: "Engineer" });
  expect(saved.body).not.toHaveProperty("asked");
  await until(async () => (await usher.call("GET", path)).body.state === "failed");
  provider.intercept = undefined;
  for (const field of ["asked", "unrecorded", "recent"]) expect(saved.body).not.toHaveProperty(field);
  const change = (await everyEventOf(usher, `userId=${userId}&eventType=user_update`)).at(-1);
  const call = callOfAnother();
  const group = { name: newId("group"), members: [userId] };
  await provisionGroup(ports, call, { integrationId, groupId: group.name }, group);
  expect(await lastOf(userId)).toMatchObject({
    ...another,
    requested_by: { type: "admin" },
    requested_at: change?.timestamp,
    correlation: call.actor.correlation,
    changes: [{ to: "Engineer" }],
  });
  expect(await lastOf(userId)).not.toMatchObject({ requested_by: another.initiated_by });
});

test("a change that is carried out by itself names who saved it, and is of that act", async () => {
  const { userId, user, path } = await givenPerson();
  const act = { "x-correlation-id": "act-9", "change-reason": "TICKET-9" };
  expectOk(await usher.call("PUT", `/users/${userId}`, { ...user, jobTitle: "Engineer" }, act));
  const change = (await everyEventOf(usher, `userId=${userId}&eventType=user_update`)).at(-1);
  await until(async () => (await usher.call("GET", path)).body.state === "in_sync");
  expect(await lastOf(userId)).toMatchObject({
    success: true,
    initiated_by: { type: "service", id: "usher" },
    requested_by: { type: "admin" },
    requested_at: change?.timestamp,
    correlation: { id: "act-9" },
    reason: "TICKET-9",
    changes: [{ to: "Engineer" }],
  });
});

test("a change that is saved while another is under way follows by itself, and names who asked for it", async () => {
  const { provider, userId, user, path, integrationId } = await givenPerson();
  let saving: Promise<unknown> | undefined;
  provider.intercept = ({ method }) => {
    if (method === "PATCH") saving ??= usher.call("PUT", `/users/${userId}`, { ...user, jobTitle: "Second" });
    return undefined;
  };
  await provisionUser(ports, callOfAnother(), { integrationId, userId }, { ...user, jobTitle: "First" });
  await saving;
  await until(async () => (await usher.call("GET", path)).body.state === "in_sync");
  const [first, second, ...more] = await eventsOf(usher, `userId=${userId}&eventType=user_update_provision`);
  expect(first).toMatchObject({ ...another, changes: [{ to: "First" }] });
  expect(first).not.toHaveProperty("requested_by");
  expect(second).toMatchObject({ requested_by: { type: "admin" }, changes: [{ to: "Second" }] });
  expect(more).toEqual([]);
});

test("a change that failed and that another tries again names who asked for it, with the reason", async () => {
  const { provider, userId, user, path, integrationId } = await givenPerson();
  provider.intercept = ({ method }) => (method === "PATCH" ? scimError(403, "Not now.") : undefined);
  const reason = { "change-reason": "TICKET-7" };
  expect((await usher.call("PUT", path, { ...user, jobTitle: "Engineer" }, reason)).status).toBe(502);
  expect(await lastOf(userId)).not.toHaveProperty("requested_by");
  provider.intercept = undefined;
  await provisionUser(ports, callOfAnother(), { integrationId, userId });
  expect(await lastOf(userId)).toMatchObject({
    ...another,
    success: true,
    requested_by: { type: "admin" },
    reason: "TICKET-7",
  });
});

test("a leaver call that goes on with another's names who asked for it", async () => {
  const { provider, userId } = await givenPerson();
  provider.intercept = ({ method }) => (method === "DELETE" ? scimError(403, "Not now.") : undefined);
  expect((await usher.call("DELETE", `/users/${userId}`)).status).toBe(202);
  provider.intercept = undefined;
  await deleteUser(ports, callOfAnother(), userId);
  const event = await lastEventOf(usher, `userId=${userId}`);
  expect(event).toMatchObject({ ...another, success: true, requested_by: { type: "admin" } });
});

test("who assigns a user, or takes them out, asks for that, whoever saved the user", async () => {
  const { integration, integrationId } = await givenPerson();
  const [userId = ""] = await givenSaved(usher, 1);
  const group = { name: newId("group"), members: [userId] };
  await provisionGroup(ports, callOfAnother(), { integrationId, groupId: group.name }, group);
  const created = await lastEventOf(usher, `userId=${userId}&eventType=user_create_provision`);
  expect(created).toMatchObject(another);
  expect(created).not.toHaveProperty("requested_by");
  expectOk(await usher.call("DELETE", `${integration.path}/users/${userId}`));
  expect(await lastEventOf(usher, `userId=${userId}`)).not.toHaveProperty("requested_by");
});

test("a change that is saved and carried out by the same act names nobody besides", async () => {
  const { provider, userId, user, path } = await givenPerson();
  const headers = { "x-correlation-id": newId("act") };
  holdBack(provider);
  await usher.call("PUT", `/users/${userId}`, { ...user, jobTitle: "Engineer" }, headers);
  await letThrough(provider, path);
  await usher.call("PUT", path, undefined, headers);
  expect(await lastOf(userId)).toMatchObject({ changes: [{ to: "Engineer" }] });
  expect(await lastOf(userId)).not.toHaveProperty("requested_by");
});

test("an attempt that serves several changes names the latest, since when the first waits, and how many there are", async () => {
  const { provider, userId, user, path, integrationId } = await givenPerson();
  holdBack(provider);
  await usher.call("PATCH", `/users/${userId}`, { jobTitle: "Engineer" });
  await usher.call("PATCH", `/users/${userId}`, { department: "Research" }, { "change-reason": "TICKET-8" });
  await letThrough(provider, path);
  const [first] = await everyEventOf(usher, `userId=${userId}&eventType=user_update`);
  await provisionUser(ports, callOfAnother(), { integrationId, userId });
  const told = { requests: 2, requested_at: first?.timestamp };
  expect(await lastOf(userId)).toMatchObject({
    ...another,
    ...told,
    requested_by: { type: "admin" },
    reason: "TICKET-8",
  });
  holdBack(provider);
  await usher.call("PATCH", `/users/${userId}`, { department: "Sales" });
  await letThrough(provider, path);
  const [, , third] = await everyEventOf(usher, `userId=${userId}&eventType=user_update`);
  const call = callOfAnother();
  await provisionUser(ports, call, { integrationId, userId }, {
    ...user,
    jobTitle: "Director",
  } as DirectoryUser);
  expect(await lastOf(userId)).toMatchObject({
    requests: 2,
    requested_at: third?.timestamp,
    requested_by: another.initiated_by,
    correlation: call.actor.correlation,
  });
});

test("what a failed attempt was to serve, the next one serves with what came since", async () => {
  const { provider, userId, path, integrationId } = await givenPerson();
  provider.intercept = ({ method }) => (method === "PATCH" ? scimError(403, "Not now.") : undefined);
  await usher.call("PATCH", `/users/${userId}`, { jobTitle: "Engineer" });
  const [first] = await everyEventOf(usher, `userId=${userId}&eventType=user_update`);
  await usher.call("PUT", path);
  await usher.call("PATCH", `/users/${userId}`, { department: "Research" });
  await usher.call("PUT", path);
  expect(await lastOf(userId)).toMatchObject({ success: false, requests: 2 });
  provider.intercept = undefined;
  await provisionUser(ports, callOfAnother(), { integrationId, userId });
  expect(await lastOf(userId)).toMatchObject({ success: true, requests: 2, requested_at: first?.timestamp });
  await usher.call("PATCH", `/users/${userId}`, { department: "Sales" });
  await provisionUser(ports, callOfAnother(), { integrationId, userId });
  expect(await lastOf(userId)).not.toHaveProperty("requests");
});

test("an account that is closed tells since when the access was to end, not since when something else waited", async () => {
  const { provider, userId, path, integrationId } = await givenPerson();
  holdBack(provider);
  await usher.call("PATCH", `/users/${userId}`, { jobTitle: "Engineer" });
  await usher.call("PATCH", `/users/${userId}`, { suspended: true });
  await usher.call("PATCH", `/users/${userId}`, { department: "None" });
  await letThrough(provider, path);
  const [, suspended] = await everyEventOf(usher, `userId=${userId}&eventType=user_update`);
  await provisionUser(ports, callOfAnother(), { integrationId, userId });
  const event = await lastEventOf(usher, `userId=${userId}&eventType=user_deprovision`);
  expect(event).toMatchObject({ requests: 2, requested_at: suspended?.timestamp });
});

test("a group that several changes wait for tells how many, and since when the first does", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const { integrationId } = integration;
  const [ada = "", bob = "", eve = ""] = await givenSaved(usher, 3);
  const group = await givenGroup(usher, provider, integration, [ada]);
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Groups") ? scimError(403, "Not now.") : undefined;
  await usher.call("POST", `${group.path}/members`, { add: [bob] });
  await usher.call("POST", `${group.path}/members`, { add: [eve] });
  provider.intercept = undefined;
  const [first] = await everyEventOf(usher, `groupId=${group.groupId}&eventType=group_update`);
  const name = (await ports.groups.read(group.groupId))?.name ?? "";
  await provisionGroup(ports, callOfAnother(), { integrationId, groupId: group.groupId }, { name });
  expect(await lastEventOf(usher, `groupId=${group.groupId}&eventType=group_update_provision`)).toMatchObject(
    {
      ...another,
      success: true,
      requests: 2,
      requested_at: first?.timestamp,
    },
  );
});
