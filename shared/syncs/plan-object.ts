import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { SyncItem } from "../model/sync.ts";
import { requireActive } from "../provisioning/attempts/require-integration.ts";
import { applyObject } from "./apply-object.ts";
import { type ObjectKey, type ObjectPlan, planOf, planOfItems } from "./sync-items.ts";
import type { SyncTools } from "./tools.ts";

type Change = (integration: Integration) => Integration;

/**
 * What applying the object would come to now; without items where nothing would be sent. What cannot be carried out, e.g.
 * since its attributes cannot be mapped, is an item that says so.
 */
export const planObject = async (
  { ports, rehearse, call }: SyncTools,
  integrationId: string,
  key: ObjectKey,
  change?: Change,
): Promise<ObjectPlan> => {
  try {
    const { events } = await rehearse(ports, {
      until: call.answerUntil,
      isAlone: true,
      ...(change && { change }),
      act: async (rehearsed) => {
        const integration = await requireActive(rehearsed, integrationId);
        await applyObject({ ports: rehearsed, call, integration }, key);
      },
    });
    return planOf(key, events);
  } catch (error) {
    if (!(error instanceof Failure) || error.code === "store-unavailable") throw error;
    const { code, detail } = error;
    return planOfItems(key, [{ ...aboutOf(key), state: "failed", error: { code, detail } }]);
  }
};

const aboutOf = ({ kind, id }: ObjectKey): Pick<SyncItem, "kind" | "userId" | "groupId"> =>
  kind === "user" ? { kind, userId: id } : { kind, groupId: id };
