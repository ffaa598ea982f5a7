import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { WakeUps } from "../provisioning/ports/work-index.ts";

/**
 * Wake-ups by a standard queue: `{"integrationId": …}`. The message group makes it a fair queue (SQS, 2025-07), so that an
 * integration with much to do keeps no other one waiting. A wake-up that cannot be sent is left to the sweep.
 */
export const createWakeUps = ({ client, queueUrl }: { client: SQSClient; queueUrl: string }): WakeUps => ({
  async wake(integrationId) {
    const message = { MessageBody: JSON.stringify({ integrationId }), MessageGroupId: integrationId };
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, ...message }));
  },
});

export const createSqsClient = (): SQSClient =>
  new SQSClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  });
