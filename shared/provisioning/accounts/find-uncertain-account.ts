import type { Attributes, RemoteResource } from "../../model/attributes.ts";
import { isOutstanding } from "../attempts/accepted-creation.ts";
import { findUncertain } from "../attempts/find-uncertain.ts";
import { failedOutcome, noteFailure } from "../attempts/provider-failure.ts";
import { compareAccount } from "./compare-account.ts";
import { findAccount, orInDoubt } from "./find-account.ts";
import { ownedAccount } from "./owned-account.ts";
import { withoutDoubt } from "./uncertain-creation.ts";
import { withPossible } from "./uncertain-values.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";

const eventType = "user_lookup_provision" as const;

/**
 * A creation was sent and nobody knows what became of it, or the account was made anew by somebody else, or a look-up
 * was not answered, and the user is to have no account any more, or one of another name: look for it, so that no account
 * stays open that nobody knows of. What is found is adopted as it is; the next plan goes on from there. As long as the
 * creation may still be carried out the doubt is kept, and the user waits.
 */
export const findUncertainAccount = async (work: UserContext, sought: Attributes): Promise<UserOutcome> => {
  const next = { ...sought, active: true };
  let account: RemoteResource | undefined;
  try {
    account = await findUncertain(work, "user", async () => {
      const found = await orInDoubt(work, sought, await findAccount(work.provider, sought));
      // On record before it is claimed, so that no claim outlives an attempt that is cut off.
      if (found) await work.mark(asFound(work, found, next));
      return found;
    });
  } catch (error) {
    const failure = await noteFailure(work, error, `Looking up ${String(sought.userName)} failed`);
    const outcome = failedOutcome(failure, { eventType, changes: [] }, work.provider);
    return { outcome, observed: work.link.observed, failure };
  }
  const answer = work.provider.lastAnswer();
  if (!account) {
    const { observed } = work.link;
    const waits = isOutstanding(observed, work.ports.clock.now());
    const errorMessage = `No account is there under the name of one that may have been made.${waits ? " Its creation may be carried out yet: the same call again looks once more." : ""}`;
    const outcome = { success: false as const, eventType, changes: [], answer, errorMessage };
    return waits ? { outcome, observed, waits } : { outcome, observed: withoutDoubt(observed) };
  }
  const { known } = compareAccount(account, next, work.link);
  const notes = ["An account is there under the name of one that may have been made."];
  return {
    outcome: { success: true, eventType: "user_update_provision", changes: [], answer, notes },
    // Shown as not active, it may be opened yet: a creation has asked for that.
    observed: withPossible(ownedAccount(work, account, known), [{ path: "active", to: true }]),
  };
};

/**
 * With what the account shows of all that is wanted, and that it was given before: that is ours to clear, and the rest
 * is to be sent, where nobody can be asked what became of the attempt.
 */
const asFound = ({ link }: UserContext, account: RemoteResource, next: Attributes) => ({
  step: "write" as const,
  eventType: "user_update_provision" as const,
  next: compareAccount(account, next, link).known,
  remoteId: account.id,
});
