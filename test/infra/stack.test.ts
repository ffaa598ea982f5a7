import { Match } from "aws-cdk-lib/assertions";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { changedKey, workKey } from "../../shared/aws/table/keys.ts";
import { eventsTable, stateTable } from "../../shared/aws/table/tables.ts";
import { functionOf, idOf, resourcesOf, synthesize } from "./support.ts";

const jwt = { issuer: "https://login.example.com/", audience: "usher" };
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
});

test("the watch runs each minute, and a late wake-up is dropped", () => {
  const id = idOf(template, "AWS::Lambda::Function", "watchintegrationsFunction");
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
});

describe("automatic work", () => {
  const mappings = Object.values(template.findResources("AWS::Lambda::EventSourceMapping")).map(
    ({ Properties: properties }) => properties,
  );
  const [changes, wakeUps] = ["ParallelizationFactor", "ScalingConfig"].map((name) =>
    mappings.find((one) => name in one),
  );
  const deadLetters = idOf(template, "AWS::SQS::Queue", "DeadLetters");
  const state = idOf(template, "AWS::DynamoDB::Table", "StateTable");

  test("the state table streams images, and the table of events no more than keys", () => {
    const streams = Object.entries(template.findResources("AWS::DynamoDB::Table")).map(
      ([id, { Properties: properties }]) => [id, properties.StreamSpecification?.StreamViewType],
    );
    expect(Object.fromEntries(streams)).toEqual({
      [state]: "NEW_IMAGE",
      [idOf(template, "AWS::DynamoDB::Table", "EventsTable")]: "KEYS_ONLY",
    });
  });

  test("the stream triggers dispatch for marks of a change alone, and no record can stop it", () => {
    const dispatch = idOf(template, "AWS::Lambda::Function", "dispatchchangesFunction");
    expect(changes).toEqual({
      FunctionName: { Ref: dispatch },
      EventSourceArn: { "Fn::GetAtt": [state, "StreamArn"] },
      StartingPosition: "TRIM_HORIZON",
      BatchSize: 50,
      ParallelizationFactor: 10,
      MaximumRetryAttempts: 3,
      MaximumRecordAgeInSeconds: 3600,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": [deadLetters, "Arn"] } } },
      FilterCriteria: { Filters: [{ Pattern: expect.any(String) }] },
    });
    expect(JSON.parse(changes?.FilterCriteria.Filters[0].Pattern)).toEqual({
      eventName: ["INSERT", "MODIFY"],
      dynamodb: { NewImage: { workPk: { S: ["CHANGED"] } } },
    });
  });

  test("the filter lets through what the index of work calls a change, and nothing of a link", () => {
    const [pattern] = JSON.parse(changes?.FilterCriteria.Filters[0].Pattern).dynamodb.NewImage.workPk.S;
    const link = { integrationId: "int_1", id: "ada" };
    const mark = { state: "pending", urgency: 0, at: 1, since: 1, setAt: 1 } as const;
    expect(changedKey({ at: 1, since: 1 }, "USER#ada").workPk).toBe(pattern);
    expect(workKey("user", link, mark).workPk).not.toBe(pattern);
  });

  test("a queue of wake-ups triggers workers, one message each and no more of them than is set", () => {
    const worker = idOf(template, "AWS::Lambda::Function", "drainintegrationFunction");
    const queue = idOf(template, "AWS::SQS::Queue", "WakeUps");
    expect(wakeUps).toEqual({
      FunctionName: { Ref: worker },
      EventSourceArn: { "Fn::GetAtt": [queue, "Arn"] },
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 10 },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
    template.hasResourceProperties("AWS::SQS::Queue", {
      VisibilityTimeout: 720,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": [deadLetters, "Arn"] }, maxReceiveCount: 3 },
    });
    for (const one of Object.values(template.findResources("AWS::SQS::Queue")))
      expect(one.Properties).not.toHaveProperty("FifoQueue");
    const { template: wide } = synthesize({ workers: "50" });
    wide.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      ScalingConfig: { MaximumConcurrency: 50 },
    });
  });

  test("both queues are encrypted and refuse what comes without TLS", () => {
    const queues = template.findResources("AWS::SQS::Queue", { Properties: { SqsManagedSseEnabled: true } });
    const guarded = Object.values(template.findResources("AWS::SQS::QueuePolicy"))
      .filter(
        ({
          Properties: {
            PolicyDocument: { Statement },
          },
        }) =>
          Statement.some(
            (one: { Effect: string; Condition?: object }) =>
              one.Effect === "Deny" &&
              JSON.stringify(one.Condition).includes('"aws:SecureTransport":"false"'),
          ),
      )
      .flatMap(({ Properties: { Queues } }) => Queues.map(({ Ref }: { Ref: string }) => Ref));
    expect(guarded.sort()).toEqual(Object.keys(queues).sort());
    expect(guarded).toHaveLength(2);
  });
});

describe("outputs", () => {
  test("name what a user of the stack needs", () => {
    expect(Object.keys(template.findOutputs("*")).sort()).toEqual([
      "AdminPolicyArn",
      "AlarmTopicArn",
      "ApiUrl",
      "AuditorPolicyArn",
      "DeadLetterQueueUrl",
      "EventsTableName",
      "GivenSecretPrefix",
      "ProvisionerPolicyArn",
      "Region",
      "SecretPrefix",
      "StateTableName",
      "WakeUpQueueUrl",
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
