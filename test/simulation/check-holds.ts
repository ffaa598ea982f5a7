import { allPages } from "../../shared/common/all-pages.ts";
import type { Hold } from "../../shared/model/hold.ts";
import { allItems } from "../../shared/provisioning/holds/tally.ts";
import type { HeldObject } from "../../shared/provisioning/ports/hold-store.ts";
import type { World } from "./world.ts";

/** Whether the guard keeps the account, or the membership: it waits in an open hold, or was rejected. */
export const isKept = async ({ look, integrationId }: World, object: HeldObject): Promise<boolean> => {
  const [item] = await look.holds.itemsOf(integrationId, [object]);
  if (!item || item.state === "approved") return false;
  if (item.state === "rejected") return true;
  return (await look.holds.read({ integrationId, holdId: item.holdId }))?.state === "open";
};

const openHolds = async ({ look, integrationId }: World): Promise<Hold[]> => {
  const open: Hold[] = [];
  for await (const holds of allPages((page) => look.holds.list(integrationId, page), 100))
    open.push(...holds.filter(({ state }) => state === "open"));
  return open;
};

/** Whether anybody is asked for a decision. */
export const isAnyAsked = async (world: World): Promise<boolean> =>
  (await openHolds(world)).some(({ count }) => count > 0);

/** The people who wait for a decision in a hold, by id. */
const peopleIn = async ({ look }: World, hold: Hold): Promise<string[]> => {
  const people = new Set<string>();
  for await (const items of allItems(look, hold))
    for (const { state, userId } of items) if (state === "held") people.add(userId);
  return [...people].sort();
};

/**
 * At rest: an open hold tells how many people wait in it; no decision is left half done; and what is marked as held is in a
 * hold, where somebody finds it. One of nobody is shown to nobody: whoever opened it died.
 */
export const checkHolds = async (world: World): Promise<string[]> => {
  const { memory, integrationId } = world;
  const problems: string[] = [];
  for (const hold of await openHolds(world)) {
    const { length } = await peopleIn(world, hold);
    if (hold.count !== length)
      problems.push(`hold ${hold.holdId} tells ${hold.count} people, and ${length} wait in it`);
    if (hold.attempt) problems.push(`a decision about hold ${hold.holdId} is left open`);
  }
  for (const { id, work } of memory.userLinks.values())
    if (work?.state === "held" && !(await isKept(world, { userId: id })))
      problems.push(`link of user ${id} is held, and in no hold`);
  for (const { id, work } of memory.groupLinks.values()) {
    if (work?.state !== "held") continue;
    const items = await world.look.holds.ofGroup(integrationId, id);
    const kept = await Promise.all(items.map(({ userId }) => isKept(world, { userId, groupId: id })));
    if (!kept.includes(true)) problems.push(`link of group ${id} is held, and nobody of it is in a hold`);
  }
  return problems;
};
