import type { JobRun } from "../jobs/run-job.ts";
import { guardLosses } from "../provisioning/guard/guard-losses.ts";
import { tallyRows } from "./tally-rows.ts";

/**
 * The guard is asked for all that the plan takes away, once; what is confirmed, or left free, is let go of. What a hold keeps
 * is no part of it.
 * @throws Failure `deprovisions-held` with the count
 */
export const guardPlan = async (
  { ports, integration, job }: Pick<JobRun, "ports" | "integration" | "job">,
  confirm: number | undefined,
): Promise<void> => {
  const losers = [...(await tallyRows(ports, job)).losers];
  const of = (what: "account" | "group") =>
    losers.flatMap(([userId, lost]) => (lost === what ? [userId] : []));
  const losses = { accounts: of("account"), groupOnly: of("group") };
  const goOn = (count: number) => `apply the plan with {"confirm": ${count}}`;
  await guardLosses({ ports, integration }, losses, confirm, goOn);
};
