import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { leapOverWaits, until } from "./quick-time.ts";

const machine = process.hrtime.bigint;
/** As it is read by those who ask for no number. */
const dateNow = (): number => Date.parse(new Date().toISOString());
leapOverWaits();

test("a wait of 25 s takes hardly any time, and every clock says 25 s", async () => {
  const [began, clock, date, steady] = [machine(), Date.now(), dateNow(), performance.now()];
  await sleep(25_000);
  expect(Number(machine() - began) / 1e6).toBeLessThan(5_000);
  for (const passed of [Date.now() - clock, dateNow() - date, performance.now() - steady]) {
    expect(passed).toBeGreaterThanOrEqual(24_999);
    expect(passed).toBeLessThan(30_000);
  }
});

test("timers end in their order, whichever was set first", async () => {
  const ended: number[] = [];
  await Promise.all([9_000, 3_000, 6_000].map((ms) => sleep(ms).then(() => ended.push(ms))));
  expect(ended).toEqual([3_000, 6_000, 9_000]);
});

test("a timer that was cleared does not end, and none that keeps no process going is leapt to", async () => {
  const ended: string[] = [];
  clearTimeout(setTimeout(() => ended.push("cleared"), 1_000));
  setTimeout(() => ended.push("an hour"), 3_600_000).unref();
  await sleep(2_000);
  expect(ended).toEqual([]);
});

test("nothing is leapt over while something is under way", async () => {
  let isOver = false;
  const wait = sleep(600_000).then(() => {
    isOver = true;
  });
  const end = machine() + 100_000_000n;
  await until(() => machine() > end);
  for (let times = 0; times < 100; times += 1) await readFile(new URL(import.meta.url));
  expect(isOver).toBe(false);
  await wait;
});
