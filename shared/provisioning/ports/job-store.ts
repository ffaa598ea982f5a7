/** A job over all links that is done once for each deployment, bit by bit. */
export type Job = {
  /** Where it goes on: behind the page that was finished last. */
  place?: { integrationId: string; kind: "user" | "group"; cursor?: string };
  /** Something of this pass could not be done, so there is one more. */
  hasFailed?: boolean;
  passes: number;
  /** Unix ms: when the next pass may begin. */
  notBefore?: number;
  /** Unix ms: of a job that goes on for good, what was there before is seen to. */
  seenUntil?: number;
  /** RFC 3339. */
  doneAt?: string;
};

/** How far jobs have come. Reads are strongly consistent; the last one to save wins, so steps must be safe to repeat. */
export type JobStore = {
  read(name: string): Promise<Job | undefined>;
  save(name: string, job: Job): Promise<void>;
};
