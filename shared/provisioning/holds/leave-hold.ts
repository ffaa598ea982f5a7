import type { GroupLink, UserLink } from "../../model/link.ts";
import type { HeldObject } from "../ports/hold-store.ts";
import type { Ports } from "../ports/ports.ts";
import { countedAnew } from "./hold-act.ts";
import { tally, updateHold } from "./tally.ts";

/**
 * What is no longer to be taken away leaves its hold by itself, and what was rejected is wanted otherwise by now. A hold is
 * `emptied` once nobody is left in it. What was approved stays on record.
 */
export const leaveHold = async (
  ports: Ports,
  integrationId: string,
  objects: HeldObject[],
): Promise<void> => {
  const known = (await ports.holds.itemsOf(integrationId, objects)).filter(
    ({ state }) => state !== "approved",
  );
  for (const holdId of new Set(known.map((item) => item.holdId))) {
    const key = { integrationId, holdId };
    const leaving = known.filter((item) => item.holdId === holdId);
    await ports.holds.remove(key, leaving);
    const people = new Set(leaving.filter(({ state }) => state === "held").map(({ userId }) => userId)).size;
    await updateHold(ports, key, async ({ state, count, acts }) => {
      const isFew = state !== "open" || count - people < countedAnew;
      return isFew ? { ...(await tally(ports, key)), acts } : { state, count: count - people, acts };
    });
  }
};

/** The same of an account that may be in a hold; nothing is read where it was in none lately. */
export const leaveByItself = async (ports: Ports, { integrationId, id, work }: UserLink): Promise<void> => {
  if (work?.holdId) await leaveHold(ports, integrationId, [{ userId: id }]);
};

/** The same of all members of a group, once it is bound no longer. */
export const leaveByGroup = async (
  ports: Ports,
  { integrationId, id: groupId, work }: GroupLink,
): Promise<void> => {
  if (work?.holdId) await leaveHold(ports, integrationId, await ports.holds.ofGroup(integrationId, groupId));
};
