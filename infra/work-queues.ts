import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

/** How long a worker may run. */
export const workerTimeout = Duration.seconds(120);

/** The wake-ups of integrations; `deadLetters` takes what no Lambda could take, which means a bug. */
export type WorkQueues = { wakeUps: Queue; deadLetters: Queue };

/**
 * A standard queue: the order of wake-ups tells nothing, and a FIFO queue would drop one that repeats another of the last
 * five minutes. Work is in the table, so a message that is lost costs a minute.
 */
export const addWorkQueues = (scope: Construct): WorkQueues => {
  const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
  const deadLetters = new Queue(scope, "DeadLetters", { ...common, retentionPeriod: Duration.days(14) });
  const wakeUps = new Queue(scope, "WakeUps", {
    ...common,
    // Six times as long as its worker may run, as AWS asks for.
    visibilityTimeout: Duration.seconds(6 * workerTimeout.toSeconds()),
    retentionPeriod: Duration.days(1),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 3 },
  });
  return { wakeUps, deadLetters };
};
