import type { Attributes } from "../../model/attributes.ts";
import { eventIdsOf, Failure, withEventsSoFar } from "../../model/failure.ts";
import type { UserLink } from "../../model/link.ts";
import type { Action, UserReceipt } from "../../model/receipt.ts";
import { openWork } from "../../model/work.ts";
import type { UserPlan } from "../accounts/user-plan.ts";
import { waitUntilOld } from "../attempts/fresh-creation.ts";
import { isOutOfTime, isSuperseded } from "../attempts/provider-failure.ts";
import type { Context, IntegrationContext } from "../ports/ports.ts";
import { type Attempted, attemptPlan } from "./attempt-user.ts";
import { isConsidered, noteConsidered } from "./considered.ts";
import { continueSaved } from "./continue-saved.ts";
import { planUser } from "./plan-user.ts";
import { refuseUnmappable } from "./refuse-unmappable.ts";
import { toUserReceipt } from "./user-receipt.ts";
import { openUserRounds, type UserRound, type UserStart } from "./user-rounds.ts";
import type { UserState } from "./user-state.ts";

const maxRounds = 12;

/**
 * Make the account at the service provider what the directory and the assignment say: read both, plan, carry the
 * plan out as one attempt, plan again, until nothing is left to do. Safe to call at any time, any number of times.
 * @throws Failure of the attempt (with `eventId`), or `attempt-in-progress` while another process is at it
 */
export const reconcileUser = async (
  context: Context,
  userId: string,
  start: UserStart = {},
): Promise<UserReceipt> => {
  const soFar: SoFar = { eventIds: [] };
  try {
    return await reconcileInRounds(context, userId, start, soFar);
  } catch (error) {
    throw withEventsSoFar(error, soFar.eventIds);
  }
};

const reconcileInRounds = async (
  context: Context,
  userId: string,
  start: UserStart,
  soFar: SoFar,
): Promise<UserReceipt> => {
  const user = openUserRounds(context, userId, start);
  for (let round = 0; round < maxRounds; round += 1) {
    const receipt = await reconcileOnce(context, user, soFar);
    if (receipt !== "again") return receipt;
  }
  throw new Failure("attempt-in-progress", `User ${userId} keeps changing. Repeat the call.`, {
    retryAfterSeconds: 1,
  });
};

const reconcileOnce = async (
  context: Context,
  user: ReturnType<typeof openUserRounds>,
  soFar: SoFar,
): Promise<UserReceipt | "again"> => {
  const { ports, call, integration } = context;
  const turn = await user.next();
  const { toAssign, isOrdered } = turn;
  const { sent } = soFar;
  const about = { integration, profile: ports.profileOf(integration), now: ports.clock.now() };
  const plan = planUser({ ...turn, ...about, sent });
  const toSend = isAttempted(plan) && ports.clock.now() < call.sendUntil ? plan : undefined;
  if (toAssign && (!toSend || plan.kind === "look")) {
    await user.assign();
    return "again";
  }
  const isKnown =
    plan.kind === "nothing" && !openWork(turn.link.work) && isConsidered(integration, turn, sent);
  if (!isKnown && !isOrdered) return "again";
  if (!toSend || !(await isDue(context, plan, turn.link))) return endQuietly(context, turn, plan, soFar);

  const result = await attemptRound(context, user, { ...turn, absent: soFar.absent }, toSend);
  if (result === "moved") return "again";
  user.goOnFrom(result);
  if (noteAttempt(soFar, result) !== "ended") return "again";
  return stillToDo(context, { ...turn, link: result.link ?? turn.link }, toSend, soFar);
};

/** Carry the plan out as one attempt. What was asked for is kept though nothing can be begun, e.g. without the secret. */
const attemptRound = async (
  context: Context,
  user: ReturnType<typeof openUserRounds>,
  turn: UserRound & { absent: Attributes | undefined },
  plan: Attempted,
) => {
  const acting = { ...context, call: continueSaved(context.call, turn) };
  try {
    return await attemptPlan(acting, turn, plan, turn.toAssign);
  } catch (error) {
    // An attempt with an event has brought the assignment along. What could not be saved does not go on by itself.
    const isBegun = error instanceof Failure && eventIdsOf(error).length > 0;
    if (turn.toAssign && !isBegun) await user.assign();
    throw error;
  }
};

/**
 * A look settles an opening in doubt once it can be carried out no longer. False where the time of the call is too
 * short.
 */
const isDue = async (
  { ports: { clock }, call: { sendUntil } }: Context,
  plan: UserPlan,
  { observed }: UserLink,
): Promise<boolean> => plan.kind !== "look" || waitUntilOld([observed.openingAt], { clock, sendUntil });

/** What a call has come to so far. */
type SoFar = {
  eventIds: string[];
  does?: Action | undefined;
  /** What the attempt before has asked the provider for, and found to be nobody's. */
  absent?: Attributes | undefined;
  /** Once an attempt was made: what it sent and the provider shows otherwise, which waits for the next call. */
  sent?: Attributes;
  /** An account may turn up yet, or be closed, and nothing more is to be done before that is known. */
  waits?: true | undefined;
};
type AttemptEnd = Exclude<Awaited<ReturnType<typeof attemptPlan>>, "moved">;

/**
 * What was superseded is planned again. `ended`: the time was over before anything was sent, or the account may turn up,
 * or be closed, yet. @throws the failure of the attempt that ends the call
 */
const noteAttempt = (
  soFar: SoFar,
  { eventId, does, outcome, observed, absent, failure, again, waits }: AttemptEnd,
): "ended" | undefined => {
  if (eventId !== undefined) soFar.eventIds.push(eventId);
  soFar.absent = absent;
  // A change of what was just created, and shown otherwise, belongs to its creation.
  const isOfCreation = soFar.does === "created" && (does === "updated" || does === "reactivated");
  if (does && !isOfCreation) soFar.does = does;
  soFar.sent = { ...soFar.sent, ...(outcome.success && observed.unconfirmed?.expected) };
  if (isSuperseded(failure)) return undefined;
  if (failure && !again && !isOutOfTime(failure)) throw failure;
  soFar.waits = waits;
  return eventId === undefined || waits ? "ended" : undefined;
};

/** Nothing is to be sent (any more), or the time is over. `again` where others have written to the link since. */
const endQuietly = async (
  context: IntegrationContext,
  { saved, link }: Pick<UserState, "saved" | "link">,
  plan: UserPlan,
  soFar: SoFar,
): Promise<UserReceipt | "again"> => {
  const { ports, integration } = context;
  const profile = ports.profileOf(integration);
  if (plan.kind === "unmappable") throw await refuseUnmappable(context, { saved, link }, plan.errors);
  if (plan.kind !== "nothing") return stillToDo(context, { saved, link }, plan, soFar);
  const { eventIds, does, sent } = soFar;
  const noted = await noteConsidered(context, { saved, link }, sent);
  if (noted === "moved") return "again";
  const done = { ...toUserReceipt(integration, profile, noted, saved), eventIds };
  return does ? { ...done, action: does } : { ...done, action: plan.action, ...reasonOf(plan) };
};

const stillToDo = (
  { ports, integration }: IntegrationContext,
  { saved, link }: Pick<UserState, "saved" | "link">,
  plan: Attempted,
  { eventIds, does, waits }: SoFar,
): UserReceipt => {
  const todo = toUserReceipt(integration, ports.profileOf(integration), link, saved);
  const isSought = plan.kind === "find" || plan.kind === "provision";
  const inDoubt = isSought ? mayTurnUp : notClosedYet;
  const why = waits ? inDoubt : plan.kind === "look" ? mayOpen : outOfTime;
  const reason = `${why}; still to do: ${toDo[plan.kind]}`;
  return { ...todo, action: does ?? "unchanged", state: "pending", reason, eventIds };
};

const toDo: Record<Attempted["kind"], string> = {
  provision: "to look for the account, and to create it where there is none",
  find: "to look for the account of a creation whose outcome is unknown",
  look: "to look whether the account is still shut out",
  update: "to update the account",
  deprovision: "to deactivate the account",
  delete: "to delete the account",
};

const isAttempted = (plan: UserPlan): plan is Attempted =>
  plan.kind !== "nothing" && plan.kind !== "unmappable";

const reasonOf = ({ reason }: { reason?: string }) => (reason === undefined ? {} : { reason });

export const outOfTime = "the time of the call is over; the same call again continues";

const mayTurnUp = "a creation may still be carried out, and the same call again looks for its account";

const notClosedYet =
  "the service provider has accepted it and does not show it to be done, and the same call again looks at the account";

const mayOpen =
  "a request that opens the account may still be carried out, and the same call again looks at it";
