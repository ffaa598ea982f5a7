import type { HeldItem } from "../../model/hold.ts";
import type { Desired } from "../../model/receipt.ts";
import { desiredOf } from "../assignments/assignment.ts";
import type { Losses } from "../guard/losses.ts";
import { reserveLosses } from "../guard/reserve-losses.ts";
import type { UserReads } from "../ports/call-reads.ts";
import type { HeldObject } from "../ports/hold-store.ts";
import type { Context } from "../ports/ports.ts";
import { countAct, holdAct } from "./hold-act.ts";
import { type Act, actOf, joinableHold } from "./origin.ts";

/**
 * What an act is about to take away: accounts, and memberships in groups; of these users `accounts` lose their account with
 * the group.
 */
export type Removals = {
  accounts: string[];
  groups: { groupId: string; userIds: string[]; accounts: string[] }[];
};
export type HeldBack = HeldObject & { holdId: string };

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
  const standing = await standingOf(context, act, known);
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

const nameOf = ({ userId, groupId }: HeldObject): string => `${userId} ${groupId ?? ""}`;

/** The users whose account is among the objects. */
const usersOf = (objects: HeldObject[]): string[] =>
  objects.filter(({ groupId }) => groupId === undefined).map(({ userId }) => userId);

/** Whose account goes in the same act counts as an account alone. */
const lossesOf = (fresh: HeldObject[], removals: Removals): Losses => {
  const people = new Set(fresh.map(({ userId }) => userId));
  const all = [...removals.accounts, ...removals.groups.flatMap(({ accounts }) => accounts)];
  const accounts = new Set(all.filter((userId) => people.has(userId)));
  return { accounts: [...accounts], groupOnly: [...people].filter((userId) => !accounts.has(userId)) };
};

const wantedOf = ({ userId, groupId }: HeldObject, users: ReadonlyMap<string, UserReads>): Desired => {
  if (groupId !== undefined) return "absent";
  const { link, saved } = users.get(userId) ?? {};
  return link ? desiredOf(link.assignment, saved) : "inactive";
};

type Known = HeldItem & { holdId: string };

/** Those of the items that say something of what is about to be done now, by object. */
const standingOf = async (context: Context, act: Act, known: Known[]): Promise<Map<string, Known>> => {
  if (known.length === 0) return new Map();
  const { ports, integration } = context;
  const { integrationId } = integration;
  const users = await ports.reads.users(integrationId, usersOf(known));
  const openHolds = await openAmong(context, act, known);
  const stands = async (item: Known): Promise<boolean> => {
    if (item.state === "held") return openHolds.has(item.holdId);
    if (item.state === "rejected") return item.wanted === wantedOf(item, users);
    return !(await cameBackSince(context, item, users));
  };
  const standing = new Map<string, Known>();
  for (const item of known) if (await stands(item)) standing.set(nameOf(item), item);
  return standing;
};

/** A process that died may have left an item in a hold that was closed before, or in one that does not count it yet. */
const openAmong = async ({ ports, integration }: Context, act: Act, known: Known[]): Promise<Set<string>> => {
  const { integrationId } = integration;
  const holdIds = new Set(known.filter(({ state }) => state === "held").map(({ holdId }) => holdId));
  const holds = await Promise.all([...holdIds].map((holdId) => ports.holds.read({ integrationId, holdId })));
  const open = holds.flatMap((hold) => (hold?.state === "open" ? [hold] : []));
  for (const hold of open) await countAct(ports, hold, act);
  return new Set(open.map(({ holdId }) => holdId));
};

/** What was approved was carried out, and is there again: it was approved that one time. */
const cameBackSince = async (
  { ports, integration: { integrationId } }: Context,
  { userId, groupId, decided }: Known,
  users: ReadonlyMap<string, UserReads>,
): Promise<boolean> => {
  if (!decided) return true;
  if (groupId === undefined) return (users.get(userId)?.link?.observed.lastSuccessAt ?? "") > decided.at;
  const there = (await ports.pushedMembers.among(integrationId, groupId, [userId])).get(userId);
  // That they are out since then is what was approved.
  return there !== undefined && there.presence !== "out" && there.since > decided.at;
};
