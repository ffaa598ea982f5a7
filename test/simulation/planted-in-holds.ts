import type { Defect } from "./world.ts";

/** Faults of the guard, planted in what it keeps. */

/** What waits for a decision counts as approved already. */
export const takesWhatIsKept: Defect = (ports) => ({
  ...ports,
  holds: {
    ...ports.holds,
    async itemsOf(integrationId, objects) {
      const items = await ports.holds.itemsOf(integrationId, objects);
      const decided = {
        by: { type: "admin", id: "nobody" },
        at: "2999-01-01T00:00:00.000Z",
        eventId: "none",
      };
      return items.map((item) => ({ ...item, state: "approved" as const, decided }));
    },
  },
});

/** What was approved is not made due. */
export const forgetsTheApproved: Defect = (ports) => ({
  ...ports,
  userLinks: {
    ...ports.userLinks,
    async schedule(key, rev, work) {
      const link = await ports.userLinks.read(key);
      return link?.work?.state === "held" && work ? true : ports.userLinks.schedule(key, rev, work);
    },
  },
});
