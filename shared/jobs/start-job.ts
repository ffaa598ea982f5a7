import { askedBy } from "../model/asked.ts";
import { Failure } from "../model/failure.ts";
import type { IntegrationJob, JobAsked, JobKind } from "../model/integration-job.ts";
import type { JsonObject } from "../model/json.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";

type Wanted = { integrationId: string; kind: JobKind; input: JsonObject };

/** Whose job it is. */
export const jobAsker = ({ actor }: Pick<Call, "actor">, nowMs: number): JobAsked => {
  const { authMethod, clientIp, userAgent } = actor;
  return { ...askedBy(actor, nowMs), authMethod, clientIp, userAgent };
};

/**
 * Make a job and the integration's open one; the workers carry it on.
 * @throws Failure `job-in-progress` where another one is open
 */
export const startJob = async (
  ports: Pick<Ports, "integrationJobs" | "clock" | "newId">,
  call: Pick<Call, "actor">,
  wanted: Wanted,
): Promise<IntegrationJob> => {
  const now = ports.clock.now();
  const mine = { ...wanted, jobId: ports.newId(now), requestedAt: new Date(now).toISOString() };
  const open = await ports.integrationJobs.open({
    ...mine,
    status: "running",
    progress: { done: 0 },
    counts: {},
    asked: jobAsker(call, now),
  });
  if (open.jobId === mine.jobId) return open;
  throw new Failure(
    "job-in-progress",
    `Integration ${wanted.integrationId} works on ${open.kind} ${open.jobId}. One job at a time: wait until it is done, or cancel it.`,
    { retryAfterSeconds: 10 },
  );
};

/** The call that a job makes, on behalf of who asked for it; it may send until then (Unix ms). */
export const callOfJob = ({ asked }: IntegrationJob, until: number): Call => {
  const { by, correlation, reason, authMethod, clientIp, userAgent } = asked;
  const actor = {
    initiatedBy: by,
    authMethod,
    clientIp,
    userAgent,
    correlation,
    ...(reason !== undefined && { reason }),
  };
  return { actor, sendUntil: until - 2_000, answerUntil: until };
};
