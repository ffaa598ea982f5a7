import { expect, test } from "vitest";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { until } from "../../support/quick-time.ts";
import { expectMembers, givenQuirky, givenQuirkyGroup, lastEventOf } from "../../support/quirks.ts";
import {
  activation,
  eventTypesOf,
  expectOk,
  forget,
  givenProvider,
  passTime,
  replicationMs,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

test.each(["gzip", "deflate", "br"] as const)(
  "a provider that compresses by %s, whatever was asked for, is activated, written to and understood",
  async (compresses) => {
    const { provider, user, path } = await givenQuirky(usher, { compresses });
    expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "created", state: "in_sync" });
    expect((await usher.call("PUT", path, { ...user, jobTitle: "A" })).body.action).toBe("updated");
    Object.assign(provider.switches, { userNameIsFixed: true });
    const refused = await usher.call("PUT", path, { ...user, email: "another@example.com" });
    expect([refused.status, refused.body.detail]).toEqual([502, expect.stringContaining("is immutable")]);
  },
);

test.each<[string, Switches]>([
  ["Retry-After", { rateLimitIs403: "Retry-After" }],
  ["X-RateLimit-Remaining: 0", { rateLimitIs403: "X-RateLimit-Remaining" }],
])("a 403 with %s holds a creation and a change back, and fails nobody", async (_, switches) => {
  // Each write finds the provider's clock 400 ms on: the second is too early, its repeat is not.
  let time = 0;
  const now = () => (time += 400);
  const limited = { ...switches, rateLimit: { burst: 1, seconds: 1 } };
  const { provider, user, userId, path } = await givenQuirky(usher, limited, {}, { now });
  expectOk(await usher.call("PUT", path, user));
  forget(provider);
  const { body } = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  expect(body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(writes(provider).map(({ status }) => status)).toEqual([403, 200]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "user_update_provision",
  ]);
});

test.each<[string, Switches, string[]]>([
  ["PATCH", {}, ["PATCH", "PATCH", "PATCH", "PATCH"]],
  ["PUT", { noPatch: 405 }, []],
])(
  "an account that is gone, where a %s of it is 500, is made anew after one read and one look-up",
  async (_, switches, changes) => {
    const { provider, user, path } = await givenQuirky(usher, { ...switches, changeMissingIs500: true });
    const { remoteId } = expectOk(await usher.call("PUT", path, user)).body;
    provider.removeUser(remoteId);
    passTime(replicationMs);
    forget(provider);
    const { body } = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
    expect(body).toMatchObject({ action: "created", state: "in_sync" });
    const [one, ...more] = await provider.users();
    expect([one?.resource.title, more, one?.id === remoteId]).toEqual(["Engineer", [], false]);
    expect(requestLines(provider)).toEqual([
      ...changes.map((method) => `${method} /Users/${remoteId}`),
      `GET /Users/${remoteId}`,
      ...(changes.length > 0 ? [] : [`GET /Users/${remoteId}`]),
      "GET /Users",
      "POST /Users",
    ]);
  },
);

test.each([404, 500] as const)(
  "one who is to be shut out, and whose account is gone, where a PATCH of it is %i, is shut out",
  async (status) => {
    const { provider, user, path } = await givenQuirky(usher, { changeMissingIs500: status === 500 });
    const { remoteId } = expectOk(await usher.call("PUT", path, user)).body;
    provider.removeUser(remoteId);
    passTime(replicationMs);
    const { status: answered, body } = await usher.call("PUT", path, { ...user, suspended: true });
    expect([answered, body.action, body.remoteId]).toEqual([200, "deprovisioned", undefined]);
  },
);

test("an account that is there, where a PATCH of it is 500, is read once and keeps its link", async () => {
  const { provider, user, path } = await givenQuirky(usher, {});
  const { remoteId } = expectOk(await usher.call("PUT", path, user)).body;
  provider.intercept = ({ method }) => (method === "PATCH" ? { status: 500, body: "{}" } : undefined);
  forget(provider);
  const failed = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  expect(failed).toMatchObject({ status: 202, body: { state: "retrying" } });
  expect(requestLines(provider).filter((line) => line.startsWith("GET"))).toEqual([`GET /Users/${remoteId}`]);
  provider.intercept = undefined;
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "updated", remoteId });
});

test("a group that is gone, where a PATCH of it is 500, is made anew with its members", async () => {
  const { provider, integration, group, stays, leaves, joins } = await givenQuirkyGroup(usher, {});
  expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
  provider.removeGroup(group.remoteId);
  passTime(replicationMs);
  Object.assign(provider.switches, { changeMissingIs500: true });
  const { body } = await usher.call("POST", `${group.path}/members`, { add: [joins] });
  expect(body.state).toBe("in_sync");
  await expectMembers(usher, provider, integration, [stays, leaves, joins]);
});

const refusal = (status: number) => ({
  status,
  body: JSON.stringify({ scimType: "tooMany", detail: "No seat\n is left\u202e. Buy one." }),
});
const told = (title: string) =>
  `The service provider answered ${title} (tooMany). It said: No seat is left . Buy one.`;

test.each<[number, string, number, string]>([
  [500, "500 Internal Server Error", 202, "provider-unavailable"],
  [400, "400 Bad Request", 502, "provider-rejected"],
  [403, "403 Forbidden", 502, "provider-rejected"],
])(
  "a %i with words is told in one line: by the answer, the status and the event",
  async (status, title, answered, code) => {
    const { provider, user, userId, path } = await givenQuirky(usher, {});
    provider.intercept = ({ method }) => (method === "POST" ? refusal(status) : undefined);
    const failed = await usher.call("PUT", path, user);
    const said = { code, detail: expect.stringContaining(told(title)) };
    expect(failed).toMatchObject({ status: answered, body: status === 500 ? { lastError: said } : said });
    const detail = failed.body.detail ?? failed.body.reason;
    expect((await usher.call("GET", path)).body.lastError).toMatchObject({
      code,
      status,
      detail,
    });
    expect(await lastEventOf(usher, `userId=${userId}`)).toMatchObject({
      error_message: detail,
      message_chain: {
        response_code: status,
        response_message: `${title} (tooMany)`,
        message_details: ["No seat is left . Buy one."],
      },
    });
  },
);

test("a refusal of the activation test is told in one line, with what to do", async () => {
  const provider = await givenProvider(() => startQuirky());
  provider.intercept = ({ method }) => (method === "GET" ? refusal(400) : undefined);
  const { status, body } = await usher.call("POST", "/integrations", activation(provider));
  expect([status, body.code]).toEqual([422, "activation-test-failed"]);
  expect(body.detail).toContain(`${told("400 Bad Request")} Check what the token may do`);
});

test.each(["PATCH", "reauth"])(
  "a pause of most of an hour is lifted by a %s of the integration",
  async (by) => {
    const { provider, integration, user, path } = await givenQuirky(usher, {});
    provider.intercept = () => ({ status: 429, headers: { "retry-after": "3000" }, body: "" });
    const held = await usher.call("PUT", path, user);
    expect([held.status, held.headers.get("retry-after")]).toEqual([202, "3000"]);
    provider.intercept = undefined;
    forget(provider);
    expect([(await usher.call("PUT", path, user)).status, provider.requests]).toEqual([202, []]);
    const credentials = { type: "bearer", clientSecret: provider.token };
    expectOk(
      by === "PATCH"
        ? await usher.call("PATCH", integration.path, { application: { displayLabel: "Another" } })
        : await usher.call("POST", `${integration.path}/reauth`, { credentials }),
    );
    // The worker that a reauth wakes may have come first.
    await until(async () => (await usher.call("PUT", path, user)).body.state === "in_sync");
    expect((await provider.users()).map(({ active }) => active)).toEqual([true]);
  },
);
