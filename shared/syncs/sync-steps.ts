import type { JobRun, JobStep } from "../jobs/run-job.ts";
import { callOfJob } from "../jobs/start-job.ts";
import { Failure } from "../model/failure.ts";
import type { SyncInput } from "../model/sync.ts";
import type { Rehearse } from "../rehearsal/rehearse.ts";
import { applyStep } from "./apply-sync.ts";
import { guardPlan } from "./guard-plan.ts";
import { keepListedNames } from "./listed-names.ts";
import { isPlanned, planStep } from "./plan-sync.ts";
import { verifyStep } from "./verify-sync.ts";

/** The next step of a sync, whatever its mode. */
export const syncStep = (rehearse: Rehearse) => {
  const listed = keepListedNames();
  return async (run: JobRun): Promise<JobStep> => {
    const { ports, job } = run;
    const tools = { ports, rehearse, call: callOfJob(job, run.until) };
    const { mode } = job.input as SyncInput;
    if (mode === "verify") return verifyStep(tools.call, run);
    if (job.place?.phase === "apply") return applyStep({ ...tools, listed }, run);
    const step = await planStep(tools, run);
    if (!isPlanned(job, step)) return step;
    return mode === "apply" ? { ...step, ...(await applyOrWait(run)) } : { ...step, status: "ready" };
  };
};

/** What the guard keeps is a plan that waits for somebody to confirm it. */
const applyOrWait = async (run: JobRun): Promise<JobStep> => {
  try {
    await guardPlan(run, undefined);
    return { place: { phase: "apply" } };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "deprovisions-held") throw error;
    const { code, detail } = error;
    return { status: "ready", error: { code, detail } };
  }
};
