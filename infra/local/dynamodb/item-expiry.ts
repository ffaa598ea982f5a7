import type { DynaliteLevel, DynaliteStore, Item, TableRecord } from "dynalite/store";
import { AwsError } from "../signing/aws-error.ts";
import { callDynalite } from "./dynalite-call.ts";
import type { TimeToLive } from "./time-to-live.ts";

type Input = Record<string, unknown>;

/** The DescribeTimeToLive operation. */
export async function describeTimeToLive(store: DynaliteStore, timeToLive: TimeToLive, input: Input) {
  const { TableName: table } = await describeTable(store, input.TableName);
  const attribute = timeToLive.attributeOf(table);
  const description = attribute
    ? { TimeToLiveStatus: "ENABLED", AttributeName: attribute }
    : { TimeToLiveStatus: "DISABLED" };
  return { TimeToLiveDescription: description };
}

/** The UpdateTimeToLive operation. It is in force when it answers. */
export async function updateTimeToLive(store: DynaliteStore, timeToLive: TimeToLive, input: Input) {
  const specification = input.TimeToLiveSpecification as Input | undefined;
  const attribute = specification?.AttributeName;
  const enabled = specification?.Enabled;
  if (typeof attribute !== "string" || attribute === "" || typeof enabled !== "boolean") {
    throw invalid("TimeToLiveSpecification needs AttributeName and Enabled");
  }
  const table = await describeTable(store, input.TableName);
  const current = timeToLive.attributeOf(table.TableName);
  if (enabled && current === attribute) throw invalid("TimeToLive is already enabled");
  if (!enabled && current === undefined) throw invalid("TimeToLive is already disabled");
  if (current !== undefined && current !== attribute) {
    throw invalid(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`);
  }
  await timeToLive.set(table.TableName, enabled ? attribute : undefined);
  if (enabled) await touchItems(store, table);
  return { TimeToLiveSpecification: { AttributeName: attribute, Enabled: enabled } };
}

/**
 * Deletes every item whose time to live lies before `now` (epoch milliseconds). The deletion is conditional
 * on that attribute: an item refreshed meanwhile stays.
 *
 * @returns how many items were deleted
 */
export async function expireItems(store: DynaliteStore, timeToLive: TimeToLive, now: () => number) {
  const second = Math.floor(now() / 1000);
  let deleted = 0;
  for (const name of timeToLive.tables()) {
    const table = await describeTable(store, name);
    for await (const itemKey of timeToLive.itemsDue(name, second)) {
      const item = await readItem(store.db, itemKey);
      const condition = {
        ConditionExpression: "#ttl < :now",
        ExpressionAttributeNames: { "#ttl": timeToLive.attributeOf(name) },
        ExpressionAttributeValues: { ":now": { N: String(second) } },
      };
      if (item && (await changed(store, "DeleteItem", table, item, condition))) deleted += 1;
    }
  }
  return deleted;
}

// Time to live turned on over items that are there: an update that changes nothing writes their expiry entry.
async function touchItems(store: DynaliteStore, table: TableRecord): Promise<void> {
  const prefix = `item-${table.TableName}~`;
  const condition = {
    ConditionExpression: "attribute_exists(#key)",
    ExpressionAttributeNames: { "#key": table.KeySchema[0]?.AttributeName },
  };
  for await (const [, item] of store.db.iterator({ gte: prefix, lt: `${prefix}\xff` })) {
    await changed(store, "UpdateItem", table, item as Item, condition);
  }
}

/** Carries out a conditional change of one item; false when its condition does not hold. */
async function changed(
  store: DynaliteStore,
  operation: "DeleteItem" | "UpdateItem",
  table: TableRecord,
  item: Item,
  condition: Input,
): Promise<boolean> {
  const key = Object.fromEntries(
    table.KeySchema.map(({ AttributeName: name }) => [name, item[name]] as const),
  );
  try {
    await callDynalite(store, operation, { TableName: table.TableName, Key: key, ...condition });
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.body.__type.endsWith("#ConditionalCheckFailedException"))
      return false;
    throw error;
  }
}

async function describeTable(store: DynaliteStore, name: unknown): Promise<TableRecord> {
  const output = (await callDynalite(store, "DescribeTable", { TableName: name })) as { Table: TableRecord };
  return output.Table;
}

function readItem(db: DynaliteLevel, itemKey: string): Promise<Item | undefined> {
  return new Promise((resolve, reject) => {
    db.get(itemKey, (error, item) => (error ? reject(error) : resolve(item as Item | undefined)));
  });
}

function invalid(message: string): AwsError {
  return new AwsError(400, { __type: "com.amazon.coral.validate#ValidationException", message });
}
