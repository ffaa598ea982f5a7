import { Match } from "aws-cdk-lib/assertions";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { eventsTable, stateTable } from "../../shared/aws/table/tables.ts";
import { functionOf, idOf, resourcesOf, synthesize } from "./support.ts";

const jwt = { issuer: "https://login.example.com/", audience: "usher", scope: "usher.call" };
const { template, stack } = synthesize();

describe("tables", () => {
  for (const [start, shape] of [
    ["StateTable", stateTable],
    ["EventsTable", eventsTable],
  ] as const) {
    test(`${start}: on demand, restorable, expiring, and left behind when the stack goes`, () => {
      const id = idOf(template, "AWS::DynamoDB::Table", start);
      const { Properties: properties, ...attributes } = resourcesOf(template)[id] ?? {};
      expect(attributes).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
      expect(properties).toMatchObject({
        BillingMode: "PAY_PER_REQUEST",
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
        KeySchema: [
          { AttributeName: shape.partitionKey, KeyType: "HASH" },
          { AttributeName: shape.sortKey, KeyType: "RANGE" },
        ],
        GlobalSecondaryIndexes: shape.indexes.map((index) => ({
          IndexName: index.name,
          KeySchema: [
            { AttributeName: index.partitionKey, KeyType: "HASH" },
            { AttributeName: index.sortKey, KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: index.projection },
        })),
      });
    });
  }

  test("have names of CloudFormation's making, so that a new stack never meets what an old one left", () => {
    for (const table of Object.values(template.findResources("AWS::DynamoDB::Table"))) {
      expect(table.Properties.TableName).toBeUndefined();
    }
  });
});

describe("secrets", () => {
  test("the key for hashes is made by Secrets Manager and lies outside the prefix of integrations", () => {
    template.hasResourceProperties("AWS::SecretsManager::Secret", {
      Name: "usher/usher/idempotency-key",
      GenerateSecretString: { PasswordLength: 64 },
      SecretString: Match.absent(),
    });
  });
});

describe("recovery", () => {
  const id = idOf(template, "AWS::Lambda::Function", "recoverattemptsFunction");

  test("runs each minute, one at a time, and a late wake-up is dropped", () => {
    template.hasResourceProperties("AWS::Events::Rule", {
      ScheduleExpression: "rate(1 minute)",
      State: "ENABLED",
      Targets: [{ Arn: { "Fn::GetAtt": [id, "Arn"] }, RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      FunctionName: { Ref: id },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
    expect(resourcesOf(template)[id]?.Properties?.ReservedConcurrentExecutions).toBe(1);
  });

  test("reserves nothing in an account that has nothing to spare", () => {
    const { template: small } = synthesize({ recoveryConcurrency: "0" });
    const properties = resourcesOf(small)[id]?.Properties;
    expect(properties).toMatchObject({ Runtime: "nodejs24.x" });
    expect(properties).not.toHaveProperty("ReservedConcurrentExecutions");
  });

  test("alarms when it fails and when it stops, to the topic that is given", () => {
    const { template: watched } = synthesize({ alarmTopic: "arn:aws:sns:eu-central-1:111122223333:ops" });
    const alarms = Object.values(watched.findResources("AWS::CloudWatch::Alarm"));
    expect(alarms.map((alarm) => [alarm.Properties.MetricName, alarm.Properties.TreatMissingData])).toEqual([
      ["Errors", "notBreaching"],
      ["Invocations", "breaching"],
    ]);
    for (const alarm of alarms) {
      expect(alarm.Properties.AlarmActions).toEqual(["arn:aws:sns:eu-central-1:111122223333:ops"]);
      expect(alarm.Properties.Dimensions).toEqual([{ Name: "FunctionName", Value: { Ref: id } }]);
    }
  });
});

describe("outputs", () => {
  test("name what a user of the stack needs", () => {
    expect(Object.keys(template.findOutputs("*")).sort()).toEqual([
      "AdminPolicyArn",
      "ApiUrl",
      "AuditorPolicyArn",
      "EventsTableName",
      "ProvisionerPolicyArn",
      "Region",
      "SecretPrefix",
      "StateTableName",
    ]);
    template.hasOutput("SecretPrefix", {
      Value: functionOf(template, "provision-user").environment.SECRET_PREFIX,
    });
    template.hasOutput("EventsTableName", {
      Value: functionOf(template, "provision-user").environment.EVENTS_TABLE,
    });
  });

  test("with JWT callers leave out the policies that would open nothing", () => {
    const outputs = Object.keys(synthesize(jwt).template.findOutputs("*"));
    expect(outputs).toContain("AuditorPolicyArn");
    expect(outputs).not.toContain("AdminPolicyArn");
  });
});

describe("cdk-nag", () => {
  for (const [callers, context] of [
    ["IAM", {}],
    ["JWT", jwt],
  ] as const) {
    test(`finds nothing with ${callers} callers`, () => {
      expect(new AwsSolutionsChecks().validateScope(synthesize(context).stack).violations).toEqual([]);
    });
  }

  test("is not silenced for the whole stack: what is added without care is found", () => {
    const { stack: careless } = synthesize();
    new Bucket(careless, "Careless");
    const found = new AwsSolutionsChecks().validateScope(careless).violations.map(({ ruleName }) => ruleName);
    expect(found).toEqual(["AwsSolutions-S1", "AwsSolutions-S10"]);
  });

  test("is answered with a reason each time", () => {
    const reasons = stack.node
      .findAll()
      .flatMap((construct) => construct.node.metadata)
      .filter(({ type }) => type.includes("acknowledged"))
      .flatMap(({ data }) => Object.values(data as Record<string, string>));
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason.length).toBeGreaterThan(40);
  });
});
