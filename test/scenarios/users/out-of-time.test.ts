import { afterAll, expect, test, vi } from "vitest";
import { Failure } from "../../../shared/model/failure.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  aPerson,
  eventsOf,
  expectOk,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  requestLines,
  useUsher,
} from "../../support/steps.ts";

/** What the store does next: writing the intent takes all the time of the call; ending the attempt is refused. */
const slow = vi.hoisted(() => ({ kind: "", refusesEnd: false, lateMs: 0 }));
vi.mock("../../../shared/aws/links/link-store.ts", async (original) => {
  const { createLinkStore, ...rest } =
    await original<typeof import("../../../shared/aws/links/link-store.ts")>();
  const createSlowStore: typeof createLinkStore = (access) => {
    const store = createLinkStore<never, never>(access);
    return {
      ...store,
      begin: async (...args: Parameters<typeof store.begin>) => {
        const began = await store.begin(...args);
        if (slow.kind === access.kind) slow.lateMs = 24_000;
        return began;
      },
      settle: async (...args: Parameters<typeof store.settle>) => {
        if (slow.refusesEnd) throw new Failure("store-unavailable", "The store did not answer.");
        return store.settle(...args);
      },
    } as never;
  };
  return { ...rest, createLinkStore: createSlowStore };
});

// Before the run, whose parts may keep the clock that they find.
const realNow = Date.now;
const clock = vi.spyOn(Date, "now").mockImplementation(() => realNow() + slow.lateMs);
afterAll(() => clock.mockRestore());
const usher = useUsher();
const inTime = () => Object.assign(slow, { kind: "", refusesEnd: false, lateMs: 0 });

/** The call, in which no time is left once the intent is on record. */
const callTooLate = async (kind: "user" | "group", method: string, path: string, body?: object) => {
  slow.kind = kind;
  const answer = await usher.call(method, path, body);
  inTime();
  return answer;
};

const given = async () => {
  const provider = await givenProvider(startStrongDm);
  return { provider, ...(await givenIntegration(usher, provider)) };
};

test("a new user for whom no time is left is pending without an attempt or event, and the same call goes on", async () => {
  const { provider, path } = await given();
  const { userId, user } = aPerson();
  const at = `${path}/users/${userId}`;
  const { status, headers, body } = await callTooLate("user", "PUT", at, user);
  expect([status, body.state, body.eventIds]).toEqual([202, "pending", []]);
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  expect(body.reason).toContain("still to do: to look for the account");
  expect(provider.requests).toEqual([]);
  expect(await eventsOf(usher, `userId=${userId}`)).toEqual([]);
  const stated = (await usher.call("GET", at)).body;
  expect(stated).toMatchObject({ state: "pending", desired: "active", attempts: 0 });
  expect(stated).not.toHaveProperty("lastError");
  expect((await usher.call("PUT", at)).body).toMatchObject({ action: "created", state: "in_sync" });
});

test.each([
  ["suspended", "PUT", { suspended: true }, "user_deprovision"],
  ["taken out", "DELETE", undefined, "user_deprovision"],
])(
  "who is to be %s and for whom no time is left has no event that says otherwise",
  async (_, method, fields, type) => {
    const integration = await given();
    const { userId, user, path } = await givenProvisioned(usher, integration.provider, integration);
    const body = fields && { ...user, ...fields };
    const first = await callTooLate("user", method, path, body);
    expect([first.status, first.body.state, first.body.eventIds]).toEqual([202, "pending", []]);
    expect(first.body.reason).toContain("to deactivate the account");
    expect(integration.provider.requests).toEqual([]);
    expect(await eventsOf(usher, `userId=${userId}&eventType=${type}`)).toEqual([]);
    expect((await usher.call("GET", path)).body).toMatchObject({
      state: "pending",
      active: true,
      attempts: 1,
    });
    expect((await usher.call(method, path, body)).body).toMatchObject({ action: "deprovisioned" });
    expect(await eventsOf(usher, `userId=${userId}&eventType=${type}`)).toMatchObject([{ success: true }]);
  },
);

test("the leaver call without time is pending there, and done by the same call", async () => {
  const integration = await given();
  const { userId } = await givenProvisioned(usher, integration.provider, integration);
  const first = await callTooLate("user", "DELETE", `/users/${userId}`);
  expect(first.status).toBe(202);
  expect(first.body.receipts).toMatchObject([{ state: "pending", eventIds: [] }]);
  expect(await eventsOf(usher, `userId=${userId}&eventType=user_delete_provision`)).toEqual([]);
  const second = await usher.call("DELETE", `/users/${userId}`);
  expect(second.body.receipts).toMatchObject([{ action: "deleted", state: "deleted" }]);
});

test("a group for which no time is left is pending without an event, and the same call goes on", async () => {
  const integration = await given();
  const { provider } = integration;
  const ada = await givenProvisioned(usher, provider, integration);
  const ben = await givenProvisioned(usher, provider, integration);
  const group = await givenGroup(usher, provider, integration, [ada.userId]);
  const change = { add: [ben.userId] };
  const events = await eventsOf(usher, `groupId=${group.groupId}`);
  const first = await callTooLate("group", "POST", `${group.path}/members`, change);
  expect([first.status, first.body.state, first.body.eventIds]).toEqual([202, "pending", []]);
  expect(await eventsOf(usher, `groupId=${group.groupId}`)).toEqual(events);
  expect((await usher.call("GET", group.path)).body.state).toBe("pending");
  expect((await usher.call("POST", `${group.path}/members`, change)).body).toMatchObject({
    state: "in_sync",
    members: { added: 1 },
  });
  expect(requestLines(provider)).toEqual([`PATCH /Groups/${group.remoteId}`]);

  const gone = `${group.path}?action=delete`;
  const deleting = await callTooLate("group", "DELETE", gone);
  expect([deleting.status, deleting.body.state, deleting.body.eventIds]).toEqual([202, "pending", []]);
  expect(await provider.groups()).toHaveLength(1);
  expect(expectOk(await usher.call("DELETE", gone)).body).toMatchObject({ action: "deleted" });
  expect(await provider.groups()).toEqual([]);
});

test("an attempt that sent nothing and could not be ended leaves no event once it is found", async () => {
  const integration = await given();
  const { userId, user, path } = await givenProvisioned(usher, integration.provider, integration);
  slow.refusesEnd = true;
  const first = await callTooLate("user", "PUT", path, { ...user, jobTitle: "Chief" });
  expect(first.status).toBe(503);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "updated", state: "in_sync" });
  const types = (await eventsOf(usher, `userId=${userId}`)).map(({ event_type }) => event_type);
  expect(types).toEqual(["user_create_provision", "user_update_provision"]);
});
