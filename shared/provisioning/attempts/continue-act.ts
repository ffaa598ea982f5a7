import { type Asked, isAskedBy } from "../../model/asked.ts";
import type { Call } from "../ports/ports.ts";

/**
 * The call as it carries out what another call has saved: its events name who asked for that, and carry the correlation
 * and the reason of that act, unless the call brings its own.
 */
export const continueAct = (call: Call, asked: Asked | undefined): Call => {
  const { actor } = call;
  if (!asked || isAskedBy(asked, actor)) return call;
  const { by, at, correlation, reason } = asked;
  return {
    ...call,
    actor: {
      ...actor,
      requestedBy: by,
      requestedAt: at,
      ...(!call.isCorrelationGiven && { correlation }),
      ...(actor.reason === undefined && reason !== undefined && { reason }),
    },
  };
};

/** Of the receipt: the correlation of what the call continues, which its events carry. */
export const correlationOf = ({ actor }: Call): { correlationId?: string } =>
  actor.requestedBy ? { correlationId: actor.correlation.id } : {};

export const laterOf = (one: Asked | undefined, other: Asked | undefined): Asked | undefined =>
  one && other ? (one.at < other.at ? other : one) : (one ?? other);
