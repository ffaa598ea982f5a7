import type { Attributes, RemoteResource } from "../../model/attributes.ts";
import type { UserObserved } from "../../model/link.ts";
import { failedOutcome, noteFailure } from "../attempts/provider-failure.ts";
import { unconfirmedNotes } from "../attempts/shown-name.ts";
import { type Changed, ProviderFailure } from "../ports/service-provider.ts";
import { compareAccount, toEventChanges } from "./compare-account.ts";
import { followAccount } from "./follow-account.ts";
import { ownedAccount } from "./owned-account.ts";
import { withUncertain } from "./uncertain-values.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";

/** Make a claimed account show what we want: PATCH of what differs, or nothing. */
export const adoptAccount = async (
  work: UserContext,
  next: Attributes,
  account: RemoteResource,
): Promise<UserOutcome> => {
  const { known, changes } = compareAccount(account, next, work.link);
  const eventType = "user_update_provision";
  const told = toEventChanges(changes);
  await work.mark({ step: "write", eventType, changes: told, next, remoteId: account.id });
  const found = (pushed: Attributes, remoteId = account.id): UserObserved => ({
    ...ownedAccount(work, { ...account, id: remoteId }, pushed),
    found: remoteId,
  });
  let done: Changed = { unconfirmed: [] };
  let now = { remoteId: account.id, notes: [] as string[] };
  let answer = work.provider.lastAnswer();
  try {
    if (changes.length > 0) {
      done = await work.provider.patchUser(account.id, changes);
      answer = work.provider.lastAnswer();
      now = await followAccount(work, { remoteId: account.id, next, changes }, done);
    }
  } catch (error) {
    const failure = await noteFailure(
      work,
      error,
      `Updating the account ${account.id}, which was found, failed`,
    );
    const isUnknown = error instanceof ProviderFailure && error.maybeApplied;
    const held = found(known);
    const observed = isUnknown ? withUncertain(held, changes) : held;
    return {
      outcome: failedOutcome(failure, { eventType, changes: told }, work.provider),
      observed,
      failure,
    };
  }
  return {
    outcome: {
      success: true,
      eventType,
      changes: told,
      answer,
      notes: [...unconfirmedNotes(done.unconfirmed), ...now.notes],
    },
    observed: found(next, now.remoteId),
    does: "adopted",
  };
};
