import type { HeldItem, Hold } from "../../model/hold.ts";
import type { Desired } from "../../model/receipt.ts";
import { desiredOf } from "../assignments/assignment.ts";
import type { UserReads } from "../ports/call-reads.ts";
import type { HeldObject } from "../ports/hold-store.ts";
import type { IntegrationContext } from "../ports/ports.ts";

export type HeldBack = HeldObject & { holdId: string };
export type KnownItem = HeldItem & { holdId: string };

export const nameOf = ({ userId, groupId }: HeldObject): string => `${userId} ${groupId ?? ""}`;

/** The users whose account is among the objects. */
export const usersOf = (objects: HeldObject[]): string[] =>
  objects.filter(({ groupId }) => groupId === undefined).map(({ userId }) => userId);

export const wantedOf = ({ userId, groupId }: HeldObject, users: ReadonlyMap<string, UserReads>): Desired => {
  if (groupId !== undefined) return "absent";
  const { link, saved } = users.get(userId) ?? {};
  return link ? desiredOf(link.assignment, saved) : "inactive";
};

/** The open holds that these items name: a process that died may have left an item in one that was closed before. */
export const openHoldsOf = async (
  { ports, integration: { integrationId } }: IntegrationContext,
  known: KnownItem[],
): Promise<Hold[]> => {
  const holdIds = new Set(known.filter(({ state }) => state === "held").map(({ holdId }) => holdId));
  const holds = await Promise.all([...holdIds].map((holdId) => ports.holds.read({ integrationId, holdId })));
  return holds.flatMap((hold) => (hold?.state === "open" ? [hold] : []));
};

/** Those of the items that say something of what is about to be done now, by object. `open`: holds of the items. */
export const standingOf = async (
  context: IntegrationContext,
  known: KnownItem[],
  open: Hold[],
): Promise<Map<string, KnownItem>> => {
  if (known.length === 0) return new Map();
  const users = await context.ports.reads.users(context.integration.integrationId, usersOf(known));
  const openIds = new Set(open.map(({ holdId }) => holdId));
  const stands = async (item: KnownItem): Promise<boolean> => {
    if (item.state === "held") return openIds.has(item.holdId);
    if (item.state === "rejected") return item.wanted === wantedOf(item, users);
    return !(await cameBackSince(context, item, users));
  };
  const standing = new Map<string, KnownItem>();
  for (const item of known) if (await stands(item)) standing.set(nameOf(item), item);
  return standing;
};

/** Those of the objects that a hold keeps already, waiting or rejected. Nobody is put into one, and nothing is counted. */
export const keptOf = async (context: IntegrationContext, objects: HeldObject[]): Promise<HeldBack[]> => {
  const { ports, integration } = context;
  const known = await ports.holds.itemsOf(integration.integrationId, objects);
  const standing = await standingOf(context, known, await openHoldsOf(context, known));
  return objects.flatMap((object) => {
    const item = standing.get(nameOf(object));
    return item && item.state !== "approved" ? [{ ...object, holdId: item.holdId }] : [];
  });
};

/** What was approved was carried out, and is there again: it was approved that one time. */
const cameBackSince = async (
  { ports, integration: { integrationId } }: IntegrationContext,
  { userId, groupId, decided }: KnownItem,
  users: ReadonlyMap<string, UserReads>,
): Promise<boolean> => {
  if (!decided) return true;
  if (groupId === undefined) return (users.get(userId)?.link?.observed.lastSuccessAt ?? "") > decided.at;
  const there = (await ports.pushedMembers.among(integrationId, groupId, [userId])).get(userId);
  // That they are out since then is what was approved.
  return there !== undefined && there.presence !== "out" && there.since > decided.at;
};
