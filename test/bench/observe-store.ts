import {
  BatchWriteItemCommand,
  type ConsumedCapacity,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { tables } from "../../infra/local/embedded-settings.ts";
import { eventsTable, stateTable } from "../../shared/aws/table/tables.ts";
import { type Item, indexWriteUnits, writeUnits } from "./units.ts";

/** One request to DynamoDB. Those that were under way at the same time share a `step`. */
export type Operation = {
  command: string;
  input: Record<string, unknown>;
  step: number;
  isEvent: boolean;
  /** As the store tells (ReturnConsumedCapacity), but a query that finds nothing is not free. */
  readUnits: number;
  tableWriteUnits: number;
  /** By DynamoDB's rules, from the item before and after: the embedded store does not count index writes. */
  indexWriteUnits: number;
};

type Command = { input: Record<string, unknown> };
type Output = { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[]; Item?: Item };
type Send = (this: DynamoDBClient, command: Command, ...rest: unknown[]) => Promise<Output>;
type Written = { table: string; key: Item };

/**
 * Puts an observer between the service and every DynamoDB client of this process. Until `start` it only passes on;
 * from then on each write is preceded and followed by a read of its item, which is not counted.
 */
export const observeStore = () => {
  const send = DynamoDBClient.prototype.send as unknown as Send;
  let operations: Operation[] | undefined;
  let underWay = 0;
  let step = 0;

  const observed: Send = async function (command, ...rest) {
    if (operations === undefined) return await send.call(this, command, ...rest);
    const input = structuredClone(command.input);
    const readItems = (written: Written[]) =>
      Promise.all(
        written.map(async ({ table, key }) => {
          const read = new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true });
          return (await send.call(this, read as unknown as Command)).Item;
        }),
      );
    if (underWay === 0) step += 1;
    underWay += 1;
    const operation: Operation = {
      command: command.constructor.name,
      input,
      step,
      isEvent: JSON.stringify(input).includes(`"${tables.events}"`),
      readUnits: 0,
      tableWriteUnits: 0,
      indexWriteUnits: 0,
    };
    operations.push(operation);
    const written = writtenBy(command);
    const before = await readItems(written);
    command.input.ReturnConsumedCapacity = "INDEXES";
    try {
      const output = await send.call(this, command, ...rest);
      const units = unitsOf(output);
      if (written.length === 0) operation.readUnits = Math.max(units, command.input.ConsistentRead ? 1 : 0.5);
      else operation.tableWriteUnits = units;
      return output;
    } catch (error) {
      // A refused conditional write is billed by the size of the item that is there.
      operation.tableWriteUnits = before.reduce((sum, item) => sum + writeUnits(item ?? {}), 0);
      throw error;
    } finally {
      const after = await readItems(written);
      for (const [at, { table }] of written.entries()) {
        const shape = table === tables.events ? eventsTable : stateTable;
        operation.indexWriteUnits += indexWriteUnits(shape, before[at], after[at]);
      }
      underWay -= 1;
    }
  };
  Object.defineProperty(DynamoDBClient.prototype, "send", { value: observed });

  return {
    start: () => {
      operations = [];
      step = 0;
    },
    stop: (): Operation[] => {
      const all = operations ?? [];
      operations = undefined;
      return all;
    },
  };
};

const unitsOf = ({ ConsumedCapacity: told }: Output): number =>
  [told ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);

/** The items that a command writes; none where it reads. */
const writtenBy = (command: Command): Written[] => {
  const table = String(command.input.TableName);
  if (command instanceof PutItemCommand) return [{ table, key: keyOf(command.input.Item) }];
  if (command instanceof UpdateItemCommand || command instanceof DeleteItemCommand) {
    return [{ table, key: keyOf(command.input.Key) }];
  }
  if (!(command instanceof BatchWriteItemCommand)) return [];
  const requests = Object.entries((command.input.RequestItems ?? {}) as Record<string, WriteRequest[]>);
  return requests.flatMap(([name, items]) =>
    items.map(({ PutRequest, DeleteRequest }) => ({
      table: name,
      key: keyOf(PutRequest?.Item ?? DeleteRequest?.Key),
    })),
  );
};

const keyOf = (item: Item | undefined): Item => {
  const { pk, sk } = item ?? {};
  if (!pk || !sk) throw new Error("a write without keys");
  return { pk, sk };
};
