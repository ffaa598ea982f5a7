import { isSameName } from "../../common/names.ts";
import { Failure } from "../../model/failure.ts";
import type { GroupObserved } from "../../model/link.ts";
import { toLagFailure } from "../attempts/fresh-creation.ts";
import { nameOf } from "../attempts/only-match.ts";
import { preferUnauthorized } from "../attempts/prefer-unauthorized.ts";
import { failedOutcome, isVerdict, noteUnauthorized, toFailure } from "../attempts/provider-failure.ts";
import type { Worked } from "../attempts/run-attempt.ts";
import { otherSpelling, readAfterChange, unconfirmedNotes } from "../attempts/shown-name.ts";
import { isMembersOnly } from "../memberships/group-capabilities.ts";
import type { GroupContext, GroupPush, Progress } from "../memberships/group-context.ts";
import { isNamed, otherName, withSpelling, withUncertainName } from "../memberships/group-names.ts";
import { pushedAccounts } from "../memberships/pushed-accounts.ts";
import { skipPresentMembers } from "../memberships/skip-present-members.ts";
import { ProviderFailure } from "../ports/service-provider.ts";
import { followGroup } from "./follow-group.ts";
import { linkGroup } from "./link-group.ts";
import { locateGroup } from "./locate-group.ts";
import { pushMembers } from "./send-members.ts";
import { soughtByName } from "./take-over-group.ts";

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
    const isLinked = link.observed.remoteId !== undefined && link.observed.baseUrl === integration.baseUrl;
    const difference = isLinked
      ? await skipPresentMembers(work, push, progress)
      : await linkGroup(work, { join: [...push.join, ...(push.verify ?? [])], leave: push.leave }, progress);
    const remoteId = String(progress.observed.remoteId);
    // Access before names: a name that is taken there must keep nobody in the group, nor out of it.
    await pushMembers(work, remoteId, difference, progress);
    const isNameKept = push.isWithoutName || isNamed(progress.observed, saved.name) || isMembersOnly(work);
    if (!isNameKept) await rename(work, remoteId, progress);
    if (progress.unread) throw progress.unread;
    return succeeded(work, progress);
  } catch (error) {
    if (error instanceof ProviderFailure)
      return preferUnauthorized(error, (cause) => pushFailed(work, cause, progress));
    if (!isVerdict(error)) throw error;
    return pushFailed(work, error, progress);
  }
};

const rename = async (work: GroupContext, remoteId: string, progress: Progress): Promise<void> => {
  const { provider, saved } = work;
  const name = otherName(progress.observed, saved.name);
  progress.changes.push({ field: "displayName", ...(name !== undefined && { from: name }), to: saved.name });
  let spelled: string | undefined;
  try {
    const { unconfirmed, shown } = await provider.renameGroup(
      remoteId,
      saved.name,
      name,
      pushedAccounts(work),
    );
    // One who shows the name in a spelling of its own has it.
    spelled = shown && isSameName(nameOf(shown), saved.name) ? nameOf(shown) : undefined;
    if (spelled === undefined) progress.notes.push(...unconfirmedNotes(unconfirmed));
    await followGroup(work, progress, shown);
  } catch (error) {
    if (error instanceof ProviderFailure && error.maybeApplied)
      progress.observed = withUncertainName(progress.observed, saved.name);
    throw error;
  }
  const { shownName } = progress.observed;
  progress.observed = withSpelling(progress.observed, saved.name, spelled ?? saved.name);
  if (shownName === undefined) return;
  // It has its own spelling of names, and of this one as well.
  const shown = await readAfterChange(() => provider.readGroup(remoteId));
  progress.observed = { ...progress.observed, ...otherSpelling(shown?.displayName, saved.name) };
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
  progress.does = undefined;
  const { remoteId } = observed;
  const isMissing = error instanceof ProviderFailure && error.kind === "not-found" && remoteId !== undefined;
  const look = { ports, provider, sendUntil: call.sendUntil };
  const where = isMissing ? await locateGroup(look, { ...link, observed }, remoteId) : "unknown";
  const failure =
    error instanceof Failure
      ? error
      : toFailure(
          toLagFailure(error, where, observed, ports.clock.now()),
          `Provisioning the group ${saved.name} failed`,
        );
  const outcome = { ...failedOutcome(failure, progress, provider), ...membersOf(progress) };
  const isLost = where === "gone" || where === "elsewhere";
  if (isLost || where === "late") progress.next = "again";
  return { outcome, observed: isLost ? soughtByName(observed) : observed, failure };
};
