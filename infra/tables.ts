import { type CustomResource, RemovalPolicy, Stack, Tags } from "aws-cdk-lib";
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from "aws-cdk-lib/aws-dynamodb";
import type { Construct, IDependable } from "constructs";
import { eventsTable, ownerTag, stateTable, type TableShape } from "../shared/aws/table/tables.ts";
import type { Settings, TableChoice } from "./settings.ts";

/** A table and the ARNs of its indexes, named one by one so that no grant needs `index/*`. */
export type DeployedTable = { table: Table | ITable; indexArns: string[] };

export type TableKind = keyof Settings["tables"];
/** Sees to it which table of a kind the stack works on, as it was chosen. */
export type UseTable = (kind: TableKind, shape: TableShape, choice: TableChoice) => CustomResource;

/**
 * The two tables, from the same shapes as the embedded run: those that are named, else made by the stack.
 */
export const addTables = (
  scope: Construct,
  chosen: Settings["tables"],
  useTable: UseTable,
): { state: DeployedTable; events: DeployedTable } => {
  const addOne = (kind: TableKind, id: string, shape: TableShape) => {
    const use = useTable(kind, shape, chosen[kind]);
    if (!("name" in chosen[kind])) return addTable(scope, id, shape, use);
    return namedTable(scope, `${id}Adopted`, shape, {
      tableName: use.getAttString("TableName"),
      tableStreamArn: use.getAttString("StreamArn"),
    });
  };
  return {
    state: addOne("state", "StateTable", stateTable),
    events: addOne("events", "EventsTable", eventsTable),
  };
};

/** A table that no resource of the stack is: it stays as it is when the stack goes. */
export const namedTable = (
  scope: Construct,
  id: string,
  shape: TableShape,
  names: { tableName: string; tableStreamArn?: string },
): DeployedTable => withIndexes(Table.fromTableAttributes(scope, id, names), shape);

/** @throws Error where the table has no stream */
export const streamArnOf = ({ table }: DeployedTable): string => {
  if (table.tableStreamArn !== undefined) return table.tableStreamArn;
  throw new Error(`${table.node.id} has no stream`);
};

const key = (name: string) => ({ name, type: AttributeType.STRING });

const addTable = (scope: Construct, id: string, shape: TableShape, use: IDependable): DeployedTable => {
  const table = new Table(scope, id, {
    stream: StreamViewType[shape.stream],
    partitionKey: key(shape.partitionKey),
    sortKey: key(shape.sortKey),
    timeToLiveAttribute: shape.ttlAttribute,
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    // Encrypted at rest with the key that AWS owns: the AWS-managed one adds a KMS charge per request and no control.
    encryption: TableEncryption.DEFAULT,
    // Two locks: nobody deletes the table by hand, and the stack leaves it behind when it goes.
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  for (const index of shape.indexes) {
    table.addGlobalSecondaryIndex({
      indexName: index.name,
      partitionKey: key(index.partitionKey),
      sortKey: key(index.sortKey),
      projectionType: ProjectionType[index.projection],
    });
  }
  Tags.of(table).add(ownerTag, Stack.of(scope).stackId);
  table.node.addDependency(use);
  return withIndexes(table, shape);
};

const withIndexes = (table: Table | ITable, { indexes }: TableShape): DeployedTable => ({
  table,
  indexArns: indexes.map(({ name }) => `${table.tableArn}/index/${name}`),
});
