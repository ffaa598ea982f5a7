import { atOnce } from "../../shared/memory/request.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { profileOf } from "../../shared/scim/profiles/effective-profile.ts";
import { type Memory, openStores } from "../memory/memory.ts";
import { type Chance, seededUuid } from "./chance.ts";
import type { Scheduler } from "./scheduler.ts";

/** The stores as they are, read at once and without faults. */
export const lookAt = (memory: Memory, { now }: Scheduler, chance: Chance): Ports => ({
  ...openStores(memory, atOnce, now),
  openProvider: () => {
    throw new Error("Who looks sends nothing.");
  },
  profileOf,
  clock: { now, sleep: async () => undefined },
  newId: (nowMs) => seededUuid(chance, nowMs),
  random: () => 0.5,
  wakeUps: { wake: async () => undefined },
  organization: "simulation",
  eventRetentionDays: 3650,
});
