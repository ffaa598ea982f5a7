import type { Losses } from "../guard/losses.ts";
import { reserveLosses } from "../guard/reserve-losses.ts";
import type { HeldObject } from "../ports/hold-store.ts";
import type { Context } from "../ports/ports.ts";
import { countAct, holdAct } from "./hold-act.ts";
import { actOf, joinableHold } from "./origin.ts";
import { type HeldBack, nameOf, openHoldsOf, standingOf, usersOf, wantedOf } from "./standing-items.ts";

/**
 * What an act is about to take away: accounts, and memberships in groups; of these users `accounts` lose their account with
 * the group.
 */
export type Removals = {
  accounts: string[];
  groups: { groupId: string; userIds: string[]; accounts: string[] }[];
};

/**
 * Asked before work that came by itself takes something away: what was approved goes, and so does what is free in this
 * hour; an act that goes beyond is held whole, and what was rejected stays. All else goes. To be asked again before each
 * try: who was counted is not counted again.
 * @returns what must not be sent, and in which hold it is
 */
export const admitRemovals = async (context: Context, removals: Removals): Promise<HeldBack[]> => {
  const { ports, call, integration } = context;
  const { integrationId } = integration;
  const objects = objectsOf(removals);
  if (objects.length === 0) return [];
  const act = actOf(call);
  const [known, joinable] = await Promise.all([
    ports.holds.itemsOf(integrationId, objects),
    joinableHold(ports, integrationId, act.origin),
  ]);
  const open = await openHoldsOf(context, known);
  // A process that died may have left an item in a hold that does not count it yet.
  for (const hold of open) await countAct(ports, hold, act);
  const standing = await standingOf(context, known, open);
  const heldBack: HeldBack[] = [];
  const fresh: HeldObject[] = [];
  for (const object of objects) {
    const item = standing.get(nameOf(object));
    if (!item) fresh.push(object);
    else if (item.state !== "approved") heldBack.push({ ...object, holdId: item.holdId });
  }
  if (fresh.length === 0) return heldBack;
  const isOfHeldAct = joinable?.acts.includes(act.cause.correlationId) === true;
  if (!isOfHeldAct && (await reserveLosses(context, lossesOf(fresh, removals)))) return heldBack;
  const users = await ports.reads.users(integrationId, usersOf(fresh));
  const held = fresh.map((object) => ({ ...object, wanted: wantedOf(object, users) }));
  const holdId = await holdAct(context, act, held);
  return [...heldBack, ...fresh.map((object) => ({ ...object, holdId }))];
};

const objectsOf = ({ accounts, groups }: Removals): HeldObject[] => [
  ...accounts.map((userId) => ({ userId })),
  ...groups.flatMap(({ groupId, userIds }) => userIds.map((userId) => ({ userId, groupId }))),
];

/** Whose account goes in the same act counts as an account alone. */
const lossesOf = (fresh: HeldObject[], removals: Removals): Losses => {
  const people = new Set(fresh.map(({ userId }) => userId));
  const all = [...removals.accounts, ...removals.groups.flatMap(({ accounts }) => accounts)];
  const accounts = new Set(all.filter((userId) => people.has(userId)));
  return { accounts: [...accounts], groupOnly: [...people].filter((userId) => !accounts.has(userId)) };
};
