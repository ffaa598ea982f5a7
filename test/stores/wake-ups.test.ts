import { createHash } from "node:crypto";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createWakeUps } from "../../shared/aws/wake-ups.ts";
import { createWorkerSlots } from "../../shared/aws/worker-slots.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { newId } from "./samples.ts";

let db: TestDynamoDb;
let clock = Date.now();
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

/** The queue's own side, where no queue runs: it takes what the SDK writes, or refuses it. */
const given = () => {
  const queue = { sent: [] as { MessageBody: string; MessageGroupId: string }[], isAway: false };
  const client = new SQSClient({
    region: "us-east-1",
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "test-secret-access-key" },
    maxAttempts: 1,
    requestHandler: {
      handle: async ({ body }: { body: Uint8Array }) => {
        if (queue.isAway) throw new Error("The queue does not answer.");
        const message = JSON.parse(new TextDecoder().decode(body));
        queue.sent.push(message);
        const MD5OfMessageBody = createHash("md5").update(message.MessageBody).digest("hex");
        const answer = Buffer.from(JSON.stringify({ MessageId: "m1", MD5OfMessageBody }));
        return { response: { statusCode: 200, headers: {}, body: answer } };
      },
    },
  });
  const table = { client: db.client, tableName: db.stateTableName };
  const now = () => clock;
  const queueUrl = "https://sqs.us-east-1.amazonaws.com/111122223333/usher";
  return {
    queue,
    id: newId("int"),
    ...createWakeUps({ client, queueUrl, table, now }),
    slots: createWorkerSlots({ ...table, now }),
  };
};

test("a burst of wake-ups of one integration is one message, which names it and its group", async () => {
  const { queue, wake, id } = given();
  const other = newId("int");
  for (let many = 0; many < 20; many += 1) await Promise.all(Array.from({ length: 25 }, () => wake(id)));
  await wake(other);
  expect(queue.sent.map(({ MessageBody, MessageGroupId }) => ({ MessageBody, MessageGroupId }))).toEqual(
    [id, other].map((one) => ({
      MessageBody: JSON.stringify({ integrationId: one }),
      MessageGroupId: one,
    })),
  );
});

test("a wake-up that comes when the worker takes its last look is a message again", async () => {
  const { queue, wake, id, slots } = given();
  await wake(id);
  const slot = await slots.take(id, clock + 90_000);
  await wake(id);
  expect(queue.sent).toHaveLength(1);
  const look = slot?.lastLook();
  await vi.waitFor(async () => {
    await wake(id);
    expect(queue.sent).toHaveLength(2);
  });
  expect(await look).toBe(true);
});

test("a wake-up whose worker never came counts for two minutes", async () => {
  const { queue, wake, id } = given();
  await wake(id);
  clock += 119_999;
  await wake(id);
  expect(queue.sent).toHaveLength(1);
  clock += 1;
  await wake(id);
  expect(queue.sent).toHaveLength(2);
});

test("a wake-up that could not be sent is told, and stands in the way of none", async () => {
  const { queue, wake, id } = given();
  queue.isAway = true;
  await expect(wake(id)).rejects.toThrow("The queue does not answer.");
  queue.isAway = false;
  await wake(id);
  expect(queue.sent).toHaveLength(1);
});
