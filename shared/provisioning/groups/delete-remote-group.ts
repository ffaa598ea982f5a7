import { Failure } from "../../model/failure.ts";
import type { GroupLink, GroupObserved } from "../../model/link.ts";
import { isWork } from "../../model/work.ts";
import { isOutstanding } from "../attempts/accepted-creation.ts";
import { releaseRemote, requireClaim } from "../attempts/claim-remote.ts";
import { toLagFailure } from "../attempts/fresh-creation.ts";
import { leftToCall } from "../attempts/left-to-call.ts";
import { openProvider } from "../attempts/open-provider.ts";
import { preferUnauthorized } from "../attempts/prefer-unauthorized.ts";
import {
  endedUnsent,
  failedOutcome,
  isOutOfTime,
  isSuperseded,
  isVerdict,
  noteFailure,
  notThere,
  openDeletionKinds,
} from "../attempts/provider-failure.ts";
import { leaseMs, newIntent, runAttempt, sendingTimes } from "../attempts/run-attempt.ts";
import { waitForLease } from "../attempts/wait-for-lease.ts";
import { isKnownAs } from "../memberships/group-names.ts";
import { readGroupState } from "../memberships/group-state.ts";
import { workOfGroup } from "../memberships/work-of-group.ts";
import type { Context } from "../ports/ports.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import { findNamesake } from "../remote-groups/find-namesake.ts";
import { locateGroup } from "../remote-groups/locate-group.ts";
import { othersInGroup } from "../remote-groups/others-in-group.ts";
import {
  keepGroupBooks,
  releaseGroup,
  soughtByName,
  withoutGroup,
} from "../remote-groups/take-over-group.ts";
import { outOfTime } from "../users/reconcile-user.ts";
import { type Deleting, type Deletion, eventType, keptFor, notThereYet, withFound } from "./deletion.ts";
import { settleGroupAttempt } from "./settle-group-attempt.ts";

/**
 * Delete the group at the provider, as one attempt: its event, or none where no group is known there and none may have
 * been created. `open`: why it is not done, where the time of the call was over, or one may turn up yet. `hasEnded`: the
 * directory group has, and is bound still; the one there goes only where nobody unknown is in it, else it is `kept`.
 * @throws Failure of the attempt, with `eventId`
 */
export const deleteRemoteGroup = async (
  context: Context,
  groupId: string,
  { hasEnded }: { hasEnded?: true } = {},
): Promise<{ eventIds: string[]; open?: string; kept?: true }> => {
  const { ports, call, integration } = context;
  for (;;) {
    const read = () => readGroupState(ports, integration.integrationId, groupId);
    const { saved, link } = await waitForLease(context, ports.groupLinks, read, (held) =>
      settleGroupAttempt(ports, call, held),
    );
    const { remoteId, uncertainCreation } = link.observed;
    if (!remoteId && uncertainCreation === undefined) return { eventIds: [] };
    const leaseUntil = ports.clock.now() + leaseMs;
    const times = sendingTimes(call, leaseUntil);
    const isWanted = async () => {
      if (hasEnded) return (await ports.groups.read(groupId))?.deleted === true;
      const now = (await ports.groupLinks.read(link))?.assignment;
      return now?.bound === false && now.removal === "delete";
    };
    const provider = await openProvider(context, { ...times, isWanted }, { endsAccess: true });
    const name = saved?.name ?? link.observed.name ?? groupId;
    const resource = { type: "user_group" as const, id: groupId, name };
    const step = remoteId ? ("write" as const) : ("lookup" as const);
    const intent = newIntent(context, resource, { eventType, changes: [], step });
    const recorded = await runAttempt(ports, ports.groupLinks, link, {
      attempt: { intent, leaseUntil, baseUrl: integration.baseUrl, ...(remoteId && { remoteId }) },
      work: (mark) =>
        deleteGroup({ ports, integration, provider, link, mark, sendUntil: times.sendUntil, hasEnded }),
      requestCount: provider.requestCount,
      keepBooks: (observed) => keepGroupBooks(ports, link, observed),
      // Members are let go of after the attempt.
      workAfter: (after) => {
        const left = leftToCall(ports, workOfGroup(context, { saved, link: after }));
        return isWork(left) ? left : undefined;
      },
      isUnsent: ({ failure }) => endedUnsent(provider, failure),
    });
    if (recorded === "moved") continue;
    const { eventId, failure } = recorded;
    const left = reasonOf(failure);
    if (failure && !left) throw failure;
    const open = left ?? (recorded.waits && mayTurnUp);
    const { kept } = recorded;
    return {
      eventIds: eventId === undefined ? [] : [eventId],
      ...(open && { open }),
      ...(kept && { kept }),
    };
  }
};

const reasonOf = (failure: Failure | undefined): string | undefined =>
  isOutOfTime(failure) ? outOfTime : isSuperseded(failure) ? boundAgain : undefined;

const boundAgain = "a later call wants the group there";
const mayTurnUp = "a creation may still be carried out, and the same call again looks for its group";

const deleteGroup = async (work: Deleting): Promise<Deletion> => {
  const { integration, provider } = work;
  let { link } = work;
  try {
    link = await withFound(work);
    const { remoteId, baseUrl } = link.observed;
    if (!remoteId && isOutstanding(link.observed, work.ports.clock.now())) return notThereYet(work);
    if (!remoteId) return deleted(work, link, ["No group is there of a creation whose outcome was unknown."]);
    const isOurs =
      baseUrl === integration.baseUrl ||
      isKnownAs(link.observed, (await provider.readGroup(remoteId))?.displayName ?? "");
    const others = isOurs && work.hasEnded && (await othersInGroup({ ...work, link }, remoteId));
    if (others) return keptFor(work, others);
    if (isOurs && !(await provider.deleteGroup(remoteId))) throw notThere();
    return await deleted(work, link);
  } catch (error) {
    if (error instanceof ProviderFailure)
      return preferUnauthorized(error, (cause) => deletionFailed(work, link, cause));
    if (isVerdict(error)) return deletionFailed(work, link, error);
    throw error;
  }
};

const deleted = async (work: Deleting, link: GroupLink, notes: string[] = []): Promise<Deletion> => {
  // One that was found just now is in no books but these.
  if (link !== work.link) await releaseGroup(work.ports, link);
  return {
    outcome: { success: true, eventType, changes: [], answer: work.provider.lastAnswer(), notes },
    observed: { ...withoutGroup(link.observed), ...formerOf(work, link) },
  };
};

/** What the provider may carry out a moment later, or still show. */
const formerOf = (
  { ports }: Deleting,
  { observed: { remoteId } }: GroupLink,
): Pick<GroupObserved, "former"> =>
  remoteId === undefined
    ? {}
    : { former: { remoteId, deletedAt: new Date(ports.clock.now()).toISOString() } };

const deletionFailed = async (
  work: Deleting,
  link: GroupLink,
  error: Failure | ProviderFailure,
): Promise<Deletion> => {
  const { remoteId, uncertainCreation } = link.observed;
  const isOpen = error instanceof ProviderFailure && openDeletionKinds.has(error.kind);
  const where = isOpen && remoteId ? await locateGroup(work, link, remoteId) : "unknown";
  if (where === "gone") return goneOrMoved(work, link);
  if (where === "late") return deleteGroup(work);
  if (where === "elsewhere" && link === work.link)
    return deleteGroup({ ...work, link: { ...link, observed: soughtByName(link.observed) } });
  const now = work.ports.clock.now();
  const told = error instanceof ProviderFailure ? toLagFailure(error, where, link.observed, now) : error;
  const failure = await noteFailure(work, told, `Deleting the group ${remoteId ?? uncertainCreation} failed`);
  const outcome = failedOutcome(failure, { eventType, changes: [] }, work.provider);
  const mayBeDone = error instanceof ProviderFailure && error.maybeApplied && remoteId !== undefined;
  const observed = mayBeDone ? { ...link.observed, ...formerOf(work, link) } : link.observed;
  return { outcome, observed, failure };
};

/** Its id is gone: one of its name that may be the same group, under another id, must not be left there unsaid. */
const goneOrMoved = async (work: Deleting, link: GroupLink): Promise<Deletion> => {
  let told: Failure | ProviderFailure;
  try {
    const namesake = await findNamesake(work, link);
    if (!namesake) return await deleted(work, link);
    const { id: remoteId, name, isOurs } = namesake;
    if (isOurs) {
      const moved = { ...link, observed: { ...link.observed, remoteId } };
      await work.mark({ step: "write", remoteId });
      await requireClaim(work, "group", link, remoteId);
      const done = await deleteGroup({ ...work, link: moved });
      if (!done.observed.remoteId) await releaseRemote(work.ports, "group", moved);
      return done;
    }
    told = new Failure(
      "provider-rejected",
      `The group ${link.observed.remoteId} is gone at the service provider, and another one named ${name} is there (${remoteId}), of which nothing shows whether it is the same group. Delete it there, or give it another name if it is to stay, and repeat the call.`,
    );
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    told = error;
  }
  const failure = await noteFailure(work, told, `Deleting the group ${link.observed.remoteId} failed`);
  const outcome = failedOutcome(failure, { eventType, changes: [] }, work.provider);
  return { outcome, observed: link.observed, failure };
};
