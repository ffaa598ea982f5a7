import { setTimeout as sleep } from "node:timers/promises";
import { fromEnv } from "@aws-sdk/credential-provider-env";
import type { Caller } from "./arguments.ts";
import { sign } from "./sign.ts";

/** What the smoke test reads of any answer. */
export type AnswerBody = Partial<{
  integrationId: string;
  action: string;
  state: string;
  reason: string;
  code: string;
  detail: string;
  message: string;
  lastError: { code: string; detail: string };
  lastSuccessAt: string;
  receipts: { action: string; state: string }[];
  members: { added: number; removed: number };
  items: AuditEvent[];
  nextCursor: string;
  status: string;
}>;
export type AuditEvent = {
  id: string;
  event_type: string;
  success: boolean;
  error_message?: string;
  integrationId?: string;
};

export type SmokeClient = {
  /**
   * One call, which is to be answered with one of `statuses`. What goes on, or was not begun, is asked for again while there
   * is time.
   *
   * @throws Error that names the call, the answer's code and its words
   */
  call(method: string, path: string, statuses: readonly number[], body?: object): Promise<AnswerBody>;
};

/** Long enough for a call that ends at the gateway's 30 s. */
const callMs = 35_000;

/** Calls Usher as the caller does, signed or with a token. All calls of a run share one correlation id. */
export const createClient = (
  { url, caller, waitMs }: { url: string; caller: Caller; waitMs: number },
  correlationId: string,
): SmokeClient => {
  const ask = async (method: string, path: string, body: object | undefined) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string> = {
      accept: "application/json",
      "x-correlation-id": correlationId,
      "change-reason": "npm run smoke",
      ...(text === undefined ? {} : { "content-type": "application/json" }),
    };
    const request = { method, url: url + path, headers, body: text };
    const proven =
      "bearer" in caller
        ? { ...headers, authorization: `Bearer ${caller.bearer}` }
        : await sign(request, { keys: await fromEnv()(), region: caller.region, service: "execute-api" });
    const answer = await fetch(request.url, {
      method,
      headers: proven,
      redirect: "error",
      signal: AbortSignal.timeout(callMs),
      ...(text === undefined ? {} : { body: text }),
    });
    const retryAfter = Number(answer.headers.get("retry-after") ?? 1);
    return { status: answer.status, body: read(await answer.text()), retryAfter };
  };

  return {
    async call(method, path, statuses, body) {
      const until = Date.now() + waitMs;
      for (;;) {
        const answer = await ask(method, path, body);
        if (statuses.includes(answer.status)) return answer.body;
        if (!isGoingOn(answer) || Date.now() + answer.retryAfter * 1000 > until)
          throw new Error(
            `${method} ${path} answered ${answer.status} instead of ${statuses.join(" or ")}: ${wordsOf(answer.body)}`,
          );
        await sleep(answer.retryAfter * 1000);
      }
    },
  };
};

/** 429 is the gateway's own: too many calls. */
const isGoingOn = ({ status, body }: { status: number; body: AnswerBody }): boolean =>
  [202, 429, 503].includes(status) || body.code === "attempt-in-progress";

const read = (text: string): AnswerBody => {
  try {
    return text === "" ? {} : (JSON.parse(text) as AnswerBody);
  } catch {
    return { message: "the answer is not JSON" };
  }
};

const wordsOf = ({ code, detail, message, state, reason, lastError }: AnswerBody): string =>
  [code, detail ?? message, state, reason, lastError?.code, lastError?.detail].filter(Boolean).join(" · ") ||
  "no words";
