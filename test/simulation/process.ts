import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { createScimClient } from "../../shared/scim/client.ts";
import { profileOf } from "../../shared/scim/profiles/effective-profile.ts";
import { openStores } from "../memory/memory.ts";
import { memoryRateSchedule } from "../memory/rate-schedule.ts";
import { callers } from "./caller.ts";
import { type Chance, createChance, seededUuid } from "./chance.ts";
import { exchangeOf } from "./exchange.ts";
import type { Owner } from "./scheduler.ts";
import { storeRequests } from "./store-requests.ts";
import { watchPorts } from "./watch.ts";
import type { Defect, World } from "./world.ts";

/** One process of the service: its ports over the stores that all share, its SCIM client, its clock. */
export type Process = Owner & {
  ports: Ports;
  death: Promise<"died">;
  die(): void;
  /** Its clock moves by so much. */
  jump(ms: number): void;
};

/** The clocks of two processes differ by up to twice as much. */
const clockErrorMs = 400;

export const createProcess = (
  world: World,
  name: string,
  { seed, defect }: { seed: number; defect: Defect },
): Process => {
  const { scheduler, memory } = world;
  const own = createChance(seed);
  let errorMs = own.upTo(2 * clockErrorMs) - clockErrorMs;
  const now = () => scheduler.now() + errorMs;
  const { promise: death, resolve } = Promise.withResolvers<"died">();
  const chance = (): Chance => callers.getStore()?.chance ?? own;

  const request = storeRequests(world, () => process);
  const sleep = (ms: number) => scheduler.sleep(ms, process);
  const schedule = memoryRateSchedule({ items: memory.rates, integrations: memory.integrations }, request);
  const openProvider = createScimClient({
    now,
    sleep,
    random: () => chance().next(),
    schedule,
    exchange: exchangeOf(world, () => process),
  });
  const process: Process = {
    name,
    isAlive: true,
    death,
    die() {
      process.isAlive = false;
      world.trace(name, "dies");
      resolve("died");
    },
    jump(ms) {
      errorMs += ms;
      world.trace(name, `clock moves by ${ms} ms`);
    },
    ports: watchPorts(
      world,
      name,
      defect({
        ...openStores(memory, request, now, { pageSize: 2, lagMs: () => lagOf(own) }),
        openProvider,
        profileOf,
        clock: { now, sleep },
        newId: (nowMs) => seededUuid(chance(), nowMs),
        random: () => chance().next(),
        wakeUps: { wake: async (integrationId) => world.workers?.wake(integrationId) },
        organization: "simulation",
        eventRetentionDays: 3650,
      }),
    ),
  };
  return process;
};

/** Indexes are mostly up to date, and now and then a few seconds behind. */
const lagOf = (chance: Chance): number => (chance.isTrue(0.3) ? chance.upTo(5_000) : 0);
