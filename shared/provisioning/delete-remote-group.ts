import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { GroupLink, GroupObserved } from "../model/link.ts";
import { leaseMs, newIntent, runAttempt, sendingTimes, type Worked } from "./attempt.ts";
import { ownedGroup } from "./claim-group.ts";
import { findMaybeCreatedGroup } from "./find-maybe-created-group.ts";
import { namesOf } from "./group-names.ts";
import { readGroupState } from "./group-state.ts";
import { forgetGroup } from "./group-take-over.ts";
import type { GroupWork } from "./group-work.ts";
import { isGroupGone } from "./is-gone.ts";
import { openTarget } from "./open-target.ts";
import type { Call, Ports } from "./ports/ports.ts";
import { ProviderFailure } from "./ports/service-provider.ts";
import { failed, failureOf } from "./provider-failure.ts";
import { settleGroupAttempt } from "./settle-group-attempt.ts";
import { readWhenFree } from "./wait.ts";

/**
 * Delete the group at the provider, as one attempt: its event, or none where no group is known there and none may have
 * been created.
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
    const { remoteId, maybeCreated } = link.observed;
    if (!remoteId && maybeCreated === undefined) return [];
    const leaseUntil = ports.clock.now() + leaseMs;
    const times = sendingTimes(call, leaseUntil);
    const provider = await openTarget(ports, integration, times);
    const resource = {
      type: "user_group" as const,
      id: groupId,
      name: saved?.name ?? link.observed.name ?? groupId,
    };
    const about = { eventType: "group_delete_provision" as const, changes: [], step: stepTo(remoteId) };
    const intent = newIntent(ports, call, integration, resource, about);
    const open = { intent, leaseUntil, ...(remoteId && { remoteId }) };
    const recorded = await runAttempt(ports, ports.groupLinks, link, open, (mark) =>
      deleteGroup({ ports, integration, provider, link, mark, sendUntil: times.sendUntil }),
    );
    if (recorded === "moved") continue;
    if (recorded.failure) throw recorded.failure;
    return [recorded.eventId];
  }
};

const stepTo = (remoteId: string | undefined) => (remoteId ? ("write" as const) : ("lookup" as const));

const eventType = "group_delete_provision";

type Deleting = Pick<GroupWork, "ports" | "integration" | "provider" | "link" | "mark"> & {
  sendUntil: number;
};

const deleteGroup = async (work: Deleting): Promise<Worked<GroupObserved>> => {
  const { ports, integration, provider } = work;
  let { link } = work;
  const deleted = async (notes: string[] = []): Promise<Worked<GroupObserved>> => ({
    outcome: { success: true, eventType, changes: [], answer: provider.lastAnswer(), notes },
    observed: await forgetGroup(ports, link),
  });
  try {
    link = await withFound(work);
    const { remoteId, baseUrl } = link.observed;
    if (!remoteId) return deleted(["No group is there of a creation whose outcome was unknown."]);
    const isOurs =
      baseUrl === integration.baseUrl ||
      namesOf(link.observed).includes((await provider.readGroup(remoteId))?.displayName);
    if (isOurs) await provider.deleteGroup(remoteId);
  } catch (error) {
    if (error instanceof Failure && error.code !== "provider-rejected") throw error;
    const { remoteId, maybeCreated } = link.observed;
    const failure = await failureOf(work, error, `Deleting the group ${remoteId ?? maybeCreated} failed`);
    const isUnanswered = error instanceof ProviderFailure && error.kind === "unavailable";
    if (isUnanswered && remoteId && (await isGroupGone(provider, remoteId))) return deleted();
    return { outcome: failed(failure, eventType, [], provider), observed: link.observed, failure };
  }
  return deleted();
};

/** The link with the group that a creation may have made, where there is one. */
const withFound = async (work: Deleting): Promise<GroupLink> => {
  const { link, integration } = work;
  const { remoteId, maybeCreated } = link.observed;
  if (remoteId || maybeCreated === undefined) return link;
  const group = await findMaybeCreatedGroup(work, maybeCreated);
  if (!group) return link;
  await work.mark({ step: "write", remoteId: group.id });
  return { ...link, observed: ownedGroup(integration, link.observed, group.id, maybeCreated) };
};
