import { concurrently } from "../../common/concurrently.ts";
import { eventIdsOf, Failure, type FailureCode } from "../../model/failure.ts";
import { isPassing } from "../attempts/next-try.ts";
import { isUnauthorized } from "../attempts/provider-failure.ts";
import { makeStoppable } from "../attempts/stoppable-call.ts";
import type { GroupRun } from "../memberships/group-run.ts";
import type { Call, Context } from "../ports/ports.ts";
import { readUserState, type UserState } from "../users/user-state.ts";

/** Requests in flight at the provider for one call. */
const width = 8;

type EachUser = {
  work(call: Call, userId: string): Promise<void>;
  /** Whether the group is done with a user for whom the work failed. */
  isDoneDespite(state: UserState): boolean;
  /** Where the provider does not answer for one, the service begins no other by itself: they go on once it is back. */
  isToStop?: true;
};

/** The work for each user. What concerns the whole integration ends the call, and goes up. */
export const eachUser = async (
  { ports, call, integration: { integrationId } }: Context,
  userIds: string[],
  run: GroupRun,
  { work, isDoneDespite, isToStop }: EachUser,
): Promise<void> => {
  const shared = makeStoppable(call);
  await concurrently(userIds, call.isProbe ? 1 : width, async (userId) => {
    if (ports.clock.now() >= shared.call.sendUntil) return void run.unfinished.push(userId);
    try {
      await work(shared.call, userId);
    } catch (error) {
      // Of several that end the call one alone is told, and the events of all.
      if (error instanceof Failure) run.eventIds.push(...eventIdsOf(error));
      if (!(error instanceof Failure) || isOfAll(error, call)) {
        shared.end();
        throw error;
      }
      if (isToStop && call.isAutomatic && isProviderDown(error)) shared.end();
      run.failures.set(userId, error);
      const isDone = isDoneDespite(await readUserState(ports, integrationId, userId));
      (isDone ? run.outdated : run.unfinished).push(userId);
    }
  });
};

/** A probe is one attempt. */
const isOfAll = (error: Failure, call: Call): boolean =>
  concernsAll.has(error.code) || isUnauthorized(error) || (call.isProbe === true && isProviderDown(error));

const isProviderDown = ({ code }: Failure): boolean => code.startsWith("provider-") && isPassing({ code });

const concernsAll: ReadonlySet<FailureCode> = new Set([
  "integration-not-active",
  "integration-needs-reauth",
  "audit-unavailable",
  "store-unavailable",
  "credentials-required",
]);
