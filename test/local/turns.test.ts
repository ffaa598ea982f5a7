import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { createTurns } from "../../infra/local/front/turns.ts";

const settled = async (work: Promise<unknown>) => {
  let is = false;
  work.then(() => (is = true));
  await new Promise((resolve) => setImmediate(resolve));
  return is;
};

test("turns are given in the order of the requests, one for each that ends", async () => {
  const take = createTurns({ atOnce: 1, waiting: 2, patienceMs: 10_000 });
  const first = await take(new EventEmitter());
  const [second, third] = [take(new EventEmitter()), take(new EventEmitter())];
  expect([await settled(second), await settled(third)]).toEqual([false, false]);
  first?.();
  expect([await settled(second), await settled(third)]).toEqual([true, false]);
  (await second)?.();
  (await third)?.();
  expect(await take(new EventEmitter())).toBeTypeOf("function");
});

test("one too many is refused at once, and a wait too long when its time is over", async () => {
  const take = createTurns({ atOnce: 1, waiting: 1, patienceMs: 30 });
  const end = await take(new EventEmitter());
  const waiting = take(new EventEmitter());
  expect(await take(new EventEmitter())).toBeUndefined();
  expect(await waiting).toBeUndefined();
  end?.();
  expect(await take(new EventEmitter())).toBeTypeOf("function");
});

test("a request that closed while it waited takes nobody's turn", async () => {
  const take = createTurns({ atOnce: 1, waiting: 2, patienceMs: 10_000 });
  const end = await take(new EventEmitter());
  const left = new EventEmitter();
  const [gone, next] = [take(left), take(new EventEmitter())];
  left.emit("close");
  expect(await gone).toBeUndefined();
  end?.();
  expect(await next).toBeTypeOf("function");
});
