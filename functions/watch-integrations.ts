import type { Context } from "aws-lambda";
import { watch } from "../shared/provisioning/watch/watch.ts";
import { statePorts as ports, telemetry, watchParts } from "../shared/runtime/services.ts";
import { logError } from "../shared/telemetry/log.ts";

/** To log and answer, before Lambda stops the function. */
const reserveMs = 2_000;

/** Each minute: records how things stand, and tells people what needs them, and what does not any more. */
export const handler = async (_schedule: unknown, context: Context): Promise<void> => {
  const deadAt = Date.now() + context.getRemainingTimeInMillis();
  const { current, store, channels } = watchParts;
  const outside = {
    ports,
    current,
    telemetry: telemetry(),
    notices: { store: store(), channels: channels() },
  };
  const failures = await watch(outside, { until: deadAt - reserveMs, deadAt });
  const where = { function: "watch-integrations", requestId: context.awsRequestId };
  for (const failure of failures) logError(failure, where);
  // Lambda logs what is thrown as it is; the alarm needs the failure, not its words.
  if (failures.length > 0) throw new Error("Not everything was seen or told. The lines above say why.");
};
