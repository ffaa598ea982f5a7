import type { SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { UserLink } from "../model/link.ts";
import type { Profile } from "../model/profile.ts";
import type { UserReceipt } from "../model/receipt.ts";
import { attemptPlan, considered } from "./attempt-user.ts";
import { planUser } from "./plan-user.ts";
import type { Call, Ports } from "./ports/ports.ts";
import { isOutOfTime } from "./provider-failure.ts";
import { settleUserAttempt } from "./settle-user-attempt.ts";
import { readUserState, type UserState, userState } from "./user-state.ts";
import { readWhenFree } from "./wait.ts";

const maxRounds = 12;

/**
 * Make the account at the service provider what the directory and the assignment say: read both, plan, carry the
 * plan out as one attempt, read again, until nothing is left to do. Safe to call at any time, any number of times.
 * `known` is the state read just before, which saves the first read: an attempt begins on the link's revision alone.
 * @throws Failure of the attempt (with `eventId`), or `attempt-in-progress` while another process is at it
 */
export const reconcileUser = async (
  ports: Ports,
  call: Call,
  integration: Integration,
  userId: string,
  known?: UserState,
): Promise<UserReceipt> => {
  const { integrationId } = integration;
  const eventIds: string[] = [];
  let does: UserReceipt["action"] | undefined;

  let state = known;
  const read = async () => {
    const now = state ?? (await readUserState(ports, integrationId, userId));
    state = undefined;
    return now;
  };
  for (let round = 0; round < maxRounds; round += 1) {
    const { saved, link } = await readWhenFree(ports, call, read, (held) =>
      settleUserAttempt(ports, call, held),
    );
    const managerRemoteId = await managerAccount(ports, integration, saved);
    const profile = ports.profileOf(integration);
    const plan = planUser({ saved, link, integration, profile, ...(managerRemoteId && { managerRemoteId }) });
    if (plan.kind === "unmappable") throw unmappable(userId, plan.errors);
    if (plan.kind === "nothing") {
      const known = await noteConsidered(ports, integration, link, saved);
      const done = { ...toReceipt(integration, profile, known, saved), eventIds };
      return does ? { ...done, action: does } : { ...done, action: plan.action, ...reasonOf(plan) };
    }
    if (ports.clock.now() >= call.sendUntil) {
      const todo = toReceipt(integration, profile, link, saved);
      return { ...todo, action: does ?? "unchanged", state: "pending", reason: outOfTime, eventIds };
    }
    const result = await attemptPlan(ports, call, integration, link, saved, plan);
    if (result === "moved") continue;
    eventIds.push(result.eventId);
    does = result.does ?? does;
    if (result.failure && !result.again && !isOutOfTime(result.failure)) throw result.failure;
  }
  throw new Failure("attempt-in-progress", `User ${userId} keeps changing. Repeat the call.`, {
    retryAfterSeconds: 1,
  });
};

const reasonOf = ({ reason }: { reason?: string }) => (reason === undefined ? {} : { reason });

export const outOfTime = "the time of the call is over; the same call again continues";

const managerAccount = async (
  ports: Ports,
  { integrationId, baseUrl }: Integration,
  saved: SavedUser | undefined,
) => {
  if (!saved?.user.manager) return undefined;
  const link = await ports.userLinks.read({ integrationId, id: saved.user.manager });
  return link?.observed.baseUrl === baseUrl ? link.observed.remoteId : undefined;
};

const unmappable = (userId: string, errors: { path: string; message: string }[]): Failure =>
  new Failure(
    "mapping-failed",
    `User ${userId} lacks what a required attribute is made of: ${errors.map(({ path, message }) => `${path}: ${message}`).join("; ")}.`,
    { errors },
  );

/** Nothing had to be sent: remember for which versions that is so. No write where it is known already. */
const noteConsidered = async (
  ports: Ports,
  integration: Integration,
  link: UserLink,
  saved: SavedUser | undefined,
): Promise<UserLink> => {
  const { lastError, ...rest } = link.observed;
  const isKnown =
    rest.version === saved?.version && rest.mappingVersion === integration.mappingVersion && !lastError;
  if (isKnown || link.rev === 0) return link;
  const observed = { ...rest, ...considered(integration, saved) };
  await ports.userLinks.note({ integrationId: link.integrationId, id: link.id }, link.rev, observed);
  return { ...link, observed };
};

const toReceipt = (
  integration: Integration,
  profile: Profile,
  link: UserLink,
  saved: SavedUser | undefined,
) => {
  const { remoteId, pushed } = link.observed;
  return {
    integrationId: integration.integrationId,
    userId: link.id,
    state: userState(integration, profile, link, saved),
    ...(remoteId && { remoteId }),
    ...(typeof pushed?.active === "boolean" && { active: pushed.active }),
  };
};
