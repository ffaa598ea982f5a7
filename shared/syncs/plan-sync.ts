import { allPages } from "../common/all-pages.ts";
import type { JobRun, JobStep } from "../jobs/run-job.ts";
import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { SyncInput } from "../model/sync.ts";
import { provisionGroup } from "../provisioning/calls/provision-group.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { findGroupWork, findUserWork, inOrder, type WorkPage } from "./find-work.ts";
import { planObject } from "./plan-object.ts";
import {
  isAlong,
  isLoss,
  itemIn,
  type ObjectKey,
  type ObjectPlan,
  placesOfUser,
  planOf,
  rowsPrefix,
  toJobItems,
} from "./sync-items.ts";
import type { SyncTools } from "./tools.ts";

type Place = { phase: "users" | "groups" | "bind" | "end"; cursor?: string };

/** The next page of a plan: what it finds is kept before the plan goes on behind it. An object that needs nothing costs no write. */
export const planStep = async (tools: SyncTools, run: JobRun): Promise<JobStep> => {
  const { ports, job } = run;
  const { whatIf } = job.input as SyncInput;
  const place = (job.place as Place | undefined) ?? { phase: "users" };
  const integration = whatIf?.attributeMappings
    ? mappedAs(whatIf.attributeMappings)(run.integration)
    : run.integration;
  if (place.phase === "bind" && whatIf?.bind !== undefined) {
    const planned = await planBind(tools, integration, whatIf.bind);
    await keep(ports, job, [planned]);
    return { place: { phase: "end" }, counts: counted(job.counts, [planned.plan]) };
  }
  if (place.phase === "end")
    return { counts: { ...job.counts, removals: (await losersOf(ports, job)).size } };

  const page = await (place.phase === "users" ? findUserWork : findGroupWork)(
    ports,
    integration,
    place.cursor,
  );
  const change = whatIf?.attributeMappings && mappedAs(whatIf.attributeMappings);
  const planned = await inOrder(page.found, async (key) => {
    const plan = await planObject(tools, integration.integrationId, key, change);
    return { key, plan: key.kind === "group" ? await withoutPlanned(ports, job, plan) : plan };
  });
  await keep(ports, job, planned);
  const done = job.progress.done + page.size;
  return {
    place: after(place, page, whatIf?.bind !== undefined),
    counts: counted(
      job.counts,
      planned.map(({ plan }) => plan),
    ),
    // They are counted by an index, which may be behind.
    progress: { done, total: Math.max(done, job.progress.total ?? (await totalOf(ports, integration))) },
  };
};

/** Whether all is planned. */
export const isPlanned = ({ place }: Pick<IntegrationJob, "place">, { counts }: JobStep): boolean =>
  (place as Place | undefined)?.phase === "end" && counts?.removals !== undefined;

const after = ({ phase }: Place, { nextCursor }: WorkPage, isBind: boolean): Place => {
  if (nextCursor !== undefined) return { phase, cursor: nextCursor };
  if (phase === "users") return { phase: "groups" };
  return { phase: isBind ? "bind" : "end" };
};

const totalOf = async ({ work }: Ports, { integrationId }: Integration): Promise<number> => {
  const totals = await Promise.all([
    work.countLinks(integrationId, "user"),
    work.countLinks(integrationId, "group"),
  ]);
  return totals[0] + totals[1];
};

type Planned = { key: ObjectKey; plan: ObjectPlan };

const keep = async (ports: Ports, job: IntegrationJob, planned: Planned[]): Promise<void> => {
  const items = planned.flatMap(({ key, plan }) => (plan.items.length > 0 ? toJobItems(key, plan) : []));
  if (items.length > 0) await ports.integrationJobs.putItems(job, items);
};

const counted = (counts: Record<string, number>, plans: ObjectPlan[]): Record<string, number> => {
  const next = { ...counts };
  for (const { action, state } of plans.flatMap(({ items }) => items)) {
    const name = action ?? state;
    next[name] = (next[name] ?? 0) + 1;
  }
  return next;
};

/** Who is planned as a user is not told again by a group. */
const withoutPlanned = async (ports: Ports, job: IntegrationJob, plan: ObjectPlan): Promise<ObjectPlan> => {
  const along = plan.items.flatMap((item) =>
    isAlong(item) && item.userId !== undefined ? [item.userId] : [],
  );
  if (along.length === 0) return plan;
  const known = await ports.integrationJobs.itemsAt(job, along.flatMap(placesOfUser));
  const planned = new Set(known.flatMap((row) => itemIn(row)?.userId ?? []));
  return { ...plan, items: plan.items.filter((item) => !isAlong(item) || !planned.has(item.userId ?? "")) };
};

/** People who would lose something by all of the plan. */
export const losersOf = async (
  ports: Ports,
  job: IntegrationJob,
): Promise<Map<string, "account" | "group">> => {
  const losers = new Map<string, "account" | "group">();
  for await (const page of allPages((part) => ports.integrationJobs.items(job, part, rowsPrefix), 500))
    for (const { userId, ...item } of page.flatMap((one) => itemIn(one) ?? []))
      if (userId !== undefined && isLoss(item) && losers.get(userId) !== "account")
        losers.set(userId, item.kind === "user" ? "account" : "group");
  return losers;
};

const mappedAs =
  (attributeMappings: Integration["attributeMappings"]) =>
  (integration: Integration): Integration => ({
    ...integration,
    attributeMappings,
    mappingVersion: integration.mappingVersion + 1,
  });

/** What the guard would ask to be confirmed is part of what would be. */
const bindAsConfirmed = async (
  ports: Ports,
  call: SyncTools["call"],
  key: { integrationId: string; groupId: string },
): Promise<void> => {
  const bind = (confirm?: number) => provisionGroup(ports, call, key, { existing: "keep", confirm });
  await bind().catch(async (error: unknown) => {
    if (!(error instanceof Failure) || error.code !== "deprovisions-held") throw error;
    await bind(Number(error.extras.facts?.count));
  });
};

/** As if the group were bound: its members get accounts by it, too. */
const planBind = async (
  { ports, rehearse, call }: SyncTools,
  { integrationId }: Integration,
  groupId: string,
): Promise<Planned> => {
  const { events } = await rehearse(ports, {
    until: call.answerUntil,
    act: (rehearsed) => bindAsConfirmed(rehearsed, call, { integrationId, groupId }),
  });
  const key = { kind: "group" as const, id: groupId };
  return { key, plan: planOf(key, events) };
};
