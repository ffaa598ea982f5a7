import type { Hold } from "../../model/hold.ts";
import type { Call, Ports } from "../ports/ports.ts";

/** So long after it was opened further removals of the same origin join a hold. */
const joinMs = 10 * 60_000;

/** Who asked for the removals that a call carries out, and in which act. */
export type Act = { origin: string; cause: Hold["cause"] };

export const actOf = ({ actor }: Call): Act => {
  const initiatedBy = actor.requestedBy ?? actor.initiatedBy;
  return {
    origin: `${initiatedBy.type}#${initiatedBy.id}`,
    cause: {
      initiatedBy,
      ...(initiatedBy.type === "source" && { source: initiatedBy.id }),
      correlationId: actor.correlation.id,
      ...(actor.reason !== undefined && { reason: actor.reason }),
    },
  };
};

/** Whether a hold opened at that time (RFC 3339) still takes further removals of its origin. */
export const isRecent = ({ clock }: Pick<Ports, "clock">, since: string): boolean =>
  clock.now() - Date.parse(since) < joinMs;

/** The hold that removals of this origin would join. */
export const joinableHold = async (
  ports: Ports,
  integrationId: string,
  origin: string,
): Promise<Hold | undefined> => {
  const latest = await ports.holds.ofOrigin(integrationId, origin);
  if (!latest || !isRecent(ports, latest.since)) return undefined;
  const hold = await ports.holds.read({ integrationId, holdId: latest.holdId });
  return hold?.state === "open" ? hold : undefined;
};
