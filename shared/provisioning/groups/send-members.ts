import type { PushedMember } from "../../model/link.ts";
import { isRecent } from "../attempts/fresh-creation.ts";
import { mayArrive } from "../attempts/in-flight.ts";
import { unconfirmedNotes } from "../attempts/shown-name.ts";
import type { GroupContext, GroupPush, Progress } from "../memberships/group-context.ts";
import { keepMoved } from "../memberships/moved-members.ts";
import { pushedAccounts } from "../memberships/pushed-accounts.ts";
import { unansweredAddition } from "../memberships/unanswered-addition.ts";
import { noteUncertain, traceOf, withPresence } from "../memberships/uncertain-members.ts";
import type { MemberOutcome, ServiceProvider } from "../ports/service-provider.ts";
import { dropLostMember } from "./drop-lost-member.ts";

type Done = Parameters<ServiceProvider["changeMembers"]>[2];

/** Send the difference; where a member's account turns out to be gone or inactive, without such members. */
export const pushMembers = async (
  work: GroupContext,
  remoteId: string,
  push: GroupPush,
  progress: Progress,
): Promise<void> => {
  if (push.join.length === 0 && push.leave.length === 0) return;
  const userOf = new Map([...push.join, ...push.leave].map((member) => [member.remoteId, member.userId]));
  const idsOf = (memberIds: string[]) => memberIds.map((memberId) => String(userOf.get(memberId)));
  const out: LeftOut = { lost: [], refused: [] };
  const isTold = new Set(push.leave.filter(({ addedAt }) => addedAt).map(({ userId }) => userId));
  if (isTold.size > 0)
    progress.notes.push(
      `Taken out once more, since an earlier addition may have been carried out late: ${[...isTold].join(", ")}.`,
    );
  const isLost = async (memberId: string, op: "add" | "remove"): Promise<boolean> => {
    const [userId = ""] = idsOf([memberId]);
    const isDropped = await dropLostMember(work, { userId, remoteId: memberId }, op === "add");
    (isDropped ? out.lost : out.refused).push(userId);
    if (isDropped && op === "add") progress.lost.push(userId);
    return isDropped;
  };
  const done: Done = async (outcome) => {
    const { moved, mayReturn } = await saveOutcome(work, push, idsOf, { outcome, lost: out.lost });
    progress.mayReturn.push(...mayReturn);
    const { added, unconfirmed } = outcome;
    const removed = outcome.removed.filter((memberId) => !moved.has(String(userOf.get(memberId))));
    if (moved.size > 0) progress.next = "again";
    // A member may be told again, when a later answer shows the group: the last word counts.
    const told = new Set(idsOf([...added, ...removed]));
    const open = progress.unconfirmed;
    for (const list of [progress.added, progress.removed, open.add, open.remove])
      list.splice(0, list.length, ...list.filter((userId) => !told.has(userId)));
    for (const userId of told) progress.sent.add(userId);
    progress.added.push(...idsOf(without(added, unconfirmed)));
    progress.removed.push(...idsOf(without(removed, unconfirmed)).filter((userId) => !isTold.has(userId)));
    const isOpen = new Set(unconfirmed);
    open.add.push(...idsOf(added.filter((one) => isOpen.has(one))));
    open.remove.push(...idsOf(removed.filter((one) => isOpen.has(one))));
  };
  const difference = {
    add: push.join.map((member) => member.remoteId),
    remove: push.leave.map((member) => member.remoteId),
  };
  try {
    const further = { isLost, known: pushedAccounts(work, push.join), name: recentName(work, progress) };
    await work.provider.changeMembers(remoteId, difference, done, further);
  } finally {
    const open = [...progress.unconfirmed.add, ...progress.unconfirmed.remove];
    progress.notes.push(...unconfirmedNotes(open.map((userId) => `member ${userId}`)));
    progress.notes.push(...leftOutNotes(out));
  }
};

/** The name that the group has for sure, where we may have given it a moment ago. */
const recentName = ({ ports }: GroupContext, { observed }: Progress): string | undefined =>
  isRecent(observed.lastSuccessAt, ports.clock.now()) && !observed.uncertainNames ? observed.name : undefined;

/** Users whose change was refused when it was sent for them alone; `lost` for want of their account. */
type LeftOut = { lost: string[]; refused: string[] };

const leftOutNotes = ({ lost, refused }: LeftOut): string[] => [
  ...(lost.length === 0
    ? []
    : [
        `Left out, since their accounts are gone, inactive or not shown yet at the service provider: ${lost.join(", ")}.`,
      ]),
  ...(refused.length === 0
    ? []
    : [`The service provider refuses the change for these members alone: ${refused.join(", ")}.`]),
];

const without = (memberIds: string[], others: string[]): string[] => {
  const left = new Set(others);
  return memberIds.filter((memberId) => !left.has(memberId));
};

/**
 * What is known of the members of a chunk from now on. Answers who is to be taken out once more: `moved` under another id,
 * `mayReturn` since an addition of them that was sent before may be carried out yet.
 */
const saveOutcome = async (
  { ports, integration, link, attempt, provider }: GroupContext,
  { join, leave }: GroupPush,
  idsOf: (memberIds: string[]) => string[],
  { outcome, lost }: { outcome: MemberOutcome; lost: string[] },
): Promise<{ moved: Set<string>; mayReturn: string[] }> => {
  const trace = traceOf(attempt);
  const before = new Map(leave.map((member) => [member.userId, member]));
  const isGone = new Set(lost);
  const known = (presence: PushedMember["presence"], memberIds: string[]): PushedMember[] => {
    const userIds = idsOf(memberIds);
    return memberIds.map((remoteId, at) => ({ userId: userIds[at] ?? "", remoteId, presence, ...trace }));
  };
  const { added, removed, unconfirmed, uncertain } = outcome;
  const left = known("out", without(removed, unconfirmed));
  const saved = left.map((member): PushedMember => {
    if (isGone.has(member.userId)) return { ...member, isUnsent: true };
    return mayComeBack(before.get(member.userId), member, { ports, link }) ?? member;
  });
  const lateOf = new Map(join.map(({ userId, lateAt }) => [userId, lateAt]));
  const here = known("in", without(added, unconfirmed)).map((member): PushedMember => {
    const lateAt = provider.unansweredAt() ?? lateOf.get(member.userId);
    return lateAt && mayArrive({ startedAt: lateAt }, ports.clock.now()) ? { ...member, lateAt } : member;
  });
  await ports.pushedMembers.save(link.integrationId, link.id, [...here, ...saved]);
  const unknown = known("unknown", [...unconfirmed, ...uncertain]);
  const isAccepted = new Set(unconfirmed);
  const noted = unknown.map((member): PushedMember => {
    const leaving = before.get(member.userId);
    if (!leaving) return { ...member, isUntold: true };
    return isAccepted.has(member.remoteId)
      ? { ...withPresence(leaving, "unknown"), mayLeave: true }
      : leaving;
  });
  await noteUncertain(ports, link.integrationId, link.id, noted);
  const moved = await keepMoved({ ports, integration }, link.id, left);
  const mayReturn = saved.filter(({ userId, addedAt }) => addedAt && !moved.has(userId));
  return { moved, mayReturn: mayReturn.map(({ userId }) => userId) };
};

/**
 * `out`, who was taken out, where an addition of them that had no answer, or a PUT of the group as it was, may be carried out
 * behind that.
 */
const mayComeBack = (
  before: PushedMember | undefined,
  out: PushedMember,
  { ports, link }: Pick<GroupContext, "ports" | "link">,
): PushedMember | undefined => {
  const now = ports.clock.now();
  const times = [before && unansweredAddition(before), link.observed.putAt];
  const addedAt = times.find((at) => at !== undefined && mayArrive({ startedAt: at }, now));
  if (!before || !addedAt) return undefined;
  return before.addedAt ? before : { ...out, presence: "unknown", isUntold: true, addedAt };
};
