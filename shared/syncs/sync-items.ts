import { createHash } from "node:crypto";
import type { DirectoryInsightsEvent } from "../model/event.ts";
import type { JobItem } from "../model/integration-job.ts";
import { toJson } from "../model/json.ts";
import type { SyncAction, SyncItem } from "../model/sync.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";

/** A user or group that a plan is about, with what hangs on it. */
export type ObjectKey = { kind: "user" | "group"; id: string };

/**
 * What carrying an object out comes to. `hash`: of all that it would send, so that whoever looks again can tell whether that
 * is the same. `losers`: people who would lose their account, or a group.
 */
export type ObjectPlan = { items: SyncItem[]; hash: string; losers: string[] };

const actionOf = (event: DirectoryInsightsEvent): SyncAction | undefined => {
  switch (event.event_type) {
    case "user_create_provision":
    case "group_create_provision":
      return "created";
    case "user_deprovision":
      return "deprovisioned";
    case "user_delete_provision":
    case "group_delete_provision":
      return "deleted";
    case "user_update_provision":
      return event.changes.some(({ field, to }) => field === "active" && to === true)
        ? "reactivated"
        : "updated";
    case "group_update_provision":
      return "updated";
    default:
      return undefined;
  }
};

const isEnd = (action: SyncAction | undefined): boolean =>
  action === "deprovisioned" || action === "deleted" || action === "removed";

/** Whether somebody loses their account by it, or a group. What is held is not taken away by it. */
export const isLoss = ({ kind, action, state }: Pick<SyncItem, "kind" | "action" | "state">): boolean =>
  kind !== "group" && state !== "held" && isEnd(action);

/**
 * The plan of one object by the events that carrying it out would leave, and what else is known of it. Who gets an account,
 * or other values, along with a group is told by it, and no part of its hash: that may come about otherwise meanwhile. A user
 * tells of the groups that the account comes back to no more than that: all else of a group is told by the group.
 */
export const planOf = (key: ObjectKey, records: EventRecord[], others: SyncItem[] = []): ObjectPlan => {
  const items: SyncItem[] = [];
  for (const { event, memberUserIds } of records) {
    const action = actionOf(event);
    if (!action) continue;
    const { resource } = event;
    const about =
      resource.type === "systemuser"
        ? { kind: "user" as const, userId: resource.id }
        : { kind: "group" as const, groupId: resource.id };
    const changes = event.changes.map(({ field, ...rest }) => ({ path: field, ...rest }));
    items.push({ ...about, action, ...(changes.length > 0 && { changes }), state: "planned" });
    for (const [userIds, does] of [
      [memberUserIds?.added ?? [], "added"],
      [memberUserIds?.removed ?? [], "removed"],
    ] as const)
      for (const userId of userIds)
        items.push({ kind: "member", userId, groupId: resource.id, action: does, state: "planned" });
  }
  const isOwn = ({ kind, userId }: SyncItem) =>
    key.kind === "group" || (kind !== "group" && userId === key.id);
  return planOfItems(key, [...items, ...others].filter(isOwn));
};

export const planOfItems = (key: ObjectKey, planned: SyncItem[]): ObjectPlan => {
  const items = mergedByPlace(planned);
  const own = items.filter((item) => key.kind === "user" || !isAlong(item));
  const losers = items.flatMap((item) => (item.userId !== undefined && isLoss(item) ? [item.userId] : []));
  return { items, hash: hashOf(own), losers: [...new Set(losers)] };
};

/** Whether it is somebody's account that comes along with a group, and is not taken away by it. */
export const isAlong = ({ kind, action }: SyncItem): boolean => kind === "user" && !isEnd(action);

/** What an item asks for, as text. */
export const changeOf = ({ kind, userId, groupId, action, changes }: SyncItem): string =>
  JSON.stringify([kind, userId, groupId, action, changes]);

/** An object that takes several attempts is one item: it is told by the last that ends something, else by the first. */
const mergedByPlace = (items: SyncItem[]): SyncItem[] => {
  const merged = new Map<string, SyncItem>();
  for (const item of items) {
    const before = merged.get(placeOf(item));
    const changes = [...(before?.changes ?? []), ...(item.changes ?? [])];
    const action = isEnd(item.action) ? item.action : (before?.action ?? item.action);
    merged.set(placeOf(item), {
      ...item,
      ...(action && { action }),
      ...(changes.length > 0 && { changes }),
    });
  }
  return [...merged.values()];
};

/** What was planned says the same as long as this stays the same, in whatever order members come. */
const hashOf = (items: SyncItem[]): string => {
  const lines = items.map((item) => JSON.stringify(toJson(item))).toSorted();
  return createHash("sha256").update(lines.join("\n")).digest("base64url").slice(0, 22);
};

/** Access that must end goes first, then users, then groups. */
const rankOf = ({ kind }: ObjectKey, losers: string[]): number =>
  kind === "group" ? 2 : losers.length > 0 ? 0 : 1;

/** Heads stand for the objects of a plan, in the order in which they are carried out; rows are what is listed. */
export const headsPrefix = "H#";
export const rowsPrefix = "R#";

const placeOf = (item: SyncItem): string => [item.kind, item.groupId ?? "", item.userId ?? ""].join("#");

/** As they are kept. */
export const toJobItems = (key: ObjectKey, { items, hash, losers }: ObjectPlan): JobItem[] => {
  const at = `${rankOf(key, losers)}#${key.kind}#${key.id}`;
  const head = { place: `${headsPrefix}${at}`, data: { object: { ...key }, hash } };
  return [head, ...items.map((item) => toRow(`${rowsPrefix}${at}#${placeOf(item)}`, item))];
};

export const toRow = (place: string, item: SyncItem): JobItem => ({ place, data: { item: toJson(item) } });

/** Where the row of a user is who is planned as one. */
export const placesOfUser = (userId: string): string[] =>
  [0, 1].map(
    (rank) => `${rowsPrefix}${rank}#user#${userId}#${placeOf({ kind: "user", userId, state: "planned" })}`,
  );

/** Which object has told first of a user, or of a membership, that comes along with others, and what is done to it. */
export type Teller = { by: ObjectKey; action: SyncItem["action"] };
export const markOf = (item: SyncItem): string => `A#${placeOf(item)}`;
export const toMark = (item: SyncItem, by: ObjectKey): JobItem => ({
  place: markOf(item),
  data: { by: { ...by }, ...(item.action && { action: item.action }) },
});
export const tellerIn = ({ data }: JobItem): Teller => ({
  by: data.by as ObjectKey,
  action: data.action as SyncItem["action"],
});

/** Under which the rows of the object are that a head stands for. */
export const rowsOfHead = ({ place }: JobItem): string => `${rowsPrefix}${place.slice(headsPrefix.length)}#`;

/** The object that a head stands for, the hash of its plan, and whether somebody has begun to carry it out. */
export const headIn = ({ data }: JobItem): { key: ObjectKey; hash: string; isBegun: boolean } => ({
  key: data.object as ObjectKey,
  hash: String(data.hash),
  isBegun: data.isBegun === true,
});

export const itemIn = ({ data }: JobItem): SyncItem | undefined => data.item as SyncItem | undefined;
