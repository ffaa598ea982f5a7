import { isRecent, waitUntilOld } from "../attempts/fresh-creation.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import type { GroupContext, GroupPush, Progress } from "./group-context.ts";
import type { JoiningMember } from "./plan-members.ts";
import { traceOf } from "./uncertain-members.ts";

/**
 * The members of `verify` may be in the group, which is read once for them. Those whom it does not show are added, and so
 * are all where it cannot be read: RFC 7644 §3.5.2.1 lets an addition of a member who is there pass. They wait only while
 * the provider wants no request. One who is shown, and was shut out a moment ago, may be shown as before that: the group is
 * read once more after a while, or, where the time of the call is too short for it, the member is added.
 */
export const skipPresentMembers = async (
  { ports, call, provider, integration, link, saved, attempt }: GroupContext,
  { join, verify = [], leave }: GroupPush,
  progress: Progress,
): Promise<GroupPush> => {
  if (verify.length === 0) return { join, leave };
  const look = async (): Promise<JoiningMember[]> => {
    const shown = new Set(await shownMembers(provider, String(link.observed.remoteId), progress));
    return verify.filter(({ remoteId }) => shown.has(remoteId));
  };
  let still = await look();
  const { clock } = ports;
  const isDoubted = ({ shutOutAt }: JoiningMember) => isRecent(shutOutAt, clock.now());
  const doubted = still.filter(isDoubted);
  if (doubted.length > 0) {
    const times = doubted.map(({ shutOutAt }) => shutOutAt);
    const isOld = await waitUntilOld(times, { clock, sendUntil: call.sendUntil });
    still = isOld ? await look() : still.filter((member) => !isDoubted(member));
  }
  if (progress.unread) return { join, leave };
  await ports.pushedMembers.save(
    integration.integrationId,
    saved.groupId,
    still.map(({ userId, remoteId, isUntold, lateAt }) => ({
      userId,
      remoteId,
      presence: "in",
      ...(!isUntold && { foundThere: true }),
      ...(lateAt && { lateAt }),
      ...traceOf(attempt),
    })),
  );
  if (still.length > 0) progress.notes.push(`In the group already: ${still.length}.`);
  for (const { userId } of still) progress.sent.add(userId);
  progress.added.push(...still.filter(({ isUntold }) => isUntold).map(({ userId }) => userId));
  return { join: [...join, ...verify.filter((member) => !still.includes(member))], leave };
};

/**
 * A group that is gone shows none, nor does one that cannot be read, e.g. because it is too large: whether it ever can
 * is unknown, and a change of it may still work.
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
