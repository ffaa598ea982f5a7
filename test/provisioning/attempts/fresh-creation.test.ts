import { expect, test } from "vitest";
import {
  isFresh,
  waitUntilShown,
  withCreated,
} from "../../../shared/provisioning/attempts/fresh-creation.ts";

const start = Date.parse("2026-03-02T08:00:00Z");
const created = withCreated({ attempts: 1 }, start);

const aClock = () => {
  let now = start;
  return {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
};

test("what is shown after a while is waited for", async () => {
  const clock = aClock();
  const isShown = await waitUntilShown(
    created,
    { clock, sendUntil: start + 25_000 },
    async () => clock.now() >= start + 5_000,
  );
  expect(isShown).toBe(true);
  expect(clock.now()).toBeLessThan(start + 10_000);
});

test("a creation outweighs a 404 for a bounded time, and few reads", async () => {
  const clock = aClock();
  let reads = 0;
  const never = async () => {
    reads += 1;
    return undefined;
  };
  expect(await waitUntilShown(created, { clock, sendUntil: start + 25_000 }, never)).toBe(false);
  expect(isFresh(created, clock.now())).toBe(false);
  expect(reads).toBeLessThan(10);
});

test("nothing is waited for beyond the time of the call, and the creation still outweighs the 404", async () => {
  const clock = aClock();
  expect(await waitUntilShown(created, { clock, sendUntil: start + 3_000 }, async () => undefined)).toBe(
    false,
  );
  expect(clock.now()).toBeLessThan(start + 3_000);
  expect(isFresh(created, clock.now())).toBe(true);
});
