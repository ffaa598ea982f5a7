import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { eventsTable, stateTable, type TableShape } from "../shared/aws/table/tables.ts";

/** A table and the ARNs of its indexes, named one by one so that no grant needs `index/*`. */
export type DeployedTable = { table: Table; indexArns: string[] };

/** The two tables, from the same shapes as the embedded run. */
export const addTables = (scope: Construct): { state: DeployedTable; events: DeployedTable } => ({
  state: addTable(scope, "StateTable", stateTable),
  events: addTable(scope, "EventsTable", eventsTable),
});

const key = (name: string) => ({ name, type: AttributeType.STRING });

const addTable = (scope: Construct, id: string, shape: TableShape): DeployedTable => {
  const table = new Table(scope, id, {
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
