import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  activation,
  addedIn,
  aPerson,
  detailsOf,
  eventsOf,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  newId,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async () => {
  const provider = await givenProvider(startStrongDm);
  return { provider, integration: await givenIntegration(usher, provider) };
};
const correlated = (id: string) => ({ "x-correlation-id": id });

test("an event tells all that the document promises", async () => {
  const provider = await givenProvider(startStrongDm);
  const application = { name: "strongDM", displayLabel: "strongDM prod" };
  const { integrationId, path } = await givenIntegration(usher, provider, { application });
  const { userId, user } = aPerson();
  const answer = await usher.call("PUT", `${path}/users/${userId}`, user, {
    "x-correlation-id": "ticket-run-1",
    "change-reason": "  JOINER-4711 für Zoë ",
    "user-agent": "hr-sync/1.2",
  });
  expect(answer.headers.get("x-correlation-id")).toBe("ticket-run-1");
  const [event] = await eventsOf(usher, `userId=${userId}`);
  expect(event).toEqual({
    id: answer.body.eventIds[0],
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    "@version": "1",
    service: "directory",
    event_type: "user_create_provision",
    organization: expect.any(String),
    success: true,
    initiated_by: { type: "admin", id: "local-admin" },
    auth_method: "token",
    client_ip: "127.0.0.1",
    useragent: "hr-sync/1.2",
    application: { id: expect.any(String), name: "strongDM", display_label: "strongDM prod" },
    idm_client_id: integrationId,
    resource: { type: "systemuser", id: userId, username: expect.any(String) },
    changes: expect.arrayContaining([
      { field: "userName", to: user.email },
      { field: "active", to: true },
      { field: "displayName", to: `${user.firstname} ${user.lastname}` },
    ]),
    association: {
      op: "add",
      connection: {
        from: { type: "systemuser", object_id: userId, name: expect.any(String) },
        to: { type: "application", object_id: expect.any(String), name: "strongDM" },
      },
    },
    correlation: { id: "ticket-run-1", type: "request" },
    message_chain: { response_code: 201, response_message: expect.any(String), message_details: [] },
    reason: "JOINER-4711 für Zoë",
  });
  expect((await usher.call("GET", `/events/${event?.id}`)).body).toEqual(event);
});

test("a call without a correlation id gets one, in the answer and in its events", async () => {
  const { provider, integration } = await given();
  const { userId } = await givenProvisioned(usher, provider, integration);
  const answer = await usher.call("DELETE", `${integration.path}/users/${userId}`);
  const id = answer.headers.get("x-correlation-id");
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  const [event] = await eventsOf(usher, `correlationId=${id}`);
  expect(event).toMatchObject({ event_type: "user_deprovision", correlation: { id } });
});

test("the members that a group call provisions are tied to it by the correlation id", async () => {
  const { integration } = await given();
  const members = await givenSaved(usher, 3);
  const groupId = newId("group");
  const path = `${integration.path}/groups/${groupId}`;
  const answer = await usher.call("PUT", path, { name: groupId, members }, correlated("group-run"));
  const events = await eventsOf(usher, "correlationId=group-run");
  expect(events.map(({ id }) => id).toSorted()).toEqual(answer.body.eventIds.toSorted());
  expect(events.filter(({ event_type }) => event_type === "user_create_provision")).toHaveLength(3);
  expect(events.at(-1)).toMatchObject({
    event_type: "group_create_provision",
    resource: { type: "user_group", id: groupId, name: groupId },
    members_removed: [],
    association: { op: "add", connection: { from: { type: "user_group", object_id: groupId } } },
  });
  expect(addedIn(events.at(-1))).toEqual(members.toSorted());
});

test("a failure tells the provider's status and words, what was tried, and the caller the event", async () => {
  const { provider, integration } = await given();
  const { path, user } = await givenProvisioned(usher, provider, integration, { jobTitle: "A" });
  provider.intercept = () => scimError(400, "Titles end at ten characters.");
  const answer = await usher.call("PUT", path, { ...user, jobTitle: "B" });
  const event = (await usher.call("GET", `/events/${answer.body.eventId}`)).body;
  expect(event).toMatchObject({
    event_type: "user_update_provision",
    success: false,
    error_message: expect.stringContaining("Titles end at ten characters."),
    changes: [{ field: "title", from: "A", to: "B" }],
    message_chain: { response_code: 400, response_message: expect.any(String) },
  });
  expect(detailsOf(event)).toContain("Titles end at ten characters.");
});

test.each([
  ["DELETE", "/Users", 500],
  ["PATCH", "/Groups", 400],
  ["POST", "/Groups", 500],
  ["POST", "/Groups", 409],
] as const)("a failed %s of %s is told by its %i, whatever was read after it", async (method, at, status) => {
  const { provider, integration } = await given();
  const { path, userId } = await givenProvisioned(usher, provider, integration);
  provider.intercept = (request) =>
    request.method === method && request.path.startsWith(at) ? scimError(status, "Not here.") : undefined;
  const groupId = newId("group");
  const group = `${integration.path}/groups/${groupId}`;
  const isUser = at === "/Users";
  if (isUser) await usher.call("DELETE", `/users/${userId}`);
  else await usher.call("PUT", group, { name: groupId, members: [userId] });
  expect(provider.requests.at(-1)).toMatchObject({ method: "GET", status: 200 });

  const [event] = await eventsOf(usher, `integrationId=${integration.integrationId}&success=false`);
  expect(event).toMatchObject({
    message_chain: { response_code: status, response_message: expect.stringMatching(`^${status} [A-Z]`) },
  });
  expect(detailsOf(event)).toContain("Not here.");
  const { lastError } = (await usher.call("GET", isUser ? path : group)).body;
  expect(lastError).toMatchObject({ detail: expect.stringContaining("Not here."), status });
});

test("a provider that is not there is told without a status", async () => {
  const { provider, integration } = await given();
  const { path, user } = await givenProvisioned(usher, provider, integration);
  provider.intercept = () => "drop-before";
  const answer = await usher.call("PUT", path, { ...user, jobTitle: "B" });
  expect(answer.status).toBe(202);
  const event = (await usher.call("GET", `/events/${answer.body.eventIds[0]}`)).body;
  expect(event).toMatchObject({ success: false, error_message: expect.any(String) });
  expect(event.message_chain).not.toHaveProperty("response_code");
});

test("a deletion without an answer is told without a status, although the account is read after it", async () => {
  const { provider, integration } = await given();
  const { userId } = await givenProvisioned(usher, provider, integration);
  provider.intercept = ({ method }) => (method === "DELETE" ? "drop-before" : undefined);
  await usher.call("DELETE", `/users/${userId}`);
  expect(provider.requests.at(-1)).toMatchObject({ method: "GET", status: 200 });
  const event = (await eventsOf(usher, `userId=${userId}&success=false`)).at(-1);
  expect(event?.message_chain).toMatchObject({ response_message: expect.stringContaining("did not answer") });
  expect(event?.message_chain).not.toHaveProperty("response_code");
});

test("every attempt of a working day has its type, and nothing else leaves an event", async () => {
  const provider = await givenProvider(startStrongDm);
  const day = correlated("working-day");
  const ada = aPerson();
  const bob = aPerson();
  const { body } = await usher.call("POST", "/integrations", activation(provider), day);
  const path = `/integrations/${body.integrationId}`;
  const user = (id: string) => `${path}/users/${id}`;
  const group = `${path}/groups/${newId("group")}`;
  const credentials = { type: "bearer", clientSecret: provider.token };
  const steps: [string, string, unknown?][] = [
    ["PATCH", path, { application: { displayLabel: "Day" } }],
    ["POST", `${path}/reauth`, { credentials }],
    ["PUT", user(ada.userId), ada.user],
    ["PUT", user(ada.userId), ada.user],
    ["PUT", user(ada.userId), { ...ada.user, jobTitle: "Boss" }],
    ["PUT", user(ada.userId), { ...ada.user, suspended: true, jobTitle: "None" }],
    ["PUT", user(ada.userId), { ...ada.user, jobTitle: "Back" }],
    ["PUT", user(bob.userId), { ...bob.user, state: "STAGED" }],
    ["PUT", group, { name: "Empty", members: [] }],
    ["PUT", group, { name: "First", members: [ada.userId] }],
    ["PUT", group, { name: "Second" }],
    ["POST", `${group}/members`, { remove: [ada.userId] }],
    ["DELETE", `${group}?action=delete`],
    ["DELETE", user(ada.userId)],
    ["DELETE", `${user(ada.userId)}?action=delete`],
    ["PUT", `/users/${bob.userId}`, bob.user],
    ["DELETE", path],
  ];
  for (const [method, at, sent] of steps) {
    const { status, text } = await usher.call(method, at, sent, day);
    expect([method, at, status < 300 ? "" : text]).toEqual([method, at, ""]);
    if (at === `/users/${bob.userId}`)
      await until(async () => (await usher.call("GET", user(bob.userId))).body.state === "in_sync");
  }
  expect((await eventsOf(usher, "correlationId=working-day")).map(({ event_type }) => event_type)).toEqual([
    "idm_integration_activate",
    "idm_integration_update",
    "idm_integration_reauth",
    "user_create_provision",
    "user_update_provision",
    "user_deprovision",
    "user_update_provision",
    "group_create_provision",
    "group_update_provision",
    "group_update_provision",
    "group_delete_provision",
    "user_deprovision",
    "user_delete_provision",
    // Bob is not staged any more, and follows by himself.
    "user_create_provision",
    "idm_integration_delete",
  ]);
});

test("local refusals of provisioning calls leave no event", async () => {
  const { provider, integration } = await given();
  const refused = correlated("refused");
  const { userId, user } = aPerson();
  const path = `${integration.path}/users/${userId}`;
  const calls: [string, string, unknown?][] = [
    ["PUT", path],
    ["PUT", path, { ...user, email: "not an e-mail" }],
    ["PUT", path, "{"],
    ["DELETE", path],
    ["PUT", `/integrations/unknown/users/${userId}`, user],
    ["PUT", `${integration.path}/groups/g1`, { name: "G", members: ["unknown"] }],
    ["POST", `${integration.path}/groups/unknown/members`, { add: [] }],
    ["POST", "/integrations", { application: {} }],
    ["PATCH", integration.path, { color: "red" }],
  ];
  for (const [method, at, body] of calls) {
    const { status } = await usher.call(method, at, body, refused);
    expect([400, 404, 422]).toContain(status);
  }
  expect(await eventsOf(usher, "correlationId=refused")).toEqual([]);
  expect(provider.requests).toEqual([]);
});

test("long values are cut in events, with their length and hash", async () => {
  const { provider, integration } = await given();
  const long = "x".repeat(10_000);
  const attributeMappings = [{ target: "title", source: "attributes.essay" }];
  await usher.call("PATCH", integration.path, { attributeMappings });
  const { userId } = await givenProvisioned(usher, provider, integration, {
    attributes: [{ name: "essay", value: long }],
  });
  expect(await provider.users()).toMatchObject([{ resource: { title: long } }]);
  const [event] = await eventsOf(usher, `userId=${userId}`);
  const changes = (event?.changes ?? []) as { field: string; to: unknown }[];
  const title = changes.find(({ field }) => field === "title");
  const told = JSON.stringify(title?.to);
  expect(told.length).toBeLessThan(5_000);
  expect(told).toContain("10000");
  expect(told).toMatch(/[0-9a-f]{64}/);
});

test("a group event names the members of a large change, cut where the list is long", async () => {
  const { integration, provider } = await given();
  const members = await givenSaved(usher, 30);
  const group = await givenGroup(usher, provider, integration, members);
  const [event] = await eventsOf(usher, `groupId=${group.groupId}`);
  expect(event?.members_added_total ?? addedIn(event).length).toBe(30);
  for (const userId of [members[0], members[29]]) {
    const ids = (await eventsOf(usher, `userId=${userId}`)).map(({ id }) => id);
    expect(ids).toContain(event?.id);
  }
});
