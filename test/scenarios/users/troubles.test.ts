import { describe, expect, test } from "vitest";
import { startBetterAuth } from "../../providers/better-auth.ts";
import type { Interception, RecordedRequest } from "../../providers/provider.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  aPerson,
  detailsOf,
  eventsOf,
  eventTypesOf,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  requestLines,
  scimError,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** The first request that `wanted` picks meets the trouble, all others the provider. */
const once = (wanted: (request: RecordedRequest) => boolean, trouble: Interception) => {
  let met = false;
  return (request: RecordedRequest): Interception => {
    if (met || !wanted(request)) return undefined;
    met = true;
    return trouble;
  };
};
const isMethod = (method: string) => (request: RecordedRequest) => request.method === method;

describe.each([
  ["strongDM", startStrongDm],
  ["SCIMMY", startScimmy],
  ["better-auth", startBetterAuth],
] as const)("with %s", (_, start) => {
  const given = async () => {
    const provider = await givenProvider(start);
    const integration = await givenIntegration(usher, provider);
    const { userId, user } = aPerson();
    return { provider, integration, userId, user, path: `${integration.path}/users/${userId}` };
  };

  test.each([
    ["a reply to the creation that is lost", "drop-after"],
    ["a creation that never arrives", "drop-before"],
    ["a creation answered with 500", scimError(500, "Something broke.")],
    ["a creation answered with 503", scimError(503, "Busy.", { "retry-after": "1" })],
    ["a creation answered with a login page", { status: 200, body: "<html>Sign in</html>" }],
  ] as const)("%s makes exactly one account and one event", async (_name, trouble) => {
    const { provider, user, userId, path } = await given();
    provider.intercept = once(isMethod("POST"), trouble);
    let answer = await usher.call("PUT", path, user);
    if (answer.status !== 200) answer = await usher.call("PUT", path);
    expect(answer.body).toMatchObject({ state: "in_sync", active: true });
    expect(await provider.users()).toMatchObject([{ id: answer.body.remoteId, userName: user.email }]);
    expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged" });
    const types = await eventTypesOf(usher, `userId=${userId}`);
    expect(types.filter((type) => type === "user_create_provision")).toHaveLength(1);
  });

  test("a reply to a change that is lost is repeated to the same end", async () => {
    const { provider, integration } = await given();
    const { path, user, userId } = await givenProvisioned(usher, provider, integration);
    provider.intercept = once(isMethod("PATCH"), "drop-after");
    const answer = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
    expect(answer.body).toMatchObject({ action: "updated", state: "in_sync" });
    expect(await provider.users()).toMatchObject([{ resource: { title: "Engineer" } }]);
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
      "user_create_provision",
      "user_update_provision",
    ]);
  });
});

const given = async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const { userId, user } = aPerson();
  return { provider, integration, userId, user, path: `${integration.path}/users/${userId}` };
};

test("a lookup that fails for good is one failed user_lookup_provision, and nothing is written", async () => {
  const { provider, user, userId, path } = await given();
  provider.intercept = () => scimError(503, "Down for maintenance.");
  const answer = await usher.call("PUT", path, user);
  expect(answer.status).toBe(202);
  expect(answer.body).toMatchObject({
    state: "retrying",
    eventIds: [expect.any(String)],
    lastError: { code: "provider-unavailable", status: 503 },
  });
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(writes(provider)).toEqual([]);
  const [event, ...others] = await eventsOf(usher, `userId=${userId}`);
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    event_type: "user_lookup_provision",
    success: false,
    message_chain: { response_code: 503 },
  });
  expect(detailsOf(event)).toContain("Down for maintenance.");

  expect((await usher.call("GET", path)).body).toMatchObject({
    state: "retrying",
    desired: "active",
    attempts: 1,
    lastEventId: answer.body.eventIds[0],
    nextAttemptAt: expect.any(String),
    lastError: { code: "provider-unavailable", status: 503 },
  });
  provider.intercept = undefined;
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "created", state: "in_sync" });
  const repaired = (await usher.call("GET", path)).body;
  expect(repaired).toMatchObject({ state: "in_sync", attempts: 2 });
  expect(repaired.lastError).toBeUndefined();
});

test("a 500 on a change is repeated; where it stays, the change is sent again by the next call", async () => {
  const { provider, integration } = await given();
  const { path, user, userId } = await givenProvisioned(usher, provider, integration);
  provider.intercept = (request) => (request.method === "PATCH" ? scimError(500, "Broken.") : undefined);
  const answer = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  expect(answer.status).toBe(202);
  expect(answer.body).toMatchObject({ lastError: { code: "provider-unavailable", status: 500 } });
  expect(writes(provider).length).toBeGreaterThan(1);

  provider.intercept = undefined;
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(await provider.users()).toMatchObject([{ resource: { title: "Engineer" } }]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "!user_update_provision",
    "user_update_provision",
  ]);
});

test("a throttled request is repeated after the time that the provider asks for", async () => {
  const { provider, user, path } = await given();
  provider.intercept = once(isMethod("POST"), scimError(429, "Slow down.", { "retry-after": "1" }));
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "created" });
  const [first, second] = writes(provider).map(({ at }) => at);
  expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(1_000);
});

test("a creation that is answered 503 goes out again after the time that the provider asks for", async () => {
  const { provider, path, user } = await given();
  const posts = () => provider.requests.filter(({ method }) => method === "POST");
  provider.intercept = ({ method }) =>
    method === "POST" && posts().length === 1 ? scimError(503, "Busy.", { "retry-after": "1" }) : undefined;
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "created", state: "in_sync" });
  const [first, second, ...others] = posts();
  expect(others).toEqual([]);
  expect(Number(second?.at) - Number(first?.at)).toBeGreaterThanOrEqual(1000);
});

test("a creation that the provider wants to see in an hour ends the call at once, and tells so", async () => {
  const { provider, path, user } = await given();
  provider.intercept = ({ method }) =>
    method === "POST" ? scimError(503, "Closed.", { "retry-after": "3600" }) : undefined;
  const answer = await usher.call("PUT", path, user);
  expect(answer).toMatchObject({ status: 202, body: { state: "retrying" } });
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(60);
  expect(provider.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("a refusal for good is told in the provider's words and not repeated", async () => {
  const { provider, user, userId, path } = await given();
  provider.intercept = (request) =>
    request.method === "POST" ? scimError(400, "No seats left.") : undefined;
  const answer = await usher.call("PUT", path, user);
  expect(answer.status).toBe(502);
  expect(answer.body.code).toBe("provider-rejected");
  expect(answer.body.detail).toContain("400");
  expect(answer.body.detail).toContain("No seats left.");
  expect(writes(provider)).toHaveLength(1);
  const [event] = await eventsOf(usher, `userId=${userId}`);
  expect(event).toMatchObject({
    event_type: "user_create_provision",
    success: false,
    message_chain: { response_code: 400 },
  });
  expect(detailsOf(event)).toContain("No seats left.");
});

test("an answer that is cut off is provider-malformed or repaired by a lookup, never half believed", async () => {
  const { provider, user, path } = await given();
  provider.intercept = (request) =>
    request.method === "GET" ? { status: 200, body: '{"totalResults": 0, "Resources": [' } : undefined;
  const answer = await usher.call("PUT", path, user);
  expect(answer.status).toBe(502);
  expect(answer.body).toMatchObject({ code: "provider-malformed", eventId: expect.any(String) });
  expect(requestLines(provider)).not.toContain("POST /Users");
});

test("a provider that hangs on the creation: the call ends in time, and the next one makes one account", async () => {
  const { provider, user, userId, path } = await given();
  provider.intercept = once(isMethod("POST"), "hang");
  const began = performance.now();
  const answer = await usher.call("PUT", path, user);
  expect(performance.now() - began).toBeLessThan(29_000);
  if (answer.status !== 200) {
    expect(answer.status).toBe(202);
    expect((await usher.call("PUT", path)).body).toMatchObject({ state: "in_sync" });
  }
  expect(await provider.users()).toHaveLength(1);
  const types = await eventTypesOf(usher, `userId=${userId}`);
  expect(types.filter((type) => type === "user_create_provision")).toHaveLength(1);
}, 40_000);
