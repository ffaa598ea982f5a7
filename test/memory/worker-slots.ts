import type { Request } from "../../shared/memory/request.ts";
import type { WorkerSlots } from "../../shared/provisioning/ports/worker-slots.ts";

/** Until when the slots of each integration are taken. */
export type SlotItems = Map<string, ({ until: number } | undefined)[]>;

const slotCount = 2;

/** Slots in memory: what was put there is the holder's own. */
export const memoryWorkerSlots = (items: SlotItems, request: Request, now: () => number): WorkerSlots => ({
  take: async (integrationId, until) => {
    const mine = await request(`take a slot of ${integrationId}`, () => {
      const slots = items.get(integrationId) ?? Array.from({ length: slotCount }, () => undefined);
      items.set(integrationId, slots);
      const at = slots.findIndex((slot) => slot === undefined || slot.until <= now());
      if (at < 0) return undefined;
      const held = { until };
      slots[at] = held;
      return { slots, at, held };
    });
    if (!mine) return undefined;
    return {
      lastLook: async () => true,
      release: () =>
        request(`release a slot of ${integrationId}`, () => {
          if (mine.slots[mine.at] === mine.held) mine.slots[mine.at] = undefined;
        }),
    };
  },
});
