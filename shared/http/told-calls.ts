import { withinTime } from "../common/within-time.ts";
import { endInvocation } from "../telemetry/after-invocation.ts";
import { log } from "../telemetry/log.ts";
import { correlationIdOf } from "./caller.ts";
import { deadlineOf, withoutWaitMs } from "./in-time.ts";
import type { HttpHandler } from "./invocation.ts";

/** The handler within the time of its call, with a line in the log for each call that was answered. */
export const toldCalls =
  (stack: HttpHandler, { name, level }: { name: string; level: "debug" | "info" }): HttpHandler =>
  async (event, context) => {
    const startedAt = Date.now();
    try {
      const result = await withinTime(deadlineOf(context) - withoutWaitMs, () => stack(event, context));
      log(level, "call-finished", {
        function: name,
        requestId: context.awsRequestId,
        correlationId: correlationIdOf(event.headers),
        status: result.statusCode ?? 200,
        ms: Date.now() - startedAt,
      });
      return result;
    } finally {
      endInvocation();
    }
  };
