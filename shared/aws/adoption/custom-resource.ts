import { setTimeout as sleep } from "node:timers/promises";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { logError } from "../../telemetry/log.ts";

/** What a custom resource tells its stack: `id` is its physical id, `data` what the template reads of it. */
export type Answer = { id: string; data?: Record<string, string> };

/** CloudFormation shows so much of a reason, and takes no answer of over 4 KB. */
const maxReason = 1_000;

/** A right that was granted by the same deploy takes some seconds to hold everywhere. */
const triesForRights = 12;
const rightsPauseMs = 5_000;

const isDenied = (error: unknown): boolean =>
  error instanceof Error && (/^AccessDenied/.test(error.name) || isDenied(error.cause));

const oncePermitted = async <T>(work: () => Promise<T>, pauseMs: number): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isDenied(error) || tries === triesForRights) throw error;
      await sleep(pauseMs);
    }
  }
};

/**
 * Carries out one request of CloudFormation and tells it the outcome. What `work` throws fails the deploy, with the words of
 * the error as the reason, and CloudFormation goes back to what was before. `work` has to be safe to repeat.
 */
export const answerCustomResource = async (
  event: CloudFormationCustomResourceEvent,
  name: string,
  work: () => Promise<Answer>,
  pauseMs = rightsPauseMs,
): Promise<void> => {
  const { StackId, RequestId, LogicalResourceId, ResponseURL } = event;
  // Without the former id a failed update would read as a replacement.
  const former = "PhysicalResourceId" in event ? event.PhysicalResourceId : LogicalResourceId;
  const outcome = await oncePermitted(work, pauseMs).then(
    ({ id, data }) => ({ Status: "SUCCESS", PhysicalResourceId: id, Data: data ?? {} }),
    (error: unknown) => {
      logError(error, { function: name, requestId: RequestId });
      const reason = error instanceof Error ? error.message : "See the log.";
      return { Status: "FAILED", PhysicalResourceId: former, Reason: reason.slice(0, maxReason) };
    },
  );
  const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, ...outcome });
  // The address is signed for a body without a type.
  const response = await fetch(ResponseURL, { method: "PUT", headers: { "content-type": "" }, body });
  if (!response.ok) throw new Error(`CloudFormation did not take the answer: ${response.status}`);
};
