import { Failure } from "../model/failure.ts";
import type { AttemptHistory } from "../model/link.ts";
import type { State } from "../model/receipt.ts";
import type { SyncItem } from "../model/sync.ts";
import { isHeldBack } from "../provisioning/attempts/is-sendable.ts";
import { groupState, readGroupState } from "../provisioning/memberships/group-state.ts";
import type { Context, IntegrationContext } from "../provisioning/ports/ports.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { readUserState, userState } from "../provisioning/users/user-state.ts";
import { repairGroup } from "./repair-group.ts";
import { repairUser } from "./repair-user.ts";

export type FoundObject = { kind: "user" | "group"; id: string };
/** `eventId`: of its latest attempt. */
export type Repaired = { state: "repaired" | "held" | "failed"; eventId?: string; error?: SyncItem["error"] };

const restful: ReadonlySet<State> = new Set(["in_sync", "skipped", "deprovisioned", "deleted"]);
/** Nobody knows then how far it came: it is done again. */
const unfinished: ReadonlySet<string> = new Set(["store-unavailable", "audit-unavailable"]);

/**
 * Send what is wanted of an object once more, as work that came by itself would: what was seen of it is on record before, so
 * that the plan has what differs. Safe to repeat. `since` (RFC 3339): attempts from then on are part of it.
 * @throws Failure of a store, and where nothing may be sent to the integration any more
 */
export const repairObject = async (
  context: Context,
  provider: ServiceProvider,
  object: FoundObject,
  since: string,
): Promise<Repaired> => {
  const own = { ...context, call: { ...context.call, isAutomatic: true as const } };
  let error: SyncItem["error"];
  try {
    const isHeld = await (object.kind === "user" ? repairUser : repairGroup)(own, provider, object.id);
    if (isHeld) return { state: "held" };
  } catch (failure) {
    if (!(failure instanceof Failure) || unfinished.has(failure.code) || isHeldBack(failure)) throw failure;
    error = { code: failure.code, detail: failure.detail };
  }
  const { state, observed } = await stateOf(context, object);
  const isOfRepair = (observed.lastAttemptAt ?? "") >= since;
  const eventId = isOfRepair ? observed.lastEventId : undefined;
  const told = eventId === undefined ? {} : { eventId };
  if (!error && restful.has(state)) return { state: "repaired", ...told };
  const last = observed.lastError ?? { code: "provider-rejected", detail: `It is ${state} still.` };
  return { state: "failed", ...told, error: error ?? { code: last.code, detail: last.detail } };
};

/** How the object stands now. */
export const stateOf = async (
  { ports, integration }: IntegrationContext,
  { kind, id }: FoundObject,
): Promise<{ state: State; observed: AttemptHistory; isHeld: boolean }> => {
  const { integrationId } = integration;
  if (kind === "user") {
    const { saved, link } = await readUserState(ports, integrationId, id);
    const state = userState(integration, ports.profileOf(integration), link, saved);
    return { state, observed: link.observed, isHeld: link.work?.state === "held" };
  }
  const { saved, link } = await readGroupState(ports, integrationId, id);
  const state = groupState(integration, link, saved);
  return { state, observed: link.observed, isHeld: link.work?.state === "held" };
};
