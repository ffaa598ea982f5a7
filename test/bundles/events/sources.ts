import { setTimeout as sleep } from "node:timers/promises";
import type { Authority } from "../aws/authority.ts";
import type { MessageQueue } from "../aws/messages.ts";
import type { Stream, StreamRecord } from "../aws/stream.ts";
import type { Lambda } from "../runtime/lambda.ts";
import type { Outcome } from "../runtime/runtime-api.ts";
import type { SourceMapping } from "../stack/deployed.ts";
import { region } from "../stack/values.ts";
import { fitsPattern } from "./event-filter.ts";

/** What Lambda itself does between a source of events and a function, with the function's own role. */
export type Source = { start(): void; isIdle(): boolean };
type Tools = {
  lambda: Lambda;
  roleArn: string;
  authority: Authority;
  queues: readonly MessageQueue[];
  onFault(error: unknown): void;
};

/** @throws Error where the role may not: a mapping would not come to life */
const asRole = ({ authority, roleArn }: Tools, actions: readonly string[], resource: string): void => {
  for (const action of actions)
    if (!authority.decide(roleArn, { action, resource, context: {} }))
      throw new Error(`the role of an event source may not ${action} on ${resource}`);
};

const isFailed = (outcome: Outcome): boolean => "errorType" in outcome;
const failedIn = (outcome: Outcome, mapping: SourceMapping): string[] => {
  if (!("payload" in outcome) || !mapping.reportsFailures) return [];
  const answer = JSON.parse(outcome.payload) as { batchItemFailures?: { itemIdentifier: string }[] } | null;
  return (answer?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
};

/** Records of a stream that fit the filters, in batches, one after the other; what fails goes to the dead letters at last. */
export const streamSource = (mapping: SourceMapping, stream: Stream, tools: Tools): Source => {
  const waiting: StreamRecord[] = [];
  let running = false;
  const fits = (record: StreamRecord) =>
    mapping.filters.length === 0 || mapping.filters.some((one) => fitsPattern(JSON.parse(one), record));
  const deliver = async (records: StreamRecord[], tries = 0): Promise<void> => {
    asRole(tools, ["dynamodb:GetShardIterator", "dynamodb:GetRecords"], mapping.source);
    const outcome = await tools.lambda.invoke({ Records: records });
    const failed = failedIn(outcome, mapping);
    // All from the first that failed on come again.
    const from = records.findIndex(({ dynamodb }) => failed.includes(dynamodb.SequenceNumber));
    const again = isFailed(outcome) ? records : from < 0 ? [] : records.slice(from);
    if (again.length === 0) return;
    if (tries < mapping.maxRetries) return deliver(again, tries + 1);
    const dead = tools.queues.find(({ arn }) => arn === mapping.onFailure);
    if (!dead) return;
    asRole(tools, ["sqs:SendMessage"], dead.arn);
    dead.messages.push({
      messageId: "",
      body: JSON.stringify({ requestContext: {} }),
      attributes: {},
      received: 0,
    });
  };
  const run = async () => {
    if (running) return;
    running = true;
    // Records of one moment come together.
    while (waiting.length > 0) {
      await sleep(5);
      await deliver(waiting.splice(0, mapping.batchSize));
    }
    running = false;
  };
  return {
    start() {
      asRole(tools, ["dynamodb:DescribeStream"], mapping.source);
      stream.listeners.push((record) => {
        if (!fits(record)) return;
        waiting.push(record);
        run().catch(tools.onFault);
      });
    },
    isIdle: () => !running && waiting.length === 0,
  };
};

/** Messages of a queue. One that fails comes again, and goes to the queue of the dead after so many times. */
export const queueSource = (
  mapping: SourceMapping,
  queue: MessageQueue,
  tools: Tools & { deadLetters?: { queue: MessageQueue; after: number } },
): Source => {
  let running = 0;
  const work = async (): Promise<void> => {
    const messages = queue.messages.splice(0, mapping.batchSize);
    if (messages.length === 0) return;
    running += 1;
    asRole(tools, ["sqs:ReceiveMessage"], queue.arn);
    const outcome = await tools.lambda.invoke({ Records: messages.map((one) => recordOf(one, queue.arn)) });
    const failed = failedIn(outcome, mapping);
    for (const message of messages) {
      if (!isFailed(outcome) && !failed.includes(message.messageId)) {
        asRole(tools, ["sqs:DeleteMessage"], queue.arn);
        continue;
      }
      message.received += 1;
      const isDead = tools.deadLetters !== undefined && message.received >= tools.deadLetters.after;
      (isDead ? tools.deadLetters?.queue.messages : queue.messages)?.push(message);
    }
    running -= 1;
    if (queue.messages.length > 0) await work();
  };
  return {
    start() {
      asRole(tools, ["sqs:GetQueueAttributes"], queue.arn);
      queue.onMessage = () => void work().catch(tools.onFault);
    },
    isIdle: () => running === 0 && queue.messages.length === 0,
  };
};

const recordOf = (
  { messageId, body, attributes, received }: MessageQueue["messages"][number],
  arn: string,
) => ({
  messageId,
  receiptHandle: messageId,
  body,
  attributes: { ...attributes, ApproximateReceiveCount: String(received + 1) },
  messageAttributes: {},
  eventSource: "aws:sqs",
  eventSourceARN: arn,
  awsRegion: region,
});
