import { concurrently } from "../common/concurrently.ts";
import type { JobRun, JobStep } from "../jobs/run-job.ts";
import type { Failure } from "../model/failure.ts";
import { applyHead } from "./apply-head.ts";
import type { keepListedNames } from "./listed-names.ts";
import { headsPrefix } from "./sync-items.ts";
import { tallyRows } from "./tally-rows.ts";
import type { SyncTools } from "./tools.ts";
import { untilStopped } from "./until-stopped.ts";

/** `listed`: of the jobs that this process carries on. */
export type ApplyTools = SyncTools & { listed: ReturnType<typeof keepListedNames> };

type Place = { phase: "apply"; cursor?: string };

/** The lanes wait for each other at the end of a step: the more in it, the less they wait. */
const headsInStep = 200;
/** While some are at the provider, others are at the store. */
const objectsAtOnce = 24;
/** An object that is begun has this long, at least; a step that finds less time than that is the worker's last. */
const reserveMs = 3_000;

/**
 * The next objects of a plan: each is planned anew, and carried out where that comes to the same. What cannot be done for now,
 * since the integration is paused or the time is over, waits in its place.
 */
export const applyStep = async (tools: ApplyTools, run: JobRun): Promise<JobStep> => {
  const { ports, integration, job } = run;
  const { call } = tools;
  const { cursor } = job.place as Place;
  let counts = job.counts;
  let nextCursor: string | undefined;
  let left: Failure | true | undefined;
  const stopped = await untilStopped({ ports, integration, call }, async (context) => {
    const heads = await ports.integrationJobs.items(
      job,
      { limit: headsInStep, ...(cursor !== undefined && { cursor }) },
      headsPrefix,
    );
    nextCursor = heads.nextCursor;
    // Should this worker die, the next one looks what it has told.
    const begun = heads.items.map((head) => ({ ...head, data: { ...head.data, isBegun: true } }));
    await ports.integrationJobs.putItems(job, begun);
    const listed = await tools.listed.of(context, job);
    await concurrently(heads.items, objectsAtOnce, async (head) => {
      if (left || ports.clock.now() >= call.sendUntil - reserveMs) {
        left ??= true;
        return;
      }
      const end = await applyHead({ ...tools, listed }, context, { job, head });
      left ??= end.left;
      counts = added(counts, end.counts);
    });
  });
  if (stopped) return { counts, waits: stopped };
  if (left) return { counts, ...(left !== true && { waits: left }) };
  if (nextCursor !== undefined) return { counts, place: { phase: "apply", cursor: nextCursor } };
  // What steps that were cut off have counted is not known.
  const { removals = 0 } = counts;
  return { counts: { ...(await tallyRows(ports, job)).counts, removals }, status: "applied" };
};

const added = (counts: Record<string, number>, more: Record<string, number>): Record<string, number> => {
  const next = { ...counts };
  for (const [name, count] of Object.entries(more)) next[name] = (next[name] ?? 0) + count;
  return next;
};
