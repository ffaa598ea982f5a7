import { omit } from "../../common/objects.ts";
import { type Asked, isAskedBy, type Serves } from "../../model/asked.ts";
import type { Actor } from "../../model/event.ts";
import type { Call } from "../ports/ports.ts";

/**
 * The call as it carries out what another call has saved: its events name who asked for that, and carry the correlation
 * and the reason of that act, unless the call brings its own. `serves`: all changes that it carries out, of which `asked` is the latest.
 */
export const continueAct = (call: Call, asked: Asked | undefined, serves?: Serves): Call => {
  const { actor } = call;
  if (!asked) return call;
  const serving = serves ? { ...call, serves } : call;
  if (isAskedBy(asked, actor)) return serving;
  const { by, at, correlation, reason } = asked;
  // The service itself has no act of its own: it may have begun with an earlier change.
  const own: Actor = call.isAutomatic ? omit(actor, "reason") : actor;
  return {
    ...serving,
    continuesFrom: at,
    actor: {
      ...own,
      requestedBy: by,
      requestedAt: serves?.since ?? at,
      ...(!call.isCorrelationGiven && { correlation }),
      ...(own.reason === undefined && reason !== undefined && { reason }),
    },
  };
};

/** Of the receipt: the correlation of what the call continues, which its events carry. */
export const correlationOf = ({ actor }: Call): { correlationId?: string } =>
  actor.requestedBy ? { correlationId: actor.correlation.id } : {};

export const laterOf = (one: Asked | undefined, other: Asked | undefined): Asked | undefined =>
  one && other ? (one.at < other.at ? other : one) : (one ?? other);
