import { allPages } from "../common/all-pages.ts";
import { concurrently } from "../common/concurrently.ts";
import { omit } from "../common/objects.ts";
import type { JobRun, JobStep } from "../jobs/run-job.ts";
import { Failure } from "../model/failure.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { SyncItem } from "../model/sync.ts";
import { notingEvents } from "../provisioning/attempts/noting-events.ts";
import { guardLosses } from "../provisioning/guard/guard-losses.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { applyObject } from "./apply-object.ts";
import { isTouched } from "./is-touched.ts";
import { type keepListedNames, type ListedNames, withListedNames } from "./listed-names.ts";
import { planObject } from "./plan-object.ts";
import { losersOf } from "./plan-sync.ts";
import { headIn, headsPrefix, itemIn, type ObjectKey, rowsOfHead, toRow } from "./sync-items.ts";
import type { SyncTools } from "./tools.ts";

/** `listed`: of the jobs that this process carries on. */
export type ApplyTools = SyncTools & { listed: ReturnType<typeof keepListedNames> };

type Place = { phase: "apply"; cursor?: string };

/** The lanes wait for each other at the end of a step: the more in it, the less they wait. */
const headsInStep = 200;
/** While some are at the provider, others are at the store. */
const objectsAtOnce = 24;

/**
 * The guard is asked for all that the plan takes away, once; what is confirmed, or left free, is let go of.
 * @throws Failure `deprovisions-held` with the count
 */
export const guardPlan = async (
  { ports, integration, job }: Pick<JobRun, "ports" | "integration" | "job">,
  confirm: number | undefined,
): Promise<void> => {
  const losers = [...(await losersOf(ports, job))];
  const of = (what: "account" | "group") =>
    losers.flatMap(([userId, lost]) => (lost === what ? [userId] : []));
  const losses = { accounts: of("account"), groupOnly: of("group") };
  const goOn = (count: number) => `apply the plan with {"confirm": ${count}}`;
  await guardLosses({ ports, integration }, losses, confirm, goOn);
};

/** The next objects of a plan: each is planned anew, and carried out where that comes to the same. */
export const applyStep = async (tools: ApplyTools, run: JobRun): Promise<JobStep> => {
  const { ports, integration, job } = run;
  const listed = await tools.listed.of({ ports, integration, call: tools.call }, job);
  const { cursor } = job.place as Place;
  const heads = await ports.integrationJobs.items(
    job,
    { limit: headsInStep, ...(cursor !== undefined && { cursor }) },
    headsPrefix,
  );
  // Should this worker die, what was begun and needs nothing by then was carried out by it.
  const begun = heads.items.map((head) => ({ ...head, data: { ...head.data, isBegun: true } }));
  await ports.integrationJobs.putItems(job, begun);
  // What could not be planned is tried all the same, and told by how that ends.
  const counts = cursor === undefined ? omit(job.counts, "failed") : { ...job.counts };
  await concurrently(heads.items, objectsAtOnce, async (head) => {
    const end = await applyIfSame({ ...tools, listed }, run, headIn(head));
    for await (const rows of allPages(
      (part) => ports.integrationJobs.items(job, part, rowsOfHead(head)),
      500,
    )) {
      const told = rows.flatMap((row) => {
        const item = itemIn(row);
        return item ? [{ place: row.place, item: ended(item, end) }] : [];
      });
      await ports.integrationJobs.putItems(
        job,
        told.map(({ place, item }) => toRow(place, item)),
      );
      // Of items, as the actions are: what a group brings along is told by each of them.
      for (const { item } of told) counts[item.state] = (counts[item.state] ?? 0) + 1;
    }
  });
  const { nextCursor } = heads;
  if (nextCursor !== undefined) return { counts, place: { phase: "apply", cursor: nextCursor } };
  return { counts, place: { phase: "apply" }, status: "applied" };
};

type End = {
  state: "applied" | "stale" | "failed";
  error?: SyncItem["error"];
  records: EventRecord[];
};

/** Carry it out, and tell what its attempts came to. */
const applyIfSame = async (
  tools: SyncTools & { listed: ListedNames | undefined },
  { ports, integration, job }: Pick<JobRun, "ports" | "integration" | "job">,
  { key, hash, isBegun }: { key: ObjectKey; hash: string; isBegun: boolean },
): Promise<End> => {
  const now = await planObject(tools, job.integrationId, key);
  if (isBegun && now.items.length === 0) return { state: "applied", records: [] };
  if (now.hash !== hash) return { state: "stale", records: [] };
  const records: EventRecord[] = [];
  const isCreated = key.kind === "user" && now.items.some(({ action }) => action === "created");
  const noting = notingEvents(isCreated ? await withList(ports, job, key, tools.listed) : ports, records);
  try {
    await applyObject({ ports: noting, integration, call: tools.call }, key);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, detail } = error;
    return { state: "failed", error: { code, detail }, records };
  }
  const failed = records.find(({ event }) => !event.success);
  if (!failed) return { state: "applied", records };
  const error = { code: "provider-rejected", detail: failed.event.error_message ?? "" };
  return { state: "failed", error, records };
};

/** An account that others may have begun to make since the list was read is looked up. */
const withList = async (
  ports: Ports,
  { integrationId }: IntegrationJob,
  { id }: ObjectKey,
  listed: ListedNames | undefined,
): Promise<Ports> => {
  const link = listed && (await ports.userLinks.read({ integrationId, id }));
  return link && !isTouched(link, listed.readAt) ? withListedNames(ports, listed) : ports;
};

/** What an item has come to: by the attempt that was made for it, else by how carrying its object out has ended. */
const ended = (item: SyncItem, { state, error, records }: End): SyncItem => {
  // Told before the worker died that has carried it out.
  if (item.eventId !== undefined) return item;
  if (state === "stale") return { ...item, state };
  const own = records.filter((record) => isFor(record, item)).at(-1)?.event;
  const isDone = own && item.kind !== "group" ? own.success : error === undefined;
  return {
    ...item,
    state: isDone ? "applied" : "failed",
    ...(own && { eventId: own.id }),
    ...(error && !isDone && { error }),
  };
};

const isFor = (
  { event: { resource }, memberUserIds }: EventRecord,
  { kind, userId, groupId, action }: SyncItem,
): boolean => {
  if (kind === "user") return resource.type === "systemuser" && resource.id === userId;
  if (resource.type !== "user_group" || resource.id !== groupId) return false;
  return (
    kind === "group" ||
    memberUserIds?.[action === "removed" ? "removed" : "added"].includes(userId ?? "") === true
  );
};
