import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { makeOrReadRunKeys } from "../../infra/local/signing/run-keys.ts";
import { createBatches } from "../../shared/aws/table/batches.ts";
import { createDynamoDbClient, fromItem } from "../../shared/aws/table/dynamodb-client.ts";
import type { Key } from "../../shared/aws/table/keys.ts";
import type { FrontRun } from "./front-run.ts";

/** Users that are written at a time. */
const chunk = 1_000;

/** The nth user of the directory. Ids of one length, and a text that is in nothing else. */
export const seedId = (nth: number): string => `seed-${String(nth).padStart(6, "0")}`;

/**
 * Fills a directory past the front: the first user was provisioned by a call, and each further one is a copy of all
 * items of the state table that tell of the first, with its id exchanged. So this works with the items of any commit.
 * Copies have no events.
 *
 * @returns the filler, which writes the users from the last one up to `count`
 */
export const readModelUser = async (run: FrontRun): Promise<(count: number) => Promise<void>> => {
  const { accessKeyId, secretAccessKey, region } = makeOrReadRunKeys(run.dataDir);
  const credentials = { accessKeyId, secretAccessKey };
  const client = createDynamoDbClient({ endpoint: run.dynamodbUrl, region, credentials });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: run.stateTable }));
  const model = Items.map((item) => JSON.stringify(fromItem(item))).filter((item) =>
    item.includes(seedId(0)),
  );
  if (model.length < 3) throw new Error(`only ${model.length} items tell of a provisioned user`);
  client.destroy();
  let filled = 1;
  return async (count) => {
    const writer = createDynamoDbClient({ endpoint: run.dynamodbUrl, region, credentials });
    const batches = createBatches({ client: writer, tableName: run.stateTable });
    for (; filled < count; filled = Math.min(count, filled + chunk)) {
      const ids = Array.from({ length: Math.min(chunk, count - filled) }, (_, at) => seedId(filled + at));
      const put = ids.flatMap((id) =>
        model.map((item) => JSON.parse(item.replaceAll(seedId(0), id)) as Key & object),
      );
      await batches.write({ put });
    }
    writer.destroy();
  };
};
