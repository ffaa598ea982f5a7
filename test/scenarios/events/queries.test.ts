import { beforeAll, expect, test } from "vitest";
import type { TestProvider } from "../../providers/provider.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  type Body,
  everyEventOf,
  givenIntegration,
  givenSaved,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** All events of this file, oldest first: two integrations, three users, one group, a failure. */
let all: Body[] = [];
const ids = { one: "", two: "", users: ["", "", ""] as string[], group: "team-a" };
const eventIds = (events: Body[]) => events.map(({ id }) => id);

beforeAll(async () => {
  const providers: TestProvider[] = [await startStrongDm(), await startStrongDm()];
  const [one, two] = [
    await givenIntegration(usher, providers[0]!),
    await givenIntegration(usher, providers[1]!),
  ];
  const users = await givenSaved(usher, 3);
  Object.assign(ids, { one: one.integrationId, two: two.integrationId, users });
  await usher.call("PUT", `${one.path}/users/${users[0]}`);
  await usher.call("PUT", `${two.path}/users/${users[0]}`);
  const group = `${one.path}/groups/${ids.group}`;
  await usher.call(
    "PUT",
    group,
    { name: "Team A", members: users.slice(0, 2) },
    { "x-correlation-id": "bind-a" },
  );
  await usher.call("POST", `${group}/members`, { add: [users[2]], remove: [users[1]] });
  providers[0]!.intercept = () => scimError(403, "No.");
  await usher.call("DELETE", `${one.path}/users/${users[0]}`);
  await Promise.all(providers.map((provider) => provider.close()));
  all = await everyEventOf(usher, "");
});

/** What a filter must find: the same as picking from all. */
const expectSame = async (query: string, pick: (event: Body) => boolean) => {
  const wanted = all.filter(pick);
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.length).toBeLessThan(all.length);
  expect(eventIds(await everyEventOf(usher, query))).toEqual(eventIds(wanted));
};
const resourceOf = ({ resource }: Body) => resource as { type: string; id: string };
const names = (event: Body, userId: string | undefined) =>
  resourceOf(event).id === userId ||
  [event.members_added, event.members_removed].some((members) =>
    (members as unknown[] | undefined)?.includes(userId),
  );

test("all events are in the order of their attempts", () => {
  expect(all.length).toBeGreaterThanOrEqual(9);
  const times = all.map(({ timestamp }) => String(timestamp));
  expect(times).toEqual(times.toSorted());
  expect(new Set(eventIds(all)).size).toBe(all.length);
});

test("newest first unless asked otherwise", async () => {
  const { items } = (await usher.call("GET", "/events?limit=500")).body;
  expect(eventIds(items)).toEqual(eventIds(all).toReversed());
  const desc = (await usher.call("GET", "/events?limit=500&order=desc")).body;
  expect(desc.items).toEqual(items);
});

test("by integration", () =>
  expectSame(`integrationId=${ids.one}`, (event) => event.idm_client_id === ids.one));

test.each(["user_create_provision", "group_update_provision", "idm_integration_activate"])(
  "by type: %s",
  (type) => expectSame(`eventType=${type}`, (event) => event.event_type === type),
);

test("by user, the group events that added or removed them included", async () => {
  for (const userId of ids.users) await expectSame(`userId=${userId}`, (event) => names(event, userId));
});

test("by group", () =>
  expectSame(
    `groupId=${ids.group}`,
    (event) => resourceOf(event).type === "user_group" && resourceOf(event).id === ids.group,
  ));

test("by initiator", async () => {
  expect(eventIds(await everyEventOf(usher, "initiatedBy=local-admin"))).toEqual(eventIds(all));
  expect(await everyEventOf(usher, "initiatedBy=somebody-else")).toEqual([]);
});

test("by correlation id", () =>
  expectSame("correlationId=bind-a", (event) => (event.correlation as { id: string }).id === "bind-a"));

test("failures only, successes only", async () => {
  await expectSame("success=false", (event) => event.success === false);
  await expectSame("success=true", (event) => event.success === true);
});

test("by time: from is part of the range, to is not", async () => {
  const middle = String(all[4]?.timestamp);
  await expectSame(`from=${middle}`, (event) => String(event.timestamp) >= middle);
  await expectSame(`to=${middle}`, (event) => String(event.timestamp) < middle);
  const shifted = new Date(Date.parse(middle) + 2 * 3_600_000).toISOString().replace("Z", "+02:00");
  await expectSame(`from=${encodeURIComponent(shifted)}`, (event) => String(event.timestamp) >= middle);
  expect(await everyEventOf(usher, `from=${middle}&to=${middle}`)).toEqual([]);
});

test.each([
  ["integration and type", () => `integrationId=${ids.one}&eventType=user_create_provision`],
  ["integration and user", () => `integrationId=${ids.two}&userId=${ids.users[0]}`],
  ["user and failure", () => `userId=${ids.users[0]}&success=false`],
  ["group and success", () => `groupId=${ids.group}&success=true`],
  ["type and initiator", () => "eventType=user_create_provision&initiatedBy=local-admin"],
  ["correlation and type", () => "correlationId=bind-a&eventType=user_create_provision"],
  ["integration, time and success", () => `integrationId=${ids.one}&success=true&from=${all[2]?.timestamp}`],
  ["user and group", () => `userId=${ids.users[1]}&groupId=${ids.group}`],
])("filters together narrow each other: %s", async (_, query) => {
  const parts = new URLSearchParams(query());
  await expectSame(query(), (event) =>
    [...parts].every(([name, value]) => {
      if (name === "integrationId") return event.idm_client_id === value;
      if (name === "eventType") return event.event_type === value;
      if (name === "userId") return names(event, value);
      if (name === "groupId") return resourceOf(event).id === value;
      if (name === "success") return String(event.success) === value;
      if (name === "correlationId") return (event.correlation as { id: string }).id === value;
      if (name === "from") return String(event.timestamp) >= value;
      return (event.initiated_by as { id: string }).id === value;
    }),
  );
});

test.each([
  "",
  "eventType=user_create_provision",
  "success=true",
  "correlationId=bind-a",
  "initiatedBy=local-admin",
])("pages of %s together hold each event once, in both directions", async (query) => {
  for (const order of ["asc", "desc"]) {
    const whole = (await usher.call("GET", `/events?order=${order}&limit=500&${query}`)).body.items;
    const seen: Body[] = [];
    let cursor = "";
    do {
      const { body } = await usher.call("GET", `/events?order=${order}&limit=2&${query}${cursor}`);
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items);
      cursor = body.nextCursor === undefined ? "" : `&cursor=${encodeURIComponent(body.nextCursor)}`;
    } while (cursor !== "");
    expect(eventIds(seen)).toEqual(eventIds(whole));
  }
});

test.each([
  "eventType=nothing",
  "success=maybe",
  "from=yesterday",
  "limit=0",
  "limit=501",
  "order=up",
  "cursor=%00",
  "userId=%2F",
  "x=y",
])("%s is 400", async (query) => {
  const answer = await usher.call("GET", `/events?${query}`);
  expect(answer.status).toBe(400);
  expect(["invalid-input", "invalid-cursor"]).toContain(answer.body.code);
});

test("the cursor of another query is refused, not misread", async () => {
  const { nextCursor = "" } = (await usher.call("GET", "/events?limit=2")).body;
  const cursor = encodeURIComponent(nextCursor);
  for (const query of ["success=true", "order=asc", `userId=${ids.users[0]}`, `integrationId=${ids.two}`]) {
    const answer = await usher.call("GET", `/events?limit=2&${query}&cursor=${cursor}`);
    expect([query, answer.status, answer.body.code]).toEqual([query, 400, "invalid-cursor"]);
  }
});

test("an unknown event is 404", async () => {
  for (const id of ["unknown", "018f0000-0000-7000-8000-000000000000", "a".repeat(200), "%2e%2e"]) {
    const answer = await usher.call("GET", `/events/${id}`);
    expect([id, answer.status]).toEqual([id, 404]);
  }
});
