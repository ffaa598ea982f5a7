import type { ImportPick, ImportRow } from "../model/import.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import type { Account, Match } from "./account-items.ts";

/** The work of one import job, its call being that of who asked for the job. */
export type Importing = Context & {
  job: IntegrationJob;
  matched: "skip" | "link";
  /** Who manages: the user of an account, as far as it is linked. */
  managerOf: (remoteId: string) => string | undefined;
};

/** An account that is to be imported, whose it is, and as whom. */
export type Picked = { account: Account; match: Match; pick: ImportPick };

/** What became of one account. */
export type Result = Omit<ImportRow, "remoteId">;

export const failed = (error: string): Result => ({ result: "failed", error });
