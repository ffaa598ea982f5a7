import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What came of an invocation. `payload` is the JSON text of the answer. */
export type Outcome = { payload: string } | { errorType: string; errorMessage: string };
export type Invocation = { id: string; payload: string; arn: string };

/** How large an answer may be: 6 MB and the room that Lambda allows around it. */
const maxAnswerBytes = 6 * 1024 * 1024 + 100;

export type RuntimeApi = {
  /** `host:port`, as AWS_LAMBDA_RUNTIME_API has it. */
  address: string;
  /** Hands one invocation to the process; the next only once this one is answered. */
  give(invocation: Invocation): void;
  close(): void;
};

type Events = {
  /** The process asks for work and there is none: it may be frozen. */
  onIdle(): void;
  /** An invocation begins; returns when it must have ended (Unix ms). */
  onBegin(): number;
  onOutcome(id: string, outcome: Outcome): void;
  onInitError(outcome: Outcome): void;
};

/** The Lambda runtime API of one process, on loopback. */
export const startRuntimeApi = async (events: Events): Promise<RuntimeApi> => {
  let waiting: ServerResponse | undefined;
  let given: Invocation | undefined;

  const handOver = () => {
    if (!waiting || !given) return;
    waiting.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": given.id,
      "lambda-runtime-deadline-ms": String(events.onBegin()),
      "lambda-runtime-invoked-function-arn": given.arn,
    });
    waiting.end(given.payload);
    [waiting, given] = [undefined, undefined];
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "").replace("/2018-06-01/runtime/", "");
    if (request.method === "GET" && path === "invocation/next") {
      waiting = response;
      if (given) handOver();
      else events.onIdle();
      return;
    }
    const body = await textOf(request);
    const [, id = "", what] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const isTooLarge = what === "response" && Buffer.byteLength(body) > maxAnswerBytes;
    if (isTooLarge) events.onOutcome(id, tooLarge(body));
    else if (what === "response") events.onOutcome(id, { payload: body });
    else if (what === "error") events.onOutcome(id, errorOf(body));
    else if (path === "init/error") events.onInitError(errorOf(body));
    response.writeHead(isTooLarge ? 413 : 202).end();
  };

  const server = createServer((request, response) => void answer(request, response));
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    give(invocation) {
      given = invocation;
      handOver();
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
};

const tooLarge = (body: string): Outcome => ({
  errorType: "Function.ResponseSizeTooLarge",
  errorMessage: `Response payload size (${Buffer.byteLength(body)} bytes) exceeded maximum allowed payload size (6291556 bytes).`,
});

const errorOf = (body: string): Outcome => {
  const { errorType, errorMessage } = JSON.parse(body);
  return { errorType, errorMessage };
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};
