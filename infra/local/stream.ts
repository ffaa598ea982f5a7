import { randomUUID } from "node:crypto";
import type { DynamoDBStreamEvent } from "aws-lambda";
import { handler as dispatchChanges } from "../../functions/dispatch-changes.ts";
import { handler as drainIntegration } from "../../functions/drain-integration.ts";
import type { WakeUps } from "../../shared/provisioning/ports/work-index.ts";
import type { WorkerSlots } from "../../shared/provisioning/ports/worker-slots.ts";
import { toContext } from "./front/http-event.ts";

type Key = { S?: string };
type Write = {
  TableName?: string;
  Item?: Record<string, Key>;
  Key?: Record<string, Key>;
  ExpressionAttributeValues?: Record<string, Key>;
};

/** What DynamoDB Streams, SQS and their triggers are on AWS: handlers of this process, woken by its own store. */
export type LocalStream = {
  /** To be told of each write once it is on the disk. */
  written(operation: string, input: object): void;
  wakeUps: WakeUps;
  slots: WorkerSlots;
  /** Lets what is under way end. */
  stop(): Promise<void>;
};

/** For one process, which sees to it itself that no two workers are at one integration; its index shows every write at once. */
export const freeSlots: WorkerSlots = {
  take: async () => ({ lastLook: async () => false, release: async () => undefined }),
};

/** Hands items with the mark of a change to dispatch, and runs one worker for each integration that is woken. */
export const startLocalStream = (stateTable: string): LocalStream => {
  const running = new Set<Promise<void>>();
  const draining = new Map<string, { isWokenAgain: boolean }>();
  let isStopped = false;
  const run = (work: () => Promise<unknown>) => {
    const one: Promise<void> = work()
      .catch(() => undefined)
      .then(() => void running.delete(one));
    running.add(one);
  };

  const drain = async (integrationId: string): Promise<void> => {
    const mine = { isWokenAgain: false };
    draining.set(integrationId, mine);
    const message = { body: JSON.stringify({ integrationId }) };
    await drainIntegration(
      { Records: [message] } as never,
      toContext("drain-integration", randomUUID()),
    ).catch(() => undefined);
    draining.delete(integrationId);
    if (mine.isWokenAgain && !isStopped) await drain(integrationId);
  };

  return {
    written(operation, input) {
      const marked = isStopped ? undefined : markedItem(operation, input, stateTable);
      if (marked)
        run(() => dispatchChanges({ Records: [marked] }, toContext("dispatch-changes", randomUUID())));
    },
    wakeUps: {
      async wake(integrationId) {
        const now = draining.get(integrationId);
        if (now) now.isWokenAgain = true;
        else if (!isStopped) run(() => drain(integrationId));
      },
    },
    slots: freeSlots,
    async stop() {
      isStopped = true;
      await Promise.all(running);
    },
  };
};

type StreamRecord = DynamoDBStreamEvent["Records"][number];

/** As the filter of the trigger on AWS has it: the item as it is now bears the mark. */
const markedItem = (operation: string, input: Write, stateTable: string): StreamRecord | undefined => {
  if (input.TableName !== stateTable) return undefined;
  const isPut = operation === "PutItem";
  const mark = isPut ? input.Item?.workPk : input.ExpressionAttributeValues?.[":workPk"];
  const keys = isPut ? input.Item : input.Key;
  const [pk, sk] = [keys?.pk?.S, keys?.sk?.S];
  if (mark?.S !== "CHANGED" || pk === undefined || sk === undefined) return undefined;
  const Keys = { pk: { S: pk }, sk: { S: sk } };
  return { eventName: "MODIFY", dynamodb: { Keys, NewImage: { ...Keys, workPk: { S: "CHANGED" } } } };
};
