import type { PushedMember } from "../../model/link.ts";
import { unconfirmedNotes } from "../attempts/shown-name.ts";
import type { GroupContext, GroupPush, Progress } from "../memberships/group-context.ts";
import { pushedAccounts } from "../memberships/pushed-accounts.ts";
import { noteUncertain } from "../memberships/uncertain-members.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";
import { dropLostMember } from "./drop-lost-member.ts";

type Done = Parameters<ServiceProvider["changeMembers"]>[2];

/** Send the difference; where a member's account turns out to be gone or inactive, without such members. */
export const pushMembers = async (
  work: GroupContext,
  remoteId: string,
  push: GroupPush,
  progress: Progress,
): Promise<void> => {
  const out: LeftOut = { lost: [], refused: [] };
  try {
    await sendMembers(work, remoteId, push, progress, out);
  } finally {
    progress.notes.push(...unconfirmedNotes(progress.unconfirmed.map((userId) => `member ${userId}`)));
    if (out.lost.length > 0)
      progress.notes.push(
        `Left out, since their accounts are gone, inactive or not shown yet at the service provider: ${out.lost.join(", ")}.`,
      );
    if (out.refused.length > 0)
      progress.notes.push(
        `The service provider refuses the change for these members alone: ${out.refused.join(", ")}.`,
      );
  }
};

/** Users whose change was refused when it was sent for them alone; `lost` for want of their account. */
type LeftOut = { lost: string[]; refused: string[] };

const sendMembers = async (
  work: GroupContext,
  remoteId: string,
  push: GroupPush,
  progress: Progress,
  out: LeftOut,
): Promise<void> => {
  const { ports, call, provider, link, saved, attempt } = work;
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
  const isLost = async (memberId: string, op: "add" | "remove"): Promise<boolean> => {
    const userId = String(userOf.get(memberId));
    const isDropped = await dropLostMember(work, { userId, remoteId: memberId }, op === "add");
    (isDropped ? out.lost : out.refused).push(userId);
    if (!isDropped) return false;
    if (op === "add") progress.lost.push(userId);
    return true;
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
  /** A member may be told again, when a later answer shows the group: the last word counts. */
  const tellAgain = (userIds: string[]) => {
    const told = new Set(userIds);
    for (const list of [progress.added, progress.removed, progress.unconfirmed])
      list.splice(0, list.length, ...list.filter((userId) => !told.has(userId)));
  };
  const done: Done = async ({ added, removed, unconfirmed, doubtful }) => {
    const isIgnored = new Set(unconfirmed);
    const isTaken = (memberId: string) => !isIgnored.has(memberId);
    const joined = added.filter(isTaken);
    const left = removed.filter(isTaken);
    const isGone = new Set(out.lost);
    const members = [
      ...inState("pushed", joined),
      ...inState("removed", left).map((member) =>
        isGone.has(member.userId) ? { ...member, isUnsent: true as const } : member,
      ),
    ];
    await ports.pushedMembers.save(integrationId, saved.groupId, members);
    await noteUncertain(ports, integrationId, saved.groupId, inDoubt([...unconfirmed, ...doubtful]));
    tellAgain(idsOf([...added, ...removed]));
    progress.added.push(...idsOf(joined));
    progress.removed.push(...idsOf(left));
    progress.unconfirmed.push(...idsOf(unconfirmed));
  };
  await provider.changeMembers(remoteId, difference, done, {
    isLost,
    known: pushedAccounts(work, push.join),
  });
};
