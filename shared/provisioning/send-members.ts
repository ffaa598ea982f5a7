import type { PushedMember } from "../model/link.ts";
import { unconfirmedNotes } from "./adopt-account.ts";
import { noteDoubtful } from "./doubtful-members.ts";
import { dropLostMembers } from "./drop-lost-members.ts";
import type { GroupPush, GroupWork, Progress } from "./group-work.ts";
import { ProviderFailure } from "./ports/service-provider.ts";

/** Send the difference; where a member's account turns out to be gone or inactive, once more without such members. */
export const sendToThoseThere = async (
  work: GroupWork,
  remoteId: string,
  push: GroupPush,
  progress: Progress,
): Promise<void> => {
  try {
    await sendMembers(work, remoteId, push, progress);
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    const rest = {
      join: push.join.filter(({ userId }) => !progress.added.includes(userId)),
      leave: push.leave.filter(({ userId }) => !progress.removed.includes(userId)),
    };
    const lost = await dropLostMembers(work, error, rest.join);
    if (lost.length === 0) throw error;
    progress.lost.push(...lost);
    progress.notes.push(
      `Left out, since their accounts are gone or inactive at the service provider: ${lost.join(", ")}.`,
    );
    await sendToThoseThere(
      work,
      remoteId,
      { ...rest, join: rest.join.filter(({ userId }) => !lost.includes(userId)) },
      progress,
    );
  }
};

const sendMembers = async (
  { ports, call, provider, link, saved, attempt }: GroupWork,
  remoteId: string,
  push: GroupPush,
  progress: Progress,
): Promise<void> => {
  if (push.join.length === 0 && push.leave.length === 0) return;
  const leave = push.leave.flatMap((member) =>
    member.remoteId ? [{ userId: member.userId, remoteId: member.remoteId }] : [],
  );
  const userOf = new Map(
    [...push.join, ...leave].map(({ userId, remoteId: memberId }) => [memberId, userId]),
  );
  const trace = { since: attempt.startedAt, by: call.actor.initiatedBy.id, eventId: attempt.attemptId };
  const difference = {
    add: push.join.map((member) => member.remoteId),
    remove: leave.map((member) => member.remoteId),
  };
  const before = new Map<string, PushedMember>(push.leave.map((member) => [member.userId, member]));
  const toDoubtful = (memberId: string): PushedMember => {
    const userId = String(userOf.get(memberId));
    return before.get(userId) ?? { userId, remoteId: memberId, state: "pushed", isUntold: true, ...trace };
  };
  await provider.changeMembers(remoteId, difference, async ({ added, removed, unconfirmed, doubtful }) => {
    const toMember =
      (state: "pushed" | "removed") =>
      (memberId: string): PushedMember => ({
        userId: String(userOf.get(memberId)),
        remoteId: memberId,
        state,
        ...trace,
      });
    const members = [...added.map(toMember("pushed")), ...removed.map(toMember("removed"))];
    await ports.pushedMembers.save(link.integrationId, saved.groupId, members);
    await noteDoubtful(ports, link.integrationId, saved.groupId, doubtful.map(toDoubtful));
    progress.notes.push(...unconfirmedNotes(unconfirmed.map((memberId) => `member ${userOf.get(memberId)}`)));
    progress.added.push(...members.filter(({ state }) => state === "pushed").map(({ userId }) => userId));
    progress.removed.push(...members.filter(({ state }) => state === "removed").map(({ userId }) => userId));
  });
};
