import { readArguments, usage } from "./arguments.ts";
import { lineOf } from "./call-log.ts";
import { chooseDataDir, prepareDataDir } from "./data-folder.ts";
import { describeRun } from "./describe-run.ts";
import { choosePorts, explainTakenPort, keepPorts, readKeptPorts } from "./embedded-ports.ts";
import { startEmbeddedRun } from "./embedded-run.ts";

const watchEachMs = 10_000;

/** `npm start`: Usher on this machine, until Ctrl-C. */
const main = async (): Promise<void> => {
  const { sandbox: withSandbox, quiet, help } = readArguments(process.argv.slice(2), process.env);
  if (help) return console.log(usage);
  // A reader that has gone, such as `head`, does not end the run.
  process.stdout.on("error", () => {});
  const dataDir = chooseDataDir(process.env, withSandbox ? ".usher-sandbox" : ".usher");
  prepareDataDir(dataDir);
  const kept = readKeptPorts(dataDir);
  const { port, dynamodbPort, secretsPort, sandboxPort } = await choosePorts(process.env, kept);
  const ports = { port, dynamodbPort, secretsPort };
  try {
    // Loaded where it is asked for alone: it brings a web server along. It is up before Usher looks for what is due.
    const sandbox = withSandbox
      ? await (await import("../sandbox/sandbox.ts")).startSandbox({ dataDir, port: sandboxPort })
      : undefined;
    const onCall = quiet ? undefined : (call: Parameters<typeof lineOf>[0]) => console.log(lineOf(call));
    const token = process.env.USHER_TOKEN;
    const notifyUrl = process.env.USHER_NOTIFY_URL || undefined;
    const publicUrl = process.env.USHER_PUBLIC_URL || undefined;
    const run = await startEmbeddedRun({
      ...ports,
      dataDir,
      token,
      notifyUrl,
      publicUrl,
      watchEachMs,
      onCall,
    });
    keepPorts(dataDir, {
      dynamodbPort: run.dynamodbUrl,
      secretsPort: run.secretsUrl,
      sandboxPort: sandbox?.baseUrl,
    });
    console.log(describeRun({ run, sandbox, kept, isQuiet: quiet, isTelling: notifyUrl !== undefined }));
    stopOnSignal([run, ...(sandbox ? [sandbox] : [])]);
  } catch (error) {
    const taken = explainTakenPort(error, { ...ports, sandboxPort });
    throw new Error(taken ?? (error as Error).message, { cause: error });
  }
};

/** The first signal waits for requests under way, the second does not. */
const stopOnSignal = (parts: { close(): Promise<void> }[]): void => {
  let stopping = false;
  const close = async () => {
    for (const part of parts) await part.close();
  };
  const stop = () => {
    if (stopping) process.exit(1);
    stopping = true;
    close().then(
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
