import type { Asked } from "./asked.ts";
import type { Actor } from "./event.ts";
import type { JsonObject } from "./json.ts";

/** `sync`: plan, apply, or verify. `scan`: read the provider's accounts. `import`: take accounts into the directory. */
export const jobKinds = ["sync", "scan", "import"] as const;
export type JobKind = (typeof jobKinds)[number];
/** `ready`: a plan that waits to be applied. The last four are an end. */
export type JobStatus = "running" | "ready" | "applied" | "done" | "failed" | "cancelled";

/** Who asked for it, kept so that what it sends is sent for them, whoever carries it on. */
export type JobAsked = Asked & Pick<Actor, "authMethod" | "clientIp" | "userAgent">;

/**
 * Work on all of an integration, in steps that are each safe to repeat: after a kill it goes on from `place`. One at a time
 * is open at an integration. Times are RFC 3339 unless said otherwise.
 */
export type IntegrationJob = {
  integrationId: string;
  /** UUID version 7 of the moment at which it was asked for. */
  jobId: string;
  kind: JobKind;
  /** Grows with every write; 0 stands for one that is not there. */
  rev: number;
  status: JobStatus;
  /** What is asked for, in the words of its kind. */
  input: JsonObject;
  /** Where it goes on, in the words of its kind; absent at its beginning. */
  place?: JsonObject;
  progress: { done: number; total?: number };
  counts: Record<string, number>;
  asked: JobAsked;
  requestedAt: string;
  finishedAt?: string;
  error?: { code: string; detail: string };
  /** Failures in a row, of what may pass, and the last of them. */
  failures?: number;
  lastError?: { code: string; detail: string };
  /** Somebody wants it to end. */
  isCancelled?: true;
  /** Unix ms: until then one worker has it. */
  leaseUntil?: number;
};

export const isOpen = ({ status }: Pick<IntegrationJob, "status">): boolean => status === "running";

/** One object that a job is about. `place` is its own among the job's, and tells the order in which they are listed. */
export type JobItem = { place: string; data: JsonObject };
