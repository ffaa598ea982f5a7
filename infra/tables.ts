import { RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { eventsTable, stateTable, type TableShape } from "../shared/aws/table/tables.ts";

/** A table and the ARNs of its indexes, named one by one so that no grant needs `index/*`. */
export type DeployedTable = { table: Table; indexArns: string[] };

/** The two tables, from the same shapes as the embedded run. The stream of the state table wakes the dispatch. */
export const addTables = (scope: Construct): { state: DeployedTable; events: DeployedTable } => ({
  state: addTable(scope, "StateTable", stateTable, {
    // Keys alone would not do: which item bears the mark of a change is told by its image.
    stream: StreamViewType.NEW_IMAGE,
  }),
  events: addTable(scope, "EventsTable", eventsTable),
});

/** @throws Error where the table has no stream */
export const streamArnOf = ({ table }: DeployedTable): string => {
  if (table.tableStreamArn !== undefined) return table.tableStreamArn;
  throw new Error(`${table.node.id} has no stream`);
};

const key = (name: string) => ({ name, type: AttributeType.STRING });

const addTable = (
  scope: Construct,
  id: string,
  shape: TableShape,
  more: { stream?: StreamViewType } = {},
): DeployedTable => {
  const table = new Table(scope, id, {
    ...more,
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
  return { table, indexArns: shape.indexes.map((index) => `${table.tableArn}/index/${index.name}`) };
};
