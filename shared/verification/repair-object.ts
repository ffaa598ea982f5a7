import { Failure } from "../model/failure.ts";
import type { AttemptHistory } from "../model/link.ts";
import type { State } from "../model/receipt.ts";
import type { SyncItem } from "../model/sync.ts";
import { shownState } from "../model/work.ts";
import { isHeldBack } from "../provisioning/attempts/is-sendable.ts";
import { keptInHolds } from "../provisioning/guard/open-leavers.ts";
import { groupState, readGroupState } from "../provisioning/memberships/group-state.ts";
import type { Context, IntegrationContext } from "../provisioning/ports/ports.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { readUserState, userState } from "../provisioning/users/user-state.ts";
import { repairGroup } from "./repair-group.ts";
import { repairUser } from "./repair-user.ts";

export type FoundObject = { kind: "user" | "group"; id: string };
/**
 * `found`: it waits for its turn by now. `kept`: users whom a hold keeps in a group, whatever became of the rest of it.
 * `eventId`: of its latest attempt.
 */
export type Repaired = {
  state: "repaired" | "held" | "failed" | "found";
  kept?: ReadonlySet<string>;
  eventId?: string;
  error?: SyncItem["error"];
};

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
    const isSent = await (object.kind === "user" ? repairUser : repairGroup)(own, provider, object.id);
    if (!isSent) return { state: "found" };
  } catch (failure) {
    if (!(failure instanceof Failure) || unfinished.has(failure.code) || isHeldBack(failure)) throw failure;
    error = { code: failure.code, detail: failure.detail };
  }
  const { state, observed, kept } = await stateOf(context, object);
  const isOfRepair = (observed.lastAttemptAt ?? "") >= since;
  const eventId = isOfRepair ? observed.lastEventId : undefined;
  const told = { ...(eventId !== undefined && { eventId }), ...(kept.size > 0 && { kept }) };
  if (!error && state === "held") return { state: kept.size > 0 ? "repaired" : "held", ...told };
  if (!error && restful.has(state)) return { state: "repaired", ...told };
  const last = observed.lastError ?? { code: "provider-rejected", detail: `It is ${state} still.` };
  return { state: "failed", ...told, error: error ?? { code: last.code, detail: last.detail } };
};

/** How the object stands now, and whom a hold keeps in a group. */
export const stateOf = async (
  { ports, integration }: IntegrationContext,
  { kind, id }: FoundObject,
): Promise<{ state: State; observed: AttemptHistory; kept: ReadonlySet<string> }> => {
  const { integrationId } = integration;
  if (kind === "user") {
    const { saved, link } = await readUserState(ports, integrationId, id);
    const { state } = shownState(link, userState(integration, ports.profileOf(integration), link, saved));
    return { state, observed: link.observed, kept: new Set() };
  }
  const { saved, link } = await readGroupState(ports, integrationId, id);
  const { state } = shownState(link, groupState(integration, link, saved));
  const kept = new Set((await keptInHolds(ports, link)).map(({ userId }) => userId));
  return { state, observed: link.observed, kept };
};
