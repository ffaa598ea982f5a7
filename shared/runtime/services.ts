import { setTimeout as sleep } from "node:timers/promises";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createCallReads } from "../aws/call-reads.ts";
import { readCurrentIntegrations } from "../aws/current-integrations.ts";
import { createGroupStore } from "../aws/directory/group-store.ts";
import { createUserStore } from "../aws/directory/user-store.ts";
import { createEventReader } from "../aws/events/event-reader.ts";
import { createEventWriter } from "../aws/events/event-writer.ts";
import { createGuardStore } from "../aws/guard-store.ts";
import { createHoldStore } from "../aws/hold-store.ts";
import { createIdempotencyKeyReader, hashBody } from "../aws/idempotency-key.ts";
import { createIdempotencyStore } from "../aws/idempotency-store.ts";
import { createIntegrationJobStore } from "../aws/integration-job-store.ts";
import { createIntegrationStore } from "../aws/integration-store.ts";
import { createJobStore } from "../aws/job-store.ts";
import { createClaimStore } from "../aws/links/claim-store.ts";
import { createLinkStore } from "../aws/links/link-store.ts";
import { createPushedMemberStore } from "../aws/links/pushed-member-store.ts";
import { createNoticeStore } from "../aws/notice-store.ts";
import { createNoticeTopic, createSnsClient } from "../aws/notice-topic.ts";
import { createRateSchedule } from "../aws/rate-budget-store.ts";
import { readSecretText } from "../aws/secret-text.ts";
import { createGivenSecrets } from "../aws/secrets/given-secrets.ts";
import { createSecretStore } from "../aws/secrets/secret-store.ts";
import { createSecretsClient } from "../aws/secrets/secrets-client.ts";
import { createConflictStore } from "../aws/sources/conflict-store.ts";
import { createNameStore } from "../aws/sources/name-store.ts";
import { createOwnedStore } from "../aws/sources/owned-store.ts";
import { createSourceStore } from "../aws/sources/source-store.ts";
import { createWaitingStore } from "../aws/sources/waiting-store.ts";
import { createAttemptIndex } from "../aws/table/attempt-index.ts";
import { createDynamoDbClient } from "../aws/table/dynamodb-client.ts";
import { createWorkIndex } from "../aws/table/work-index.ts";
import { createTargetStore } from "../aws/target-store.ts";
import { createSqsClient, createWakeUps } from "../aws/wake-ups.ts";
import { createWorkerSlots } from "../aws/worker-slots.ts";
import type { Idempotency } from "../http/idempotency.ts";
import { uuidV7 } from "../model/ids.ts";
import type { EventReader, EventWriter } from "../provisioning/ports/event-log.ts";
import type { NoticeChannels } from "../provisioning/ports/notice-channel.ts";
import type { NoticeStore } from "../provisioning/ports/notice-store.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import type { Telemetry } from "../provisioning/ports/telemetry.ts";
import type { WakeUps } from "../provisioning/ports/work-index.ts";
import type { Rehearse } from "../rehearsal/rehearse.ts";
import type { OpenClient } from "../rehearsal/stage.ts";
import { createScimClient } from "../scim/client.ts";
import { profileOf } from "../scim/profiles/effective-profile.ts";
import { createCloudWatchFigures } from "../telemetry/cloudwatch-figures.ts";
import { tellEvents } from "../telemetry/tell-events.ts";
import { tellRequests } from "../telemetry/tell-requests.ts";
import { createNoticeWebhook } from "../webhook/notice-webhook.ts";
import { setting } from "./environment.ts";

let made = new Map<string, unknown>();

/** Made at first use and kept for the life of the process. */
const once = <T>(name: string, make: () => T): T => {
  if (!made.has(name)) made.set(name, make());
  return made.get(name) as T;
};

type Makers<T> = { [K in keyof T]: () => T[K] };

/**
 * Parts that are made when they are first read: a Lambda is told of nothing that it may not touch, so the settings of
 * the parts that it never uses are not there. Do not spread it. A function of the makers, so that bundles leave out
 * what they do not import.
 */
const lazily = <T extends object>(makers: () => Makers<T>): T => {
  const parts = Object.entries<() => unknown>(makers());
  const getters = parts.map(([name, make]) => [name, { enumerable: true, get: () => once(name, make) }]);
  return Object.defineProperties({}, Object.fromEntries(getters)) as T;
};

/** How the two clients are made; the local run has its own. */
export type MakeClients = { dynamoDb(): DynamoDBClient; secretsManager(): SecretsManagerClient };
// Two variables and no object, so that a bundle leaves out the client that it does not use.
const dynamoDbOfAws: MakeClients["dynamoDb"] = () => createDynamoDbClient();
const secretsManagerOfAws: MakeClients["secretsManager"] = () => createSecretsClient();
let makeDynamoDb = dynamoDbOfAws;
let makeSecretsManager = secretsManagerOfAws;

const dynamoDb = () => once("dynamoDb", () => makeDynamoDb());
const secretsManager = () => once("secretsManager", () => makeSecretsManager());
const state = () => ({ client: dynamoDb(), tableName: setting("STATE_TABLE") });
const events = () => ({
  client: dynamoDb(),
  tableName: setting("EVENTS_TABLE"),
  shards: setting("EVENT_SHARDS"),
});

const stateMakers = () => ({
  reads: () => createCallReads(state()),
  integrations: () => createIntegrationStore(state()),
  users: () => createUserStore(state()),
  groups: () => createGroupStore(state()),
  sources: () => createSourceStore(state()),
  names: () => createNameStore(state()),
  owned: () => createOwnedStore(state()),
  conflicts: () => createConflictStore(state()),
  waiting: () => createWaitingStore(state()),
  pushedMembers: () => createPushedMemberStore(state()),
  userLinks: (): Ports["userLinks"] => createLinkStore({ ...state(), kind: "user" }),
  groupLinks: (): Ports["groupLinks"] => createLinkStore({ ...state(), kind: "group" }),
  claims: () => createClaimStore(state()),
  attempts: () => createAttemptIndex(state()),
  guards: () => createGuardStore(state()),
  holds: () => createHoldStore(state()),
  work: () => createWorkIndex(state()),
  jobs: () => createJobStore(state()),
  integrationJobs: () => createIntegrationJobStore(state()),
  clock: () => ({ now: () => Date.now(), sleep: (ms: number) => sleep(ms) }),
  newId: () => uuidV7,
  random: () => Math.random,
  profileOf: () => profileOf,
});

let ownTelemetry: Telemetry | undefined;

/** Where figures go: to CloudWatch, but for the local run. */
export const telemetry = (): Telemetry =>
  ownTelemetry ?? once("telemetry", () => createCloudWatchFigures(setting("POWERTOOLS_SERVICE_NAME")));

/** The writer of events; those of attempts are counted. */
const eventWriter = (figures: Telemetry | undefined): EventWriter =>
  tellEvents(createEventWriter(events()), { now: () => Date.now(), telemetry: figures });

const recordMakers = () => ({
  // Bundles that record changes of the directory alone leave CloudWatch's figures out. The local run has one writer for all.
  events: () => eventWriter(ownTelemetry),
  organization: () => setting("USHER_ORGANIZATION"),
  eventRetentionDays: () => setting("EVENT_RETENTION_DAYS"),
});

/** The deployment's key for hashes. */
const hashKey = (): (() => Promise<string>) =>
  once("hashKey", () =>
    createIdempotencyKeyReader({ client: secretsManager(), secretId: setting("IDEMPOTENCY_SECRET_ID") }),
  );

const beyondState = (): never => {
  throw new Error("This Lambda works on the state table alone.");
};

const beyondWork = (): never => {
  throw new Error("This Lambda wakes no worker, and is none: the store's stream wakes them.");
};
const withoutWork = { wakeUps: beyondWork, slots: beyondWork };

const provisioningMakers = () => ({
  ...stateMakers(),
  ...recordMakers(),
  events: () => eventWriter(telemetry()),
  secrets: () => createSecretStore({ client: secretsManager(), prefix: setting("SECRET_PREFIX") }),
  givenSecrets: () =>
    createGivenSecrets({ client: secretsManager(), prefix: setting("GIVEN_SECRET_PREFIX") }),
  targets: () => createTargetStore({ ...state(), readKey: hashKey() }),
  openProvider: () =>
    createScimClient({
      ...targetRules(),
      schedule: createRateSchedule(state()),
      onRequest: tellRequests(telemetry()),
    }),
});

/** The composition root, for Lambdas that provision. The stream of the table wakes the workers, not they. */
export const ports: Ports = /* @__PURE__ */ lazily<Ports>(() => ({
  ...provisioningMakers(),
  ...withoutWork,
}));

const beyondTables = (): never => {
  throw new Error("This Lambda works on the two tables alone.");
};

/** For Lambdas that change the directory and record that: their bundles hold neither SCIM client nor Secrets Manager. */
export const directoryPorts: Ports = /* @__PURE__ */ lazily<Ports>(() => ({
  ...stateMakers(),
  ...recordMakers(),
  secrets: beyondTables,
  givenSecrets: beyondTables,
  targets: beyondTables,
  openProvider: beyondTables,
  ...withoutWork,
}));

/** Workers of this process itself, in place of a queue and of leases in the table. */
export type OwnWorkers = Pick<Ports, "wakeUps" | "slots">;
let own: OwnWorkers | undefined;
const wakeUps = (): WakeUps =>
  own?.wakeUps ??
  createWakeUps({
    client: once("sqs", createSqsClient),
    queueUrl: setting("WORK_QUEUE_URL"),
    table: state(),
  });
const slots = (): Ports["slots"] => own?.slots ?? createWorkerSlots(state());

/** For the worker and the sweep, which provision and wake workers. */
export const workerPorts: Ports = /* @__PURE__ */ lazily<Ports>(() => ({
  ...provisioningMakers(),
  wakeUps,
  slots,
}));

/** For the dispatch of changes, which sends nothing to a provider. */
export const dispatchPorts: Ports = /* @__PURE__ */ lazily<Ports>(() => ({
  ...stateMakers(),
  ...recordMakers(),
  secrets: beyondTables,
  givenSecrets: beyondTables,
  targets: beyondTables,
  openProvider: beyondTables,
  wakeUps,
  slots: beyondWork,
}));

/** For Lambdas that work on the state table alone: their bundles hold neither SCIM client nor Secrets Manager. */
export const statePorts: Ports = /* @__PURE__ */ lazily<Ports>(() => ({
  ...stateMakers(),
  secrets: beyondState,
  givenSecrets: beyondState,
  targets: beyondState,
  events: beyondState,
  openProvider: beyondState,
  ...withoutWork,
  organization: beyondState,
  eventRetentionDays: beyondState,
}));

/** What a call would send: see `rehearse`. Read when it is first asked for: no other call pays for it. */
export const rehearseCall: Rehearse = async (real, wanted) => {
  const [{ rehearse }, { createScimClient: createClient }] = await Promise.all([
    import("../rehearsal/rehearse.ts"),
    import("../scim/client.ts"),
  ]);
  const openClient: OpenClient = (exchange, clock) => createClient({ ...targetRules(), ...clock, exchange });
  return rehearse(real, openClient, wanted);
};

export const eventReader = (): EventReader =>
  once("eventReader", () =>
    createEventReader({ ...events(), now: () => Date.now(), retentionDays: setting("EVENT_RETENTION_DAYS") }),
  );

/** The base URL of SCIM in, to enter at an identity provider. Read each time: the local run learns its address late. */
export const scimBaseUrl = (): string => `${setting("USHER_PUBLIC_URL")}/scim/v2`;

export const idempotency = (): Idempotency =>
  once("idempotency", () => {
    const readKey = hashKey();
    return {
      store: createIdempotencyStore(state()),
      hashBody: async (text) => hashBody(await readKey(), text),
      now: () => Date.now(),
    };
  });

/** What the watch reads and writes beside the stores of `statePorts`. */
export const watchParts = {
  current: () => readCurrentIntegrations(state()),
  store: (): NoticeStore => once("notices", () => createNoticeStore(state())),
  /** Those that are set up. */
  channels: (): NoticeChannels => {
    const topicArn = setting("NOTIFY_TOPIC_ARN");
    const readUrl = webhookUrl();
    return {
      ...(topicArn !== undefined && {
        topic: createNoticeTopic({ client: once("sns", createSnsClient), topicArn }),
      }),
      ...(readUrl && { webhook: createNoticeWebhook({ ...targetRules(), readUrl }) }),
    };
  },
};

/** Read anew for each message, so that another address holds at once. */
const webhookUrl = (): (() => Promise<string>) | undefined => {
  const url = setting("NOTIFY_URL");
  if (url !== undefined) return async () => url;
  const secretId = setting("NOTIFY_SECRET_ID");
  return secretId === undefined ? undefined : () => readSecretText(secretsManager(), secretId);
};

let allowLoopback = false;

/** Which targets may be called beyond public https addresses: none, but for the local run. */
export const targetRules = (): { allowLoopback: boolean } => ({ allowLoopback });

/**
 * For `infra/local` and tests alone, never by a setting: lets loopback be called, and makes every part anew from the
 * environment as it is now, with `clients` and `workers` where they are given. Figures go to `figures`, and nowhere without
 * it. The function that it returns takes all of it back.
 */
export const allowLoopbackTargets = (
  clients?: MakeClients,
  workers?: OwnWorkers,
  figures: Telemetry = { record: () => undefined },
): (() => void) => {
  const renew = (allowed: boolean, make?: MakeClients) => {
    allowLoopback = allowed;
    own = allowed ? workers : undefined;
    ownTelemetry = allowed ? figures : undefined;
    makeDynamoDb = make?.dynamoDb ?? dynamoDbOfAws;
    makeSecretsManager = make?.secretsManager ?? secretsManagerOfAws;
    for (const part of made.values()) if (isClient(part)) part.destroy();
    made = new Map();
  };
  renew(true, clients);
  return () => renew(false);
};

/** A client holds sockets open. */
const isClient = (part: unknown): part is { destroy(): void } =>
  typeof part === "object" && part !== null && "destroy" in part && typeof part.destroy === "function";
