import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { noticesPk } from "../shared/aws/table/keys.ts";
import type { Access } from "../shared/http/endpoint.ts";
import type { Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { type DeployedTable, streamArnOf } from "./tables.ts";
import type { WorkQueues } from "./work-queues.ts";

/** What the Lambdas share: what they may reach, what is chosen at deploy, and where their code comes from. */
export type Resources = {
  state: DeployedTable;
  events: DeployedTable;
  secrets: Secrets;
  queues: WorkQueues;
  alarmTopic: ITopic;
  settings: Pick<
    Settings,
    "organization" | "retentionDays" | "eventShards" | "logDays" | "logLevel" | "webhook"
  >;
  code: (name: string) => Code;
};

/** The grant and the environment of one Lambda: it is told of nothing that it may not touch. */
export type Bound = { statements: PolicyStatement[]; environment: Record<string, string> };

/** Turns `access` into the narrowest statements that allow it, and the environment that names what they reach. */
export const bind = (access: Access, resources: Resources): Bound => {
  const parts = [
    bindState(access.state, resources),
    bindEvents(access.events, resources),
    bindSecrets(access.secrets, resources),
    bindGivenSecrets(access.givenSecrets === true, resources),
    bindHashKey(access.idempotencyKey === true || access.hashKey === true, resources),
    bindWakeUps(access.wakeUps, resources),
    bindStream(access.changes === true, resources.state, resources),
    bindStream(access.eventChanges === true, resources.events, resources),
    bindNotices(access.notices === true, resources),
  ];
  return {
    statements: parts.flatMap((part) => part.statements),
    environment: Object.assign({}, ...parts.map((part) => part.environment)),
  };
};

const nothing: Bound = { statements: [], environment: {} };

const allow = (actions: string[], resources: string[]) => new PolicyStatement({ actions, resources });

/** Get and BatchGet do not exist on an index, so indexes get Query alone. */
const reads = ({ table, indexArns }: DeployedTable): PolicyStatement[] => [
  allow(["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"], [table.tableArn]),
  allow(["dynamodb:Query"], indexArns),
];

const stateWrites = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"].map(
  (action) => `dynamodb:${action}`,
);

const bindState = (access: Access["state"], { state }: Resources): Bound => {
  if (access === undefined) return nothing;
  const writes = access === "write" ? [allow(stateWrites, [state.table.tableArn])] : [];
  return { statements: [...reads(state), ...writes], environment: { STATE_TABLE: state.table.tableName } };
};

/** An event is written once: no Lambda may update or delete one, and who writes cannot even read. */
const bindEvents = (access: Access["events"], { events, settings }: Resources): Bound => {
  if (access === undefined) return nothing;
  // A reader counts shards and skips what has expired, so it needs both numbers just as the writer does.
  const shared = {
    EVENTS_TABLE: events.table.tableName,
    EVENT_SHARDS: String(settings.eventShards),
    EVENT_RETENTION_DAYS: String(settings.retentionDays),
  };
  if (access === "query") return { statements: reads(events), environment: shared };
  return {
    statements: [allow(["dynamodb:PutItem"], [events.table.tableArn])],
    environment: { ...shared, USHER_ORGANIZATION: settings.organization },
  };
};

const secretActions: Record<NonNullable<Access["secrets"]>[number], string> = {
  create: "secretsmanager:CreateSecret",
  read: "secretsmanager:GetSecretValue",
  put: "secretsmanager:PutSecretValue",
  restore: "secretsmanager:RestoreSecret",
  describe: "secretsmanager:DescribeSecret",
  delete: "secretsmanager:DeleteSecret",
};

const bindSecrets = (access: Access["secrets"], { secrets }: Resources): Bound => {
  if (access === undefined || access.length === 0) return nothing;
  return {
    statements: [
      allow(
        access.map((verb) => secretActions[verb]),
        [secrets.ofIntegrations.arn],
      ),
    ],
    environment: { SECRET_PREFIX: secrets.ofIntegrations.name },
  };
};

const bindGivenSecrets = (isUsed: boolean, { secrets: { given } }: Resources): Bound =>
  isUsed
    ? {
        statements: [allow(["secretsmanager:GetSecretValue"], [given.arn])],
        environment: { GIVEN_SECRET_PREFIX: given.name },
      }
    : nothing;

const bindHashKey = (isUsed: boolean, { secrets }: Resources): Bound => {
  if (!isUsed) return nothing;
  const { secretArn } = secrets.idempotencyKey;
  return {
    statements: [allow(["secretsmanager:GetSecretValue"], [secretArn])],
    environment: { IDEMPOTENCY_SECRET_ID: secretArn },
  };
};

const bindWakeUps = (access: Access["wakeUps"] = [], { queues }: Resources): Bound => {
  const { queueArn, queueUrl } = queues.wakeUps;
  const send = access.includes("send") ? [allow(["sqs:SendMessage"], [queueArn])] : [];
  const consume = access.includes("consume")
    ? [allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [queueArn])]
    : [];
  return {
    statements: [...send, ...consume],
    environment: access.includes("send") ? { WORK_QUEUE_URL: queueUrl } : {},
  };
};

/** What the trigger asks of the role: Lambda itself reads the stream, and sends what failed to the dead letters. */
const bindStream = (isUsed: boolean, table: DeployedTable, { queues }: Resources): Bound => {
  if (!isUsed) return nothing;
  const reads = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map(
    (action) => `dynamodb:${action}`,
  );
  return {
    statements: [
      allow(reads, [streamArnOf(table)]),
      allow(["sqs:SendMessage"], [queues.deadLetters.queueArn]),
    ],
    environment: {},
  };
};

/** Of the table of state, what was told may be written and nothing else. */
const bindNotices = (isUsed: boolean, { state, alarmTopic, settings: { webhook } }: Resources): Bound => {
  if (!isUsed) return nothing;
  const { topicArn } = alarmTopic;
  const ownKeys = { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [noticesPk] } };
  return {
    statements: [
      new PolicyStatement({
        actions: ["dynamodb:PutItem", "dynamodb:DeleteItem"],
        resources: [state.table.tableArn],
        conditions: ownKeys,
      }),
      allow(["sns:Publish"], [topicArn]),
      ...(webhook?.kind === "secret" ? [allow(["secretsmanager:GetSecretValue"], [webhook.secretArn])] : []),
    ],
    environment: {
      NOTIFY_TOPIC_ARN: topicArn,
      ...(webhook?.kind === "url" && { NOTIFY_URL: webhook.url }),
      ...(webhook?.kind === "secret" && { NOTIFY_SECRET_ID: webhook.secretArn }),
    },
  };
};
