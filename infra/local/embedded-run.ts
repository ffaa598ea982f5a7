import { randomBytes, randomUUID } from "node:crypto";
import { CreateSecretCommand, ResourceExistsException } from "@aws-sdk/client-secrets-manager";
import { functions } from "../../functions/index.ts";
import { handler as notFound } from "../../functions/not-found.ts";
import { handler as recoverAttempts } from "../../functions/recover-attempts.ts";
import { handler as scim } from "../../functions/scim.ts";
import { voidDeadLeases } from "../../shared/aws/links/dead-leases.ts";
import { createSecretsClient } from "../../shared/aws/secrets/secrets-client.ts";
import { createDynamoDbClient } from "../../shared/aws/table/dynamodb-client.ts";
import { readPublicUrl } from "../../shared/common/public-url.ts";
import { allowLoopbackTargets, type MakeClients } from "../../shared/runtime/services.ts";
import { createTables } from "./dynamodb/create-tables.ts";
import { serveDynamoDb } from "./dynamodb/embedded-dynamodb.ts";
import { openDynamoDb } from "./dynamodb/engine.ts";
import { applyEmbeddedSettings, idempotencySecret, tables } from "./embedded-settings.ts";
import { createLocalFigures } from "./figures.ts";
import { toContext } from "./front/http-event.ts";
import { type FinishedCall, startHttpFront } from "./front/http-front.ts";
import { type LocalTokens, readOrMakeTokens } from "./front/local-callers.ts";
import { metricsRoute } from "./front/metrics-route.ts";
import { withStoreHealth } from "./front/store-health.ts";
import { answerInProcess } from "./in-process/commands.ts";
import { inProcessHandler } from "./in-process/handler.ts";
import { pauseIfRestored, type Restored } from "./pause-restored.ts";
import { startEmbeddedSecrets } from "./secrets/embedded-secrets.ts";
import { makeOrReadRunKeys } from "./signing/run-keys.ts";
import { startLocalStream } from "./stream.ts";
import { checkNotifyUrl, startWatch } from "./watch.ts";

export type EmbeddedRun = {
  url: string;
  /** Where identity providers reach it, where that is not `url`; without a slash at the end. */
  publicUrl?: string;
  /** The admin's. */
  token: string;
  tokens: LocalTokens;
  keysPath: string;
  dynamodbUrl: string;
  secretsUrl: string;
  tables: { state: string; events: string };
  /** There at the first start over restored data. */
  restored?: Restored;
  /** The first recovery, of what an earlier process left behind. */
  recovered: Promise<{ settled: number }>;
  /** Recover now, as else happens each minute. */
  recover(): Promise<{ settled: number }>;
  /** Watch now: record how things stand, and tell the webhook. */
  watch(): Promise<void>;
  /** Lets requests under way end, then stops everything. */
  close(): Promise<void>;
};

/**
 * Starts all of Usher in this process: the handlers that run on AWS behind an HTTP front, with DynamoDB and Secrets
 * Manager on disk, which the handlers reach without a socket. One at a time in a process, since the handlers read their
 * settings from its environment.
 *
 * @throws Error of `openDynamoDb`, of the secrets' file, of `checkNotifyUrl` or of `checkPublicUrl`, or the listen error
 */
export const startEmbeddedRun = async (options: {
  port: number;
  dataDir: string;
  /** The admin's. */
  token?: string | undefined;
  /** Of the signed endpoints; 0, the default, takes any. */
  dynamodbPort?: number;
  secretsPort?: number;
  /** Where messages are posted. */
  notifyUrl?: string | undefined;
  /** Where identity providers reach it, which is not where it listens; `checkPublicUrl` says in which form. */
  publicUrl?: string | undefined;
  /** How often it watches; by itself it does not. */
  watchEachMs?: number;
  /** Told of each call once its answer is on its way. */
  onCall?: ((call: FinishedCall) => void) | undefined;
}): Promise<EmbeddedRun> => {
  const { port, dataDir, dynamodbPort = 0, secretsPort = 0, notifyUrl, watchEachMs, onCall } = options;
  if (notifyUrl !== undefined) checkNotifyUrl(notifyUrl);
  const publicUrl = options.publicUrl && checkPublicUrl(options.publicUrl);
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const undo of closers.splice(0).reverse()) await undo();
  };
  try {
    // First: where there are keys and no tables, tables were lost.
    const engine = await openDynamoDb(dataDir);
    closers.push(() => engine.close());
    const { path: keysPath, ...keys } = makeOrReadRunKeys(dataDir);
    const tokens = readOrMakeTokens(dataDir, options.token);
    const dynamodb = await serveDynamoDb(engine, { keys, port: dynamodbPort });
    closers.push(() => dynamodb.close());
    const secrets = await startEmbeddedSecrets({ dataDir, keys, port: secretsPort });
    closers.push(() => secrets.close());
    closers.push(
      applyEmbeddedSettings({ keys, dynamodbUrl: dynamodb.url, secretsUrl: secrets.url, notifyUrl }),
    );
    const stream = startLocalStream(tables.state);
    const clients: MakeClients = {
      dynamoDb: () =>
        answerInProcess(createDynamoDbClient(), async (operation, input) => {
          const output = await engine.call(operation, input, "sdk");
          stream.written(operation, input);
          return output;
        }),
      secretsManager: () => createSecretsClient(inProcessHandler(secrets.call)),
    };
    const figures = createLocalFigures();
    closers.push(allowLoopbackTargets(clients, stream, figures));
    closers.push(() => stream.stop());

    await prepareData(clients);
    // Before anything looks for what is due.
    const restored = await pauseIfRestored(dataDir);
    const recovery = startRecovery();
    closers.push(() => recovery.stop());
    const watch = startWatch(watchEachMs);
    closers.push(() => watch.stop());
    const served = [...withStoreHealth(functions, () => engine.trouble()), metricsRoute(figures)];
    const front = await startHttpFront({
      port,
      tokens,
      functions: served,
      scim,
      publicUrl,
      notFound,
      onCall,
    });
    closers.push(() => front.close());
    process.env.USHER_PUBLIC_URL = publicUrl ?? front.url;
    return {
      url: front.url,
      ...(publicUrl && { publicUrl }),
      token: tokens.admin.token,
      tokens,
      keysPath,
      dynamodbUrl: dynamodb.url,
      secretsUrl: secrets.url,
      tables,
      ...(restored && { restored }),
      recovered: recovery.first,
      recover: recovery.run,
      watch: watch.run,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** @throws Error that says what an address has to be */
const checkPublicUrl = (text: string): string => {
  const checked = readPublicUrl(text, { allowLoopback: true });
  if (checked.ok) return checked.url;
  throw new Error(`USHER_PUBLIC_URL is not right: ${checked.reason}`);
};

/** Tables and the key of the deployment, and an end to whatever a dead process still holds: nobody else works here. */
const prepareData = async (clients: MakeClients): Promise<void> => {
  const client = clients.dynamoDb();
  const secrets = clients.secretsManager();
  try {
    await createTables(client, tables);
    const key = { Name: idempotencySecret, SecretString: randomBytes(48).toString("base64url") };
    await secrets.send(new CreateSecretCommand(key)).catch((error: unknown) => {
      if (!(error instanceof ResourceExistsException)) throw error;
    });
    await voidDeadLeases({ client, tableName: tables.state });
  } finally {
    client.destroy();
    secrets.destroy();
  }
};

const sweepEachMs = 10_000;

/** The schedule of the recovery Lambda, six times as often: now and each ten seconds, never twice at once. */
const startRecovery = () => {
  const sweep = () => recoverAttempts({}, toContext("recover-attempts", randomUUID()));
  let last: Promise<{ settled: number }> = sweep();
  const first = last;
  const run = () => {
    last = last.catch(() => ({ settled: 0 })).then(sweep);
    return last;
  };
  // The handler has logged what went wrong; the next minute tries again.
  first.catch(() => {});
  const timer = setInterval(() => run().catch(() => {}), sweepEachMs).unref();
  const stop = async () => {
    clearInterval(timer);
    await last.catch(() => {});
  };
  return { first, run, stop };
};
