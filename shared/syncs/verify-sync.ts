import type { JobRun, JobStep } from "../jobs/run-job.ts";
import type { Call, Context } from "../provisioning/ports/ports.ts";
import { membersShown } from "../verification/members-shown.ts";
import { openReader, reading } from "../verification/open-reader.ts";
import { untilStopped } from "./until-stopped.ts";
import { endStep } from "./verify-end.ts";
import { guardStep } from "./verify-guard.ts";
import { listStep } from "./verify-list.ts";
import type { VerifyPlace, VerifyRun } from "./verify-place.ts";
import { repairStep } from "./verify-repair.ts";
import { collectStep, readStep, sampleStep } from "./verify-unlisted.ts";

/** The next step of a verification. */
export const verifyStep = async (call: Call, run: JobRun): Promise<JobStep> => {
  const place = (run.job.place as VerifyPlace | undefined) ?? { phase: "list", kind: "user" };
  const { phase } = place;
  if (phase === "end") return endStep(run, place);
  const context = { ports: run.ports, integration: run.integration, call };
  if (phase === "guard" || phase === "repair") return repairUntilStopped(context, { ...run, call, place });
  const provider = await openReader(context);
  const own = {
    ...run,
    call,
    place,
    provider,
    areShown: membersShown(context, provider, place.showsMembers),
  };
  return reading(context, "Verifying the integration failed", () => steps[phase](own));
};

/** What is paused before all is repaired goes on once it is active again, and the guard is asked anew for what is left by then. */
const repairUntilStopped = async (
  context: Context,
  run: Omit<VerifyRun, "provider" | "areShown">,
): Promise<JobStep> => {
  let step: JobStep = {};
  const { job, place } = run;
  const stopped = await untilStopped(context, async (own) => {
    if (place.phase === "guard") {
      step = await guardStep(own, job, place);
      return;
    }
    const provider = await openReader(own);
    const areShown = membersShown(own, provider, place.showsMembers);
    step = await reading(own, "Repairing what was found failed", () =>
      repairStep({ ...run, ports: own.ports, provider, areShown }),
    );
  });
  const end = stopped ? { waits: stopped } : step;
  return end.waits ? { ...end, place: { ...place, phase: "guard" } } : end;
};

const steps = {
  list: listStep,
  collect: collectStep,
  sample: sampleStep,
  read: readStep,
};
