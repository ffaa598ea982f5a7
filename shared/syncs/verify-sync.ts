import type { JobRun, JobStep } from "../jobs/run-job.ts";
import type { Call } from "../provisioning/ports/ports.ts";
import { membersShown } from "../verification/members-shown.ts";
import { openReader, reading } from "../verification/open-reader.ts";
import { endStep } from "./verify-end.ts";
import { listStep } from "./verify-list.ts";
import type { VerifyPlace } from "./verify-place.ts";
import { repairStep } from "./verify-repair.ts";
import { collectStep, readStep, sampleStep } from "./verify-unlisted.ts";

/** The next step of a verification. */
export const verifyStep = async (call: Call, run: JobRun): Promise<JobStep> => {
  const place = (run.job.place as VerifyPlace | undefined) ?? { phase: "list", kind: "user" };
  const { phase } = place;
  if (phase === "end") return endStep(run, place);
  const context = { ports: run.ports, integration: run.integration, call };
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

const steps = {
  list: listStep,
  collect: collectStep,
  sample: sampleStep,
  read: readStep,
  repair: repairStep,
};
