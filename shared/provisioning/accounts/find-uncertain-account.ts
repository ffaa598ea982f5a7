import type { Attributes, RemoteResource } from "../../model/attributes.ts";
import { Failure } from "../../model/failure.ts";
import type { UserObserved } from "../../model/link.ts";
import { findAccepted } from "../attempts/accepted-creation.ts";
import { failed, failureOf } from "../attempts/provider-failure.ts";
import { claimAccount, compareAccount, findAccount } from "./adopt-account.ts";
import { owned } from "./owned-account.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";

const eventType = "user_lookup_provision" as const;

/**
 * A creation was sent and nobody knows what became of it, or the account was made anew by somebody else, and the user is
 * to have no account any more, or one of another name: look for it, so that no account stays open that nobody knows of.
 * What is found is adopted as it is; the next plan goes on from there.
 */
export const findUncertainAccount = async (work: UserContext, sought: Attributes): Promise<UserOutcome> => {
  let account: RemoteResource | undefined;
  try {
    account = await findOwn(work, sought);
  } catch (error) {
    const failure = await failureOf(work, error, `Looking up ${String(sought.userName)} failed`);
    const outcome = failed(failure, eventType, [], work.provider);
    return { outcome, observed: work.link.observed, failure };
  }
  const answer = work.provider.lastAnswer();
  if (!account) {
    const errorMessage = "No account is there under the name of one that may have been made.";
    const outcome = { success: false as const, eventType, changes: [], answer, errorMessage };
    return { outcome, observed: withoutUncertainCreation(work.link.observed) };
  }
  const { known } = compareAccount(account, { ...sought, active: true }, work.link);
  const notes = ["An account is there under the name of one that may have been made."];
  return {
    outcome: { success: true, eventType: "user_update_provision", changes: [], answer, notes },
    observed: owned(work, account, known),
  };
};

/** The account of these names, unless it is another user's. */
const findOwn = async (work: UserContext, sought: Attributes): Promise<RemoteResource | undefined> => {
  const { ports, integration, link, sendUntil } = work;
  const find = () => findAccount(work.provider, sought);
  const account = await (link.observed.acceptedAt ? findAccepted(ports.clock, sendUntil, find) : find());
  if (!account) return undefined;
  try {
    await claimAccount({ ports, integration }, link.id, account.id);
    return account;
  } catch (error) {
    if (error instanceof Failure && error.code === "account-claimed") return undefined;
    throw error;
  }
};

const withoutUncertainCreation = ({ uncertainCreation: _, ...observed }: UserObserved): UserObserved =>
  observed;
