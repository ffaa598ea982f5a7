import type { PushedMember } from "../model/link.ts";
import { unconfirmedNotes } from "./adopt-account.ts";
import { dropLostMember } from "./drop-lost-member.ts";
import type { GroupPush, GroupWork, Progress } from "./group-work.ts";
import { knownMembers } from "./known-members.ts";
import type { ServiceProvider } from "./ports/service-provider.ts";

type Done = Parameters<ServiceProvider["changeMembers"]>[2];

/** Send the difference; where a member's account turns out to be gone or inactive, without such members. */
export const sendToThoseThere = async (
  work: GroupWork,
  remoteId: string,
  push: GroupPush,
  progress: Progress,
): Promise<void> => {
  const lost: string[] = [];
  try {
    await sendMembers(work, remoteId, push, progress, lost);
  } finally {
    if (lost.length > 0)
      progress.notes.push(
        `Left out, since their accounts are gone or inactive at the service provider: ${lost.join(", ")}.`,
      );
  }
};

const sendMembers = async (
  work: GroupWork,
  remoteId: string,
  push: GroupPush,
  progress: Progress,
  lost: string[],
): Promise<void> => {
  const { ports, call, provider, link, saved, attempt } = work;
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
  const isLost = async (memberId: string, op: "add" | "remove"): Promise<boolean> => {
    const userId = String(userOf.get(memberId));
    if (!(await dropLostMember(work, { userId, remoteId: memberId }, op === "add"))) return false;
    lost.push(userId);
    if (op === "add") progress.lost.push(userId);
    return true;
  };
  const done: Done = async ({ added, removed, unconfirmed }) => {
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
    progress.notes.push(...unconfirmedNotes(unconfirmed.map((memberId) => `member ${userOf.get(memberId)}`)));
    progress.added.push(...members.filter(({ state }) => state === "pushed").map(({ userId }) => userId));
    progress.removed.push(...members.filter(({ state }) => state === "removed").map(({ userId }) => userId));
  };
  await provider.changeMembers(remoteId, difference, done, { isLost, known: () => knownMembers(work) });
};
