import type { Context } from "aws-lambda";
import { watch } from "../shared/provisioning/watch/watch.ts";
import { statePorts as ports, telemetry, watchParts } from "../shared/runtime/services.ts";
import { endInvocation } from "../shared/telemetry/after-invocation.ts";
import { log, logError } from "../shared/telemetry/log.ts";

/** To log and answer, before Lambda stops the function. */
const reserveMs = 2_000;

/** Each minute: records how things stand, and tells people what needs them, and what does not any more. */
export const handler = async (_schedule: unknown, context: Context): Promise<void> => {
  const requestId = context.awsRequestId;
  const now = Date.now();
  const deadAt = now + context.getRemainingTimeInMillis();
  const { current, store, channels } = watchParts;
  const notices = { store: store(), channels: channels() };
  const outside = { ports, current, telemetry: telemetry(), notices };
  const failures = await watch(outside, { until: deadAt - reserveMs, deadAt });
  for (const failure of failures) logError(failure, { function: "watch-integrations", requestId });
  log("info", "watch-ended", { requestId, failures: failures.length, ms: Date.now() - now });
  endInvocation();
  // Lambda logs what is thrown as it is; the alarm needs the failure, not its words.
  if (failures.length > 0) throw new Error("Not everything was seen or told. The lines above say why.");
};
