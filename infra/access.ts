import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { partitionsOf } from "../shared/aws/table/keys.ts";
import type { Access, EventReads } from "../shared/http/endpoint.ts";
import type { ItemRequest, StateAccess } from "../shared/model/state-access.ts";
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
    bindState(access, resources),
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

const allow = (actions: string[], resources: string[], conditions: Conditions = {}) =>
  new PolicyStatement({ actions, resources, conditions });
type Conditions = Record<string, Record<string, unknown>>;

const itemActions: Record<ItemRequest, string> = {
  get: "dynamodb:GetItem",
  batchGet: "dynamodb:BatchGetItem",
  query: "dynamodb:Query",
  put: "dynamodb:PutItem",
  update: "dynamodb:UpdateItem",
  delete: "dynamodb:DeleteItem",
  batchWrite: "dynamodb:BatchWriteItem",
};
const itemRequests = Object.keys(itemActions) as ItemRequest[];

/** What the parts of an access need of the state table, with what is asked for itself. */
const stateParts = ({ state, rehearses, idempotencyKey, wakeUps = [], notices }: Access): StateAccess[] => [
  ...(state === undefined ? [] : [state]),
  ...(rehearses === true ? [rehearsalState] : []),
  ...(idempotencyKey === true ? [idempotencyState] : []),
  ...(wakeUps.length > 0 ? [wakingState] : []),
  ...(notices === true ? [noticesState] : []),
];
const rehearsalState: StateAccess = {
  get: ["integrations", "users", "groups", "claims", "guards", "holds"],
  batchGet: ["integrations", "users", "groups", "pushed", "claims", "holds"],
  query: ["users", "groups", "pushed", "holds"],
  indexes: ["byListing", "byEmail"],
};
const idempotencyState: StateAccess = {
  get: ["idempotency"],
  put: ["idempotency"],
  update: ["idempotency"],
  delete: ["idempotency"],
};
const wakingState: StateAccess = { update: ["workers"] };
const noticesState: StateAccess = { query: ["notices"], put: ["notices"], delete: ["notices"] };

/** Each request with the partitions that it may name; requests for the same ones in one statement, as roles have little room. */
const bindState = (access: Access, { state }: Resources): Bound => {
  const parts = stateParts(access);
  if (parts.length === 0) return nothing;
  const byPartitions = new Map<string, { actions: string[]; partitions: string[] }>();
  for (const request of itemRequests) {
    const partitions = [...new Set(parts.flatMap((part) => part[request] ?? []))].flatMap(
      (kind) => partitionsOf[kind],
    );
    if (partitions.length === 0) continue;
    const { actions = [] } = byPartitions.get(partitions.join()) ?? {};
    byPartitions.set(partitions.join(), { actions: [...actions, itemActions[request]], partitions });
  }
  const items = [...byPartitions.values()].map(({ actions, partitions }) =>
    allow(actions, [state.table.tableArn], ofPartitions(partitions)),
  );
  const indexes = [...new Set(parts.flatMap((part) => part.indexes ?? []))];
  return {
    statements: [...items, ...queriesOf(state, indexes)],
    environment: { STATE_TABLE: state.table.tableName },
  };
};

/** Of a request that names no partition, such as a Scan, "for all values" would hold: it must name one. */
const ofPartitions = (patterns: string[]): Conditions => ({
  "ForAllValues:StringLike": { "dynamodb:LeadingKeys": patterns },
  Null: { "dynamodb:LeadingKeys": "false" },
});

/** Index by index, so that no grant needs `index/*`. What an index of the state table holds is keys alone. */
const queriesOf = ({ table }: DeployedTable, indexes: readonly string[]): PolicyStatement[] =>
  indexes.length === 0
    ? []
    : [
        allow(
          ["dynamodb:Query"],
          indexes.map((name) => `${table.tableArn}/index/${name}`),
        ),
      ];

/** An event is written once: no Lambda may update or delete one, and who writes cannot even read. */
const bindEvents = (access: Access["events"], { events, settings }: Resources): Bound => {
  if (access === undefined) return nothing;
  // A reader counts shards and skips what has expired, so it needs both numbers just as the writer does.
  const shared = {
    EVENTS_TABLE: events.table.tableName,
    EVENT_SHARDS: String(settings.eventShards),
    EVENT_RETENTION_DAYS: String(settings.retentionDays),
  };
  if (access !== "put") return { statements: readsOf(events, access), environment: shared };
  return {
    statements: [allow(["dynamodb:PutItem"], [events.table.tableArn])],
    environment: { ...shared, USHER_ORGANIZATION: settings.organization },
  };
};

const readsOf = (events: DeployedTable, { get, batchGet, query = [] }: EventReads): PolicyStatement[] => {
  const actions = [
    ...(get ? ["dynamodb:GetItem"] : []),
    ...(batchGet ? ["dynamodb:BatchGetItem"] : []),
    ...(query.includes("table") ? ["dynamodb:Query"] : []),
  ];
  const ofTable = actions.length > 0 ? [allow(actions, [events.table.tableArn])] : [];
  return [
    ...ofTable,
    ...queriesOf(
      events,
      query.filter((name) => name !== "table"),
    ),
  ];
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
  const others = access.filter((verb) => verb !== "delete").map((verb) => secretActions[verb]);
  return {
    statements: [
      ...(others.length > 0 ? [allow(others, [secrets.ofIntegrations.arn])] : []),
      ...(access.includes("delete")
        ? [allow([secretActions.delete], [secrets.ofIntegrations.arn], recoverable)]
        : []),
    ],
    environment: { SECRET_PREFIX: secrets.ofIntegrations.name },
  };
};

/** A secret that goes can be brought back for a week at least: without a recovery window nothing is deleted. */
const recoverable: Conditions = {
  NumericGreaterThanEquals: { "secretsmanager:RecoveryWindowInDays": "7" },
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

/** The topic and the webhook that tell people. */
const bindNotices = (isUsed: boolean, { alarmTopic, settings: { webhook } }: Resources): Bound => {
  if (!isUsed) return nothing;
  const { topicArn } = alarmTopic;
  return {
    statements: [
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
