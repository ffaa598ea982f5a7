import { expect, test } from "vitest";
import { chunksOf } from "../../shared/common/chunks.ts";
import { concurrently } from "../../shared/common/concurrently.ts";

/** Work that ends when the test says so. */
const held = () => {
  const ends = new Map<number, PromiseWithResolvers<string>>();
  const work = (item: number) => {
    const end = Promise.withResolvers<string>();
    ends.set(item, end);
    return end.promise;
  };
  return { ends, work };
};

/** All that can go on without another end has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("so many are under way as the width allows, and results keep the order of the items", async () => {
  const { ends, work } = held();
  const results = concurrently([1, 2, 3], 2, work);
  await settled();
  expect([...ends.keys()]).toEqual([1, 2]);
  ends.get(2)?.resolve("b");
  await settled();
  expect([...ends.keys()]).toEqual([1, 2, 3]);
  ends.get(3)?.resolve("c");
  ends.get(1)?.resolve("a");
  expect(await results).toEqual(["a", "b", "c"]);
});

test("an error stops new starts and is thrown once what is under way has ended", async () => {
  const { ends, work } = held();
  let thrown: unknown;
  concurrently([1, 2, 3], 2, work).catch((error: unknown) => {
    thrown = error;
  });
  await settled();
  ends.get(1)?.reject(new Error("first"));
  await settled();
  expect(thrown).toBeUndefined();
  ends.get(2)?.reject(new Error("second"));
  await settled();
  expect(thrown).toEqual(new Error("first"));
  expect([...ends.keys()]).toEqual([1, 2]);
});

test("each end of the waiting lets as many more be under way", async () => {
  const { ends, work } = held();
  const waits: PromiseWithResolvers<void>[] = [];
  const results = concurrently([1, 2, 3], 1, work, () => {
    const wait = Promise.withResolvers<void>();
    waits.push(wait);
    return wait.promise;
  });
  await settled();
  expect([...ends.keys()]).toEqual([1]);
  waits[0]?.resolve();
  await settled();
  expect([...ends.keys()]).toEqual([1, 2]);
  for (const item of [1, 2, 3]) {
    ends.get(item)?.resolve(String(item));
    await settled();
  }
  expect(await results).toEqual(["1", "2", "3"]);
});

test("chunks are full but for the last one", () => {
  expect(chunksOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(chunksOf([], 2)).toEqual([]);
});
