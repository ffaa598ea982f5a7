import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { workInLanes } from "../../../shared/provisioning/automatic/work-in-lanes.ts";

const ports = { clock: { now: () => Date.now(), sleep: (ms: number) => sleep(ms) } };

/** Lanes over what `pending` holds, and how many of them were at work at a time. */
const given = (pending: number[], workMs: number, isOver = () => false) => {
  const seen = { done: [] as number[], atOnce: 0, most: 0 };
  const ended = workInLanes(ports, 4, {
    take: async () => pending.shift(),
    work: async (item) => {
      seen.atOnce += 1;
      seen.most = Math.max(seen.most, seen.atOnce);
      await sleep(workMs);
      seen.atOnce -= 1;
      seen.done.push(item);
    },
    isOver,
  });
  return { seen, ended };
};

it("keeps all lanes for what comes while one of them alone is at work", async () => {
  const pending = [1];
  const { seen, ended } = given(pending, 150);
  // The others have found nothing by then.
  await sleep(75);
  pending.push(2, 3, 4);
  await ended;
  expect(seen.done.toSorted()).toEqual([1, 2, 3, 4]);
  expect(seen.most).toBe(4);
});

it("ends once no lane finds anything", async () => {
  const { seen, ended } = given([1, 2, 3, 4, 5, 6], 5);
  await ended;
  expect(seen.done.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(seen.atOnce).toBe(0);
});

it("takes nothing more once it is over, and lets what is under way end", async () => {
  const pending = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  let isOver = false;
  const { seen, ended } = given(pending, 30, () => isOver);
  await sleep(5);
  isOver = true;
  await ended;
  expect(seen.done.toSorted()).toEqual([1, 2, 3, 4]);
  expect(pending).toHaveLength(5);
});

it("ends with what a lane throws", async () => {
  const failing = workInLanes(ports, 2, {
    take: async () => 1,
    work: () => Promise.reject(new Error("no")),
    isOver: () => false,
  });
  await expect(failing).rejects.toThrow("no");
});
