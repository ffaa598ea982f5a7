import { requireGroups } from "../../directory/change-directory-group.ts";
import { askedBy } from "../../model/asked.ts";
import { eventIdsOf, Failure } from "../../model/failure.ts";
import type { GroupAssignment } from "../../model/link.ts";
import type { GroupReceipt } from "../../model/receipt.ts";
import { updateGroupAssignment } from "../assignments/update-assignment.ts";
import { continueAct, correlationOf } from "../attempts/continue-act.ts";
import { requireActive } from "../attempts/require-integration.ts";
import { deleteRemoteGroup } from "../groups/delete-remote-group.ts";
import { memberCounts, namesOfFailed } from "../groups/member-counts.ts";
import { releaseMembers } from "../groups/provision-members.ts";
import { guardLeaving } from "../guard/guard-losses.ts";
import { leaveByGroup } from "../holds/leave-hold.ts";
import { requireDeletion } from "../memberships/group-capabilities.ts";
import { newGroupRun } from "../memberships/group-run.ts";
import { groupState, readGroupState, withEnd } from "../memberships/group-state.ts";
import type { LinkKey } from "../ports/link-store.ts";
import type { Call, Context, Ports } from "../ports/ports.ts";
import { outOfTime } from "../users/reconcile-user.ts";
import { inProgress } from "./leave-integration.ts";
import { goesOnByItself, savedGroupReceipt } from "./saved-receipt.ts";

/**
 * Unbind the group: it stays at the service provider, or is deleted there too; its members lose what it granted them.
 * The same call again continues where the time was over.
 */
export const unbindGroup = async (
  ports: Ports,
  call: Call,
  { integrationId, groupId }: { integrationId: string; groupId: string },
  { action, ...wish }: Wish = {},
): Promise<GroupReceipt> => {
  const integration = await requireActive(ports, integrationId);
  if (action === "delete") requireGroups(ports, integration);
  let decided: Decided | undefined;
  for (let tries = 1; !decided; tries += 1) {
    if (tries > maxTries) throw keepsChanging(groupId);
    decided = await decide({ ports, call, integration }, groupId, { action, ...wish });
  }
  const { context } = decided;
  return carryOutUnbinding(decided, groupId).catch((error: unknown) => {
    if (!goesOnByItself(error)) throw error;
    return savedGroupReceipt(context, groupId, error);
  });
};

/** What was asked for is on record. */
const carryOutUnbinding = async (
  { context, removal, wasBound }: Decided,
  groupId: string,
): Promise<GroupReceipt> => {
  const { ports, call, integration } = context;
  const { integrationId } = integration;
  // Anybody who has joined before this was on record is held as well.
  const held = await heldMembers(ports, { integrationId, id: groupId });
  const { eventIds: deletion, open } =
    removal === "delete" ? await deleteUnlessHeld(context, groupId) : { eventIds: [] };
  const released = { ...newGroupRun(), ...(!call.isAutomatic && { isEnding: true as const }) };
  await releaseMembers(context, groupId, held, released);
  const isDone = released.unfinished.length === 0 && !open;
  if (isDone) await noteEnd(ports, integrationId, groupId, removal === "delete" ? "deleted" : "unbound");
  const { saved, link: now } = await readGroupState(ports, integrationId, groupId);
  return {
    integrationId,
    groupId,
    action: deletion.length > 0 && !open ? "deleted" : wasBound ? "updated" : "unchanged",
    state: isDone ? groupState(integration, now, saved) : "pending",
    ...(isDone && now.attempt && { reason: inProgress }),
    ...(!isDone && {
      reason:
        open ??
        (ports.clock.now() >= call.sendUntil
          ? outOfTime
          : `some members could not be let go: ${namesOfFailed(released.unfinished, released)}`),
    }),
    ...(now.observed.remoteId && { remoteId: now.observed.remoteId }),
    members: memberCounts(released),
    eventIds: [...deletion, ...released.eventIds],
    ...correlationOf(context.call),
  };
};

/** What was asked for is on record, so one who finds another attempt under way is told to continue, not refused. */
const deleteUnlessHeld = async (context: Context, groupId: string) => {
  try {
    return await deleteRemoteGroup(context, groupId);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "attempt-in-progress") throw error;
    return { eventIds: eventIdsOf(error), open: inProgress };
  }
};

type Removal = NonNullable<GroupAssignment["removal"]>;
type Decided = { context: Context; removal: Removal; wasBound: boolean };
/** `isAllowed`: the guard has let it pass. */
type Wish = { action?: "delete" | undefined; confirm?: number | undefined; isAllowed?: true };

const maxTries = 20;

const keepsChanging = (groupId: string): Failure =>
  new Failure("attempt-in-progress", `The binding of group ${groupId} keeps changing. Repeat the call.`, {
    retryAfterSeconds: 1,
  });

/**
 * What the call comes to, confirmed and on record; undefined where the group was bound or unbound meanwhile, so that it
 * has to be looked at again. The same call again continues the act of the one that asked for it.
 */
const decide = async (
  context: Context,
  groupId: string,
  { action, confirm, isAllowed }: Wish,
): Promise<Decided | undefined> => {
  const { ports, call, integration } = context;
  const { integrationId } = integration;
  const { link } = await readGroupState(ports, integrationId, groupId);
  if (link.rev === 0)
    throw new Failure("not-found", `Integration ${integrationId} never held group ${groupId}.`);
  const { bound: wasBound, removal: before } = link.assignment;
  const removal = action ?? (!wasBound && before === "delete" ? "delete" : "unbind");
  if (removal === "delete") requireDeletion(context);
  const isSame = (now: GroupAssignment) => now.bound === wasBound && now.removal === before;
  // The same call again goes on with what was confirmed. A group that is left as it is keeps its members there.
  const isUnderWay = !wasBound && before === removal && !link.observed.ended;
  const leavesGroup = removal === "delete";
  if (!isUnderWay && !isAllowed)
    await guardLeaving(context, { groupId, userIds: await heldMembers(ports, link), leavesGroup }, confirm);
  const asked = askedBy(call.actor, ports.clock.now());
  let isDecided = true;
  const { assignment, observed } = await updateGroupAssignment(
    ports,
    { integrationId, id: groupId },
    (now) => {
      isDecided = isSame(now);
      return !isDecided || (!wasBound && before === removal) ? now : { bound: false, removal, asked };
    },
  );
  if (!isDecided) return undefined;
  await leaveByGroup(ports, link);
  const continued = observed.ended ? call : continueAct(call, assignment.asked);
  return { context: { ...context, call: continued }, removal, wasBound };
};

/** All users that the group may hold: its members, and users who left and were not let go yet. */
export const heldMembers = async (ports: Ports, { integrationId, id }: LinkKey): Promise<string[]> => {
  const held = new Set<string>();
  const saved = await ports.groups.read(id);
  if (saved)
    for await (const { members, left } of ports.groups.membersAndLeavers(id, saved.version))
      for (const userId of [...members, ...left]) held.add(userId);
  for await (const page of ports.pushedMembers.all(integrationId, id))
    for (const { userId } of page) held.add(userId);
  for (const userId of await ports.pushedMembers.waiting(integrationId, id)) held.add(userId);
  return [...held];
};

/** A user who stays in the unbound group is looked at again when it is bound once more. */
export const noteEnd = async (
  ports: Ports,
  integrationId: string,
  groupId: string,
  ended: "deleted" | "unbound",
): Promise<void> => {
  for await (const page of ports.pushedMembers.all(integrationId, groupId)) {
    const begin = page.filter(({ presence }) => presence !== "out").map(({ userId }) => userId);
    await ports.pushedMembers.noteWaiting(integrationId, groupId, { begin });
  }
  const { link } = await readGroupState(ports, integrationId, groupId);
  await ports.groupLinks.note({ integrationId, id: groupId }, link.rev, withEnd(link.observed, ended), {
    rest: ended === "deleted" ? "deleted" : "deprovisioned",
  });
};
