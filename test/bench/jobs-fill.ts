import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { tables } from "../../infra/local/embedded-settings.ts";
import { chunksOf } from "../../shared/common/chunks.ts";
import { concurrently } from "../../shared/common/concurrently.ts";
import type { Item } from "./units.ts";

/** A block is a group and its members, or users alone; ids of one length, and a text that is in nothing else. */
export const blockName = (nth: number): string => `b${String(nth).padStart(6, "0")}`;
export const userIdIn = (block: number, nth: number): string =>
  `${blockName(block)}-u${String(nth).padStart(3, "0")}`;
export const groupIdIn = (block: number): string => `${blockName(block)}-team`;

const batchesAtOnce = 64;
const times = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
const anHourEarlier = (time: string): string => new Date(Date.parse(time) - 3_600_000).toISOString();

/**
 * Fills a data folder that no run is using: the first block was made by calls, and each further one, from `from` up to `to`,
 * is a copy of all items of the state table that tell of the first, with its name exchanged, and an hour
 * older, since what was made a moment ago is read with more patience. Copies have no events. Where
 * `isDue` is false, they are not in the index of what is due, so that nobody but a job carries them out.
 */
export const copyBlocks = async (
  dataDir: string,
  { from, to, isDue = true }: { from: number; to: number; isDue?: boolean },
): Promise<void> => {
  const engine = await openDynamoDb(dataDir);
  try {
    const model: string[] = [];
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = { TableName: tables.state, ...(ExclusiveStartKey && { ExclusiveStartKey }) };
      const found = (await engine.call("Scan", page, "sdk")) as { Items: Item[]; LastEvaluatedKey?: Item };
      for (const { workPk, workSk, ...rest } of found.Items) {
        const index = isDue && workPk && workSk ? { workPk, workSk } : {};
        const text = JSON.stringify({ ...rest, ...index }).replace(times, anHourEarlier);
        if (text.includes(blockName(0))) model.push(text);
      }
      ExclusiveStartKey = found.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    if (model.length < 3) throw new Error(`only ${model.length} items tell of the model`);
    for (let nth = from; nth < to; nth += 1) {
      const batches = chunksOf(model, 25);
      await concurrently(batches, batchesAtOnce, (texts) => {
        const writes = texts.map((text) => ({
          PutRequest: { Item: JSON.parse(text.replaceAll(blockName(0), blockName(nth))) },
        }));
        return engine.call("BatchWriteItem", { RequestItems: { [tables.state]: writes } }, "sdk");
      });
    }
  } finally {
    await engine.close();
  }
};
