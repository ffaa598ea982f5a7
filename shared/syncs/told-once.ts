import type { IntegrationJob } from "../model/integration-job.ts";
import type { SyncItem } from "../model/sync.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import {
  isAlong,
  itemIn,
  markOf,
  type ObjectKey,
  type ObjectPlan,
  placesOfUser,
  planOfItems,
  type Teller,
  tellerIn,
  toMark,
} from "./sync-items.ts";

export type Planned = { key: ObjectKey; plan: ObjectPlan };

/**
 * These plans without what other objects of the job tell already, so that a plan has each user and each membership once: who
 * is planned as a user, and who comes along with an object before. Marks tell who was first, also to a step that is repeated.
 */
export const toldOnce = async (ports: Ports, job: IntegrationJob, planned: Planned[]): Promise<Planned[]> => {
  const shared = planned.flatMap(({ key, plan }) => plan.items.filter((item) => isShared(key, item)));
  if (shared.length === 0) return planned;
  const first = await firstOf(ports, job, shared);
  const added: ReturnType<typeof toMark>[] = [];
  const once = planned.map(({ key, plan }) => {
    const items = plan.items.filter((item) => {
      if (!isShared(key, item)) return true;
      const teller = first.get(markOf(item));
      if (teller) return !isToldBy(teller, key, item);
      first.set(markOf(item), { by: key, action: item.action });
      // Users are planned before groups, and no two groups share a membership.
      if (key.kind === "user" || item.kind === "user") added.push(toMark(item, key));
      return true;
    });
    return { key, plan: items.length === plan.items.length ? plan : planOfItems(key, items) };
  });
  if (added.length > 0) await ports.integrationJobs.putItems(job, added);
  return once;
};

/** A plan that is made again, without what others of the job have told. */
export const withoutTold = async (
  ports: Ports,
  job: IntegrationJob,
  { key, plan }: Planned,
): Promise<ObjectPlan> => {
  const shared = plan.items.filter((item) => isShared(key, item));
  if (shared.length === 0) return plan;
  const first = await firstOf(ports, job, shared);
  const isOthers = (item: SyncItem) => {
    const teller = isShared(key, item) && first.get(markOf(item));
    return teller && isToldBy(teller, key, item);
  };
  return planOfItems(
    key,
    plan.items.filter((item) => !isOthers(item)),
  );
};

/** An account may come along with several groups, and a membership with an account and with its group. */
const isShared = (key: ObjectKey, { kind }: SyncItem): boolean =>
  kind === "member" || (kind === "user" && key.kind === "group");

/** Whether another object tells the same of it. Access that is taken away beside another change is told for itself. */
const isToldBy = ({ by, action }: Teller, key: ObjectKey, item: SyncItem): boolean =>
  (by.kind !== key.kind || by.id !== key.id) && (action === item.action || isAlong(item));

/** Which object tells of each, where one does. */
const firstOf = async (
  { integrationJobs }: Ports,
  job: IntegrationJob,
  items: SyncItem[],
): Promise<Map<string, Teller>> => {
  const users = items.flatMap(({ kind, userId }) =>
    kind === "user" && userId !== undefined ? [userId] : [],
  );
  const [marks, rows] = await Promise.all([
    integrationJobs.itemsAt(job, [...new Set(items.map(markOf))]),
    integrationJobs.itemsAt(job, [...new Set(users)].flatMap(placesOfUser)),
  ]);
  const first = new Map(marks.map((mark) => [mark.place, tellerIn(mark)]));
  for (const item of rows.flatMap((row) => itemIn(row) ?? []))
    first.set(markOf(item), { by: { kind: "user", id: item.userId ?? "" }, action: item.action });
  return first;
};
