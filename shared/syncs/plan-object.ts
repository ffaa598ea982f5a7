import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { SyncItem } from "../model/sync.ts";
import { requireActive } from "../provisioning/attempts/require-integration.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { applyObject } from "./apply-object.ts";
import { notingUnmappable } from "./noting-unmappable.ts";
import { type ObjectKey, type ObjectPlan, planOf, planOfItems } from "./sync-items.ts";
import type { SyncTools } from "./tools.ts";

type Change = (integration: Integration) => Integration;

/** What would be sent is not decided by the time that is left to who asks: waiting takes none in a rehearsal. */
const allowedMs = 10 * 60_000;

/** The call as it is rehearsed. */
export const unhurried = (call: Call, { clock }: Pick<Ports, "clock">): Call => {
  const { actor } = call;
  const until = clock.now() + allowedMs;
  return { actor, sendUntil: until, answerUntil: until };
};

/**
 * What applying the object would come to now; without items where nothing would be sent. What cannot be carried out, e.g.
 * since its attributes cannot be mapped, is an item that says so, and so is what a hold keeps.
 */
export const planObject = async (
  { ports, rehearse, call }: SyncTools,
  integrationId: string,
  key: ObjectKey,
  change?: Change,
): Promise<ObjectPlan> => {
  const unmappable: SyncItem[] = [];
  try {
    const { result: held, events } = await rehearse(ports, {
      until: call.answerUntil,
      isAlone: true,
      ...(change && { change }),
      act: async (rehearsed) => {
        const integration = await requireActive(rehearsed, integrationId);
        const own = notingUnmappable(rehearsed, unmappable);
        return applyObject({ ports: own, call: unhurried(call, ports), integration }, key);
      },
    });
    return planOf(key, events, [...held, ...unmappable]);
  } catch (error) {
    if (!(error instanceof Failure) || error.code === "store-unavailable") throw error;
    const { code, detail } = error;
    return planOfItems(key, [{ ...aboutOf(key), state: "failed", error: { code, detail } }]);
  }
};

const aboutOf = ({ kind, id }: ObjectKey): Pick<SyncItem, "kind" | "userId" | "groupId"> =>
  kind === "user" ? { kind, userId: id } : { kind, groupId: id };
