import { ProviderFailure } from "../ports/service-provider.ts";
import type { GroupContext, GroupPush, Progress } from "./group-context.ts";

/**
 * Members in doubt may be in the group: the outcome of an earlier change is unknown, or their account was shut out and is
 * back, or was found in a group that was found; and some providers hold one twice who is added again. So the group is
 * read once where it shows its members. Those whom it does not show are added, and so are all where it cannot be read,
 * which RFC 7644 §3.5.2.1 lets pass for one who is there. They wait only while the provider wants no request.
 */
export const skipPresentMembers = async (
  { ports, provider, integration, link, saved, attempt, call }: GroupContext,
  push: GroupPush,
  progress: Progress,
): Promise<GroupPush> => {
  const uncertain = push.join.filter(({ isUncertain }) => isUncertain);
  const { readsMembers, readsMarkManaged } = ports.profileOf(integration);
  if (uncertain.length === 0 || !readsMembers || readsMarkManaged) return push;
  const shown = new Set(await shownMembers(provider, String(link.observed.remoteId), progress));
  if (progress.unread) return { ...push, join: push.join.filter(({ isUncertain }) => !isUncertain) };
  const still = uncertain.filter(({ remoteId }) => shown.has(remoteId));
  if (still.length === 0) return push;
  const trace = { since: attempt.startedAt, by: call.actor.initiatedBy.id, eventId: attempt.attemptId };
  await ports.pushedMembers.save(
    integration.integrationId,
    saved.groupId,
    still.map(({ userId, remoteId }) => ({ userId, remoteId, presence: "in", ...trace })),
  );
  progress.notes.push(`In the group already: ${still.length}.`);
  progress.added.push(...still.filter(({ isUntold }) => isUntold).map(({ userId }) => userId));
  return { ...push, join: push.join.filter((member) => !still.includes(member)) };
};

/**
 * A group that is gone shows none, nor does one that cannot be read, e.g. because it is too large: whether it ever can
 * is unknown, and a change of it may work all the same.
 */
const shownMembers = async (
  provider: GroupContext["provider"],
  remoteId: string,
  progress: Progress,
): Promise<string[]> => {
  try {
    return (await provider.readGroup(remoteId))?.members ?? [];
  } catch (error) {
    if (!(error instanceof ProviderFailure) || error.kind === "unauthorized") throw error;
    if (isPassing(error)) progress.unread = error;
    else progress.notes.push(unreadNote);
    return [];
  }
};

/** The provider said when to come back, or was not asked: a change would not be taken either. */
const isPassing = ({ kind, status, retryAfterSeconds }: ProviderFailure): boolean =>
  retryAfterSeconds !== undefined || status === 429 || kind === "out-of-time" || kind === "refused-target";

const unreadNote = "The group could not be read; members who may be in it already were added again.";
