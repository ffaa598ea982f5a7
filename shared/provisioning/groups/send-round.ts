import { isOutOfTime, isUnauthorized } from "../attempts/provider-failure.ts";
import { foreignName } from "../memberships/group-capabilities.ts";
import type { GroupPush } from "../memberships/group-context.ts";
import { goneFrom } from "../memberships/group-difference.ts";
import { isNamed } from "../memberships/group-names.ts";
import type { GroupRun } from "../memberships/group-run.ts";
import type { MemberPlan } from "../memberships/plan-members.ts";
import { noteOut } from "../memberships/returned-account.ts";
import { noteUncertain, withPresence } from "../memberships/uncertain-members.ts";
import type { Context, IntegrationContext } from "../ports/ports.ts";
import { outOfTime } from "../users/reconcile-user.ts";
import { attemptPush, type BoundGroup } from "./attempt-group.ts";
import { finishGroup, type GroupRound, saveWaiting } from "./finish-group.ts";
import { planRound } from "./plan-round.ts";
import { releaseDespite, releaseMembers } from "./provision-members.ts";

/** Whether the group is to be read and planned again, or the call ends with what `run` tells. */
export type End = "again" | "ended";

/**
 * Access that must end goes first: take those who left out of the group and let go of them, before any member is
 * provisioned, which may take long. What is left of the round; where the attempt fails, they go along with the others.
 */
export const sendLeavers = async (
  context: Context,
  round: GroupRound,
  run: GroupRun,
): Promise<End | GroupRound> => {
  const { difference, saved } = round;
  const gone = goneFrom(difference);
  const leavers = difference.candidates.filter(({ isMember }) => !isMember);
  const ahead = { ...round, difference: { ...difference, candidates: leavers } };
  const { leave } = await planRound(context, ahead, new Map());
  let { link } = round;
  if (leave.length > 0) {
    const pushed = await push(context, round, { join: [], leave, isWithoutName: true }, run);
    if (typeof pushed === "string") return pushed;
    if (pushed.failure) {
      if (isUnauthorized(pushed.failure)) throw pushed.failure;
      run.hasTriedLeavers = true;
      await releaseDespite(context, saved.groupId, { gone, leave, failure: pushed.failure }, run);
      return "again";
    }
    if (!pushed.link) return "again";
    link = pushed.link;
  }
  const still = await releaseMembers(context, saved.groupId, gone, run);
  await saveWaiting(context.ports, ahead, run, still);
  const candidates = difference.candidates.filter(({ isMember }) => isMember);
  return { ...round, link, difference: { ...difference, candidates } };
};

export const sendPlan = async (
  context: Context,
  round: GroupRound,
  plan: MemberPlan,
  run: GroupRun,
): Promise<End> => {
  if (!isToBePushed(context, round, plan)) return finishGroup(context, round, false, run);
  const gone = goneFrom(round.difference);
  const isWhole = !round.difference.isPart;
  const isAll = isWhole && [run.waiting, run.unfinished, gone].every(({ length }) => length === 0);
  if (round.link.observed.ended) await noteInDoubt(context, round, plan.wait);
  const pushed = await push(context, round, { ...plan, isAll, isWhole }, run);
  if (typeof pushed === "string") return pushed;
  if (pushed.failure) {
    await releaseDespite(
      context,
      round.saved.groupId,
      { gone, leave: plan.leave, failure: pushed.failure },
      run,
    );
    throw pushed.failure;
  }
  const isKnown = pushed.link !== undefined;
  return finishGroup(context, { ...round, link: pushed.link ?? round.link }, isKnown, run);
};

/** Members of a group that was unbound, of whom it stays unknown whether they are in it: they cannot be pushed yet. */
const noteInDoubt = async (
  { ports }: IntegrationContext,
  { link, difference: { candidates } }: GroupRound,
  wait: string[],
): Promise<void> => {
  const isWaiting = new Set(wait);
  const there = candidates.flatMap((one) => (one.there && isWaiting.has(one.userId) ? [one.there] : []));
  await noteUncertain(ports, link.integrationId, link.id, there);
};

type Pushed = Exclude<Awaited<ReturnType<typeof attemptPush>>, "moved">;

/**
 * Take one user who is no member out of a group that is bound no longer and was left at the provider, since their account
 * may be somebody else's by and by. The group otherwise stays as it is.
 */
export const sendUnbound = async (
  context: Context,
  group: BoundGroup,
  userId: string,
  run: GroupRun,
): Promise<End> => {
  const { ports } = context;
  const { pushedMembers, groups } = ports;
  const { integrationId, id: groupId, observed } = group.link;
  const known = (await pushedMembers.among(integrationId, groupId, [userId])).get(userId);
  const isMember = (await groups.membersAmong(groupId, group.saved.version, [userId])).has(userId);
  if (!known) return "ended";
  if (isMember) {
    // It is looked at once the group is bound again.
    await pushedMembers.noteWaiting(integrationId, groupId, { end: [userId] });
    return "ended";
  }
  // One who was taken out is let go of, should the process that did so have died.
  const there = known.presence === "out" ? undefined : { ...known, presence: "unknown" as const };
  const candidates = [{ userId, isMember, isWaiting: true, there }];
  const round = { ...group, difference: { candidates, isPart: true as const } };
  const { leave } = await planRound(context, round, new Map());
  if (leave.length > 0 && observed.remoteId !== undefined) {
    const pushed = await push(context, round, { join: [], leave, isWithoutName: true }, run);
    if (typeof pushed === "string") return pushed;
    if (pushed.failure) throw pushed.failure;
  } else if (leave.length > 0) {
    // The group is gone.
    const out = leave.map((member) => ({ ...withPresence(member, "out"), isUnsent: true as const }));
    await pushedMembers.save(integrationId, groupId, out);
  }
  const still = await releaseMembers(context, groupId, [userId], run);
  await saveWaiting(ports, round, run, still);
  return "ended";
};

/** One attempt, or the end of the round without one. */
const push = async (
  context: Context,
  round: GroupRound,
  what: GroupPush,
  run: GroupRun,
): Promise<End | Pushed> => {
  const { ports, call, integration } = context;
  if (ports.clock.now() >= call.sendUntil) {
    await saveWaiting(ports, round, run);
    return endOutOfTime(run);
  }
  const pushed = await attemptPush(context, round, what, run);
  if (pushed === "moved") return "again";
  const out = takenOutOfUnknown(what, pushed.outcome.members?.removed ?? []);
  await noteOut(ports, integration.integrationId, round.saved.groupId, out);
  if (pushed.progress.next === "again") return "again";
  if (pushed.progress.next !== "out-of-time" && !isOutOfTime(pushed.failure)) return pushed;
  if (pushed.eventId === undefined || pushed.failure) await saveWaiting(ports, round, run);
  return endOutOfTime(run);
};

const endOutOfTime = (run: GroupRun): End => {
  run.reason = outOfTime;
  return "ended";
};

const isToBePushed = (
  context: IntegrationContext,
  { saved, link }: BoundGroup,
  { join, verify, leave }: MemberPlan,
): boolean => {
  const { observed } = link;
  const isJoined = join.length + verify.length > 0;
  // An empty group is not created; one that becomes empty stays.
  if (!observed.remoteId) return isJoined;
  return (
    observed.baseUrl !== context.integration.baseUrl ||
    (!isNamed(observed, saved.name) && foreignName(context, link, saved.name) === undefined) ||
    isJoined ||
    leave.length > 0 ||
    observed.former?.remoteId === observed.remoteId
  );
};

/**
 * Users of whom it was unknown whether they are in the group, and who were taken out: their account may have come back.
 */
const takenOutOfUnknown = ({ leave }: GroupPush, removed: string[]): string[] =>
  leave
    .filter(({ userId, presence }) => presence === "unknown" && removed.includes(userId))
    .map(({ userId }) => userId);
