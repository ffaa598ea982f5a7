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
    const isDone = new Set([...progress.added, ...progress.removed, ...progress.unconfirmed]);
    const rest = {
      join: push.join.filter(({ userId }) => !isDone.has(userId)),
      leave: push.leave.filter(({ userId }) => !isDone.has(userId)),
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
  const difference = {
    add: push.join.map((member) => member.remoteId),
    remove: leave.map((member) => member.remoteId),
  };
  const idsOf = (memberIds: string[]) => memberIds.map((memberId) => String(userOf.get(memberId)));
  const trace = { since: attempt.startedAt, by: call.actor.initiatedBy.id, eventId: attempt.attemptId };
  const inState = (state: "pushed" | "removed", memberIds: string[]): PushedMember[] =>
    memberIds.map((remoteId) => ({ userId: String(userOf.get(remoteId)), remoteId, state, ...trace }));
  const before = new Map(push.leave.map((member) => [member.userId, member]));
  const inDoubt = (memberIds: string[]): PushedMember[] =>
    inState("pushed", memberIds).map((member) => ({
      ...(before.get(member.userId) ?? { ...member, isUntold: true }),
      isDoubtful: true,
    }));
  const { integrationId } = link;
  await provider.changeMembers(remoteId, difference, async ({ added, removed, unconfirmed, doubtful }) => {
    const isIgnored = new Set(unconfirmed);
    const isTaken = (memberId: string) => !isIgnored.has(memberId);
    const joined = added.filter(isTaken);
    const left = removed.filter(isTaken);
    const members = [...inState("pushed", joined), ...inState("removed", left), ...inDoubt(unconfirmed)];
    await ports.pushedMembers.save(integrationId, saved.groupId, members);
    await noteDoubtful(ports, integrationId, saved.groupId, inDoubt(doubtful));
    progress.notes.push(...unconfirmedNotes(idsOf(unconfirmed).map((userId) => `member ${userId}`)));
    progress.added.push(...idsOf(joined));
    progress.removed.push(...idsOf(left));
    progress.unconfirmed.push(...idsOf(unconfirmed));
  });
};
