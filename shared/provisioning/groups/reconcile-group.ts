import { Failure, withEventsSoFar } from "../../model/failure.ts";
import { remoteIdAt } from "../../model/link.ts";
import type { GroupReceipt } from "../../model/receipt.ts";
import { continueAct, laterOf } from "../attempts/continue-act.ts";
import { servedOfGroup } from "../attempts/served-changes.ts";
import { waitForLease } from "../attempts/wait-for-lease.ts";
import { markGroupHeld } from "../holds/mark-held.ts";
import {
  type GroupDifference,
  goneFrom,
  membersIn,
  readGroupDifference,
} from "../memberships/group-difference.ts";
import { beginRound, type GroupRun, newGroupRun } from "../memberships/group-run.ts";
import { type GroupState, readGroupState } from "../memberships/group-state.ts";
import type { Candidate } from "../memberships/plan-members.ts";
import { takeOutReturned } from "../memberships/returned-account.ts";
import type { Call, Context, IntegrationContext } from "../ports/ports.ts";
import type { UserState } from "../users/user-state.ts";
import type { BoundGroup } from "./attempt-group.ts";
import { type GroupRound, pushReserveMs, toGroupReceipt } from "./finish-group.ts";
import { readCurrent } from "./hold-members.ts";
import { limitDifference } from "./limit-difference.ts";
import { planRound } from "./plan-round.ts";
import { provisionMembers } from "./provision-members.ts";
import { noteStray, releaseStray } from "./release-stray.ts";
import { type End, sendLeavers, sendPlan, sendUnbound } from "./send-round.ts";
import { settleGroupAttempt } from "./settle-group-attempt.ts";

const maxRounds = 12;
/**
 * The state as it was read, the group after the link, perhaps with the difference and the states of members, so that
 * nothing is read twice.
 */
export type KnownGroup = GroupState & {
  difference?: GroupDifference;
  members?: ReadonlyMap<string, UserState>;
};
/**
 * `known` was read just before. `forUser`: the call is for this user alone, and takes nobody else away who needs a
 * confirmation. `refused`: so the provider has refused this call to take that user's account away. `isOwnAct`: the call
 * itself has changed or bound the group. `look`, `mayTakeOut`: of a first bind.
 */
type GroupStart = {
  known?: KnownGroup | undefined;
  forUser?: string;
  refused?: Failure | undefined;
  isOwnAct?: boolean;
} & Pick<GroupRun, "look" | "mayTakeOut">;

/**
 * Make the group at the service provider what the directory says: members first, then the group, then only the
 * difference from what was last pushed; at the end let go of those who left. Where somebody leaves and others have to be
 * provisioned first, those who leave go ahead of them. Safe to call at any time.
 * @throws Failure of the group's own attempt (with `eventId`, and the members' events as earlier ones); a member's failure
 * leaves that member pending
 */
export const reconcileGroup = async (
  context: Context,
  groupId: string,
  start: GroupStart = {},
): Promise<GroupReceipt> => {
  const run = { ...newGroupRun(), look: start.look, mayTakeOut: start.mayTakeOut };
  if (start.refused && start.forUser !== undefined) run.failures.set(start.forUser, start.refused);
  try {
    const receipt = await reconcileInRounds(context, groupId, start, run);
    const { state, holdId } = receipt;
    const key = { integrationId: context.integration.integrationId, id: groupId };
    if (state === "held" && holdId !== undefined)
      await markGroupHeld(context.ports, key, holdId, run.heldBack);
    return receipt;
  } catch (error) {
    // The failure tells more than what comes of this.
    await releaseStray(context, groupId, run, start.forUser).catch(() => undefined);
    throw withEventsSoFar(error, run.eventIds);
  }
};

const reconcileInRounds = async (
  context: Context,
  groupId: string,
  start: GroupStart,
  run: GroupRun,
): Promise<GroupReceipt> => {
  const { known, forUser } = start;
  const { ports, call, integration } = context;
  let state = known;
  const read = async (): Promise<KnownGroup> => {
    const now = state ?? (await readGroupState(ports, integration.integrationId, groupId));
    state = undefined;
    return now;
  };
  for (let round = 0; round < maxRounds; round += 1) {
    const { saved, link, ...rest } = await waitForLease(context, ports.groupLinks, read, (held) =>
      settleGroupAttempt(ports, call, held),
    );
    if (!saved) throw new Failure("not-found", `The directory has no group ${groupId}.`);
    if (!link.assignment.bound) {
      run.reason = "the group is not bound";
      const isForOne = forUser !== undefined;
      if (isForOne && (await sendUnbound(context, { saved, link }, forUser, run)) === "again") continue;
      return toGroupReceipt(context, groupId, run);
    }
    const now = { ...context, call: continued(call, { saved, link }, start) };
    const ended = await reconcileOnce(now, { ...rest, saved, link }, run, forUser);
    if (ended === "ended") return toGroupReceipt(now, groupId, run);
  }
  throw new Failure("attempt-in-progress", `Group ${groupId} keeps changing. Repeat the call.`, {
    retryAfterSeconds: 1,
  });
};

/** The call, as that of who asked for what is still to do. One for a user alone keeps to its own act. */
const continued = (
  call: Call,
  { saved, link }: BoundGroup,
  { forUser, isOwnAct }: Pick<GroupStart, "forUser" | "isOwnAct">,
): Call => {
  const { version, unconfirmed } = link.observed;
  if (version === saved.version && !unconfirmed) return call;
  const serves = servedOfGroup(saved, link);
  if (isOwnAct) return serves ? { ...call, serves } : call;
  const asked = laterOf(saved.asked, link.assignment.asked);
  return continueAct(forUser === undefined ? call : { ...call, isCorrelationGiven: true }, asked, serves);
};

const reconcileOnce = async (
  context: Context,
  { members, ...group }: KnownGroup & BoundGroup,
  run: GroupRun,
  forUser: string | undefined,
): Promise<End> => {
  const { ports, call, integration } = context;
  const { groupId } = group.saved;
  const whole = group.difference ?? (await readGroupDifference(ports, group.link, group.saved));
  // They come with the others, so that the guard is asked for all who leave.
  if ((await noteStray(ports, group, run, goneFrom(whole))).length > 0) return "again";
  const { difference, heldBack, letGo } = await limitDifference(
    context,
    { ...group, members },
    whole,
    forUser,
  );
  let round: GroupRound = { ...group, difference };
  beginRound(run);
  run.heldBack = heldBack;
  run.letGo = letGo;
  const userIds = membersIn(round.difference);
  for (const userId of userIds) run.held.add(userId);
  run.heldAt = group.saved.version;
  const isMixed = userIds.length > 0 && goneFrom(round.difference).length > 0;
  const goesAhead =
    isMixed && !run.hasTriedLeavers && remoteIdAt(integration, round.link.observed) !== undefined;
  const current = goesAhead ? await readCurrent(context, { userIds, known: members }) : undefined;
  if (goesAhead && !current) {
    const next = await sendLeavers(context, round, run);
    if (typeof next === "string") return next;
    round = next;
  }
  const reserved = { ...call, sendUntil: call.sendUntil - pushReserveMs };
  const { open, closed, returned } = await provisionMembers(
    { ...context, call: reserved },
    groupId,
    { userIds, known: current ?? members },
    run,
  );
  // A call that takes somebody out of this group takes care of that one alone.
  if (forUser === undefined) await takeOutAll(context, returned, run);
  round = await withoutClosed(context, round, closed);
  const plan = await planRound(context, round, open);
  const unfinished = new Set(run.unfinished);
  run.waiting.push(...plan.wait.filter((userId) => !unfinished.has(userId)));
  return sendPlan(context, round, plan, run);
};

/**
 * Members who are shut out, as they are to be, need nothing of the group until their account is open again. One of whom it is
 * unknown whether they are in the group waits for that.
 */
const withoutClosed = async (
  { ports }: IntegrationContext,
  round: GroupRound,
  closed: ReadonlyMap<string, string>,
): Promise<GroupRound> => {
  const { link, difference } = round;
  const isClosed = ({ userId, there }: Candidate) =>
    there !== undefined && there.presence !== "out" && there.remoteId === closed.get(userId);
  const settled = difference.candidates.filter(isClosed);
  if (settled.length === 0) return round;
  const end = settled.filter(({ there }) => there?.presence === "in").map(({ userId }) => userId);
  await ports.pushedMembers.noteWaiting(link.integrationId, link.id, { end });
  const candidates = difference.candidates.filter((candidate) => !isClosed(candidate));
  return { ...round, difference: { ...difference, candidates } };
};

/** Members whose account came back may be in groups that are not theirs. */
const takeOutAll = async (context: Context, userIds: string[], run: GroupRun): Promise<void> => {
  const { ports, integration } = context;
  for (const userId of userIds) {
    const user = await ports.userLinks.read({ integrationId: integration.integrationId, id: userId });
    const reconcile = (other: string) => reconcileGroup(context, other, { forUser: userId });
    if (user) run.eventIds.push(...(await takeOutReturned(ports, user, reconcile)));
  }
};
