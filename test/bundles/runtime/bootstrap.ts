import { existsSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * The process of one Lambda, started as Lambda's managed Node runtime starts it: it loads the file and the export that
 * _HANDLER names, then takes one invocation after the other from the runtime API.
 */
const env = (name: string): string => process.env[name] ?? "";
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const [host, port] = env("AWS_LAMBDA_RUNTIME_API").split(":");

type Answer = { status: number; headers: NodeJS.Dict<string | string[]>; text: string };

const call = (method: string, path: string, body?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request({ host, port, method, path: `/2018-06-01/runtime/${path}`, agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const { statusCode: status = 0, headers } = answer;
        resolve({ status, headers, text: Buffer.concat(chunks).toString() });
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });

const wordsOf = (error: unknown, type?: string): string => {
  const { name, message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({ errorType: type ?? name, errorMessage: message, stackTrace: stack.split("\n") });
};

const loadHandler = async (): Promise<(event: unknown, context: object) => unknown> => {
  const [file = "", name = ""] = env("_HANDLER").split(".");
  const paths = [".mjs", ".js", ".cjs"].map((ending) => join(env("LAMBDA_TASK_ROOT"), file + ending));
  const path = paths.find(existsSync);
  if (path === undefined) throw new Error(`Cannot find module '${file}'`);
  const handler = (await import(pathToFileURL(path).href))[name];
  if (typeof handler !== "function") throw new Error(`${env("_HANDLER")} is undefined or not exported`);
  return handler;
};

const contextOf = (headers: Answer["headers"]) => {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env("AWS_LAMBDA_FUNCTION_NAME"),
    functionVersion: env("AWS_LAMBDA_FUNCTION_VERSION"),
    invokedFunctionArn: String(headers["lambda-runtime-invoked-function-arn"]),
    memoryLimitInMB: env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    awsRequestId: String(headers["lambda-runtime-aws-request-id"]),
    logGroupName: env("AWS_LAMBDA_LOG_GROUP_NAME"),
    logStreamName: env("AWS_LAMBDA_LOG_STREAM_NAME"),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
};

let current: string | undefined;
const endBy = (type: string, code: number) => async (error: unknown) => {
  const path = current === undefined ? "init/error" : `invocation/${current}/error`;
  await call("POST", path, wordsOf(error, type));
  process.exit(code);
};
process.on("uncaughtException", endBy("Runtime.UncaughtException", 129));
process.on("unhandledRejection", endBy("Runtime.UnhandledPromiseRejection", 128));

const handler = await loadHandler().catch(async (error: unknown) => {
  await call("POST", "init/error", wordsOf(error));
  process.exit(1);
});

for (;;) {
  const next = await call("GET", "invocation/next");
  const id = String(next.headers["lambda-runtime-aws-request-id"]);
  current = id;
  const answered = (async () =>
    JSON.stringify((await handler(JSON.parse(next.text), contextOf(next.headers))) ?? null))();
  await answered.then(
    (text) => call("POST", `invocation/${id}/response`, text),
    (error: unknown) => call("POST", `invocation/${id}/error`, wordsOf(error)),
  );
}
