import { expect, it } from "vitest";
import { atOnce } from "../../../shared/memory/request.ts";
import { openWorkQueue } from "../../../shared/provisioning/automatic/work-queue.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { emptyMemory, openStores } from "../../memory/memory.ts";
import { makeIntegration } from "../../stores/samples.ts";

const integration = makeIntegration();
const { integrationId } = integration;

/** A queue of its own for each worker, on one store. `random` makes the order. */
const given = () => {
  let now = 1_000;
  const stores = openStores(emptyMemory(), atOnce, () => now);
  const clock = { now: () => now, sleep: async () => undefined };
  const open = (random: () => number) => {
    const ports = { ...stores, clock, random } as unknown as Ports;
    return openWorkQueue(ports, () => integration);
  };
  const mark = async (id: string, urgency: 0 | 1) => {
    const key = { integrationId, id };
    const work = { state: "pending", urgency, at: now, since: now, setAt: now } as const;
    await stores.userLinks.assign(key, 0, { direct: true, groups: [], excluded: false }, work);
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { open, mark, pass };
};
const steady = () => 0.5;

it("gives whose access ends first, nothing twice, and keeps one lane for them alone", async () => {
  const { open, mark, pass } = given();
  for (const id of ["a", "b"]) await mark(id, 1);
  const queue = open(steady);
  expect(await queue.take("urgent")).toBeUndefined();
  expect((await queue.take("any"))?.key.id).toBe("a");
  pass(200);
  await mark("leaver", 0);
  expect((await queue.take("any"))?.key.id).toBe("leaver");
  expect((await queue.take("any"))?.key.id).toBe("b");
  pass(200);
  expect([await queue.take("any"), await queue.take("urgent")]).toEqual([undefined, undefined]);
});

it("goes on to the next page at once where one was full", async () => {
  const { open, mark } = given();
  const ids = Array.from({ length: 120 }, (_, nth) => `u${nth}`);
  for (const id of ids) await mark(id, 1);
  const queue = open(Math.random);
  const taken: string[] = [];
  for (let ref = await queue.take("any"); ref; ref = await queue.take("any")) taken.push(ref.key.id);
  expect(taken.toSorted()).toEqual(ids.toSorted());
});

it("lets workers that look at the same time begin at different objects", async () => {
  const { open, mark } = given();
  for (let nth = 0; nth < 40; nth += 1) await mark(`u${nth}`, 1);
  const order = (random: () => number) => {
    const queue = open(random);
    return Promise.all(Array.from({ length: 8 }, async () => (await queue.take("any"))?.key.id));
  };
  let turn = 0;
  const rising = () => {
    turn += 0.01;
    return turn;
  };
  const [one, other] = [await order(rising), await order(() => 1 - rising())];
  expect([...one, ...other]).not.toContain(undefined);
  expect(one.filter((id) => other.includes(id))).toEqual([]);
});
