import { expect, test } from "vitest";
import { call, patchOp } from "../../providers/call.ts";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { givenQuirkyAccount } from "../../support/quirks.ts";
import {
  eventTypesOf,
  expectOk,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  passTime,
  replicationMs,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/**
 * How often the provider answers 504 to the request that opens the account: each time, or before a repeat is answered
 * 200.
 */
type Unanswered = "all" | "the first";

/**
 * A user who was suspended is wanted again, and the request that opens the account is not answered. It is carried out 5 s
 * after the next change that shuts the account out.
 */
const given = async (unanswered: Unanswered = "all", switches: Switches = {}, fields: object = {}) => {
  const policies = { onUserUnassigned: "deprovision", onUserDeleted: "deprovision" };
  const one = await givenQuirkyAccount(usher, switches, { policies, ...fields });
  const { provider, path, user, userId, remoteId } = one;
  expectOk(await usher.call("PUT", path, { ...user, suspended: true }));
  let failed = 0;
  provider.intercept = ({ method }) => {
    if (method !== "PATCH" || (unanswered === "the first" && failed > 0)) return undefined;
    failed += 1;
    return scimError(504, "Too late.");
  };
  const opened = await usher.call("PUT", path, user);
  expect([opened.status, failed > 0]).toEqual([unanswered === "all" ? 202 : 200, true]);
  provider.requests.length = 0;
  /** What the service sends from now on; what comes late is none of it. */
  const sent: string[] = [];
  const late = { isSent: false };
  const open = patchOp({ op: "replace", path: "active", value: true });
  provider.intercept = ({ method, headers }) => {
    if (!headers["user-agent"]?.includes("sher")) return undefined;
    sent.push(method);
    if (method !== "GET" && !late.isSent) {
      late.isSent = true;
      setTimeout(() => void call(provider, "PATCH", `/Users/${remoteId}`, open), 5_000);
    }
    return undefined;
  };
  return { provider, path, user, userId, sent };
};

type Given = Awaited<ReturnType<typeof given>>;
const acts = {
  "is suspended": ({ path, user }: Given) => usher.call("PUT", path, { ...user, suspended: true }),
  "is taken out": ({ path }: Given) => usher.call("DELETE", path),
  leaves: ({ userId }: Given) => usher.call("DELETE", `/users/${userId}`),
};
const hows = Object.keys(acts) as (keyof typeof acts)[];

test.each(hows.flatMap((how) => (["all", "the first"] as const).map((which) => [how, which] as const)))(
  "a user who %s while a request that opens the account may still be carried out is shut out again: unanswered is %s of it",
  async (how, which) => {
    const now = await given(which);
    expectOk(await acts[how](now));
    expect(await now.provider.users()).toMatchObject([{ active: false }]);
    expect(now.sent).toEqual(["PATCH", "GET", "PATCH"]);
    expect((await eventTypesOf(usher, `userId=${now.userId}`)).slice(-3)).toEqual([
      "user_deprovision",
      "user_lookup_provision",
      "user_deprovision",
    ]);
  },
);

test("a provider whose DELETE deactivates is looked at, too", async () => {
  const policies = { onUserUnassigned: "delete", onUserDeleted: "delete" };
  const overrides = { delete: "deactivates" };
  const now = await given("all", { deleteDeactivates: "stays" }, { policies, overrides });
  expectOk(await usher.call("DELETE", now.path));
  expect(await now.provider.users()).toMatchObject([{ active: false }]);
  expect(now.sent).toEqual(["DELETE", "GET", "DELETE"]);
});

test("a look that cannot be made leaves a failure, and the next call looks again", async () => {
  const now = await given();
  const { intercept } = now.provider;
  now.provider.intercept = (request) =>
    intercept?.(request) ?? (request.method === "GET" ? scimError(500, "Out of order.") : undefined);
  expect((await acts["is suspended"](now)).status).toBe(202);
  expect((await usher.call("GET", now.path)).body.state).not.toBe("in_sync");
  now.provider.intercept = intercept;
  expectOk(await usher.call("PUT", now.path));
  expect(await now.provider.users()).toMatchObject([{ active: false }]);
});

test("what was opened without an answer long before is not looked at", async () => {
  const now = await given();
  passTime(replicationMs);
  expectOk(await acts["is suspended"](now));
  expect(now.sent).toEqual(["PATCH"]);
});

test("a change without an opening that was not answered is not looked at", async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const { path, user } = await givenProvisioned(usher, provider, integration);
  provider.intercept = ({ method }) => (method === "PATCH" ? scimError(504, "Too late.") : undefined);
  expect((await usher.call("PUT", path, { ...user, jobTitle: "Engineer" })).status).toBe(202);
  provider.intercept = undefined;
  provider.requests.length = 0;
  expectOk(await usher.call("PUT", path, { ...user, suspended: true }));
  expect(provider.requests.map(({ method }) => method)).toEqual(["PATCH"]);
});
