import { isShutForSure } from "../../model/account-facts.ts";
import type { Attributes, RemoteResource } from "../../model/attributes.ts";
import { Failure } from "../../model/failure.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
import { requireClaim } from "../attempts/claim-remote.ts";
import { failedOutcome, noteFailure, notThere } from "../attempts/provider-failure.ts";
import { accountTitle } from "./account-names.ts";
import { compareAccount } from "./compare-account.ts";
import { findAccount } from "./find-account.ts";
import { goneAlready, notKnownThere } from "./forget-account.ts";
import { ownedAccount } from "./owned-account.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";

/**
 * The id of an account that is to go was learned under another base URL, and is not this user's here: that proves nothing
 * of the person, who may have another account here. It is looked for by the names that a creation would look for, and
 * adopted as it is; the next plan takes it away. Only where none of them is there, or it is another user's, is there
 * nothing to take away. Where the look-up cannot tell, all stays as it was, and the attempt has failed.
 */
export const findMovedAccount = async (
  work: UserContext,
  names: Attributes[],
  eventType: "user_deprovision" | "user_delete_provision",
): Promise<UserOutcome> => {
  const { provider, link } = work;
  let account: RemoteResource | undefined;
  try {
    account = await findOwn(work, names);
  } catch (error) {
    const what = `Looking up the account ${accountTitle(link)} under the new base URL failed`;
    const failure = await noteFailure(work, error, what);
    const outcome = failedOutcome(failure, { eventType, changes: [] }, provider);
    return { outcome, observed: link.observed, failure };
  }
  if (!account) {
    const gone = goneAlready(work, eventType, notKnownThere);
    return { ...gone, observed: { ...gone.observed, ...leftBehind(link, names) } };
  }
  return {
    outcome: {
      success: true,
      eventType: "user_update_provision",
      changes: [],
      answer: provider.lastAnswer(),
      notes: [`The user has the account ${account.id} under the new base URL.`],
    },
    observed: { ...ownedAccount(work, account, shownOf(work, account)), found: account.id },
  };
};

/** Nobody has closed the account under the other base URL, which may be that of the integration again. */
const leftBehind = ({ observed }: UserLink, [names]: Attributes[]): Pick<UserObserved, "elsewhere"> => {
  const { baseUrl } = observed;
  return baseUrl === undefined || !names || isShutForSure(observed) ? {} : { elsewhere: { baseUrl, names } };
};

/** @throws what a look-up throws; Failure `provider-rejected` where several match */
const findOwn = async (work: UserContext, names: Attributes[]): Promise<RemoteResource | undefined> => {
  // Nothing to look it up by is no proof that it is gone.
  if (names.length === 0) throw notThere();
  for (const sought of names) {
    const account = await findAccount(work.provider, sought);
    if (account && (await isClaimed(work, account))) return account;
  }
  return undefined;
};

const isClaimed = async (work: UserContext, account: RemoteResource): Promise<boolean> => {
  const eventType = "user_update_provision" as const;
  // On record before it is claimed, so that no claim outlives an attempt that is cut off.
  await work.mark({ step: "write", eventType, next: shownOf(work, account), remoteId: account.id });
  try {
    await requireClaim(work, "user", work.link, account.id);
    return true;
  } catch (error) {
    if (error instanceof Failure && error.code === "account-claimed") return false;
    throw error;
  }
};

/** What it shows of what the account under the other base URL was given. One that shows nothing of it counts as open. */
const shownOf = ({ link }: UserContext, account: RemoteResource): Attributes =>
  compareAccount(account, { ...link.observed.pushed, active: true }, link).known;
