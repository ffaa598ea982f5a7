import { resolve } from "node:path";
import { choosePorts, explainTakenPort } from "./embedded-ports.ts";
import { type EmbeddedRun, startEmbeddedRun } from "./embedded-run.ts";

/** `npm start`: Usher on this machine, until Ctrl-C. */
const main = async (): Promise<void> => {
  const { USHER_DATA_DIR: dataDir = ".usher", USHER_TOKEN: token } = process.env;
  const ports = await choosePorts(process.env);
  const run = await startEmbeddedRun({ ...ports, dataDir: resolve(dataDir), token }).catch(
    (error: unknown) => {
      throw new Error(explainTakenPort(error, ports) ?? (error as Error).message, { cause: error });
    },
  );
  console.log(describe(run));
  stopOnSignal(run);
};

const describe = (run: EmbeddedRun): string =>
  [
    `Usher is running at ${run.url}`,
    `  token            ${run.tokenPath ?? "the one of USHER_TOKEN"}  (send: Authorization: Bearer TOKEN)`,
    `  AWS keys         ${run.keysPath}  (for a shell: set -a; . FILE; set +a)`,
    `  DynamoDB         ${run.dynamodbUrl}`,
    `  Secrets Manager  ${run.secretsUrl}`,
    `  tables           ${run.tables.state}, ${run.tables.events}`,
    "Ctrl-C stops it.",
  ].join("\n");

/** The first signal waits for requests under way, the second does not. */
const stopOnSignal = (run: EmbeddedRun): void => {
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(1);
    stopping = true;
    run.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
};

const fail = (error: unknown): void => {
  console.error(`Usher cannot run: ${error instanceof Error ? error.message : "unknown reason"}`);
  process.exit(1);
};

main().catch(fail);
