import { allPages } from "../common/all-pages.ts";
import { Failure } from "../model/failure.ts";
import type { IntegrationJob, JobItem } from "../model/integration-job.ts";
import type { SyncItem } from "../model/sync.ts";
import { isHeldBack } from "../provisioning/attempts/is-sendable.ts";
import { notingEvents } from "../provisioning/attempts/noting-events.ts";
import { isUnauthorized } from "../provisioning/attempts/provider-failure.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";
import type { Context, Ports } from "../provisioning/ports/ports.ts";
import { applyObject } from "./apply-object.ts";
import { isTouched } from "./is-touched.ts";
import { type ListedNames, withListedNames } from "./listed-names.ts";
import { planObject } from "./plan-object.ts";
import {
  changeOf,
  headIn,
  isAlong,
  itemIn,
  type ObjectKey,
  type ObjectPlan,
  rowsOfHead,
} from "./sync-items.ts";
import { type End, isTold, tellRows } from "./tell-rows.ts";
import { withoutTold } from "./told-once.ts";
import type { SyncTools } from "./tools.ts";

export type HeadTools = SyncTools & { listed: ListedNames | undefined };
/** `left`: the object, or a part of it, waits for the next worker, or until the integration can be sent to. */
export type HeadEnd = { counts: Record<string, number>; left?: Failure | true };

/**
 * Carry an object of a plan out where planning it anew comes to the same, or to what is left of it, and tell what came of its
 * rows. What was told before is not done again.
 * @throws Failure of a store: nobody knows then how far it came
 */
export const applyHead = async (
  tools: HeadTools,
  context: Context,
  { job, head }: { job: IntegrationJob; head: JobItem },
): Promise<HeadEnd> => {
  const { key, hash, isBegun } = headIn(head);
  if (isBegun && (await isWhollyTold(tools.ports, job, head))) return { counts: {} };
  const plan = await withoutTold(tools.ports, job, {
    key,
    plan: await planObject(tools, job.integrationId, key),
  });
  const tell = (end: End) => tellRows(tools.ports, job, { head, end });
  if (plan.items.length > 0 && plan.items.every(({ state }) => state === "held"))
    return { counts: await tell({ state: "held" }) };
  if (plan.hash !== hash && !(await isPartOf(tools.ports, job, head, plan)))
    return { counts: await tell({ state: "stale" }) };
  const held = new Set(plan.items.filter(({ state }) => state === "held").map(changeOf));
  if (plan.items.length === 0) return { counts: await tell({ records: [], held }) };
  const { records, error } = await carryOut(tools, context, key, plan);
  const left = await leftOf(tools, context, { job, key, records, error });
  if (left) return { counts: await tell({ records, held, isLeft: true }), left };
  return { counts: await tell({ records, held, error }) };
};

const isWhollyTold = async (ports: Ports, job: IntegrationJob, head: JobItem): Promise<boolean> => {
  for await (const rows of rowsOf(ports, job, head))
    if (!rows.flatMap((row) => itemIn(row) ?? []).every(isTold)) return false;
  return true;
};

const rowsOf = (ports: Ports, job: IntegrationJob, head: JobItem) =>
  allPages((part) => ports.integrationJobs.items(job, part, rowsOfHead(head)), 500);

/** Whether nothing would be sent that was not planned: others, or this very job, have done the rest. */
const isPartOf = async (
  ports: Ports,
  job: IntegrationJob,
  head: JobItem,
  { items }: ObjectPlan,
): Promise<boolean> => {
  const { key } = headIn(head);
  const isOwn = (item: SyncItem) => item.state !== "held" && (key.kind === "user" || !isAlong(item));
  const open = new Set(items.filter(isOwn).map(changeOf));
  if (open.size === 0) return true;
  for await (const rows of rowsOf(ports, job, head))
    for (const item of rows.flatMap((row) => itemIn(row) ?? []))
      if (item.state !== "held") open.delete(changeOf(item));
  return open.size === 0;
};

type Carried = { records: EventRecord[]; error?: Failure | undefined };
const unfinished: ReadonlySet<string> = new Set(["store-unavailable", "audit-unavailable"]);

const carryOut = async (
  tools: HeadTools,
  { ports, integration, call }: Context,
  key: ObjectKey,
  plan: ObjectPlan,
): Promise<Carried> => {
  const records: EventRecord[] = [];
  const isCreated = key.kind === "user" && plan.items.some(({ action }) => action === "created");
  const own = isCreated ? await withList(ports, integration.integrationId, key, tools.listed) : ports;
  try {
    await applyObject({ ports: notingEvents(own, records), integration, call }, key);
    return { records };
  } catch (error) {
    if (!(error instanceof Failure) || unfinished.has(error.code)) throw error;
    return { records, error };
  }
};

/** An account that others may have begun to make since the list was read is looked up. */
const withList = async (
  ports: Ports,
  integrationId: string,
  { id }: ObjectKey,
  listed: ListedNames | undefined,
): Promise<Ports> => {
  const link = listed && (await ports.userLinks.read({ integrationId, id }));
  return link && !isTouched(link, listed.readAt) ? withListedNames(ports, listed) : ports;
};

/** What was not sent has not failed; and where the time was over, or the integration was stopped, a part may be left. */
const leftOf = async (
  tools: HeadTools,
  { ports, call }: Context,
  { job, key, records, error }: { job: IntegrationJob; key: ObjectKey } & Carried,
): Promise<Failure | true | undefined> => {
  const isOver = ports.clock.now() >= call.sendUntil;
  if (error && isHeldBack(error)) return error;
  const isSent = records.some(({ event }) => !event.success);
  if (error && !isSent && error.code.startsWith("provider-")) return isOver ? true : error;
  if (error && isUnauthorized(error)) return undefined;
  if (!isOver) return undefined;
  const rest = await planObject(tools, job.integrationId, key);
  return rest.items.some(({ state }) => state === "planned") ? true : undefined;
};
