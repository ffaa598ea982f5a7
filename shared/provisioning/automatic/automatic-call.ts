import type { Asked } from "../../model/asked.ts";
import { serviceActor } from "../../model/event.ts";
import { continueAct } from "../attempts/continue-act.ts";
import type { Call, Ports } from "../ports/ports.ts";

/** A call of the service itself that carries out what `asked` tells. No attempt of it takes longer than its lease. */
export const automaticCall = (
  ports: Ports,
  asked: Asked | undefined,
  { until, isProbe }: { until: number; isProbe?: boolean },
): Call => {
  const sendUntil = Math.min(until, ports.clock.now() + longestMs);
  const call: Call = {
    actor: serviceActor({ id: ports.newId(ports.clock.now()), type: "automatic" }),
    sendUntil,
    answerUntil: sendUntil + answerMs,
    isAutomatic: true,
    ...(isProbe && { isProbe }),
  };
  return continueAct(call, asked);
};

const longestMs = 24_000;
const answerMs = 4_000;
