import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { tables } from "../../infra/local/embedded-settings.ts";
import { fromItem, toItem } from "../../shared/aws/table/dynamodb-client.ts";
import { memberKey, nameKey, ownedKey } from "../../shared/aws/table/keys.ts";
import { chunksOf } from "../../shared/common/chunks.ts";
import { concurrently } from "../../shared/common/concurrently.ts";
import { comparableName } from "../../shared/common/names.ts";
import type { Feed } from "./scim-in-stage.ts";
import type { Item } from "./units.ts";

const batchesAtOnce = 64;
const usersAtOnce = 1_000;

/** The nth user: ids and names of one length, and a text that is in nothing else. */
export const seedName = (nth: number): string => `seed-${String(nth).padStart(6, "0")}`;

type Filling = {
  feed: Feed;
  /** The id of the user `seedName(0)`, who was made by a request. */
  modelId: string;
  groupId: string;
  count: number;
};

/**
 * Fills a data folder that no run is using with users of a source up to `count`, and makes all of them members of a group of
 * version 1 or later. Each is a copy of the items that tell of the first one; names are kept as hashes, and are made anew. Copies
 * have no events.
 */
export const fillSource = async (
  dataDir: string,
  { feed: { sourceId }, modelId, groupId, count }: Filling,
): Promise<void> => {
  const engine = await openDynamoDb(dataDir);
  const write = async (items: object[]) => {
    const batches = chunksOf(items, 25);
    await concurrently(batches, batchesAtOnce, (some) => {
      const writes = some.map((item) => ({ PutRequest: { Item: toItem(item as Record<string, unknown>) } }));
      return engine.call("BatchWriteItem", { RequestItems: { [tables.state]: writes } }, "sdk");
    });
  };
  try {
    const model = await modelItems(engine, modelId);
    const since = new Date().toISOString();
    const at = Date.now() - 3_600_000;
    for (let from = 1; from < count; from += usersAtOnce) {
      const names = Array.from({ length: Math.min(usersAtOnce, count - from) }, (_, nth) =>
        seedName(from + nth),
      );
      await write(
        names.flatMap((name) => [
          ...model.map((text) => JSON.parse(text.replaceAll(modelId, name).replaceAll(seedName(0), name))),
          { ...ownedKey(sourceId, "user", name), at },
          ...namesOf(sourceId, name).map((key) => ({ ...key, objectId: name, claimId: name, at })),
          {
            ...memberKey(groupId, name),
            ...{ userId: name, version: 1, present: true, since, previousPresent: false },
          },
        ]),
      );
    }
  } finally {
    await engine.close();
  }
};

const namesOf = (sourceId: string, name: string) => [
  nameKey(sourceId, "userName", comparableName(`${name}@example.com`)),
  nameKey(sourceId, "user-externalId", `external-${name}`),
];

/** The items of the user's own partition, as text. */
const modelItems = async (
  engine: Awaited<ReturnType<typeof openDynamoDb>>,
  modelId: string,
): Promise<string[]> => {
  const model: string[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = { TableName: tables.state, ...(ExclusiveStartKey && { ExclusiveStartKey }) };
    const found = (await engine.call("Scan", page, "sdk")) as { Items: Item[]; LastEvaluatedKey?: Item };
    for (const item of found.Items.map((one) => fromItem(one) as { pk: string; sk: string }))
      if (item.pk.endsWith(`#${modelId}`) && !item.sk.startsWith("MEMBER")) model.push(JSON.stringify(item));
    ExclusiveStartKey = found.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  if (model.length < 2) throw new Error(`only ${model.length} items tell of the model`);
  return model;
};
