import type { SavedGroup } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { GroupLink } from "../../model/link.ts";
import type { Action, GroupReceipt } from "../../model/receipt.ts";
import { waitForLease } from "../attempts/wait-for-lease.ts";
import { foreignName } from "../memberships/group-capabilities.ts";
import type { GroupOutcome, GroupPush } from "../memberships/group-context.ts";
import { readGroupDifference } from "../memberships/group-difference.ts";
import { isNamed } from "../memberships/group-names.ts";
import { type GroupState, readGroupState } from "../memberships/group-state.ts";
import { joiningAccounts, leavingAccounts } from "../memberships/members-to-send.ts";
import { noteOut, takeOutReturned } from "../memberships/returned-account.ts";
import type { Context, IntegrationContext } from "../ports/ports.ts";
import { outOfTime } from "../users/reconcile-user.ts";
import { attemptPush } from "./attempt-group.ts";
import {
  type Ended,
  finishGroup,
  pushReserveMs,
  saveWaiting,
  type Tally,
  toGroupReceipt,
} from "./finish-group.ts";
import { limitToUser } from "./limit-to-user.ts";
import { provisionMembers, releaseDespite } from "./provision-members.ts";
import { settleGroupAttempt } from "./settle-group-attempt.ts";

const maxRounds = 12;
/**
 * `known` is the state read just before, the group after the link: it saves the first read. `forUser`: the call is for
 * this user alone, and takes nobody else away who needs a confirmation.
 */
export type GroupStart = { known?: GroupState | undefined; forUser?: string };

/**
 * Make the group at the service provider what the directory says: members first, then the group, then only the
 * difference from what was last pushed; at the end let go of those who left. Safe to call at any time.
 * @throws Failure of the group's own attempt (with `eventId`); a member's failure leaves that member pending
 */
export const reconcileGroup = async (
  context: Context,
  groupId: string,
  { known, forUser }: GroupStart = {},
): Promise<GroupReceipt> => {
  const { ports, call, integration } = context;
  const tally: Tally = {
    eventIds: [],
    added: new Set(),
    removed: new Set(),
    waiting: [],
    unfinished: [],
    outdated: [],
    unconfirmed: [],
  };
  let state = known;
  const read = async () => {
    const now = state ?? (await readGroupState(ports, integration.integrationId, groupId));
    state = undefined;
    return now;
  };
  for (let round = 0; round < maxRounds; round += 1) {
    const { saved, link } = await waitForLease(context, ports.groupLinks, read, (held) =>
      settleGroupAttempt(ports, call, held),
    );
    if (!saved) throw new Failure("not-found", `The directory has no group ${groupId}.`);
    if (!link.assignment.bound) {
      const reason = "the group is not bound";
      return toGroupReceipt(context, groupId, tally, { reason, now: { saved, link } });
    }
    const ended = await reconcileOnce(context, saved, link, tally, forUser);
    if (ended === "again") continue;
    return toGroupReceipt(context, groupId, tally, ended);
  }
  throw new Failure("attempt-in-progress", `Group ${groupId} keeps changing. Repeat the call.`, {
    retryAfterSeconds: 1,
  });
};

const reconcileOnce = async (
  context: Context,
  saved: SavedGroup,
  link: GroupLink,
  tally: Tally,
  forUser: string | undefined,
): Promise<"again" | Ended> => {
  const { ports, call, integration } = context;
  const whole = await readGroupDifference(ports, link, saved);
  const difference = await limitToUser(context, saved.groupId, whole, forUser);
  const reserved = { ...call, sendUntil: call.sendUntil - pushReserveMs };
  const members = await provisionMembers({ ...context, call: reserved }, saved.groupId, difference.join);
  tally.eventIds.push(...members.eventIds);
  tally.waiting = members.waiting;
  tally.unfinished = members.unfinished;
  tally.outdated = members.outdated;
  tally.unconfirmed = [];
  // A call that takes somebody out of this group takes care of that one alone.
  for (const userId of forUser === undefined ? members.returned : []) {
    const user = await ports.userLinks.read({ integrationId: integration.integrationId, id: userId });
    const reconcile = (other: string) => reconcileGroup(context, other, { forUser: userId });
    if (user) tally.eventIds.push(...(await takeOutReturned(ports, user, reconcile)));
  }

  const push = {
    join: await joiningAccounts(context, link, difference, members.ready),
    leave: await leavingAccounts(context, saved.groupId, difference.leave),
  };
  let known: GroupLink | undefined;
  if (isToBePushed(context, link, saved, push)) {
    if (ports.clock.now() >= call.sendUntil) {
      await saveWaiting(ports, call, link, difference, tally);
      return { reason: outOfTime };
    }
    const isAll =
      !difference.isPart &&
      [tally.waiting, tally.unfinished, difference.gone].every(({ length }) => length === 0);
    const result = await attemptPush(context, link, saved, push, isAll);
    if (result === "moved") return "again";
    known = result.link;
    countIn(tally, result);
    await noteOut(ports, integration.integrationId, saved.groupId, takenOutOfDoubt(push, result));
    tally.unfinished.push(...(result.lost ?? []));
    tally.unconfirmed = result.unconfirmed ?? [];
    tally.waiting.push(...tally.unconfirmed);
    if (result.failure && !result.again) {
      await releaseDespite(context, saved.groupId, difference, result.failure);
      throw result.failure;
    }
    if (result.again) return "again";
    if (result.unfinished) return { reason: outOfTime };
  }
  return finishGroup(context, saved, known, difference, tally);
};

const isToBePushed = (
  context: IntegrationContext,
  link: GroupLink,
  saved: SavedGroup,
  { join, leave }: GroupPush,
): boolean => {
  const { integration } = context;
  const { observed } = link;
  // An empty group is not created; one that becomes empty stays.
  if (!observed.remoteId) return join.length > 0;
  return (
    observed.baseUrl !== integration.baseUrl ||
    (!isNamed(observed, saved.name) && foreignName(context, link, saved.name) === undefined) ||
    join.length > 0 ||
    leave.length > 0
  );
};

/** Members who were in doubt and were taken out: their account may have come back. */
const takenOutOfDoubt = (
  { leave }: GroupPush,
  { outcome }: { outcome: GroupOutcome["outcome"] },
): string[] => {
  const removed = new Set(outcome.members?.removed);
  return leave
    .filter(({ userId, isDoubtful }) => isDoubtful && removed.has(userId))
    .map(({ userId }) => userId);
};

const countIn = (
  tally: Tally,
  {
    eventId,
    does,
    outcome,
  }: { eventId: string; does?: Action | undefined; outcome: GroupOutcome["outcome"] },
): void => {
  tally.eventIds.push(eventId);
  tally.does = tally.does === "created" || tally.does === "adopted" ? tally.does : (does ?? tally.does);
  for (const userId of outcome.members?.added ?? []) tally.added.add(userId);
  for (const userId of outcome.members?.removed ?? []) tally.removed.add(userId);
};
