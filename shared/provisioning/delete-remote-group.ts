import type { Integration } from "../model/integration.ts";
import type { GroupLink, GroupObserved } from "../model/link.ts";
import { leaseMs, newIntent, runAttempt, sendingTimes, type Worked } from "./attempt.ts";
import { namesOf } from "./group-names.ts";
import { readGroupState } from "./group-state.ts";
import { forgetGroup } from "./group-take-over.ts";
import { isGroupGone } from "./is-gone.ts";
import { openTarget } from "./open-target.ts";
import type { Call, Ports } from "./ports/ports.ts";
import type { ServiceProvider } from "./ports/service-provider.ts";
import { asProviderFailure, failed, noteUnauthorized, toFailure } from "./provider-failure.ts";
import { settleGroupAttempt } from "./settle-group-attempt.ts";
import { readWhenFree } from "./wait.ts";

/**
 * Delete the group at the provider, as one attempt: its event, or none where no group is known there.
 * @throws Failure of the attempt, with `eventId`
 */
export const deleteRemoteGroup = async (
  ports: Ports,
  call: Call,
  integration: Integration,
  groupId: string,
): Promise<string[]> => {
  for (;;) {
    const read = () => readGroupState(ports, integration.integrationId, groupId);
    const { saved, link } = await readWhenFree(ports, call, ports.groupLinks, read, (held) =>
      settleGroupAttempt(ports, call, held),
    );
    const { remoteId } = link.observed;
    if (!remoteId) return [];
    const leaseUntil = ports.clock.now() + leaseMs;
    const provider = await openTarget(ports, integration, sendingTimes(call, leaseUntil));
    const resource = {
      type: "user_group" as const,
      id: groupId,
      name: saved?.name ?? link.observed.name ?? groupId,
    };
    const about = { eventType: "group_delete_provision" as const, changes: [], step: "write" as const };
    const intent = newIntent(ports, call, integration, resource, about);
    const recorded = await runAttempt(ports, ports.groupLinks, link, { intent, leaseUntil, remoteId }, () =>
      deleteGroup(ports, integration, provider, link, remoteId),
    );
    if (recorded === "moved") continue;
    if (recorded.failure) throw recorded.failure;
    return [recorded.eventId];
  }
};

const deleteGroup = async (
  ports: Ports,
  integration: Integration,
  provider: ServiceProvider,
  link: GroupLink,
  remoteId: string,
): Promise<Worked<GroupObserved>> => {
  const eventType = "group_delete_provision";
  const deleted = async (): Promise<Worked<GroupObserved>> => ({
    outcome: { success: true, eventType, changes: [], answer: provider.lastAnswer() },
    observed: await forgetGroup(ports, link),
  });
  try {
    const isOurs =
      link.observed.baseUrl === integration.baseUrl ||
      namesOf(link.observed).includes((await provider.readGroup(remoteId))?.displayName);
    if (isOurs) await provider.deleteGroup(remoteId);
  } catch (error) {
    const cause = asProviderFailure(error);
    await noteUnauthorized(ports, integration, cause);
    if (cause.kind === "unavailable" && (await isGroupGone(provider, remoteId))) return deleted();
    const failure = toFailure(cause, `Deleting the group ${remoteId} failed`);
    return { outcome: failed(failure, eventType, [], provider), observed: link.observed, failure };
  }
  return deleted();
};
