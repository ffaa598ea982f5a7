import { createHash } from "node:crypto";
import { omit } from "../common/objects.ts";
import { Failure } from "../model/failure.ts";
import { logError } from "../telemetry/log.ts";
import { correlationIdOf, readCaller } from "./caller.ts";
import type { Begun, IdempotencyStore } from "./idempotency-port.ts";
import { invalidInput } from "./input/read-input.ts";
import type { HttpEvent, HttpResult, Invocation, Middleware } from "./invocation.ts";

/** What honouring an Idempotency-Key needs; `hashBody` uses the deployment's own key. */
export type Idempotency = { store: IdempotencyStore; hashBody(text: string): Promise<string>; now(): number };

/**
 * Honours an Idempotency-Key: the first answer is given again to the same request. Only the answer of a finished
 * request is kept, but for what it has `shownOnce`; a failure, or a 202 that the same call continues, releases the key. A 202
 * that names what it has begun by its `Location` is finished: the same request again would begin it once more.
 */
export const idempotent = (open: () => Idempotency, shownOnce: readonly string[] = []): Middleware => {
  /** The stored key of each event that was begun and has not ended. */
  const begun = new WeakMap<HttpEvent, string>();
  const release = async (event: HttpEvent, key: string) => {
    begun.delete(event);
    await open().store.release(key);
  };
  return {
    before: async ({ event }) => {
      const given = event.headers["idempotency-key"];
      // A dry run is kept nowhere, and may be followed by the call itself under the same key.
      if (given === undefined || isDryRun(event)) return undefined;
      const key = storedKey(event, checked(given));
      const { store, hashBody, now } = open();
      const bodyHash = await hashBody(`${event.rawQueryString}\n${bodyText(event)}`);
      const answer = replayOf(await store.begin({ key, bodyHash, now: now() }), event);
      if (!answer) begun.set(event, key);
      return answer;
    },
    after: async ({ event, response, context }) => {
      const key = begun.get(event);
      if (key === undefined || !response) return;
      const { statusCode: status = 200, headers = {}, body = "" } = response;
      const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
      try {
        if (status === 202 && headers.location === undefined) await release(event, key);
        else {
          const kept = withoutFields(body, shownOnce);
          await open().store.finish(key, { status, headers: Object.fromEntries(texts), body: kept });
        }
      } catch (error) {
        // The request was carried out, so its answer stands; the key expires by itself.
        logError(error, whereOf({ event, context }));
      }
    },
    onError: async ({ event, context }) => {
      const key = begun.get(event);
      if (key === undefined) return;
      await release(event, key).catch((error: unknown) => {
        logError(error, whereOf({ event, context }));
      });
    },
  };
};

/** The JSON text of an object without these fields. */
const withoutFields = (body: string, fields: readonly string[]): string =>
  fields.length === 0 || body === "" ? body : JSON.stringify(omit(JSON.parse(body), ...fields));

const isDryRun = ({ rawQueryString }: HttpEvent): boolean =>
  new URLSearchParams(rawQueryString).get("dryRun") === "true";
const whereOf = ({ event, context }: Pick<Invocation, "event" | "context">) => ({
  function: context.functionName,
  requestId: context.awsRequestId,
  correlationId: correlationIdOf(event.headers),
});

const checked = (given: string): string => {
  if (/^[\x21-\x7e]{1,256}$/.test(given)) return given;
  throw invalidInput([{ path: "header.idempotency-key", message: "use 1–256 visible ASCII characters" }]);
};

/** Equal keys of two callers, or of two calls of one caller, are stored apart. */
const storedKey = (event: HttpEvent, given: string): string => {
  const { type, id } = readCaller(event, false).initiatedBy;
  const { method } = event.requestContext.http;
  return createHash("sha256")
    .update(JSON.stringify([type, id, method, event.rawPath, given]))
    .digest("base64url");
};

const bodyText = ({ body = "", isBase64Encoded }: HttpEvent): string =>
  isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;

const replayOf = (found: Begun, event: HttpEvent): HttpResult | undefined => {
  if (found.state === "new") return undefined;
  if (found.state === "running") {
    throw new Failure("attempt-in-progress", "The first request with this Idempotency-Key is under way.");
  }
  if (found.state === "mismatch") {
    throw new Failure("idempotency-key-reused", "Use another Idempotency-Key for another request.");
  }
  const { status, headers, body } = found.answer;
  const own = { "idempotent-replayed": "true", "x-correlation-id": correlationIdOf(event.headers) };
  return { statusCode: status, headers: { ...headers, ...own }, ...(body === "" ? {} : { body }) };
};
