import { statSync } from "node:fs";
import { join } from "node:path";
import { PutItemCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { createThings, dataFolder, scanThings, thingsClient } from "./steps.ts";

test("given items that expire, when they are gone, then the file gives their space back", async () => {
  const dataDir = dataFolder();
  const clock = { now: 1_800_000_000_000 };
  const engine = await openDynamoDb(dataDir, () => clock.now);
  const client = thingsClient(engine);
  await createThings(client);
  const TimeToLiveSpecification = { AttributeName: "expiresAt", Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName: "things", TimeToLiveSpecification }));
  const put = (nth: number) =>
    client.send(
      new PutItemCommand({
        TableName: "things",
        Item: {
          pk: { S: `p${nth}` },
          sk: { S: "s" },
          text: { S: "x".repeat(3000) },
          expiresAt: { N: nth < 990 ? "1800000010" : "1900000000" },
        },
      }),
    );
  await Promise.all(Array.from({ length: 1000 }, (_, nth) => put(nth)));
  const sizeOf = (end: string) =>
    statSync(join(dataDir, `dynamodb.sqlite${end}`), { throwIfNoEntry: false })?.size ?? 0;
  const full = sizeOf("") + sizeOf("-wal");
  clock.now += 20_000;
  expect(await engine.expireItems()).toBe(990);
  expect(await scanThings(client)).toHaveLength(10);
  await engine.close();
  expect(full).toBeGreaterThan(3_000_000);
  expect(sizeOf("")).toBeLessThan(300_000);
});
