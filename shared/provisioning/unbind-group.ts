import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { GroupLink, GroupObserved } from "../model/link.ts";
import type { GroupReceipt } from "../model/receipt.ts";
import { leaseMs, newIntent, runAttempt, sendingTimes, type Worked } from "./attempt.ts";
import { requireGroups } from "./change-directory-group.ts";
import { requireDeletion } from "./group-rights.ts";
import { groupState, readGroupState } from "./group-state.ts";
import { forgetGroup } from "./group-take-over.ts";
import { holdDeprovisions } from "./hold-deprovisions.ts";
import { openTarget, requireActive } from "./open-target.ts";
import type { Call, Ports } from "./ports/ports.ts";
import type { ServiceProvider } from "./ports/service-provider.ts";
import { asProviderFailure, failed, noteUnauthorized, toFailure } from "./provider-failure.ts";
import { releaseMembers } from "./provision-members.ts";
import { outOfTime } from "./reconcile-user.ts";
import { settleGroupAttempt } from "./settle-group-attempt.ts";
import { updateGroupAssignment } from "./update-assignment.ts";
import { readWhenFree } from "./wait.ts";

/**
 * Unbind the group: it stays at the service provider, or is deleted there too; its members lose what it granted them.
 * The same call again continues where the time was over.
 */
export const unbindGroup = async (
  ports: Ports,
  call: Call,
  integrationId: string,
  groupId: string,
  action?: "delete",
  confirm?: number,
): Promise<GroupReceipt> => {
  const integration = await requireActive(ports, integrationId);
  if (action === "delete") requireGroups(integration);
  const { link } = await readGroupState(ports, integrationId, groupId);
  if (link.rev === 0)
    throw new Failure("not-found", `Integration ${integrationId} never held group ${groupId}.`);

  const removal = action ?? (link.assignment.removal === "delete" ? "delete" : "unbind");
  if (removal === "delete") requireDeletion(ports, integration);
  const held = await heldMembers(ports, link);
  await holdDeprovisions(ports, integration, groupId, held, confirm);
  await updateGroupAssignment(ports, { integrationId, id: groupId }, () => ({ bound: false, removal }));

  const deletion = removal === "delete" ? await deleteRemote(ports, call, integration, groupId) : [];
  const released = await releaseMembers(ports, call, integration, groupId, held);
  const isDone = released.unfinished.length === 0;
  if (isDone) await noteEnd(ports, integrationId, groupId, removal === "delete" ? "deleted" : "unbound");
  const { saved, link: now } = await readGroupState(ports, integrationId, groupId);
  return {
    integrationId,
    groupId,
    action: deletion.length > 0 ? "deleted" : link.assignment.bound ? "updated" : "unchanged",
    state: isDone ? groupState(integration, now, saved) : "pending",
    ...(!isDone && {
      reason:
        ports.clock.now() >= call.sendUntil
          ? outOfTime
          : "some members could not be let go; see their events",
    }),
    ...(now.observed.remoteId && { remoteId: now.observed.remoteId }),
    members: { added: 0, removed: 0, pending: released.unfinished.slice(0, 100) },
    eventIds: [...deletion, ...released.eventIds],
  };
};

/** Everyone whom the group may hold: its members, and those who left and were not let go yet. */
const heldMembers = async (ports: Ports, { integrationId, id }: GroupLink): Promise<string[]> => {
  const held = new Set<string>();
  const saved = await ports.groups.read(id);
  if (saved)
    for await (const { members, left } of ports.groups.membersAndLeavers(id, saved.version))
      for (const userId of [...members, ...left]) held.add(userId);
  for await (const page of ports.pushedMembers.all(integrationId, id))
    for (const { userId } of page) held.add(userId);
  return [...held];
};

/** Whoever stays in the unbound group is looked at again should it be bound once more. */
const noteEnd = async (
  ports: Ports,
  integrationId: string,
  groupId: string,
  ended: "deleted" | "unbound",
): Promise<void> => {
  for await (const page of ports.pushedMembers.all(integrationId, groupId)) {
    const staying = page.filter(({ state }) => state === "pushed");
    await ports.pushedMembers.save(
      integrationId,
      groupId,
      staying.map((member) => ({ ...member, state: "pending" })),
    );
  }
  const { link } = await readGroupState(ports, integrationId, groupId);
  const { version: _, versionAt: __, lastError: ___, isDue: ____, ...observed } = link.observed;
  await ports.groupLinks.note({ integrationId, id: groupId }, link.rev, { ...observed, ended });
};

/** The events of the deletion; none where the group is not at the provider. */
const deleteRemote = async (
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
  try {
    const isOurs =
      link.observed.baseUrl === integration.baseUrl ||
      (await provider.readGroup(remoteId))?.displayName === link.observed.name;
    if (isOurs) await provider.deleteGroup(remoteId);
  } catch (error) {
    const cause = asProviderFailure(error);
    await noteUnauthorized(ports, integration, cause);
    const failure = toFailure(cause, `Deleting the group ${remoteId} failed`);
    return { outcome: failed(failure, eventType, [], provider), observed: link.observed, failure };
  }
  return {
    outcome: { success: true, eventType, changes: [], answer: provider.lastAnswer() },
    observed: await forgetGroup(ports, link),
  };
};
