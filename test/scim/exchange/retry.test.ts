import { describe, expect, test } from "vitest";
import { retryRules } from "../../../shared/scim/exchange/retry.ts";
import { parseRetryAfter } from "../../../shared/scim/wire/retry-after.ts";
import { failureOf, fakeClock, inTurn, listOf, open, startServer } from "../loopback.ts";

const created = { status: 201, body: { id: "1", userName: "a" } };

describe("statuses", () => {
  test.each([408, 425, 429, 500, 502, 503, 504, 507])("a GET is repeated after %i", async (status) => {
    const { baseUrl, requests } = await startServer(inTurn({ status }, { status }, listOf()));
    expect(await open(baseUrl).findUsers("a")).toEqual([]);
    expect(requests).toHaveLength(3);
  });

  test.each([400, 401, 403, 405, 409, 412, 413, 422, 501])(
    "a GET is not repeated after %i",
    async (status) => {
      const { baseUrl, requests } = await startServer(() => ({ status }));
      expect((await failureOf(open(baseUrl).readUser("1"))).status).toBe(status);
      expect(requests).toHaveLength(1);
    },
  );

  test.each(["PATCH", "DELETE"])("a %s is repeated too: it leaves the same state twice", async (method) => {
    const { baseUrl, requests } = await startServer(inTurn({ status: 500 }, { status: 204 }));
    const provider = open(baseUrl);
    await (method === "DELETE"
      ? provider.deleteUser("1")
      : provider.patchUser("1", [{ path: "title", to: "x" }]));
    expect(requests.map((request) => request.method)).toEqual([method, method]);
    expect(requests[1]?.body).toEqual(requests[0]?.body);
  });

  test("a POST is repeated after 429: the provider has not looked at it", async () => {
    const { baseUrl, requests } = await startServer(inTurn({ status: 429 }, { status: 429 }, created));
    expect((await open(baseUrl).createUser({ userName: "a" })).id).toBe("1");
    expect(requests).toHaveLength(3);
  });

  test.each([
    [408, true],
    [425, false],
    [500, true],
    [501, false],
    [502, true],
    [503, true],
    [504, true],
  ])("a POST is not repeated after %i; may it be applied: %s", async (status, maybeApplied) => {
    const { baseUrl, requests } = await startServer(() => ({ status, headers: { "retry-after": "1" } }));
    expect(await failureOf(open(baseUrl).createUser({ userName: "a" }))).toMatchObject({
      status,
      maybeApplied,
    });
    expect(requests).toHaveLength(1);
  });

  test("repeating ends", async () => {
    const { baseUrl } = await startServer(() => ({ status: 503 }));
    const provider = open(baseUrl);
    expect(await failureOf(provider.deleteUser("1"))).toMatchObject({
      kind: "unavailable",
      maybeApplied: true,
    });
    expect(provider.requestCount()).toBe(4);
  });

  test("a failed read leaves nothing in doubt", async () => {
    const { baseUrl } = await startServer(() => ({ status: 503 }));
    expect((await failureOf(open(baseUrl).findUsers("a"))).maybeApplied).toBe(false);
  });

  test("an early doubt stays when a later answer refuses", async () => {
    const { baseUrl } = await startServer(inTurn({ status: 500 }, { status: 400 }));
    const failure = await failureOf(open(baseUrl).patchUser("1", [{ path: "title", to: "x" }]));
    expect(failure).toMatchObject({ kind: "rejected", status: 400, maybeApplied: true });
  });

  test("a login page with status 200 is asked once more, as it may have been a hiccup", async () => {
    const { baseUrl, requests } = await startServer(inTurn({ body: "<html>Sign in</html>" }, listOf()));
    expect(await open(baseUrl).findUsers("a")).toEqual([]);
    expect(requests).toHaveLength(2);
  });
});

describe("waiting", () => {
  test("full jitter: a random part of a limit that doubles", async () => {
    const clock = fakeClock();
    const { baseUrl } = await startServer(() => ({ status: 503 }));
    await failureOf(open(baseUrl, clock).findUsers("a"));
    expect(clock.waits).toEqual([250, 500, 1000]);
  });

  test.each([
    ["seconds", "3"],
    ["an HTTP date", new Date(Date.UTC(2026, 0, 1) + 3000).toUTCString()],
  ])("Retry-After as %s wins over our own back-off", async (_, value) => {
    const clock = fakeClock();
    const { baseUrl } = await startServer(
      inTurn({ status: 429, headers: { "retry-after": value } }, listOf()),
    );
    await open(baseUrl, clock).findUsers("a");
    expect(clock.waits).toEqual([3125]);
  });

  test("a Retry-After that does not fit fails at once and is handed on", async () => {
    const clock = fakeClock();
    const { baseUrl, requests } = await startServer(() => ({
      status: 429,
      headers: { "retry-after": "60" },
    }));
    const failure = await failureOf(open(baseUrl, clock).createUser({ userName: "a" }));
    expect(failure).toMatchObject({
      kind: "unavailable",
      status: 429,
      retryAfterSeconds: 60,
      maybeApplied: false,
    });
    expect(requests).toHaveLength(1);
    expect(clock.waits).toEqual([]);
  });

  test("no attempt begins past the time to send, even where a sleep took too long", async () => {
    const clock = fakeClock();
    const { baseUrl, requests } = await startServer(() => ({ status: 503 }));
    const sleep = (ms: number): Promise<void> => clock.sleep(ms + 60_000);
    const failure = await failureOf(open(baseUrl, { ...clock, sleep }).deleteUser("1"));
    expect(failure).toMatchObject({ kind: "unavailable", status: 503, maybeApplied: true });
    expect(requests).toHaveLength(1);
  });
});

test("every POST rule but 429 forbids repeating", () => {
  const repeated = Object.entries(retryRules).filter(([, { post }]) => post > 0);
  expect(repeated.map(([on]) => on)).toEqual(["429"]);
});

describe("Retry-After", () => {
  const now = Date.UTC(2026, 0, 1);
  test.each([
    ["0", 0],
    ["120", 120],
    [" 5 ", 5],
    ["1.2", 2],
    ["99999999999", 300],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30],
    ["Thursday, 01-Jan-26 00:00:30 GMT", 30],
    ["Wed, 31 Dec 2025 23:00:00 GMT", 0],
    ["Fri, 01 Jan 2027 00:00:00 GMT", 300],
    ["-5", undefined],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%s is %s seconds", (header, seconds) => {
    expect(parseRetryAfter(header, now)).toBe(seconds);
  });
});
