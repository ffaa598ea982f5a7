import { omit } from "../common/objects.ts";
import { Failure, type FailureCode } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import { type IntegrationJob, isOpen, type JobKind, type JobStatus } from "../model/integration-job.ts";
import { presentIntegration } from "../provisioning/attempts/require-integration.ts";
import type { JobKey } from "../provisioning/ports/integration-job-store.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/** One step of a job: its next page. `until` (Unix ms): nothing begins after it. */
export type JobRun = { ports: Ports; integration: Integration; job: IntegrationJob; until: number };
/**
 * How far it has come. With a `status` other than `running` it has ended. `waits`: why nothing more can be done for now; who is
 * woken next tries again, however often that is so.
 */
export type JobStep = Partial<Pick<IntegrationJob, "place" | "progress" | "counts" | "error">> & {
  status?: JobStatus;
  waits?: Failure;
};
export type TakeStep = (run: JobRun) => Promise<JobStep>;

/** Told of a job that ends, before that is on record: it may be told again. */
export type NoteEnd = (ports: Ports, job: IntegrationJob) => Promise<void>;

export type JobSteps = Partial<Record<JobKind, TakeStep>>;

/** A worker that dies leaves its job to another one so long after its own end. */
const leaseAfterMs = 10_000;
/** A step that begins has this long, at least. */
const reserveMs = 5_000;
/** Failures in a row of what may pass, after which a job is given up. */
const mostFailures = 30;

const passing: ReadonlySet<FailureCode> = new Set([
  "store-unavailable",
  "audit-unavailable",
  "provider-unavailable",
  "attempt-in-progress",
]);

/**
 * Carry the open job of an integration on, step by step, until it has ended or until `until` (Unix ms). Safe to call at any
 * time, by several at once, and to be killed at any point: it goes on behind the last step that was saved, and each step may
 * be repeated. Where time is over, somebody is woken for the rest.
 * @throws what went wrong inside, for the log: the job is tried again
 */
export const runJob = async (
  ports: Ports,
  integrationId: string,
  { until, steps, onEnd }: { until: number; steps: JobSteps; onEnd?: NoteEnd },
): Promise<void> => {
  const taken = await takeJob(ports, integrationId, until);
  if (!taken) return;
  const { leaseUntil = 0 } = taken;
  let job = taken;
  while (ports.clock.now() < until - reserveMs) {
    const { next, isHalted, thrown } = await stepOf({ ports, job, until }, steps);
    if (!isOpen(next)) await onEnd?.(ports, next);
    const saved = await keep(ports, next, { leaseUntil, isHalted });
    if (thrown) throw thrown;
    if (!saved || !isOpen(saved) || saved.leaseUntil === 0) return;
    job = saved;
  }
  await ports.integrationJobs.save({ ...job, leaseUntil: 0 });
  // A wake-up that is lost costs a minute.
  await ports.wakeUps.wake(integrationId).catch(() => undefined);
};

/**
 * Keep what a step has come to. Undefined where another worker has the job, or this very write has ended it and its reply was
 * lost. Somebody may have wanted the job to end meanwhile: what the step did is done, and is kept with that.
 */
const keep = async (
  { integrationJobs }: Ports,
  next: IntegrationJob,
  { leaseUntil, isHalted }: { leaseUntil: number; isHalted?: true | undefined },
): Promise<IntegrationJob | undefined> => {
  const isLeft = isHalted || !isOpen(next);
  const saved = await integrationJobs.save({ ...next, leaseUntil: isLeft ? 0 : leaseUntil });
  if (saved) return saved;
  const now = await integrationJobs.current(next.integrationId);
  if (now?.jobId !== next.jobId || now.leaseUntil !== leaseUntil) return undefined;
  const { rev, isCancelled } = now;
  return integrationJobs.save({
    ...next,
    rev,
    ...(isCancelled && { isCancelled }),
    // Nothing is left to do of it, but for a plan, which would wait.
    ...(isCancelled && next.status === "ready" && { status: "cancelled" }),
    leaseUntil: isOpen(next) ? leaseUntil : 0,
  });
};

const takeJob = async (
  ports: Ports,
  integrationId: string,
  until: number,
): Promise<IntegrationJob | undefined> => {
  const job = await ports.integrationJobs.current(integrationId);
  const now = ports.clock.now();
  if (!job || (job.leaseUntil ?? 0) > now || now >= until - reserveMs) return undefined;
  return ports.integrationJobs.save({ ...job, leaseUntil: until + leaseAfterMs });
};

type Stepped = { next: IntegrationJob; isHalted?: true; thrown?: unknown };

const stepOf = async (
  { ports, job, until }: { ports: Ports; job: IntegrationJob; until: number },
  steps: JobSteps,
): Promise<Stepped> => {
  const end = (status: JobStatus, error?: IntegrationJob["error"]): Stepped => ({
    next: {
      ...omit(job, "lastError"),
      status,
      finishedAt: new Date(ports.clock.now()).toISOString(),
      ...(error && { error }),
    },
  });
  if (job.isCancelled) return end("cancelled");
  const integration = await presentIntegration(ports, job.integrationId);
  if (!integration)
    return end("failed", { code: "integration-not-active", detail: "The integration was deleted." });
  try {
    const takeStep = steps[job.kind];
    if (!takeStep) return end("failed", { code: "internal", detail: "No worker of this release does that." });
    const { waits, ...step } = await takeStep({ ports, integration, job, until });
    const next = { ...omit(job, "failures", "lastError"), ...step };
    if (waits) {
      const { code, detail } = waits;
      return { next: { ...next, lastError: { code, detail } }, isHalted: true };
    }
    return isOpen(next)
      ? { next }
      : { next: { ...next, finishedAt: new Date(ports.clock.now()).toISOString() } };
  } catch (error) {
    const failures = (job.failures ?? 0) + 1;
    const isInside = !(error instanceof Failure);
    const told = isInside
      ? { code: "internal", detail: "Something went wrong inside. The log tells what." }
      : error;
    const isOver = failures >= mostFailures || !(isInside || passing.has(error.code));
    const lastError = { code: told.code, detail: told.detail };
    const next = isOver ? end("failed", lastError).next : { ...job, failures, lastError };
    return { next, isHalted: true, ...(isInside && { thrown: error }) };
  }
};

/**
 * Let a job end: one under way before its next step, one that waits at once. Answers the job as it is then, ended or not;
 * undefined where there is none.
 */
export const cancelJob = async (
  { integrationJobs }: Pick<Ports, "integrationJobs">,
  key: JobKey,
): Promise<IntegrationJob | undefined> => {
  for (;;) {
    const job = await integrationJobs.read(key);
    const isWaiting = job?.status === "ready";
    if (!job || job.isCancelled || !(isWaiting || isOpen(job))) return job;
    const saved = await integrationJobs.save(
      isWaiting ? { ...job, status: "cancelled" } : { ...job, isCancelled: true },
    );
    if (saved) return saved;
  }
};
