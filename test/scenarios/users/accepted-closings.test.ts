import { expect, test } from "vitest";
import { call } from "../../providers/call.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { expectMembers, givenQuirkyAccount, givenQuirkyGroup } from "../../support/quirks.ts";
import {
  eventsOf,
  eventTypesOf,
  expectOk,
  forget,
  passTime,
  replicationMs,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** An account of a provider that from now on answers each change and DELETE with a bare 202, and keeps it to itself. */
const given = async (removal: "deprovision" | "delete" = "deprovision", switches: Switches = {}) => {
  const policies = { onUserUnassigned: removal, onUserDeleted: removal };
  const one = await givenQuirkyAccount(usher, switches, { policies });
  const { provider, path, user, userId, remoteId } = one;
  const sent: string[] = [];
  const held: { method: string; path: string; body: unknown }[] = [];
  provider.intercept = ({ method, path: at, body }) => {
    sent.push(method);
    if (!["PATCH", "PUT", "DELETE"].includes(method)) return undefined;
    held.push({ method, path: at, body });
    return { status: 202 };
  };
  const carryOut = async () => {
    const { intercept } = provider;
    provider.intercept = undefined;
    for (const { method, path: at, body } of held.splice(0)) await call(provider, method, at, body);
    provider.intercept = intercept;
  };
  return { provider, path, user, userId, remoteId, sent, held, carryOut };
};

type Given = Awaited<ReturnType<typeof given>>;
const acts = {
  "is suspended": [
    "deprovision",
    ({ path, user }: Given) => usher.call("PUT", path, { ...user, suspended: true }),
  ],
  "is taken out": ["deprovision", ({ path }: Given) => usher.call("DELETE", path)],
  leaves: ["deprovision", ({ userId }: Given) => usher.call("DELETE", `/users/${userId}`)],
  "is taken out and deleted": ["delete", ({ path }: Given) => usher.call("DELETE", path)],
  "leaves and is deleted": ["delete", ({ userId }: Given) => usher.call("DELETE", `/users/${userId}`)],
} as const;
const hows = Object.keys(acts) as (keyof typeof acts)[];
const kindOf = { deprovision: "PATCH", delete: "DELETE" };
const typeOf = { deprovision: "user_deprovision", delete: "user_delete_provision" };

test.each(hows)(
  "a user who %s by a request that is answered 202 and not carried out is pending, and done once a read shows it",
  async (how) => {
    const [removal, act] = acts[how];
    const now = await given(removal);
    expect((await act(now)).status).toBe(202);
    expect(now.sent).toEqual([kindOf[removal], "GET"]);
    expect((await usher.call("GET", now.path)).body).toMatchObject({ state: "pending" });
    const [event] = (await eventsOf(usher, `userId=${now.userId}`)).slice(-1);
    expect(event).toMatchObject({
      event_type: typeOf[removal],
      success: false,
      error_message: expect.stringContaining("202 Accepted and has not carried it out yet"),
    });
    now.sent.length = 0;
    expect((await act(now)).status).toBe(202);
    expect(now.sent).toEqual(["GET"]);
    await now.carryOut();
    now.sent.length = 0;
    expectOk(await act(now));
    expect(now.sent.slice(0, 1)).toEqual(["GET"]);
    expect(now.held).toEqual([]);
    expect((await eventTypesOf(usher, `userId=${now.userId}`)).slice(-1)).toEqual([typeOf[removal]]);
    now.sent.length = 0;
    if (how === "is suspended") expectOk(await act(now));
    expect(now.sent).toEqual([]);
  },
);

test.each(hows)(
  "a user who %s by a request that is answered 202 is sent again once that is old",
  async (how) => {
    const [removal, act] = acts[how];
    const now = await given(removal);
    await act(now);
    passTime(replicationMs);
    now.sent.length = 0;
    expect((await act(now)).status).toBe(202);
    expect(now.sent).toEqual(["GET", kindOf[removal], "GET"]);
  },
);

test.each(hows)(
  "a user who %s by a request that is answered 202 and carried out at once costs one read",
  async (how) => {
    const [removal, act] = acts[how];
    const now = await given(removal);
    now.provider.intercept = ({ method }) => void now.sent.push(method);
    Object.assign(now.provider.switches, { acceptsChanges: true });
    expectOk(await act(now));
    expect(now.sent).toEqual([kindOf[removal], "GET"]);
  },
);

test("a PUT that is answered 202 is read as well", async () => {
  const now = await given("deprovision", { noPatch: 405 });
  const { intercept } = now.provider;
  now.provider.intercept = (request) => (request.method === "PATCH" ? undefined : intercept?.(request));
  expect((await acts["is suspended"][1](now)).status).toBe(202);
  expect(now.sent).toEqual(["GET", "PUT", "GET"]);
});

test("an account that is wanted open again while its closing was accepted is told so", async () => {
  const now = await given();
  await acts["is suspended"][1](now);
  now.provider.intercept = undefined;
  forget(now.provider);
  expect(expectOk(await usher.call("PUT", now.path, now.user)).body).toMatchObject({
    state: "in_sync",
    active: true,
  });
  expect(now.provider.requests.map(({ method }) => method)).toEqual(["PATCH"]);
});

test.each([
  [503, 202],
  [403, 200],
] as const)(
  "a read that is answered %i after a 202 to a suspension makes the call answer %i",
  async (status, answered) => {
    const now = await given();
    const { intercept } = now.provider;
    now.provider.intercept = (request) =>
      request.method === "GET" ? scimError(status, "Not now.") : intercept?.(request);
    expect((await acts["is suspended"][1](now)).status).toBe(answered);
    if (answered === 200) return;
    passTime(replicationMs);
    // A look that fails keeps nobody's access: the next call sends it again.
    expect((await usher.call("PUT", now.path)).status).toBe(202);
    now.held.length = 0;
    await usher.call("PUT", now.path);
    expect(now.held).toMatchObject([{ method: "PATCH" }]);
  },
);

test("a member whose removal is answered 202 and not carried out is unconfirmed, and sent again", async () => {
  const { provider, integration, group, stays, leaves } = await givenQuirkyGroup(usher, {});
  const sent: string[] = [];
  provider.intercept = ({ method, path }) => {
    if (!path.startsWith("/Groups")) return undefined;
    sent.push(method);
    return method === "PATCH" ? { status: 202 } : undefined;
  };
  const remove = { remove: [leaves] };
  const first = await usher.call("POST", `${group.path}/members`, remove);
  expect(first.body.state).toBe("unconfirmed");
  expect(sent).toEqual(["PATCH", "GET"]);
  provider.intercept = undefined;
  expect((await usher.call("POST", `${group.path}/members`, remove)).body.state).toBe("in_sync");
  await expectMembers(usher, provider, integration, [stays]);
});
