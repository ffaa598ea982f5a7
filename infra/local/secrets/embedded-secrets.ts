import { join } from "node:path";
import { holdLock } from "../data-file/folder-lock.ts";
import { AwsError } from "../signing/aws-error.ts";
import type { RunKeys } from "../signing/run-keys.ts";
import { type RunningEndpoint, startSignedEndpoint } from "../signing/signed-endpoint.ts";
import { secretOperations } from "./secret-operations.ts";
import { parseSecretRequest, type SecretOperation, secretRequests } from "./secret-requests.ts";
import { openSecretStore } from "./secret-store.ts";

type EmbeddedSecrets = RunningEndpoint & {
  /** Carries out one operation for the process itself, e.g. `GetSecretValue`. @throws AwsError */
  call(operation: string, input: unknown): Promise<object>;
};

/**
 * Starts a Secrets Manager endpoint on 127.0.0.1 whose secrets are kept encrypted in `<dataDir>/secrets.enc`.
 * It serves CreateSecret, GetSecretValue, PutSecretValue, UpdateSecretVersionStage, DescribeSecret,
 * DeleteSecret, RestoreSecret and ListSecrets (name filters).
 *
 * @param options `now` is the clock of dates and recovery windows, in epoch milliseconds; `port` 0, the
 *   default, takes any
 * @throws Error "data folder … is in use by another run", when the file and its key do not fit, or the listen
 *   error
 */
export async function startEmbeddedSecrets(options: {
  dataDir: string;
  keys: Pick<RunKeys, "accessKeyId" | "secretAccessKey" | "region">;
  port?: number;
  now?: () => number;
}): Promise<EmbeddedSecrets> {
  const { dataDir, keys, port = 0, now = Date.now } = options;
  const letGo = holdLock(join(dataDir, "secrets.lock.sqlite"), dataDir);
  try {
    const store = openSecretStore(dataDir, now);
    await store.removeDeleted();
    const operations = secretOperations(store, keys.region, now);
    const carryOut = async <O extends SecretOperation>(operation: O, input: unknown) =>
      operations[operation](parseSecretRequest(operation, input));
    const call = async (operation: string, input: unknown) => carryOut(known(operation), input);
    const endpoint = await startSignedEndpoint({
      service: "secretsmanager",
      contentType: "application/x-amz-json-1.1",
      keys,
      port,
      maxBodyBytes: 1024 * 1024,
      handle: (target, input) => call(operationOf(target), input),
    });
    const timer = setInterval(() => store.removeDeleted().catch(console.error), 60_000).unref();
    return {
      url: endpoint.url,
      call,
      async close() {
        clearInterval(timer);
        await endpoint.close();
        letGo();
      },
    };
  } catch (error) {
    letGo();
    throw error;
  }
}

function operationOf(target: string): string {
  return target.startsWith("secretsmanager.") ? target.slice("secretsmanager.".length) : "";
}

function known(name: string): SecretOperation {
  if (Object.hasOwn(secretRequests, name)) return name as SecretOperation;
  throw new AwsError(400, { __type: "UnknownOperationException" });
}
