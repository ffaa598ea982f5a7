import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { routes } from "../../functions/index.ts";
import {
  dispatchState,
  provisioningState,
  recoveryState,
  watchState,
  workerState,
} from "../../functions/state-access.ts";
import { inner } from "../../infra/usher-stack.ts";
import { allNotices, noticeHeadKey, noticePageKey, partitionsOf } from "../../shared/aws/table/keys.ts";
import type { ItemKind, ItemRequest, StateAccess } from "../../shared/model/state-access.ts";
import { functionOf, idOf, resourcesOf, sampleRoutes, statementsOf, synthesize } from "./support.ts";

const { template } = synthesize();
const names = [...sampleRoutes.map((route) => route.name), ...inner];
const events = idOf(template, "AWS::DynamoDB::Table", "EventsTable");
const state = idOf(template, "AWS::DynamoDB::Table", "StateTable");
const wakeUps = `<${idOf(template, "AWS::SQS::Queue", "WakeUps")}.Arn>`;
const deadLetters = `<${idOf(template, "AWS::SQS::Queue", "DeadLetters")}.Arn>`;
const prefixArn =
  "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:usher/usher/integrations/*";
const givenArn = prefixArn.replace("integrations/*", "given/*");

/**
 * What a Lambda may do besides writing its log, as sorted `action resource` lines, with the partitions where it is kept to
 * some.
 */
const grantsOf = (name: string): string[] =>
  statementsOf(template)
    .filter(({ owner }) => owner === functionOf(template, name).role)
    .flatMap(({ actions, resources, condition }) =>
      actions.flatMap((action) =>
        resources.map((resource) => [action, resource, ...partitionsIn(condition)].join(" ")),
      ),
    )
    .filter((grant) => !grant.startsWith("logs:"))
    .sort();

/** The CDK merges statements, so their order tells nothing. */
const expectGrants = (given: string[], expected: string[]) => expect(given).toEqual(expected.toSorted());

const partitionsIn = (condition: Record<string, Record<string, unknown>>): string[] =>
  (condition["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"] ?? []) as string[];

const actionOf = {
  get: "GetItem",
  batchGet: "BatchGetItem",
  query: "Query",
  put: "PutItem",
  update: "UpdateItem",
  delete: "DeleteItem",
  batchWrite: "BatchWriteItem",
} as const;
const requests = Object.keys(actionOf) as (keyof typeof actionOf)[];

/** The same lines of what an access says of the state table. */
const stateGrants = ({ indexes = [], ...access }: StateAccess, more: StateAccess = {}): string[] => [
  ...requests.flatMap((request) => {
    const kinds: ItemKind[] = [...(access[request] ?? []), ...(more[request] ?? [])];
    const patterns = kinds.flatMap((kind) => partitionsOf[kind]);
    return kinds.length > 0 ? [[`dynamodb:${actionOf[request]} <${state}.Arn>`, ...patterns].join(" ")] : [];
  }),
  ...indexes.map((index) => `dynamodb:Query <${state}.Arn>/index/${index}`),
];
const waking: StateAccess = { update: ["workers"] };

test("each route, the catch-all, the automatic work and the recovery have a Lambda and a role of their own", () => {
  template.resourceCountIs("AWS::Lambda::Function", names.length);
  expect(new Set(names.map((name) => functionOf(template, name).role)).size).toBe(names.length);
});

test("every Lambda runs Node 24 on Arm, and its lines expire and go with the stack", () => {
  template.allResourcesProperties("AWS::Lambda::Function", {
    Runtime: "nodejs24.x",
    Architectures: ["arm64"],
    // Lambda must not filter: a line with figures has no level.
    LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "TRACE" },
    Handler: "index.handler",
  });
  for (const name of names)
    expect(resourcesOf(template)[logGroupOf(name)]).toMatchObject({
      Properties: { RetentionInDays: 90 },
      DeletionPolicy: "Delete",
    });
});

test("every Lambda ends before the gateway gives up, but for those that no caller waits for", () => {
  const longer: Record<string, number> = { "drain-integration": 120, "adopt-table": 840 };
  for (const name of names) {
    const id = idOf(template, "AWS::Lambda::Function", `${name.replaceAll("-", "")}Function`);
    expect(resourcesOf(template)[id]?.Properties?.Timeout).toBe(longer[name] ?? 29);
  }
});

const logGroupOf = (name: string): string => {
  const id = idOf(template, "AWS::Lambda::Function", `${name.replaceAll("-", "")}Function`);
  const logging = resourcesOf(template)[id]?.Properties?.LoggingConfig as { LogGroup: { Ref: string } };
  return logging.LogGroup.Ref;
};

test("Lambdas behind the API share one log group, and every other has its own", () => {
  const callLogs = idOf(template, "AWS::Logs::LogGroup", "CallLogs");
  const behind = [...sampleRoutes.map((route) => route.name), "not-found", "scim"];
  expect(names.filter((name) => logGroupOf(name) === callLogs)).toEqual(behind);
  for (const name of names.filter((one) => !behind.includes(one)))
    expect(logGroupOf(name)).toBe(idOf(template, "AWS::Logs::LogGroup", `${name.replaceAll("-", "")}Logs`));
});

test("a Lambda may write to the log group that it is given, and to no other", () => {
  for (const name of names) {
    const logs = statementsOf(template).filter(
      ({ owner, actions }) => owner === functionOf(template, name).role && actions[0]?.startsWith("logs:"),
    );
    expect(logs.map(({ actions, resources }) => ({ actions, resources }))).toEqual([
      { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [`<${logGroupOf(name)}.Arn>`] },
    ]);
  }
});

test("no role has an AWS-managed policy, and roles may be assumed by Lambda alone", () => {
  for (const role of Object.values(template.findResources("AWS::IAM::Role"))) {
    expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    expect(JSON.stringify(role.Properties.AssumeRolePolicyDocument.Statement)).toBe(
      JSON.stringify([
        { Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" } },
      ]),
    );
  }
});

test("nothing is granted on a wildcard but the two prefixes of secrets, in any Lambda's role", () => {
  const roles = new Set(names.map((name) => functionOf(template, name).role));
  const wildcards = statementsOf(template)
    .filter(({ owner }) => roles.has(owner))
    .flatMap(({ actions, resources }) => [...actions, ...resources])
    .filter((text) => text.includes("*"));
  expect(new Set(wildcards)).toEqual(new Set([prefixArn, givenArn]));
});

test("Lambdas that work through whole groups have twice the processor of the others", () => {
  const { template: whole } = synthesize({}, routes);
  const sizes = Object.values(whole.findResources("AWS::Lambda::Function")).map((one) => [
    String(one.Properties.Description),
    one.Properties.MemorySize,
  ]);
  expect(new Set(sizes.map(([, size]) => size))).toEqual(new Set([512, 1_024]));
  const large = sizes.filter(([, size]) => size === 1_024).map(([description]) => description);
  expect(large).toHaveLength(10);
  expect(large).toContain("PUT /integrations/{integrationId}/groups/{groupId}");
  expect(large).toContain("Works on what is due at one integration");
});

test("a Lambda that reads state can read the items and the indexes that it names, and nothing else", () => {
  expectGrants(grantsOf("read-integration"), [
    `dynamodb:GetItem <${state}.Arn> INTEGRATION`,
    `dynamodb:Query <${state}.Arn> HOLDS#* HOLD#* HELD#* ORIGIN#*`,
    `dynamodb:Query <${state}.Arn>/index/byListing`,
    `dynamodb:Query <${state}.Arn>/index/byWork`,
  ]);
});

test("who saves users reaches no integration", () => {
  expectGrants(grantsOf("save-user"), [
    `dynamodb:GetItem <${state}.Arn> USER#*`,
    `dynamodb:PutItem <${state}.Arn> USER#*`,
  ]);
});

test("every request for items is kept to partitions, and one that names none is refused", () => {
  const roles = new Set(names.map((name) => functionOf(template, name).role));
  const onItems = statementsOf(template).filter(
    ({ owner, resources }) => roles.has(owner) && resources.includes(`<${state}.Arn>`),
  );
  expect(onItems.length).toBeGreaterThan(names.length / 2);
  for (const { condition } of onItems) {
    expect(condition).toEqual({
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": partitionsIn(condition) },
      Null: { "dynamodb:LeadingKeys": "false" },
    });
    expect(partitionsIn(condition).length).toBeGreaterThan(0);
  }
});

test("a Lambda that provisions updates state, puts events and reads secrets", () => {
  expectGrants(grantsOf("provision-user"), [
    `dynamodb:GetItem <${state}.Arn> INTEGRATION USER#*`,
    `dynamodb:UpdateItem <${state}.Arn> USER#*`,
    `dynamodb:Query <${state}.Arn>/index/byListing`,
    `dynamodb:PutItem <${events}.Arn>`,
    `secretsmanager:GetSecretValue ${prefixArn}`,
  ]);
});

test("an Idempotency-Key brings the items of its own with it", () => {
  const own = grantsOf("activate-integration").filter((grant) => grant.includes("IDEMPOTENCY#*"));
  expectGrants(own, [
    `dynamodb:DeleteItem <${state}.Arn> IDEMPOTENCY#*`,
    `dynamodb:GetItem <${state}.Arn> INTEGRATION IDEMPOTENCY#*`,
    `dynamodb:PutItem <${state}.Arn> TARGET#* IDEMPOTENCY#*`,
    `dynamodb:UpdateItem <${state}.Arn> INTEGRATION IDEMPOTENCY#*`,
  ]);
});

test("a secret is deleted with a recovery window of a week alone", () => {
  const deletions = statementsOf(template).filter(({ actions }) =>
    actions.includes("secretsmanager:DeleteSecret"),
  );
  expect(deletions).toHaveLength(3);
  for (const { actions, condition } of deletions) {
    expect(actions).toEqual(["secretsmanager:DeleteSecret"]);
    expect(condition).toEqual({
      NumericGreaterThanEquals: { "secretsmanager:RecoveryWindowInDays": "7" },
    });
  }
});

test("activation makes, describes and deletes secrets, and reads the one key for hashes", () => {
  const secrets = grantsOf("activate-integration").filter((grant) => grant.startsWith("secretsmanager:"));
  expectGrants(secrets, [
    `secretsmanager:CreateSecret ${prefixArn}`,
    `secretsmanager:GetSecretValue ${prefixArn}`,
    `secretsmanager:DescribeSecret ${prefixArn}`,
    `secretsmanager:DeleteSecret ${prefixArn}`,
    `secretsmanager:GetSecretValue ${givenArn}`,
    `secretsmanager:GetSecretValue <${idOf(template, "AWS::SecretsManager::Secret", "IdempotencyKey")}>`,
  ]);
});

test("secrets of operators can be read, and nothing else, by the Lambdas alone whose calls may name one", () => {
  const { template: whole } = synthesize({}, routes);
  const granted = statementsOf(whole).filter(({ resources }) => resources.includes(givenArn));
  const owners = ["activate-integration", "update-integration", "reauth-integration"];
  expect(granted.map(({ owner }) => owner).sort()).toEqual(
    owners.map((name) => functionOf(whole, name).role).sort(),
  );
  const key = `<${idOf(whole, "AWS::SecretsManager::Secret", "IdempotencyKey")}>`;
  for (const { actions, resources } of granted) {
    expect(actions).toEqual(["secretsmanager:GetSecretValue"]);
    expect(resources.filter((one) => one !== key)).toEqual([givenArn]);
  }
});

test("each verb on secrets is one action", () => {
  const secretsOf = (name: string) => grantsOf(name).filter((grant) => grant.startsWith("secretsmanager:"));
  expectGrants(secretsOf("reauth-integration"), [
    `secretsmanager:CreateSecret ${prefixArn}`,
    `secretsmanager:PutSecretValue ${prefixArn}`,
    `secretsmanager:RestoreSecret ${prefixArn}`,
  ]);
  expectGrants(secretsOf("delete-integration"), [`secretsmanager:DeleteSecret ${prefixArn}`]);
  expectGrants(secretsOf("query-events"), []);
});

test("a Lambda that queries events can only read them, by the indexes that it names", () => {
  expectGrants(grantsOf("query-events"), [
    `dynamodb:GetItem <${events}.Arn>`,
    `dynamodb:Query <${events}.Arn>`,
    `dynamodb:Query <${events}.Arn>/index/byIntegration`,
    `dynamodb:Query <${events}.Arn>/index/byFailure`,
  ]);
});

test("open routes and the catch-all may do nothing", () => {
  expectGrants(grantsOf("health"), []);
  expectGrants(grantsOf("not-found"), []);
});

test("recovery settles every kind of attempt, puts events, reads, describes and deletes secrets, and wakes workers", () => {
  expectGrants(grantsOf("recover-attempts"), [
    ...stateGrants(recoveryState, waking),
    `dynamodb:PutItem <${events}.Arn>`,
    `secretsmanager:GetSecretValue ${prefixArn}`,
    `secretsmanager:DescribeSecret ${prefixArn}`,
    `secretsmanager:DeleteSecret ${prefixArn}`,
    `sqs:SendMessage ${wakeUps}`,
  ]);
});

test("dispatch reads the stream, marks users and groups, puts events and wakes workers, and knows no secret", () => {
  const stream = `<${state}.StreamArn>`;
  expectGrants(grantsOf("dispatch-changes"), [
    ...stateGrants(dispatchState, waking),
    `dynamodb:PutItem <${events}.Arn>`,
    `sqs:SendMessage ${wakeUps}`,
    ...["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map(
      (action) => `dynamodb:${action} ${stream}`,
    ),
    `sqs:SendMessage ${deadLetters}`,
  ]);
});

test("who tells of changed events reads their stream, and no event", () => {
  expectGrants(grantsOf("report-tampering"), [
    ...["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map(
      (action) => `dynamodb:${action} <${events}.StreamArn>`,
    ),
    `sqs:SendMessage ${deadLetters}`,
  ]);
});

test("a worker may do what a call for provisioning may, find what is due, take wake-ups and send them", () => {
  for (const [request, kinds] of Object.entries(provisioningState))
    expect(workerState).toMatchObject({ [request]: expect.arrayContaining(kinds as string[]) });
  const beyond = (request: ItemRequest) =>
    workerState[request]?.filter((kind) => !provisioningState[request]?.includes(kind));
  // What its jobs are about.
  for (const request of ["get", "batchGet", "query", "put", "delete", "batchWrite"] as const)
    expect(beyond(request)).toEqual(["integrationJobs"]);
  expect(beyond("update")).toEqual([]);
  expect(workerState.indexes).toEqual(["byListing", "byEmail", "byWork"]);
  expectGrants(grantsOf("drain-integration"), [
    ...stateGrants(workerState, waking),
    `dynamodb:PutItem <${events}.Arn>`,
    `secretsmanager:GetSecretValue ${prefixArn}`,
    ...["SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map(
      (action) => `sqs:${action} ${wakeUps}`,
    ),
  ]);
});

test("the watch reads state, writes nothing of it but what was told, and publishes to the topic alone", () => {
  const topic = `<${idOf(template, "AWS::SNS::Topic", "Alarms")}>`;
  const notices: StateAccess = { query: ["notices"], put: ["notices"], delete: ["notices"] };
  expectGrants(grantsOf("watch-integrations"), [...stateGrants(watchState, notices), `sns:Publish ${topic}`]);
  expect(partitionsOf.notices).toEqual([allNotices.partition]);
  expect(noticeHeadKey.pk).toBe(allNotices.partition);
  expect(noticePageKey("failed", "int", 0).pk).toBe(allNotices.partition);
});

test("the watch is told of a webhook by its address, or by the secret that it alone may read", () => {
  const url = "https://hooks.example.com/services/T0/B0";
  const open = synthesize({ notifyUrl: url }).template;
  expect(functionOf(open, "watch-integrations").environment).toMatchObject({ NOTIFY_URL: url });
  const secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:usher/hook-AbC123";
  const { template: closed, stack } = synthesize({ notifyUrl: secret });
  const { environment, role } = functionOf(closed, "watch-integrations");
  expect(environment).toMatchObject({ NOTIFY_SECRET_ID: secret });
  expect(environment).not.toHaveProperty("NOTIFY_URL");
  const readers = statementsOf(closed).filter(({ resources }) => resources.includes(secret));
  expect(readers).toEqual([
    {
      owner: role,
      effect: "Allow",
      actions: ["secretsmanager:GetSecretValue"],
      resources: [secret],
      condition: {},
    },
  ]);
  expect(new AwsSolutionsChecks().validateScope(stack).violations).toEqual([]);
});

test("no Lambda behind the API may touch a queue or the stream", () => {
  for (const { name } of sampleRoutes)
    expect(grantsOf(name).filter((grant) => /^sqs:|Stream|GetRecords/.test(grant))).toEqual([]);
});

test("no role or policy in the template can change or remove an event", () => {
  const onEvents = statementsOf(template)
    .filter(({ effect }) => effect === "Allow")
    .filter(({ resources }) => resources.some((resource) => resource.includes(events) || resource === "*"));
  expect(new Set(onEvents.flatMap(({ actions }) => actions))).toEqual(
    new Set(
      [
        ...["PutItem", "Query", "GetItem"],
        ...["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"],
      ].map((action) => `dynamodb:${action}`),
    ),
  );
});

test("a Lambda is told only of what it may touch", () => {
  const ofAll = ["LOG_LEVEL", "POWERTOOLS_SERVICE_NAME"];
  const named = (name: string) => {
    const names = Object.keys(functionOf(template, name).environment).sort();
    expect(names).toEqual(expect.arrayContaining(ofAll));
    return names.filter((one) => !ofAll.includes(one));
  };
  expect(named("health")).toEqual([]);
  expect(named("save-user")).toEqual(["STATE_TABLE"]);
  const provisions = named("provision-user");
  for (const name of ["recover-attempts", "drain-integration"])
    expect(named(name)).toEqual([...provisions, "WORK_QUEUE_URL"].sort());
  expect(named("dispatch-changes")).toEqual(
    [...provisions.filter((one) => one !== "SECRET_PREFIX"), "WORK_QUEUE_URL"].sort(),
  );
  expect(named("watch-integrations")).toEqual(["NOTIFY_TOPIC_ARN", "STATE_TABLE"]);
  expect(named("query-events")).toEqual(["EVENTS_TABLE", "EVENT_RETENTION_DAYS", "EVENT_SHARDS"]);
  expect(named("activate-integration")).toEqual([
    "EVENTS_TABLE",
    "EVENT_RETENTION_DAYS",
    "EVENT_SHARDS",
    "GIVEN_SECRET_PREFIX",
    "IDEMPOTENCY_SECRET_ID",
    "SECRET_PREFIX",
    "STATE_TABLE",
    "USHER_ORGANIZATION",
  ]);
});

test("settings reach the Lambdas that need them, readers and writers of events alike", () => {
  const { template: tuned } = synthesize({
    stage: "test",
    retentionDays: "30",
    eventShards: "4",
    organization: "Example Ltd",
    logLevel: "debug",
  });
  expect(functionOf(tuned, "provision-user").environment).toMatchObject({
    EVENT_RETENTION_DAYS: "30",
    EVENT_SHARDS: "4",
    USHER_ORGANIZATION: "Example Ltd",
    SECRET_PREFIX: "usher/usher-test/integrations/",
    POWERTOOLS_SERVICE_NAME: "usher-test",
    LOG_LEVEL: "debug",
  });
  expect(functionOf(tuned, "query-events").environment).toMatchObject({
    EVENT_RETENTION_DAYS: "30",
    EVENT_SHARDS: "4",
  });
});
