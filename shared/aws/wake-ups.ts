import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { WakeUps } from "../provisioning/ports/work-index.ts";
import { workersKey } from "./table/keys.ts";
import { createStateTable, type StateTable, type TableAccess } from "./table/state-table.ts";

/** After so long a wake-up counts as lost, whatever became of its message. */
const lostMs = 2 * 60_000;
const keptMs = 24 * 60 * 60_000;

/** Epoch seconds. */
export const workersExpireAt = (now: number): number => Math.ceil((now + keptMs) / 1000);

type Queue = { client: SQSClient; queueUrl: string; table: TableAccess; now?: () => number };

/**
 * Wake-ups by a standard queue: `{"integrationId": …}`. One that is under way stands for all that come until a worker takes
 * its last look, so that a burst of changes is few messages. The message group makes it a fair queue (SQS, 2025-07): an
 * integration with much to do keeps no other one waiting. A wake-up that cannot be sent is left to the sweep.
 */
export const createWakeUps = ({ client, queueUrl, table: access, now = Date.now }: Queue): WakeUps => {
  const table = createStateTable(access);
  return {
    async wake(integrationId) {
      const at = now();
      const isFirst = await table.write(
        workersKey(integrationId),
        "SET #drainRequestedAt = :at, #expiresAt = :expiresAt",
        {
          when: "attribute_not_exists(#drainRequestedAt) OR #drainRequestedAt <= :lost",
          values: { at, lost: at - lostMs, expiresAt: workersExpireAt(at) },
        },
      );
      if (!isFirst) return;
      const message = { MessageBody: JSON.stringify({ integrationId }), MessageGroupId: integrationId };
      try {
        await client.send(new SendMessageCommand({ QueueUrl: queueUrl, ...message }));
      } catch (error) {
        await forgetWakeUp(table, integrationId).catch(() => undefined);
        throw error;
      }
    },
  };
};

/** The next wake-up is sent again. */
export const forgetWakeUp = async (table: StateTable, integrationId: string): Promise<void> => {
  const when = "attribute_exists(#drainRequestedAt)";
  await table.write(workersKey(integrationId), "REMOVE #drainRequestedAt", { when });
};

export const createSqsClient = (): SQSClient =>
  new SQSClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  });
