import { omit } from "../../common/objects.ts";
import { Failure } from "../../model/failure.ts";
import { type GroupObserved, remoteIdAt } from "../../model/link.ts";
import { toLagFailure } from "../attempts/fresh-creation.ts";
import { preferUnauthorized } from "../attempts/prefer-unauthorized.ts";
import {
  failedOutcome,
  isVerdict,
  mayBeGone,
  noteUnauthorized,
  notThere,
  toFailure,
} from "../attempts/provider-failure.ts";
import type { Worked } from "../attempts/run-attempt.ts";
import { isMembersOnly } from "../memberships/group-capabilities.ts";
import type { GroupContext, GroupPush, Progress } from "../memberships/group-context.ts";
import { isNamed } from "../memberships/group-names.ts";
import { skipPresentMembers } from "../memberships/skip-present-members.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import { isToStay, linkGroup } from "../remote-groups/link-group.ts";
import { locateGroup } from "../remote-groups/locate-group.ts";
import { soughtByName } from "../remote-groups/take-over-group.ts";
import { renameGroup } from "./rename-group.ts";
import { pushMembers } from "./send-members.ts";

/**
 * Find or create the group, send the difference of its members, then rename it. What the provider took is saved
 * chunk by chunk, so a failure half-way loses nothing.
 */
export const pushGroup = async (
  work: GroupContext,
  push: GroupPush,
  progress: Progress,
): Promise<Worked<GroupObserved>> => {
  const { link, saved, integration } = work;
  try {
    const knownId = remoteIdAt(integration, link.observed);
    if (knownId && link.observed.former) await outliveDeletion(work, knownId, progress);
    const difference = knownId
      ? await skipPresentMembers(work, push, progress)
      : await linkGroup(work, { join: [...push.join, ...(push.verify ?? [])], leave: push.leave }, progress);
    const remoteId = String(progress.observed.remoteId);
    // Access before names: a name that is taken there must keep nobody in the group, nor out of it.
    await pushMembers(work, remoteId, difference, progress);
    const isNameKept = push.isWithoutName || isNamed(progress.observed, saved.name) || isMembersOnly(work);
    if (!isNameKept) await renameGroup(work, remoteId, progress);
    if (progress.unread) throw progress.unread;
    return succeeded(work, progress);
  } catch (error) {
    if (error instanceof ProviderFailure)
      return preferUnauthorized(error, (cause) => pushFailed(work, cause, push, progress));
    if (!isVerdict(error)) throw error;
    return pushFailed(work, error, push, progress);
  }
};

/** A deletion of it was sent whose outcome is unknown. @throws ProviderFailure where the group is gone, or may go yet */
const outliveDeletion = async (work: GroupContext, id: string, progress: Progress): Promise<void> => {
  if (!(await isToStay(work, work.link.observed.former, id))) throw notThere().copyWith({ isSeenGone: true });
  progress.observed = omit(progress.observed, "former");
};

const succeeded = ({ provider }: GroupContext, progress: Progress): Worked<GroupObserved> => {
  const { eventType, changes, notes, observed } = progress;
  const answer = provider.lastAnswer();
  return {
    outcome: { success: true, eventType, changes, answer, notes, ...membersOf(progress) },
    observed,
  };
};

const membersOf = ({ added, removed }: Progress) => ({ members: { added, removed } });

const pushFailed = async (
  work: GroupContext,
  error: Failure | ProviderFailure,
  push: GroupPush,
  progress: Progress,
): Promise<Worked<GroupObserved>> => {
  const { ports, call, integration, provider, link, saved } = work;
  const { notes, observed } = progress;
  if (error instanceof ProviderFailure) {
    await noteUnauthorized({ ports, integration }, error);
    if (error.kind === "out-of-time" && observed.remoteId) {
      notes.push("The time of the call was over; the next call goes on from here.");
      progress.next = "out-of-time";
      return succeeded(work, progress);
    }
  }
  // What is wanted by now is planned anew.
  if (error instanceof ProviderFailure && error.kind === "superseded") progress.next = "again";
  const { created } = progress;
  const isJustFound = progress.does === "adopted";
  if (!created) progress.does = undefined;
  const { remoteId } = observed;
  const isMissing = error instanceof ProviderFailure && mayBeGone(error) && remoteId !== undefined;
  const look = { ports, provider, sendUntil: call.sendUntil };
  const where = isMissing
    ? await locateGroup(look, { ...link, observed }, remoteId, error.isSeenGone)
    : "unknown";
  const isLost = where === "gone" || where === "elsewhere";
  // Looked for again it would be found again.
  const isListedOnly = where === "gone" && isJustFound;
  const told = (cause: ProviderFailure) =>
    isListedOnly ? listedOnly(cause, remoteId) : toLagFailure(cause, where, observed, ports.clock.now());
  const failure =
    error instanceof Failure ? error : toFailure(told(error), `Provisioning the group ${saved.name} failed`);
  if ((isLost && !isListedOnly) || where === "late") progress.next = "again";
  const now = isLost ? soughtByName(observed) : observed;
  if (created) {
    // The creation is a fact, and what came after it is told apart.
    const later = notes.slice(created.notes.length);
    if (!progress.next) progress.afterCreation = { failure, notes: later, push };
    const { outcome } = succeeded(work, progress);
    return { outcome: { ...outcome, ...created }, observed: now };
  }
  const outcome = { ...failedOutcome(failure, progress, provider), ...membersOf(progress) };
  return { outcome, observed: now, failure };
};

const listedOnly = (cause: ProviderFailure, remoteId: string | undefined): ProviderFailure =>
  cause.copyWith({
    kind: "malformed",
    message: `The service provider lists the group under the id ${remoteId}, and answers 404 under that id`,
  });
