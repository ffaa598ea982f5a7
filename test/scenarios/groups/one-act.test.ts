import { expect, test } from "vitest";
import { provisionGroup } from "../../../shared/provisioning/calls/provision-group.ts";
import type { Call } from "../../../shared/provisioning/ports/ports.ts";
import { ports } from "../../../shared/runtime/services.ts";
import { givenQuirky } from "../../support/quirks.ts";
import {
  eventsOf,
  everyEventOf,
  expectOk,
  givenGroup,
  givenSaved,
  newId,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** A group whose binding has failed at the provider, as a ticket asked for it. */
const givenUnfinished = async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const members = await givenSaved(usher, 2);
  const groupId = newId("group");
  const path = `${integration.path}/groups/${groupId}`;
  provider.intercept = ({ method, path: to }) =>
    method === "PATCH" && to.startsWith("/Groups") ? scimError(403, "Not now.") : undefined;
  const first = await usher.call("PUT", path, { name: groupId, members }, { "change-reason": "TICKET-7" });
  expect(first.status).toBe(502);
  const correlationId = first.headers.get("x-correlation-id") ?? "";
  return { provider, integration, groupId, path, correlationId, members };
};

const lastOf = async (groupId: string) => (await eventsOf(usher, `groupId=${groupId}`)).at(-1);

test("a later call that continues the work of another leaves events of the same act, with its reason and who asked", async () => {
  const { provider, groupId, path, correlationId } = await givenUnfinished();
  provider.intercept = undefined;
  const { body, headers } = await usher.call("PUT", path, { name: groupId });
  expect(body).toMatchObject({ state: "in_sync", correlationId });
  expect(headers.get("x-correlation-id")).toBe(correlationId);
  const event = await lastOf(groupId);
  expect(event).toMatchObject({
    success: true,
    correlation: { id: correlationId },
    reason: "TICKET-7",
    requested_by: { type: "admin" },
    requested_at: expect.any(String),
  });
  expect(event?.requested_by).toEqual(event?.initiated_by);
});

test("members who are provisioned by a call that continues are of the same act", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const [member = "", refused = ""] = await givenSaved(usher, 2);
  const groupId = newId("group");
  const path = `${integration.path}/groups/${groupId}`;
  provider.intercept = ({ method, body }) =>
    method === "POST" && JSON.stringify(body).includes(`${refused}@`)
      ? scimError(403, "No seat.")
      : undefined;
  const first = await usher.call("PUT", path, { name: groupId, members: [member, refused] });
  expect(first.body).toMatchObject({ state: "pending" });
  expect(first.body).not.toHaveProperty("correlationId");
  provider.intercept = undefined;
  expectOk(await usher.call("PUT", path, { name: groupId }));
  const events = await eventsOf(usher, `correlationId=${first.headers.get("x-correlation-id")}`);
  expect(events.map(({ event_type, success }) => `${success ? "" : "!"}${event_type}`).sort()).toEqual([
    "!user_create_provision",
    "group_create_provision",
    "group_update_provision",
    "user_create_provision",
    "user_create_provision",
  ]);
});

test("a call that fails as it continues the work of another answers with the correlation of that", async () => {
  const { groupId, path, correlationId } = await givenUnfinished();
  const again = await usher.call("PUT", path, { name: groupId });
  expect(again.status).toBe(502);
  expect(again.headers.get("x-correlation-id")).toBe(correlationId);
  expect(await lastOf(groupId)).toMatchObject({ correlation: { id: correlationId } });
});

test("a call that continues an unbinding leaves events of the same act, and answers with its correlation", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const members = await givenSaved(usher, 2);
  const { path } = await givenGroup(usher, provider, integration, members);
  provider.intercept = ({ method, path: to }) =>
    method === "PATCH" && to.startsWith("/Users") ? scimError(403, "Not now.") : undefined;
  const first = await usher.call("DELETE", path, undefined, { "change-reason": "TICKET-7" });
  expect(first.body).toMatchObject({ state: "pending" });
  expect(first.body).not.toHaveProperty("correlationId");
  const correlationId = first.headers.get("x-correlation-id") ?? "";
  provider.intercept = undefined;
  const again = await usher.call("DELETE", path);
  expect(again.body).toMatchObject({ correlationId });
  expect(again.headers.get("x-correlation-id")).toBe(correlationId);
  for (const userId of members)
    expect((await eventsOf(usher, `userId=${userId}`)).at(-1)).toMatchObject({
      event_type: "user_deprovision",
      success: true,
      correlation: { id: correlationId },
      reason: "TICKET-7",
      requested_by: { type: "admin" },
    });
});

test("a call that continues with a correlation id and a reason of its own keeps them, and names who asked", async () => {
  const { provider, groupId, path } = await givenUnfinished();
  provider.intercept = undefined;
  const own = { "x-correlation-id": newId("own"), "change-reason": "TICKET-8" };
  expectOk(await usher.call("PUT", path, { name: groupId }, own));
  expect(await lastOf(groupId)).toMatchObject({
    correlation: { id: own["x-correlation-id"] },
    reason: "TICKET-8",
    requested_by: { type: "admin" },
  });
});

test("a call with a change of its own is an act of its own, which tells since when it was waited for", async () => {
  const { provider, groupId, path, members } = await givenUnfinished();
  provider.intercept = undefined;
  const changed = await usher.call("POST", `${path}/members`, { remove: members.slice(1) });
  const event = await lastOf(groupId);
  expect(event).toMatchObject({ correlation: { id: changed.headers.get("x-correlation-id") } });
  expect(event).toMatchObject({ requests: 2, requested_by: event?.initiated_by });
  const [changedIt] = await everyEventOf(usher, `groupId=${groupId}&eventType=group_update`);
  expect(String(event?.requested_at) < String(changedIt?.timestamp)).toBe(true);
  expect(event).not.toHaveProperty("reason");
});

test("a call that carries out what another's PUT has saved is told as initiated by one and requested by the other", async () => {
  const { provider, integration, groupId, correlationId } = await givenUnfinished();
  provider.intercept = undefined;
  const until = Date.now() + 20_000;
  const call: Call = {
    actor: {
      initiatedBy: { type: "admin", id: "somebody-else" },
      authMethod: "token",
      clientIp: "127.0.0.1",
      userAgent: "",
      correlation: { id: newId("call"), type: "request" },
    },
    sendUntil: until,
    answerUntil: until,
  };
  const { integrationId } = integration;
  await provisionGroup(ports, call, { integrationId, groupId }, { name: groupId });
  const event = await lastOf(groupId);
  expect(event).toMatchObject({
    initiated_by: { id: "somebody-else" },
    correlation: { id: correlationId },
    reason: "TICKET-7",
  });
  expect(event?.requested_by).toMatchObject({ type: "admin" });
  expect(event?.requested_by).not.toMatchObject({ id: "somebody-else" });
});

test("who binds a group that another has saved asks for that, in every call until it is done", async () => {
  const { groupId } = await givenUnfinished();
  const { provider, integration } = await givenQuirky(usher, {});
  const path = `${integration.path}/groups/${groupId}`;
  provider.intercept = ({ method, path: to }) =>
    method === "PATCH" && to.startsWith("/Groups") ? scimError(403, "Not now.") : undefined;
  const bound = await usher.call("PUT", path, { name: groupId }, { "change-reason": "TICKET-9" });
  provider.intercept = undefined;
  expectOk(await usher.call("PUT", path, { name: groupId }));
  const events = await eventsOf(usher, `integrationId=${integration.integrationId}&groupId=${groupId}`);
  for (const event of events)
    expect(event).toMatchObject({
      correlation: { id: bound.headers.get("x-correlation-id") },
      reason: "TICKET-9",
    });
  expect(events.map((event) => "requested_by" in event)).toEqual([false, false, true]);
});
