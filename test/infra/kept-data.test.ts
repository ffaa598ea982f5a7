import { expect, test } from "vitest";
import { resourcesOf, synthesize } from "./support.ts";

/**
 * All that holds data which outlives a deploy, by its logical id. CloudFormation knows a resource by that id alone: under
 * another one it makes a new and empty resource, and the old one, with all that is in it, stays behind, unused.
 *
 * Where this fails: give the construct its former id and its former place in the tree of constructs back (a construct that was
 * put around it, or a renamed one, changes the id; `overrideLogicalId` keeps it). If the change is meant, every deployment
 * has to be led over: by naming what is there (`-c stateTable=…`, docs/restore.md), said in the CHANGELOG. Other keys of a
 * table are a new table, and its items have to be copied. An index may come or go, one for each release and table. Only then
 * change what stands here.
 */
const kept = {
  StateTable9728C7E5: "AWS::DynamoDB::Table",
  EventsTableD24865E5: "AWS::DynamoDB::Table",
  IdempotencyKeyDBB712AD: "AWS::SecretsManager::Secret",
  AccessLogD598EBE9: "AWS::Logs::LogGroup",
};

const keys: Record<string, object> = {
  StateTable9728C7E5: {
    table: "pk sk",
    expires: "expiresAt",
    indexes: {
      byListing: "listPk listSk KEYS_ONLY",
      byEmail: "emailPk pk KEYS_ONLY",
      byAttempt: "attemptPk attemptSk KEYS_ONLY",
      byWork: "workPk workSk KEYS_ONLY",
    },
  },
  EventsTableD24865E5: {
    table: "pk sk",
    expires: "expiresAt",
    indexes: {
      byIntegration: "integrationKey sk ALL",
      bySubject: "subjectKey sk ALL",
      byType: "typeKey sk ALL",
      byInitiator: "initiatorKey sk ALL",
      byCorrelation: "correlationKey sk ALL",
      byFailure: "failureKey sk ALL",
    },
  },
};

type Kept = { Type: string; Properties?: Record<string, unknown>; DeletionPolicy?: string };
type Named = {
  IndexName: string;
  KeySchema: { AttributeName: string }[];
  Projection: { ProjectionType: string };
};

const { template } = synthesize();
const resources = Object.entries(resourcesOf(template)) as [string, Kept][];
/** What would be lost with the resource; queues hold hints alone, and what they lose is found within a minute. */
const holdsData = /^AWS::(DynamoDB|S3|SecretsManager|RDS|EFS|Kinesis|SSM)::(?!.*Policy$)/;

test("what holds data has the logical id that it has always had, and stays when the stack goes", () => {
  const found = resources.filter(
    ([, { Type, DeletionPolicy }]) => DeletionPolicy === "Retain" || holdsData.test(Type),
  );
  expect(Object.fromEntries(found.map(([id, { Type }]) => [id, Type]))).toEqual(kept);
  for (const [, resource] of found)
    expect(resource).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
});

test("the tables have the keys, the indexes and the time to live that their items were written for", () => {
  const text = (schema: { AttributeName: string }[]) => schema.map((one) => one.AttributeName).join(" ");
  const found = resources
    .filter(([, { Type }]) => Type === "AWS::DynamoDB::Table")
    .map(([id, { Properties: table = {} }]) => {
      const indexes = (table.GlobalSecondaryIndexes as Named[]).map((index) => [
        index.IndexName,
        `${text(index.KeySchema)} ${index.Projection.ProjectionType}`,
      ]);
      const { AttributeName: expires } = table.TimeToLiveSpecification as { AttributeName: string };
      const schema = text(table.KeySchema as { AttributeName: string }[]);
      return [id, { table: schema, expires, indexes: Object.fromEntries(indexes) }];
    });
  expect(Object.fromEntries(found)).toEqual(keys);
});

test("nothing that holds data has a name that a second stack of the account could have taken", () => {
  for (const [id, { Properties: properties = {} }] of resources) {
    if (!(id in kept)) continue;
    expect(properties.TableName).toBeUndefined();
    // A part of the stack's id is in it, which no other stack has.
    if (properties.LogGroupName !== undefined)
      expect(JSON.stringify(properties.LogGroupName)).toContain("AWS::StackId");
  }
  const { template: staged } = synthesize({ stage: "prod" });
  staged.hasResourceProperties("AWS::SecretsManager::Secret", { Name: "usher/usher-prod/idempotency-key" });
});

test("a stack is protected from its deletion until the word is given", () => {
  expect(synthesize().stack.terminationProtection).toBe(true);
  expect(synthesize({ terminationProtection: "false" }).stack.terminationProtection).toBe(false);
});
