import { expect, test } from "vitest";
import { createBriefCache } from "../../shared/common/brief-cache.ts";

test("an answer is kept for as long as it says, and asked for once by many at once", async () => {
  let now = 0;
  let asked = 0;
  const cache = createBriefCache(() => now);
  const count = () =>
    cache.ask(
      "count",
      async () => ++asked,
      (answer) => answer * 10,
    );
  expect(await Promise.all([count(), count()])).toEqual([1, 1]);
  now = 9;
  expect(await count()).toBe(1);
  now = 10;
  expect(await count()).toBe(2);
  now = 29;
  expect(await count()).toBe(2);
});

test("a failure is told to who asked, and the next one asks anew", async () => {
  let asked = 0;
  const cache = createBriefCache(() => 0);
  const fail = () =>
    cache.ask(
      "x",
      async () => {
        asked += 1;
        throw new Error("The store does not answer.");
      },
      () => 1,
    );
  await expect(fail()).rejects.toThrow("does not answer");
  await expect(fail()).rejects.toThrow("does not answer");
  expect(asked).toBe(2);
});
