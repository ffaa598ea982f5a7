import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startScimmy } from "../providers/scimmy.ts";
import { collectLog } from "../support/log-lines.ts";
import { until } from "../support/quick-time.ts";
import { placesOf } from "../support/secret-search.ts";
import { activation, type Body, everyEventOf, givenProvider, scimError, useUsher } from "../support/steps.ts";

const usher = useUsher();
beforeAll(() => {
  vi.stubEnv("LOG_LEVEL", "debug");
});
afterAll(() => {
  vi.unstubAllEnvs();
});

/** What must be in no line, each of a spelling that nothing else has. */
const marks = {
  userId: "zephyrine.id@example.com",
  email: "zephyrine.mail@example.com",
  firstname: "Zephyrine",
  lastname: "Quillfeather",
  title: "Astrolaber",
  groupId: "guild-of-ids",
  group: "Guild of Astrolabers",
  secret: "s3cret-of-the-provider-0123456789abcdef",
  newSecret: "s3cret-that-came-later-0123456789abcdef",
  reason: "Reorganisation-4711",
  onBehalfOf: "behalf.of@example.com",
  userAgent: "Marked-Agent",
  query: "queried-value",
  words: "words-of-the-provider",
};
const { userId } = marks;
const user = { email: marks.email, firstname: marks.firstname, lastname: marks.lastname };

/** Every field that a line may have, by its message. */
const fields: Record<string, string[]> = {
  "call-finished": ["function", "requestId", "correlationId", "status", "ms"],
  "event-recorded": [
    "correlationId",
    "eventId",
    "eventType",
    "success",
    "code",
    "integrationId",
    "status",
    "requests",
    "ms",
  ],
  "provider-request": ["correlationId", "method", "resource", "status", "failure", "ms"],
  "change-dispatched": ["requestId", "correlationId", "integrations"],
  "work-ended": ["requestId", "correlationId", "integrationId", "outcome"],
  "drain-ended": ["requestId", "integrationId", "done", "failures", "ms"],
  "recovery-ended": ["requestId", "settled", "failures", "ms"],
};

const givenMarked = async () => {
  const provider = await givenProvider(() => startScimmy({ token: marks.secret }));
  const headers = {
    "x-correlation-id": "activation-1",
    "change-reason": marks.reason,
    "on-behalf-of": marks.onBehalfOf,
    "user-agent": marks.userAgent,
  };
  const call = (correlation: string, method: string, path: string, body?: unknown) =>
    usher.call(method, path, body, { ...headers, "x-correlation-id": correlation });
  const { body } = await call("activation-1", "POST", "/integrations", activation(provider));
  return { provider, call, integrationId: body.integrationId, path: `/integrations/${body.integrationId}` };
};

test("one correlation id leads from the call over stream, queue and request to the event", async () => {
  const log = collectLog();
  const { call, path, integrationId } = await givenMarked();
  await call("hire-1", "PUT", `${path}/users/${userId}`, user);
  await call("move-1", "PATCH", `/users/${userId}`, { jobTitle: marks.title });
  let events: Body[] = [];
  await until(async () => {
    events = await everyEventOf(usher, "correlationId=move-1");
    return events.length === 2;
  });
  await until(() => log.lines().some(({ message }) => message === "work-ended"));
  const of = (correlationId: string) => log.lines().filter((line) => line.correlationId === correlationId);

  expect(
    of("hire-1")
      .map(({ message, eventType }) => eventType ?? message)
      .sort(),
  ).toEqual([
    "call-finished",
    "provider-request",
    "provider-request",
    "user_create",
    "user_create_provision",
  ]);
  const moved = of("move-1");
  expect(new Set(moved.map(({ message, eventType }) => eventType ?? message))).toEqual(
    new Set([
      "user_update",
      "call-finished",
      "change-dispatched",
      "provider-request",
      "user_update_provision",
      "work-ended",
    ]),
  );
  expect(
    moved
      .filter(({ message }) => message === "event-recorded")
      .map(({ eventId }) => eventId)
      .sort(),
  ).toEqual(events.map(({ id }) => id).sort());
  expect(moved.find(({ eventType }) => eventType === "user_update_provision")).toEqual({
    timestamp: expect.stringMatching(/Z$/),
    level: "info",
    message: "event-recorded",
    correlationId: "move-1",
    eventId: expect.any(String),
    eventType: "user_update_provision",
    success: true,
    integrationId,
    status: 200,
    requests: 1,
    ms: expect.any(Number),
  });
  expect(moved.find(({ message }) => message === "provider-request")).toMatchObject({
    level: "debug",
    method: "PATCH",
    resource: "Users",
    status: 200,
  });
  expect(moved.find(({ message }) => message === "call-finished")).toMatchObject({
    level: "info",
    function: "patch-user",
    status: 200,
  });
});

test("the main job and its failures leave no name, address, secret, word or id of a caller in any line", async () => {
  const log = collectLog();
  const printed = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const { provider, call, path } = await givenMarked();
  const refuse = (status: number, headers?: Record<string, string>) => {
    provider.intercept = ({ method }) =>
      method === "GET"
        ? undefined
        : scimError(status, `${marks.words}: ${marks.email} ${marks.secret}`, headers);
  };
  const member = `${path}/users/${userId}`;
  await call("main-1", "PUT", member, user);
  await call("main-2", "PUT", `${path}/groups/${marks.groupId}`, { name: marks.group, members: [userId] });
  refuse(400);
  await call("main-3", "PUT", member, { ...user, jobTitle: marks.title });
  refuse(503);
  await call("main-4", "PUT", member, { ...user, department: marks.title });
  provider.intercept = () => "drop-before";
  await call("main-5", "PUT", member, { ...user, company: marks.title });
  provider.intercept = undefined;
  await call("main-6", "GET", `${path}/users/${userId}`);
  await call("main-7", "GET", `/nowhere/${userId}?q=${marks.query}`);
  await call("main-8", "GET", `/users?email=${marks.email}`);
  await call("main-9", "PUT", member, { ...user, [marks.query]: marks.secret });
  provider.setToken(marks.newSecret);
  await call("main-10", "PUT", member, { ...user, location: marks.title });
  const credentials = { type: "bearer", clientSecret: marks.newSecret };
  await call("main-11", "POST", `${path}/reauth`, { credentials });
  await call("main-12", "DELETE", `/users/${userId}`);
  await usher.run.recover();

  const told = new Set(log.lines().map(({ message }) => message));
  expect([...told].sort()).toEqual(Object.keys(fields).sort());
  for (const { timestamp, level, message, ...rest } of log.lines()) {
    expect(fields[String(message)], JSON.stringify(rest)).toEqual(expect.arrayContaining(Object.keys(rest)));
    expect(Date.parse(String(timestamp))).toBeGreaterThan(0);
    expect(level).toMatch(/^(debug|info)$/);
  }
  const text = log.texts.join("");
  const ofProvider = [...(await provider.users()), ...(await provider.groups())].map(({ id }) => id);
  for (const mark of [...Object.values(marks), ...ofProvider, usher.run.token])
    expect(placesOf(mark, new Map([["the log", text]])), mark).toEqual([]);
  expect(printed).not.toHaveBeenCalled();
});
