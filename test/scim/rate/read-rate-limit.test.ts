import { expect, test } from "vitest";
import { readRateLimit } from "../../../shared/scim/rate/read-rate-limit.ts";

const now = Date.UTC(2026, 0, 1);
const epoch = now / 1000;

test.each<[string, Record<string, string>, ReturnType<typeof readRateLimit>]>([
  [
    "RateLimit-… (draft 6)",
    { "ratelimit-limit": "100", "ratelimit-remaining": "20", "ratelimit-reset": "30" },
    { limit: 100, remaining: 20, resetsInMs: 30_000 },
  ],
  [
    "a policy behind the limit (draft 3)",
    { "ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "20", "ratelimit-reset": "30" },
    { limit: 100, remaining: 20, resetsInMs: 30_000, windowMs: 60_000 },
  ],
  [
    "a policy of its own (draft 6)",
    {
      "ratelimit-limit": "100",
      "ratelimit-remaining": "20",
      "ratelimit-reset": "30",
      "ratelimit-policy": "100;w=60",
    },
    { limit: 100, remaining: 20, resetsInMs: 30_000, windowMs: 60_000 },
  ],
  [
    "one RateLimit field (draft 7)",
    { ratelimit: "limit=100, remaining=50, reset=5" },
    { limit: 100, remaining: 50, resetsInMs: 5_000 },
  ],
  [
    "RateLimit as a structured field (draft 10)",
    { ratelimit: '"default";r=50;t=30', "ratelimit-policy": '"default";q=100;w=60' },
    { limit: 100, remaining: 50, resetsInMs: 30_000, windowMs: 60_000 },
  ],
  [
    "the slowest of several",
    {
      ratelimit: '"burst";r=10;t=1, "daily";r=20;t=3000',
      "ratelimit-policy": '"burst";q=25;w=1, "daily";q=5000;w=86400',
    },
    { limit: 5000, remaining: 20, resetsInMs: 3_000_000, windowMs: 86_400_000 },
  ],
  ["RateLimit without a policy", { ratelimit: '"x";r=5;t=10' }, { remaining: 5, resetsInMs: 10_000 }],
  [
    "X-RateLimit-… with seconds",
    { "x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "12.5" },
    { limit: 60, remaining: 0, resetsInMs: 12_500 },
  ],
  [
    "a reset in seconds since 1970",
    { "x-ratelimit-limit": "60", "x-ratelimit-remaining": "7", "x-ratelimit-reset": `${epoch + 90}` },
    { limit: 60, remaining: 7, resetsInMs: 90_000 },
  ],
  [
    "a reset in milliseconds since 1970",
    { "x-rate-limit-limit": "60", "x-rate-limit-remaining": "7", "x-rate-limit-reset": `${now + 1500}` },
    { limit: 60, remaining: 7, resetsInMs: 1_500 },
  ],
  [
    "a provider whose clock is wrong, by its own Date",
    {
      date: new Date(now + 3_600_000).toUTCString(),
      "x-rate-limit-remaining": "7",
      "x-rate-limit-reset": `${epoch + 3_605}`,
    },
    { remaining: 7, resetsInMs: 5_000 },
  ],
  [
    "a reset that has passed",
    { "x-ratelimit-remaining": "7", "x-ratelimit-reset": `${epoch - 5}` },
    { remaining: 7, resetsInMs: 0 },
  ],
  [
    "a wait that is not believed in full",
    { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999" },
    { remaining: 0, resetsInMs: 3_600_000 },
  ],
  [
    "no limit, or one of 0",
    { "x-ratelimit-limit": "0", "x-ratelimit-remaining": "3", "x-ratelimit-reset": "1" },
    { remaining: 3, resetsInMs: 1_000 },
  ],
  ["no headers", {}, undefined],
  ["remaining alone", { "x-ratelimit-remaining": "3" }, undefined],
  [
    "nonsense",
    { "x-ratelimit-remaining": "many", "x-ratelimit-reset": "-1", ratelimit: ";;r=;t" },
    undefined,
  ],
])("%s", (_, headers, figures) => {
  expect(readRateLimit(headers, now)).toEqual(figures);
});
