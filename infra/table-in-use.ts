import { CustomResource, Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Code, IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct, IDependable } from "constructs";
import type { Use } from "../shared/aws/adoption/use-table.ts";
import type { TableShape } from "../shared/aws/table/tables.ts";
import { acknowledgeWildcard } from "./acknowledge.ts";
import type { Settings, TableChoice } from "./settings.ts";
import type { TableKind, UseTable } from "./tables.ts";
import { addBoundFunction } from "./usher-function.ts";

type UseSettings = Pick<Settings, "tables" | "logDays">;

/**
 * The Lambda that adopts tables, and a custom resource for each of them. It comes before the table and all that works on it, so
 * that a table which cannot be adopted, and a name that was forgotten, end the deploy before anything has changed.
 */
export const addTableUse = (
  scope: Construct,
  { settings, code, after }: { settings: UseSettings; code: Code; after: IDependable },
): UseTable => {
  const names = Object.values(settings.tables).flatMap((choice) => ("name" in choice ? [choice.name] : []));
  const handler = addHandler(scope, names, { settings, code });
  return (kind, shape, choice) => {
    const properties: Use = { Kind: kind, ...propertiesOf(scope, shape, choice) };
    const use = new CustomResource(scope, ids[kind], {
      serviceToken: handler.functionArn,
      resourceType: "Custom::UsherTable",
      serviceTimeout: timeout,
      properties,
    });
    // Nothing is left half-made where the key of an earlier stack is in the way.
    use.node.addDependency(after);
    return use;
  };
};

const timeout = Duration.minutes(14);

const ids: Record<TableKind, string> = { state: "StateTableInUse", events: "EventsTableInUse" };

const propertiesOf = (scope: Construct, { indexes }: TableShape, choice: TableChoice): Omit<Use, "Kind"> => {
  if (!("name" in choice)) return choice.isNewWanted ? { IsNewWanted: "true" } : {};
  const { name } = choice;
  // The indexes, so that a release that brings another one has it made.
  const Indexes = indexes.map((index) => index.name).join(" ");
  return { TableName: name, TableArn: tableArn(scope, name), Indexes };
};

const tableArn = (scope: Construct, resourceName: string): string =>
  Stack.of(scope).formatArn({ service: "dynamodb", resource: "table", resourceName });

/** Without names all that it has to know is whether a deploy of its own stack is being taken back. */
const addHandler = (
  scope: Construct,
  names: string[],
  made: { settings: UseSettings; code: Code },
): IFunction => {
  const stack = Stack.of(scope);
  const anyStack = stack.formatArn({ service: "cloudformation", resource: "stack", resourceName: "*" });
  const isAdopting = names.length > 0;
  const handler = addBoundFunction(
    scope,
    {
      name: "adopt-table",
      description:
        "When the stack is deployed: adopts tables that are named, and refuses to leave them unsaid",
      overrides: { timeout },
    },
    {
      statements: [
        new PolicyStatement({
          actions: ["cloudformation:DescribeStacks"],
          resources: [isAdopting ? anyStack : stack.stackId],
        }),
        ...(isAdopting
          ? [new PolicyStatement({ actions, resources: names.map((name) => tableArn(scope, name)) })]
          : []),
      ],
      environment: {},
    },
    made,
  );
  if (isAdopting && handler.role)
    acknowledgeWildcard(
      handler.role,
      anyStack,
      "Which stack a table belongs to is told by the table, so it is known at the deploy alone. Reads the status.",
    );
  return handler;
};

const actions = [
  "DescribeTable",
  "UpdateTable",
  "DescribeTimeToLive",
  "UpdateTimeToLive",
  "DescribeContinuousBackups",
  "UpdateContinuousBackups",
  "ListTagsOfResource",
  "TagResource",
  "UntagResource",
].map((action) => `dynamodb:${action}`);
