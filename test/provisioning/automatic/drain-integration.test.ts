import { setImmediate as nextTurn } from "node:timers/promises";
import { beforeEach, expect, test } from "vitest";
import { uuidV7 } from "../../../shared/model/ids.ts";
import { drainIntegration } from "../../../shared/provisioning/automatic/drain-integration.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { profileOf } from "../../../shared/scim/profiles/effective-profile.ts";
import { emptyMemory, openStores } from "../../memory/memory.ts";
import { makeAttempt, makeIntegration } from "../../stores/samples.ts";

const id = "int_1";
const fixed = { profileOf, newId: uuidV7, random: () => 0.5 };
let clock = 0;
let ports: Ports;
let requests: string[];
let woken: string[];
/** What happens while a worker waits for its last look. */
let meanwhile = async (): Promise<void> => {};

beforeEach(async () => {
  clock = Date.parse("2026-11-27T09:00:00Z");
  requests = [];
  woken = [];
  meanwhile = async () => {};
  const request = async <T>(what: string, apply: () => T) => {
    requests.push(what);
    return apply();
  };
  const stores = openStores(emptyMemory(), request, () => clock);
  const slots: Ports["slots"] = {
    async take(integrationId, until) {
      const slot = await stores.slots.take(integrationId, until);
      const lastLook = async () => {
        await meanwhile();
        return true;
      };
      return slot && { ...slot, lastLook };
    },
  };
  const sleep = async (ms: number) => {
    clock += ms;
    // The others come to their rest meanwhile.
    await nextTurn();
  };
  const wakeUps = { wake: async (one: string) => void woken.push(one) };
  ports = { ...stores, ...fixed, slots, wakeUps, clock: { now: () => clock, sleep } } as unknown as Ports;
  // The directory knows nobody who is due, so that nothing is sent.
  const proposed = makeIntegration({ integrationId: id });
  const attempt = { ...makeAttempt(clock + 60_000, id), proposed };
  await ports.integrations.begin(id, 0, attempt);
  await ports.integrations.settle(id, attempt, proposed);
});

const givenDue = async (userId: string) => {
  const work = { state: "pending", urgency: 1, at: clock, since: clock, setAt: clock } as const;
  const assigned = { direct: true, groups: [], excluded: false };
  await ports.userLinks.assign({ integrationId: id, id: userId }, 0, assigned, work);
};
const drain = (ms = 90_000) => drainIntegration(ports, id, { until: clock + ms });
const isFree = async () => {
  const taken = [await ports.slots.take(id, clock + 1), await ports.slots.take(id, clock + 1)];
  return taken.every(Boolean);
};

test("a third worker at one integration does nothing, and its message is done with", async () => {
  await givenDue("ada");
  await ports.slots.take(id, clock + 90_000);
  await ports.slots.take(id, clock + 90_000);
  requests.length = 0;
  expect(await drain()).toEqual({ done: 0, failures: [] });
  expect(requests).toEqual([`take a slot of ${id}`]);
  expect(woken).toEqual([]);
});

test("a worker looks once more for what came while it took its last look, and gives its slot back", async () => {
  await givenDue("ada");
  let lastLooks = 0;
  meanwhile = async () => {
    lastLooks += 1;
    if (lastLooks === 1) await givenDue("grace");
  };
  requests.length = 0;
  expect((await drain()).done).toBe(2);
  expect(lastLooks).toBe(2);
  expect(await isFree()).toBe(true);
  expect(woken).toEqual([]);
});

test("what is left as the time is over is woken for again, once the slot is free", async () => {
  await givenDue("ada");
  const wakeUps = { wake: async (one: string) => void woken.push(`${one} ${await isFree()}`) };
  ports = Object.assign(ports, { wakeUps });
  await drain(0);
  expect(woken).toEqual([`${id} true`]);
});

test("a worker that fails gives its slot back", async () => {
  await givenDue("ada");
  ports.work = { ...ports.work, waiting: async () => Promise.reject(new Error("Away.")) };
  await expect(drain()).rejects.toThrow("Away.");
  expect(await isFree()).toBe(true);
});
