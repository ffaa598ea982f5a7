import type { GroupObserved } from "../../model/link.ts";
import type { GroupReceipt } from "../../model/receipt.ts";
import { correlationOf } from "../attempts/continue-act.ts";
import { foreignName } from "../memberships/group-capabilities.ts";
import { type GroupDifference, goneFrom } from "../memberships/group-difference.ts";
import { mayBeRenamed } from "../memberships/group-names.ts";
import type { GroupRun } from "../memberships/group-run.ts";
import { groupState, pushedUpTo, readGroupState, withoutMembers } from "../memberships/group-state.ts";
import type { Candidate } from "../memberships/plan-members.ts";
import { isOpenByThese, unconfirmedReason, withoutSettled } from "../memberships/unconfirmed-group.ts";
import { workOfGroup } from "../memberships/work-of-group.ts";
import type { Context, IntegrationContext, Ports } from "../ports/ports.ts";
import { outOfTime } from "../users/reconcile-user.ts";
import type { BoundGroup } from "./attempt-group.ts";
import { memberCounts, namesOfFailed } from "./member-counts.ts";
import { releaseMembers } from "./provision-members.ts";

/** Kept back from the time of the call, so that members provisioned in it are pushed in it. */
export const pushReserveMs = 5_000;

/** A round: the group as it was read, or as an attempt left it, and what is to be done. */
export type GroupRound = BoundGroup & { difference: GroupDifference };

/**
 * Let go of those who left, remember who waits, and note the version that is done with. `isKnown`: the link is as the
 * attempt left it. Another call that has changed the group since has not come to the link yet, and goes on from it.
 */
export const finishGroup = async (
  context: Context,
  { saved, difference, ...round }: GroupRound,
  isKnown: boolean,
  run: GroupRun,
): Promise<"again" | "ended"> => {
  const { ports, call, integration } = context;
  const still = await releaseMembers(context, saved.groupId, goneFrom(difference), run);
  const now = isKnown
    ? { saved, link: round.link }
    : await readGroupState(ports, integration.integrationId, saved.groupId);
  const { link } = now;
  const isSettled = !mayBeRenamed(link.observed, saved.name, ports.clock.now());
  const isDone = run.unfinished.length === 0 && !difference.isPart && isSettled;
  // What others have written to the link since is not in the difference, whatever version they came to.
  if (isDone && link.rev !== round.link.rev) return "again";
  await saveWaiting(ports, { saved, difference, link }, run, still);
  const { version, lastError, isDue } = link.observed;
  const settled = withoutSettled(link.observed, saved.name, run.unconfirmed.length > 0);
  if (isDone && (version !== saved.version || lastError || isDue || settled !== link.observed || link.work)) {
    const observed = pushedUpTo(ports, saved, settled);
    const work = workOfGroup(context, { saved, link: { ...link, observed } });
    if (!(await ports.groupLinks.note(link, link.rev, observed, work))) return "again";
    now.link = { ...link, observed };
  }
  if (now.saved && now.saved.version !== saved.version) return "again";
  run.now = now;
  const reason = reasonOf(context, { saved, link: now.link }, run, call.sendUntil);
  if (reason !== undefined) run.reason = reason;
  return "ended";
};

const reasonOf = (
  context: IntegrationContext,
  { saved, link }: BoundGroup,
  { unfinished }: GroupRun,
  sendUntil: number,
): string | undefined => {
  if (unfinished.length > 0)
    return context.ports.clock.now() >= sendUntil - pushReserveMs ? outOfTime : undefined;
  if (!link.observed.remoteId) return withoutMembers;
  if (mayBeRenamed(link.observed, saved.name, context.ports.clock.now()))
    return "an earlier PUT of the group may still be carried out, and give it another name; the same call again, a minute later, names it once more";
  const theirs = foreignName(context, link, saved.name);
  return theirs === undefined
    ? undefined
    : `the group is named ${theirs} at the service provider, which renames no groups by SCIM`;
};

/**
 * Members that wait are noted one by one, so that the next call finds them without reading the group. `still`: those who
 * were let go of and may be in the group; where nobody was, all who may have been wait.
 */
export const saveWaiting = async (
  ports: Ports,
  { link, difference: { candidates } }: GroupRound,
  run: GroupRun,
  still?: ReadonlySet<string>,
): Promise<void> => {
  const marked = new Set(candidates.filter(({ isWaiting }) => isWaiting).map(({ userId }) => userId));
  const waiting = new Set([...run.waiting, ...run.unfinished]);
  // A leaving user waits until taken out and let go of: a process may die between the two.
  const isThere = ({ userId, there }: Candidate) => (still ? still.has(userId) : there !== undefined);
  const over = candidates.filter((one) => one.isWaiting && !one.isMember && !isThere(one));
  await ports.pushedMembers.noteWaiting(link.integrationId, link.id, {
    begin: [...waiting].filter((userId) => !marked.has(userId)),
    end: over.map(({ userId }) => userId).filter((userId) => !waiting.has(userId)),
  });
};

export const toGroupReceipt = async (
  { ports, call, integration }: Context,
  groupId: string,
  run: GroupRun,
): Promise<GroupReceipt> => {
  const { saved, link } = run.now ?? (await readGroupState(ports, integration.integrationId, groupId));
  const { remoteId } = link.observed;
  const { unfinished, reason = troubleOf(run, link.observed) } = run;
  const isSkipped = !remoteId && unfinished.length === 0;
  const isOpen = unfinished.length > 0 || reason === outOfTime;
  const state = isOpen ? "pending" : groupState(integration, link, saved);
  const [heldBack] = run.heldBack;
  const isOnlyHeld = state === "unconfirmed" && isOpenByThese(link.observed, run.heldBack);
  const isPending = (state === "pending" && !isOpen) || isOnlyHeld;
  const isHeld = isPending && heldBack !== undefined && !link.attempt;
  return {
    integrationId: integration.integrationId,
    groupId,
    action: run.does ?? (isSkipped ? "skipped" : "unchanged"),
    state: isHeld ? "held" : state,
    ...(isHeld && { holdId: heldBack.holdId, reason: keptByGuard(run.heldBack.length) }),
    ...(reason && !(isHeld && isOnlyHeld) && { reason }),
    ...(remoteId && { remoteId }),
    members: memberCounts(run),
    eventIds: run.eventIds,
    ...correlationOf(call),
  };
};

const keptByGuard = (count: number): string =>
  `the guard keeps ${count} who left in the group, until somebody approves that they go`;

const troubleOf = (run: GroupRun, observed: GroupObserved): string | undefined => {
  const { unfinished, outdated } = run;
  const failed = unfinished.filter((userId) => !run.mayReturn.includes(userId));
  if (failed.length > 0) return `some members could not be provisioned: ${namesOfFailed(failed, run)}`;
  if (unfinished.length > 0)
    return `an earlier addition of some who were taken out may still be carried out; the same call again, a minute later, takes them out once more: ${namesOfFailed(unfinished, run)}`;
  const unconfirmed = unconfirmedReason(observed);
  if (unconfirmed !== undefined) return unconfirmed;
  return outdated.length > 0
    ? `the accounts of some members could not be updated: ${namesOfFailed(outdated, run)}`
    : undefined;
};
