import type { JobRun, JobStep } from "../jobs/run-job.ts";
import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { SyncInput, SyncItem } from "../model/sync.ts";
import { provisionGroup } from "../provisioning/calls/provision-group.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { findGroupWork, findUserWork, inOrder, type WorkPage } from "./find-work.ts";
import { notingUnmappable } from "./noting-unmappable.ts";
import { planObject, unhurried } from "./plan-object.ts";
import { planOf, toJobItems } from "./sync-items.ts";
import { counted, tallyRows } from "./tally-rows.ts";
import { type Planned, toldOnce } from "./told-once.ts";
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
    const planned = await toldOnce(ports, job, [await planBind(tools, integration, whatIf.bind)]);
    await keep(ports, job, planned);
    return { place: { phase: "end" }, counts: counted(job.counts, itemsOf(planned)) };
  }
  if (place.phase === "end") {
    const { counts, losers } = await tallyRows(ports, job);
    return { counts: { ...counts, removals: losers.size } };
  }

  const page = await (place.phase === "users" ? findUserWork : findGroupWork)(
    ports,
    integration,
    place.cursor,
  );
  const change = whatIf?.attributeMappings && mappedAs(whatIf.attributeMappings);
  const looks = await inOrder(page.found, async (key) => ({
    key,
    plan: await planObject(tools, integration.integrationId, key, change),
  }));
  const planned = await toldOnce(ports, job, looks);
  await keep(ports, job, planned);
  const next = after(place, page, whatIf?.bind !== undefined);
  const done = job.progress.done + page.size;
  const total = job.progress.total ?? (await totalOf(ports, integration));
  const isLast = next.phase === "bind" || next.phase === "end";
  return {
    place: next,
    counts: counted(job.counts, itemsOf(planned)),
    // The count of links may lag behind them.
    progress: { done, total: isLast ? done : Math.max(done, total) },
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

const itemsOf = (planned: Planned[]): SyncItem[] => planned.flatMap(({ plan }) => plan.items);

const keep = async (ports: Ports, job: IntegrationJob, planned: Planned[]): Promise<void> => {
  const items = planned.flatMap(({ key, plan }) => (plan.items.length > 0 ? toJobItems(key, plan) : []));
  if (items.length > 0) await ports.integrationJobs.putItems(job, items);
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
  const unmappable: SyncItem[] = [];
  const own = unhurried(call, ports);
  const { events } = await rehearse(ports, {
    until: own.answerUntil,
    act: (rehearsed) =>
      bindAsConfirmed(notingUnmappable(rehearsed, unmappable), own, { integrationId, groupId }),
  });
  const key = { kind: "group" as const, id: groupId };
  return { key, plan: planOf(key, events, unmappable) };
};
