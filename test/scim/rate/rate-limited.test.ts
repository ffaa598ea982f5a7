import { expect, test } from "vitest";
import type { ServiceProvider } from "../../../shared/provisioning/ports/service-provider.ts";
import type { Target } from "../../../shared/provisioning/ports/target.ts";
import { createScimClient } from "../../../shared/scim/client.ts";
import type { RateSchedule } from "../../../shared/scim/rate/rate-port.ts";
import {
  failureOf,
  fakeClock,
  type Handler,
  inTurn,
  listOf,
  type Reply,
  secret,
  startServer,
} from "../loopback.ts";

/** One schedule for all clients, as the table keeps it; `calls` counts what is asked of it. */
const createSchedule = () => {
  let next = 0;
  const pauses = new Map<number, number>();
  const calls = { lease: 0, pause: 0 };
  const schedule: RateSchedule = {
    async lease({ version }, { count, intervalMs, earliest, latest, now }) {
      calls.lease += 1;
      const pausedUntil = pauses.get(version) ?? 0;
      const first = Math.max(next, earliest);
      if (first > latest) return { nextFree: first, clock: now, pausedUntil };
      next = first + count * intervalMs;
      return { first, clock: now, pausedUntil };
    },
    async pause({ version }, until) {
      calls.pause += 1;
      pauses.set(version, Math.max(pauses.get(version) ?? 0, until));
    },
  };
  return { schedule, calls };
};

const i1 = { integrationId: "i1", version: 1 };
type Clock = Partial<ReturnType<typeof fakeClock>>;
const openWith = (baseUrl: string, schedule: RateSchedule, clock: Clock = {}) => {
  const open = createScimClient({ allowLoopback: true, schedule, ...clock });
  return (sendWithinMs = 20_000, budgetOf: Target["budgetOf"] = i1): ServiceProvider => {
    const now = (clock.now ?? Date.now)();
    return open(
      {
        baseUrl,
        profile: "generic",
        credentials: { type: "bearer", clientSecret: secret },
        ...(budgetOf !== undefined && { budgetOf }),
      },
      { sendUntil: now + sendWithinMs, answerUntil: now + sendWithinMs + 5_000 },
    );
  };
};

/** A fixed window of a second, as many providers have it; it says so in `headers`. */
const limiting = (
  perSecond: number,
  headers: (remaining: number, resetSeconds: number) => Record<string, string>,
): { handler: Handler; refused: () => number } => {
  let window = { second: 0, count: 0 };
  let refused = 0;
  const handler: Handler = (): Reply => {
    const second = Math.floor(Date.now() / 1000);
    if (second !== window.second) window = { second, count: 0 };
    window.count += 1;
    const said = headers(Math.max(0, perSecond - window.count), 1);
    if (window.count <= perSecond) return { ...listOf(), headers: said };
    refused += 1;
    return { status: 429, headers: { ...said, "retry-after": "1" } };
  };
  return { handler, refused: () => refused };
};

test.each<[string, (remaining: number, reset: number) => Record<string, string>]>([
  [
    "RateLimit",
    (left, reset) => ({ ratelimit: `"s";r=${left};t=${reset}`, "ratelimit-policy": '"s";q=20;w=1' }),
  ],
  [
    "X-RateLimit-… with a point in time",
    (left, reset) => ({
      "x-ratelimit-limit": "20",
      "x-ratelimit-remaining": `${left}`,
      "x-ratelimit-reset": `${Math.floor(Date.now() / 1000) + reset}`,
    }),
  ],
])(
  "two processes use the limit that a provider tells in %s, and are hardly ever refused",
  async (_, headers) => {
    const { handler, refused } = limiting(20, headers);
    const { baseUrl, requests } = await startServer(handler);
    const { schedule } = createSchedule();
    const processes = [openWith(baseUrl, schedule), openWith(baseUrl, schedule)];
    const seconds = 5;
    const began = Date.now();
    const until = began + seconds * 1000;
    const call = async (open: () => ServiceProvider): Promise<void> => {
      while (Date.now() < until) await open().findUsers("ada@example.com");
    };
    await Promise.all(processes.flatMap((open) => [call(open), call(open), call(open)]));
    const took = (Date.now() - began) / 1000;
    // The bench measures 95 % and under 1 %. Here a busy machine may cost slots; without a pace most would be refused.
    expect(requests.length - refused()).toBeGreaterThan(0.5 * 20 * took);
    expect(refused()).toBeLessThan(requests.length / 10);
  },
);

test("nothing is asked of the schedule while a provider names no limit, nor by a test without a budget", async () => {
  const { schedule, calls } = createSchedule();
  const { baseUrl, requests } = await startServer(() => listOf());
  const open = openWith(baseUrl, schedule);
  await Promise.all(Array.from({ length: 20 }, () => open().findUsers("a")));
  expect(requests).toHaveLength(20);

  const limited = await startServer(
    inTurn({ ...listOf(), headers: { ratelimit: "limit=2, remaining=0, reset=9" } }),
  );
  const client = createScimClient({ allowLoopback: true, schedule });
  const credentials = { type: "bearer" as const, clientSecret: secret };
  const limits = { sendUntil: Date.now() + 5_000, answerUntil: Date.now() + 5_000 };
  for (let nth = 0; nth < 3; nth += 1)
    await client({ baseUrl: limited.baseUrl, profile: "generic", credentials }, limits).findUsers("a");
  expect(calls).toEqual({ lease: 0, pause: 0 });
});

test("a 429 in one process holds the others back as well, and is repeated when the pause is over", async () => {
  const clock = fakeClock();
  const { schedule, calls } = createSchedule();
  const limit = { ratelimit: "limit=10, remaining=5, reset=1" };
  const { baseUrl, requests } = await startServer(
    inTurn(
      { ...listOf(), headers: limit },
      { ...listOf(), headers: limit },
      { status: 429, headers: { ...limit, "retry-after": "3" } },
      listOf(),
    ),
  );
  const [one, other] = [openWith(baseUrl, schedule, clock), openWith(baseUrl, schedule, clock)];
  // Both have seen the limit by now.
  await one().findUsers("a");
  await other().findUsers("a");
  const began = clock.now();
  await one().findUsers("a");
  expect(clock.now() - began).toBeGreaterThanOrEqual(3_000);
  expect(calls.pause).toBe(1);
  expect(requests).toHaveLength(4);
});

test("the other process waits for the end of a pause that does not fit, and sends nothing", async () => {
  const clock = fakeClock();
  const { schedule } = createSchedule();
  const limit = { ratelimit: "limit=10, remaining=5, reset=1" };
  const { baseUrl, requests } = await startServer(
    inTurn(
      { ...listOf(), headers: limit },
      { ...listOf(), headers: limit },
      { status: 429, headers: { ...limit, "retry-after": "60" } },
    ),
  );
  const [one, other] = [openWith(baseUrl, schedule, clock), openWith(baseUrl, schedule, clock)];
  await one().findUsers("a");
  await other().findUsers("a");
  expect(await failureOf(one().findUsers("a"))).toMatchObject({ status: 429, retryAfterSeconds: 60 });
  const provider = other(5_000);
  const failure = await failureOf(provider.createUser({ userName: "a" }));
  expect(failure).toMatchObject({ kind: "unavailable", status: undefined, maybeApplied: false });
  expect(failure.retryAfterSeconds).toBeGreaterThan(55);
  expect(failure.message).toMatch(/^Nothing was sent: /);
  expect(provider.requestCount()).toBe(0);
  expect(requests).toHaveLength(3);
});

test("a pause that the integration's row tells holds back who knows no limit, and costs no call of the schedule", async () => {
  const clock = fakeClock();
  const { schedule, calls } = createSchedule();
  const { baseUrl, requests } = await startServer(() => listOf());
  const open = createScimClient({ allowLoopback: true, schedule, ...clock });
  const credentials = { type: "bearer" as const, clientSecret: secret };
  const target = { baseUrl, profile: "generic" as const, credentials, budgetOf: i1 };
  const began = clock.now();
  const limits = { sendUntil: began + 20_000, answerUntil: began + 25_000 };
  const failure = await failureOf(open({ ...target, pausedUntil: began + 60_000 }, limits).findUsers("a"));
  expect(failure).toMatchObject({ kind: "unavailable", retryAfterSeconds: 60 });
  expect(requests).toHaveLength(0);
  await clock.sleep(60_000);
  const later = { sendUntil: clock.now() + 20_000, answerUntil: clock.now() + 25_000 };
  await open({ ...target, pausedUntil: began + 60_000 }, later).findUsers("a");
  expect(requests).toHaveLength(1);
  expect(calls).toEqual({ lease: 0, pause: 0 });
});

test("where nothing is left of a longer window, nobody sends before the next", async () => {
  const clock = fakeClock();
  const { schedule } = createSchedule();
  const said = { "x-ratelimit-limit": "100", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "10" };
  const { baseUrl } = await startServer(inTurn({ ...listOf(), headers: said }, listOf()));
  const open = openWith(baseUrl, schedule, clock);
  await open().findUsers("a");
  const began = clock.now();
  await open().findUsers("a");
  expect(clock.now() - began).toBe(10_000);
});

test("the second half of a longer window is spread over the rest of it", async () => {
  const clock = fakeClock();
  const { schedule } = createSchedule();
  let left = 60;
  const began = clock.now();
  const { baseUrl } = await startServer(() => {
    left -= 1;
    const reset = Math.ceil(60 - (clock.now() - began) / 1000);
    return { ...listOf(), headers: { ratelimit: `limit=60, remaining=${left}, reset=${reset}` } };
  });
  const open = openWith(baseUrl, schedule, clock);
  for (let nth = 0; nth < 30; nth += 1) await open().findUsers("a");
  expect(clock.now() - began).toBe(0);
  for (let nth = 0; nth < 10; nth += 1) await open().findUsers("a");
  expect(clock.now() - began).toBeGreaterThan(15_000);
  expect(clock.now() - began).toBeLessThan(25_000);
});

test("after a 429 that says nothing, a process goes on at half its pace, then as before", async () => {
  const clock = fakeClock();
  const { schedule } = createSchedule();
  let status = 200;
  const { baseUrl, requests } = await startServer(() => (status === 200 ? listOf() : { status }));
  const open = openWith(baseUrl, schedule, clock);
  for (let nth = 0; nth < 20; nth += 1) await open().findUsers("a");
  status = 429;
  await failureOf(open(500).findUsers("a"));
  status = 200;
  const began = clock.now();
  for (let nth = 0; nth < 20; nth += 1) await open().findUsers("a");
  // 1 s of pause, then 10 a second.
  expect(clock.now() - began).toBeGreaterThan(2_500);
  expect(clock.now() - began).toBeLessThan(3_500);
  await clock.sleep(60_000);
  const later = clock.now();
  for (let nth = 0; nth < 20; nth += 1) await open().findUsers("a");
  expect(clock.now()).toBe(later);
  expect(requests).toHaveLength(61);
});

const date = new Date(Date.UTC(2026, 0, 1)).toUTCString();
const reset = (seconds: number) => String(Date.UTC(2026, 0, 1) / 1000 + seconds);
test.each<[string, Record<string, string>, number]>([
  ["Retry-After", { "retry-after": "7" }, 7_000],
  ["a Retry-After that is a date", { "retry-after": "Thu, 01 Jan 2026 00:00:07 GMT" }, 7_000],
  [
    "X-RateLimit-Remaining: 0 and a reset",
    { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset(7) },
    7_000,
  ],
  [
    "X-Rate-Limit-Remaining: 0 and a reset",
    { "x-rate-limit-remaining": "0", "x-rate-limit-reset": "7" },
    7_000,
  ],
  ["RateLimit-Remaining: 0 alone", { "ratelimit-remaining": "0" }, 1_000],
  ["RateLimit with nothing left", { ratelimit: '"default";r=0;t=7' }, 7_000],
  ["RateLimit of an older draft", { ratelimit: "limit=9, remaining=0, reset=7" }, 7_000],
])("a 403 with %s is a rate limit: a creation waits and is sent again", async (_, headers, waitMs) => {
  const { baseUrl, requests } = await startServer(
    inTurn(
      { status: 403, headers: { date, ...headers } },
      { status: 201, body: { id: "1", userName: "ada" } },
    ),
  );
  const { schedule, calls } = createSchedule();
  const clock = fakeClock();
  const made = await openWith(baseUrl, schedule, clock)().createUser({ userName: "ada" });
  expect([made.id, requests.length]).toEqual(["1", 2]);
  const waited = clock.waits.reduce((sum, ms) => sum + ms, 0);
  expect(waited).toBeGreaterThanOrEqual(waitMs);
  expect(waited).toBeLessThan(waitMs + 3_000);
  expect(calls.pause).toBe(1);
});

test("a 403 that the time of the call does not suffice for is no refusal, and says when to come again", async () => {
  const { baseUrl } = await startServer(() => ({ status: 403, headers: { "retry-after": "120" } }));
  const { schedule } = createSchedule();
  const failure = await failureOf(openWith(baseUrl, schedule, fakeClock())().createUser({ userName: "ada" }));
  expect(failure).toMatchObject({
    kind: "unavailable",
    status: 403,
    retryAfterSeconds: 120,
    maybeApplied: false,
  });
});

test.each<[string, Record<string, string>]>([
  ["no word of a limit", {}],
  ["something left", { "x-ratelimit-remaining": "12", "x-ratelimit-reset": "7" }],
])("a 403 with %s is a refusal, and is not repeated", async (_, headers) => {
  const { baseUrl, requests } = await startServer(() => ({ status: 403, headers }));
  const { schedule, calls } = createSchedule();
  const failure = await failureOf(openWith(baseUrl, schedule, fakeClock())().createUser({ userName: "ada" }));
  expect([failure.kind, requests.length, calls.pause]).toEqual(["rejected", 1, 0]);
});

test.each<[string, Record<string, string>, number]>([
  ["Retry-After of 10^12 seconds", { "retry-after": "1000000000000" }, 300],
  ["Retry-After in the year 9999", { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" }, 300],
  [
    "X-RateLimit-Reset in the year 9999",
    { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "253402300799000" },
    300,
  ],
  ["Retry-After of 50 minutes", { "retry-after": "3000" }, 3_000],
])("a pause by %s ends after %s", async (_, headers, seconds) => {
  const { baseUrl, requests } = await startServer(inTurn({ status: 429, headers }, listOf()));
  const { schedule } = createSchedule();
  const clock = fakeClock();
  const open = openWith(baseUrl, schedule, clock);
  const failure = await failureOf(open().findUsers("a"));
  expect(failure.retryAfterSeconds).toBe(seconds);
  expect(clock.waits).toEqual([]);
  await clock.sleep((seconds - 30) * 1000);
  expect((await failureOf(open().findUsers("a"))).message).toContain("Nothing was sent");
  expect(requests).toHaveLength(1);
  await clock.sleep(31_000);
  expect(await open().findUsers("a")).toEqual([]);
});

test("a pause does not outlast a change of the integration, in the process that learned it either", async () => {
  const paused = { status: 429, headers: { "retry-after": "3000" } };
  const { baseUrl, requests } = await startServer(inTurn(paused, listOf()));
  const { schedule } = createSchedule();
  const open = openWith(baseUrl, schedule, fakeClock());
  await failureOf(open().findUsers("a"));
  await failureOf(open().findUsers("a"));
  expect(requests).toHaveLength(1);
  expect(await open(20_000, { ...i1, version: 2 }).findUsers("a")).toEqual([]);
  expect(requests).toHaveLength(2);
});
