import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Slot, WorkerSlots } from "../provisioning/ports/worker-slots.ts";
import { workersKey } from "./table/keys.ts";
import { createStateTable, type TableAccess } from "./table/state-table.ts";
import { forgetWakeUp, workersExpireAt } from "./wake-ups.ts";

const slots = ["first", "second"] as const;
/** An index shows what was written before, mostly within a fraction of it. */
const indexLagMs = 1_000;

/** Slots by leases in the state table: all of an integration are in one item, which expires when nobody needs it. */
export const createWorkerSlots = ({
  now = Date.now,
  ...access
}: TableAccess & { now?: () => number }): WorkerSlots => {
  const table = createStateTable(access);

  const slotOf = (integrationId: string, slot: string, holderId: string): Slot => ({
    async lastLook() {
      await forgetWakeUp(table, integrationId);
      await sleep(indexLagMs);
      return true;
    },
    async release() {
      const when = `#${slot}.#holderId = :holderId`;
      await table.write(workersKey(integrationId), `REMOVE #${slot}`, { when, values: { holderId } });
    },
  });

  return {
    async take(integrationId, until) {
      const holderId = randomUUID();
      for (const slot of slots) {
        const change = `SET #${slot} = :held, #expiresAt = :expiresAt`;
        // The write may be repeated after a lost reply.
        const isMine = `#${slot}.#holderId = :holderId`;
        const taken = await table.write(workersKey(integrationId), change, {
          when: `attribute_not_exists(#${slot}) OR #${slot}.#until <= :now OR ${isMine}`,
          values: { held: { holderId, until }, holderId, now: now(), expiresAt: workersExpireAt(now()) },
        });
        if (taken) return slotOf(integrationId, slot, holderId);
      }
      return undefined;
    },
  };
};
