import { jobAsker } from "../jobs/start-job.ts";
import { Failure } from "../model/failure.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { SyncInput, SyncView } from "../model/sync.ts";
import { requireSendable } from "../provisioning/attempts/is-sendable.ts";
import { requireActive } from "../provisioning/attempts/require-integration.ts";
import type { JobKey } from "../provisioning/ports/integration-job-store.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import type { Rehearse } from "../rehearsal/rehearse.ts";
import { inOrder } from "./find-work.ts";
import { guardPlan } from "./guard-plan.ts";
import { planObject } from "./plan-object.ts";
import { headIn, headsPrefix } from "./sync-items.ts";
import { requireSync, toSyncView } from "./sync-view.ts";

/** Its items are kept for as long. */
const goodForMs = 24 * 60 * 60 * 1000;
/** A plan of more objects than these is not looked at as a whole before it is begun. */
const lookedAt = 20;

/**
 * Let a plan be carried out, on behalf of who applies it; it goes on by itself. `confirm` is the number of people who lose
 * something by it, where the guard asks.
 * @throws Failure `not-found`, `invalid-input`, `plan-stale`, `job-in-progress`, `deprovisions-held`, `integration-not-active`
 */
export const applyPlan = async (
  ports: Ports,
  rehearse: Rehearse,
  call: Call,
  { confirm, ...key }: JobKey & { confirm?: number | undefined },
): Promise<SyncView> => {
  const job = await requireSync(ports, key);
  const integration = await requireActive(ports, key.integrationId);
  requireApplicable(job, ports.clock.now());
  requireSendable(integration, { call });
  if (await isStale({ ports, rehearse, call }, job))
    throw stale("All of it would need other requests by now.");
  await guardPlan({ ports, integration, job }, confirm);
  const { error: _, lastError: __, finishedAt: ___, ...open } = job;
  const opened = await ports.integrationJobs.reopen({
    ...open,
    status: "running",
    place: { phase: "apply" },
    asked: jobAsker(call, ports.clock.now()),
  });
  if (opened?.jobId === job.jobId) return toSyncView(opened);
  throw new Failure(
    "job-in-progress",
    `Integration ${key.integrationId} works on another job${opened ? `, ${opened.kind} ${opened.jobId}` : ""}. Apply the plan once that is done.`,
    { retryAfterSeconds: 10 },
  );
};

const requireApplicable = ({ status, input, jobId, finishedAt }: IntegrationJob, now: number): void => {
  const { mode, whatIf } = input as SyncInput;
  if (mode === "verify" || whatIf !== undefined)
    throw new Failure(
      "invalid-input",
      `Sync ${jobId} is ${whatIf ? "a plan of what would be if" : "a verification"}, and nothing that can be applied.`,
    );
  if (status === "running")
    throw new Failure("job-in-progress", `Sync ${jobId} is under way.`, { retryAfterSeconds: 10 });
  if (status !== "ready") throw stale(`Sync ${jobId} is ${status}.`);
  if (finishedAt === undefined || now - Date.parse(finishedAt) > goodForMs)
    throw stale(`Sync ${jobId} is older than a day, and what it had planned is not kept.`);
};

const stale = (why: string): Failure => new Failure("plan-stale", `${why} Make a new plan, and apply that.`);

/** Whether all of a small plan comes to something else by now. */
const isStale = async (
  tools: { ports: Ports; rehearse: Rehearse; call: Call },
  job: IntegrationJob,
): Promise<boolean> => {
  const heads = await tools.ports.integrationJobs.items(job, { limit: lookedAt + 1 }, headsPrefix);
  if (heads.items.length === 0 || heads.items.length > lookedAt) return false;
  const sameness = await inOrder(heads.items, async (head) => {
    const { key, hash } = headIn(head);
    return (await planObject(tools, job.integrationId, key)).hash === hash;
  });
  return !sameness.includes(true);
};
